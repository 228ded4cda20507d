"""The bytes of fragments: an mdat of FLV tags, configurations of the decoders first.

Rules that all clients take: configurations in every fragment, both with its first timestamp; samples in the order in
which they are decoded, pictures before sound at the same millisecond. How long a fragment is follows from sizes alone;
tags are written, and samples read, when it is sent, a megabyte at a time.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hls_mp4.containers.f4f.tags import AVC_FRAME, Tags
from hls_mp4.errors import UnsupportedMedia
from hls_mp4.media.presentation import Presentation, Rendition
from hls_mp4.media.samples import SampleTable
from hls_mp4.packagers.hds.coding import Codings
from hls_mp4.packagers.hds.cutting import Cutting, milliseconds
from hls_mp4.packagers.segmenting.extents import GAP, PIECE, Pieces, stretches
from hls_mp4.plan import Buffer, Extent, Literal, Part, Transformed

MDAT_HEADER = 8
BIGGEST = 0xFFFFFFFF


@dataclass(frozen=True, slots=True, eq=False)
class Samples:
    """Samples in the order in which they are sent; arrays of one length.

    Args:
        tags: what they are sent as.
        offsets: where they lie.
        sources: number of the film that each lies in.
        keys: which are key frames.
    """

    tags: Tags
    offsets: NDArray[np.int64]
    sources: NDArray[np.int64]
    keys: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.tags)

    def cut(self, start: int, stop: int) -> Samples:
        """Return samples [start, stop)."""
        rows = slice(start, stop)
        return Samples(self.tags.cut(start, stop), self.offsets[rows], self.sources[rows], self.keys[rows])


def fragment_samples(
    presentation: Presentation, codings: Codings, numbers: Sequence[int], cutting: Cutting, fragment: int
) -> Samples:
    """Return the samples of a fragment.

    Args:
        presentation: whose samples they are.
        codings: how they are carried.
        numbers: of the renditions.
        cutting: of these.
        fragment: its number, from 0.

    Raises:
        UnsupportedMedia: a sample cannot be carried.
        MalformedMedia: the film's tables make no sense.
    """
    rows = [
        _of_rendition(
            presentation.renditions[number], codings.of[number].first, int(split[fragment]), int(split[fragment + 1])
        )
        for number, split in zip(numbers, cutting.splits, strict=True)
    ]
    video, firsts, times, shifts, sizes, offsets, sources, keys = (
        np.concatenate(column) for column in zip(*rows, strict=True)
    )
    # Stable: within a track samples stay in their order, and pictures come before sound.
    order = np.argsort(times, kind="stable")
    tags = Tags(video[order], firsts[order], times[order], shifts[order], sizes[order])
    tags.check()
    return Samples(tags, offsets[order], sources[order], keys[order])


def _of_rendition(rendition: Rendition, first_byte: int, first: int, stop: int) -> tuple[NDArray[Any], ...]:
    samples, timescale = rendition.track.samples, rendition.track.timescale
    count = stop - first
    is_video = rendition.kind == "video"
    firsts = np.full(count, first_byte, np.uint8)
    keys = np.full(count, is_video and samples.all_sync)
    times = shifts = np.zeros(count, np.int64)
    if count:
        lasting, durations = samples.durations(first, stop)
        ticks = np.repeat(durations, lasting)
        ticks[1:] = np.cumsum(ticks[:-1])
        ticks[0] = 0
        ticks += rendition.decode_time(first)
        times = milliseconds(ticks, timescale)
        if is_video and samples.has_composition:
            lasting, offsets = samples.composition_offsets(first, stop)
            shifts = milliseconds(ticks + np.repeat(offsets, lasting) + rendition.delay, timescale) - times
        if is_video and not samples.all_sync:
            sync = samples.sync_samples
            low, high = sync.searchsorted((first, stop))
            keys[sync[low:high] - first] = True
    if is_video:
        firsts[~keys] = AVC_FRAME
    return (
        np.full(count, is_video),
        firsts,
        times,
        shifts,
        samples.sizes(first, stop),
        sample_offsets(samples, first, stop),
        np.full(count, rendition.source, np.int64),
        keys,
    )


def sample_offsets(samples: SampleTable, first: int, stop: int) -> NDArray[np.int64]:
    """Return where each of some samples lies.

    Raises:
        UnsupportedMedia: they are not all of the first sample description, the only one that is told.
        MalformedMedia: the tables make no sense.
    """
    chunks = samples.chunks(first, stop)
    if len(chunks) and int(chunks.descriptions.max()) > 1:
        raise UnsupportedMedia("a fragment with samples of several descriptions")
    sizes = samples.sizes(first, stop)
    if len(chunks) == len(sizes):  # a chunk for each sample, as in Flash video and fragments
        return chunks.offsets
    before = np.cumsum(chunks.sizes) - chunks.sizes
    return np.asarray(np.cumsum(sizes) - sizes + np.repeat(chunks.offsets - before, chunks.samples))


def fragment_head(headers: Sequence[bytes], tags: Tags) -> bytes:
    """Return what a fragment begins with: the header of the mdat, and the tags that configure decoders.

    Raises:
        UnsupportedMedia: the fragment is too long.
    """
    total = body_length(headers, tags)
    if total > BIGGEST:
        raise UnsupportedMedia(f"a fragment of {total} bytes, {BIGGEST} is the most")
    return b"".join((struct.pack(">I4s", total, b"mdat"), *headers))


def body_length(headers: Sequence[bytes], tags: Tags) -> int:
    """Return the bytes of a fragment."""
    return MDAT_HEADER + sum(map(len, headers)) + int(tags.lengths.sum())


def fragment_parts(headers: Sequence[bytes], samples: Samples, sources: Sequence[Any]) -> list[Part]:
    """Return a fragment as parts of a plan.

    Args:
        headers: tags that configure decoders.
        samples: what it has.
        sources: the films, by their numbers.

    Raises:
        UnsupportedMedia: the fragment is too long.
    """
    tags = samples.tags
    parts: list[Part] = [Literal(fragment_head(headers, tags))]
    if not len(samples):
        return parts
    lengths = tags.lengths
    starts = _pieces(lengths)
    stops = [*starts[1:], len(samples)]
    lows = np.minimum.reduceat(samples.offsets, starts).tolist()
    highs = np.maximum.reduceat(samples.offsets + tags.sizes, starts).tolist()
    wanted = np.add.reduceat(tags.sizes, starts).tolist()
    totals = np.add.reduceat(lengths, starts).tolist()
    one_source = len(sources) == 1 or not (samples.sources != samples.sources[0]).any()
    for start, stop, low, high, used, total in zip(starts, stops, lows, highs, wanted, totals, strict=True):
        piece = samples.cut(start, stop)
        if one_source and high - low <= used + max(GAP, used >> 3):
            inputs = (Extent(sources[int(samples.sources[0])], low, high - low),)
            parts.append(Transformed(total, inputs, _Close(piece, low), quick=True))
        else:
            parts.append(_scattered(piece, sources, total))
    return parts


def _pieces(lengths: NDArray[np.int64]) -> list[int]:
    """Return the samples at which pieces of about a megabyte begin."""
    ends = np.cumsum(lengths)
    starts = [0]
    while int(ends[-1]) - (before := int(ends[starts[-1] - 1]) if starts[-1] else 0) > PIECE:
        stop = max(starts[-1] + 1, int(ends.searchsorted(before + PIECE, "right")))
        if stop >= len(ends):
            break
        starts.append(stop)
    return starts


@dataclass(frozen=True, slots=True, eq=False)
class _Close:
    """Puts tags together of samples that lie close to each other.

    Args:
        samples: what they are of.
        low: where what is read begins.
    """

    samples: Samples
    low: int

    def __call__(self, found: Sequence[Buffer]) -> bytes:
        """Return the tags."""
        (data,) = (memoryview(each) for each in found)
        begins = self.samples.offsets - self.low
        ends = (begins + self.samples.tags.sizes).tolist()
        bodies = [data[begin:end] for begin, end in zip(begins.tolist(), ends, strict=True)]
        return _woven(self.samples.tags, bodies)


def _scattered(samples: Samples, sources: Sequence[Any], total: int) -> Transformed:
    """Return tags of samples that lie far from each other, or in several films, as one part."""
    tags = samples.tags
    inputs: list[Extent] = []
    places: list[tuple[int, int]] = [(0, 0)] * len(tags)
    for owner in np.unique(samples.sources).tolist():
        rows = np.flatnonzero(samples.sources == owner)
        read, found = stretches(sources[owner], Pieces(samples.offsets[rows], tags.sizes[rows]))
        for row, (number, at) in zip(rows.tolist(), found, strict=True):
            places[row] = (number + len(inputs), at)
        inputs += read
    sizes = tags.sizes.tolist()

    def make(found: Sequence[Buffer]) -> bytes:
        views = [memoryview(data) for data in found]
        return _woven(tags, [views[number][at : at + size] for (number, at), size in zip(places, sizes, strict=True)])

    return Transformed(total, tuple(inputs), make, quick=True)


def _woven(tags: Tags, bodies: Sequence[memoryview]) -> bytes:
    """Return what stands around samples, and these."""
    pieces: list[memoryview] = [memoryview(b"")] * (2 * len(bodies) + 1)
    pieces[::2] = tags.between()
    pieces[1::2] = bodies
    return b"".join(pieces)
