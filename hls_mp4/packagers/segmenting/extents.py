"""The bytes of a segment's samples as parts of a plan: sent as they lie, or gathered where they lie in crumbs.

A file that is interleaved by the second gives an extent or two for a segment, which go by sendfile. One that ffmpeg
interleaved by the frame gives a hundred and fifty, most of them too short for a system call each: these are read in
long stretches, with what lies between, and put together in a thread.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hls_mp4.media.samples import SampleTable
from hls_mp4.plan import Buffer, Extent, Part, Transformed

WORTH_SENDING = 48 * 1024
"""Bytes of an extent, on average, from which on each is sent for itself."""

GAP = 64 * 1024
"""Bytes between two pieces that are read rather than skipped."""

PIECE = 1 << 20
"""Bytes that are gathered at a time: what a slow client has in memory."""


@dataclass(frozen=True, slots=True, eq=False)
class Pieces:
    """Byte ranges of a file in the order in which they are wanted; none is empty, none touches the next.

    Args:
        offsets: of each.
        sizes: of each.
    """

    offsets: NDArray[np.int64]
    sizes: NDArray[np.int64]

    @classmethod
    def of(cls, offsets: NDArray[np.int64], sizes: NDArray[np.int64]) -> Pieces:
        """Return ranges, those joined that touch, empty ones left out."""
        if not sizes.all():
            offsets, sizes = offsets[sizes > 0], sizes[sizes > 0]
        if len(offsets) < 2:
            return cls(offsets, sizes)
        ends = offsets + sizes
        starts = np.flatnonzero(np.append(True, offsets[1:] != ends[:-1]))
        if len(starts) == len(offsets):
            return cls(offsets, sizes)
        return cls(offsets[starts], np.add.reduceat(sizes, starts))

    @property
    def total(self) -> int:
        """Bytes of all."""
        return int(self.sizes.sum())


def sample_pieces(samples: SampleTable, first: int, stop: int) -> Pieces:
    """Return where samples [first, stop) lie; raises MalformedMedia."""
    chunks = samples.chunks(first, stop)
    return Pieces.of(chunks.offsets, chunks.sizes)


def sample_parts(source: Any, samples: SampleTable, first: int, stop: int) -> list[Part]:
    """Return the bytes of samples [first, stop) as parts of a plan.

    Args:
        source: the film.
        samples: of one of its tracks.
        first, stop: zero-based.

    Raises:
        MalformedMedia: the tables make no sense.
    """
    return list(parts_of(source, sample_pieces(samples, first, stop)))


def parts_of(source: Any, pieces: Pieces) -> Iterator[Part]:
    """Yield byte ranges as parts of a plan."""
    count = len(pieces.sizes)
    if not count:
        return
    total = pieces.total
    if count == 1 or total >= count * WORTH_SENDING:
        for offset, size in zip(pieces.offsets.tolist(), pieces.sizes.tolist(), strict=True):
            yield Extent(source, offset, size)
        return
    # Where a part ends: at the first piece that would make it longer than PIECE.
    ends = np.cumsum(pieces.sizes)
    start = 0
    while start < count:
        before = int(ends[start - 1]) if start else 0
        stop = max(start + 1, int(ends.searchsorted(before + PIECE, "right")))
        yield gathered(source, Pieces(pieces.offsets[start:stop], pieces.sizes[start:stop]))
        start = stop


def gathered(source: Any, pieces: Pieces) -> Transformed:
    """Return byte ranges as one part that is put together when it is sent."""
    inputs, places = stretches(source, pieces)
    sizes = pieces.sizes.tolist()

    def gather(found: Sequence[Buffer]) -> bytes:
        views = [memoryview(data) for data in found]
        return b"".join([views[number][at : at + size] for (number, at), size in zip(places, sizes, strict=True)])

    return Transformed(sum(sizes), inputs, gather)


def stretches(source: Any, pieces: Pieces) -> tuple[tuple[Extent, ...], list[tuple[int, int]]]:
    """Return what is read for some pieces, and where in it each of them is found.

    Returns:
        Extents, longer than the pieces where little lies between; and for each piece the number of its extent, and
        the place in it.
    """
    order = np.argsort(pieces.offsets, kind="stable")
    begins, ends = pieces.offsets[order], (pieces.offsets + pieces.sizes)[order]
    reach = np.maximum.accumulate(ends)
    fresh = np.append(True, begins[1:] > reach[:-1] + GAP)
    starts = np.flatnonzero(fresh)
    lows = begins[starts]
    highs = reach[np.append(starts[1:], len(begins)) - 1]
    numbers = np.empty(len(order), np.int64)
    numbers[order] = np.cumsum(fresh) - 1
    extents = tuple(Extent(source, low, high - low) for low, high in zip(lows.tolist(), highs.tolist(), strict=True))
    return extents, list(zip(numbers.tolist(), (pieces.offsets - lows[numbers]).tolist(), strict=True))
