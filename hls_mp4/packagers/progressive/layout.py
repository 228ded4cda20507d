"""Which bytes of a film a clip carries, and where each of them comes to lie.

One way for all layouts: the byte ranges of the chosen samples' chunks, several mdat boxes, fragments and bad
interleaving alike, are joined where little lies between them and sent in file order. What lies in between is dead
weight: a small share of it costs less than more pieces do, a large one is left out. Where the share is small, which is
so in every file that was written for playing, single chunks are not looked at.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from hls_mp4.errors import MalformedMedia
from hls_mp4.media.samples import SampleTable
from hls_mp4.packagers.progressive.framing import Offsets

SMALL_GAP = 64 * 1024
"""Bytes in between that are sent rather than skipped: a piece of its own costs the sender about as much."""

DEAD_SHARE = 64
"""A span is sent whole when at most one byte in this many is dead."""


@dataclass(frozen=True, slots=True, eq=False)
class Region:
    """Byte ranges, by absolute offset in the film and size."""

    offsets: npt.NDArray[np.int64]
    sizes: npt.NDArray[np.int64]


class Needed(NamedTuple):
    """Bytes of the film that a clip needs, and whose offsets it tells.

    Args:
        low: absolute offset of the first one.
        high: absolute offset after the last one.
        used: number of them.
        offsets: what is told: unsigned, in any byte order; the first one is `skipped` bytes too low.
        skipped: bytes.
        region: makes all their ranges.
    """

    low: int
    high: int
    used: int
    offsets: npt.NDArray[Any]
    skipped: int
    region: Callable[[], Region]

    @classmethod
    def of(cls, region: Region) -> Needed:
        """Return what these ranges need."""
        low = int(region.offsets.min()) if len(region.offsets) else 0
        high = int((region.offsets + region.sizes).max()) if len(region.offsets) else 0
        return cls(low, high, int(region.sizes.sum()), region.offsets, 0, lambda: region)


def needed_by(samples: SampleTable, first: int, stop: int) -> tuple[Needed, npt.NDArray[Any]]:
    """Return what samples [first, stop) need, and the rows of stsc for them.

    Raises:
        MalformedMedia: they do not lie in the film.
    """
    span = samples.span(first, stop)

    def region() -> Region:
        chunks = samples.chunks(first, stop)
        return Region(chunks.offsets, chunks.sizes)

    if span.low < 0:
        return Needed.of(region()), span.runs
    return Needed(span.low, span.high, span.used, span.offsets, span.skipped, region), span.runs


@dataclass(frozen=True, slots=True, eq=False)
class Layout:
    """The media data of a clip.

    Args:
        begins: offsets in the film of the pieces sent, increasing.
        lengths: bytes of each piece.
        places: where each piece begins in the clip's media data.
        length: bytes of all.
    """

    begins: npt.NDArray[np.int64]
    lengths: npt.NDArray[np.int64]
    places: npt.NDArray[np.int64]
    length: int

    def place(self, needed: Needed, *, wide: bool) -> Offsets:
        """Return where bytes of the film lie in the clip's media data.

        Args:
            needed: one of those that this was laid out for.
            wide: write 64 bits.
        """
        if len(self.begins) == 1:
            return Offsets(needed.offsets, needed.skipped, -int(self.begins[0]), wide)
        offsets = needed.region().offsets
        piece = np.searchsorted(self.begins, offsets, "right") - 1
        return Offsets(offsets + (self.places - self.begins)[piece], 0, 0, wide)


def lay_out(needs: Sequence[Needed], file_size: int) -> Layout:
    """Return the pieces of a film that hold everything needed.

    Args:
        needs: what must be in the clip.
        file_size: bytes of the film.

    Raises:
        MalformedMedia: some of it lies outside the film.
    """
    needs = [need for need in needs if need.used]
    low = min((need.low for need in needs), default=0)
    high = max((need.high for need in needs), default=0)
    if low < 0 or high > file_size:
        raise MalformedMedia("too large chunk offset")
    used = sum(need.used for need in needs)
    if high - low - used <= max(SMALL_GAP, used // DEAD_SHARE):
        whole = np.array([low, high - low, 0], np.int64)
        return Layout(whole[:1], whole[1:2], whole[2:], high - low)
    return _pieces([need.region() for need in needs])


def _pieces(regions: Sequence[Region]) -> Layout:
    """Return the regions' union, small gaps closed."""
    offsets = np.concatenate([region.offsets for region in regions])
    ends = offsets + np.concatenate([region.sizes for region in regions])
    order = np.argsort(offsets, kind="stable")
    offsets = offsets[order]
    reach = np.maximum.accumulate(ends[order])
    breaks = np.flatnonzero(offsets[1:] - reach[:-1] > SMALL_GAP) + 1
    begins = offsets[np.concatenate([[0], breaks])]
    lengths = reach[np.concatenate([breaks - 1, [len(reach) - 1]])] - begins
    places = np.concatenate([[0], np.cumsum(lengths)[:-1]])
    return Layout(begins, lengths, places, int(lengths.sum()))
