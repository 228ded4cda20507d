"""Chunks: a moof for the samples of one, and an mdat of the samples as they lie in the film (MS-SSTR 2.2.4).

A fragment tells its times in ticks of 100 ns: in `tfxd`, a uuid box behind the trun (2.2.4.4), in tfdt, and by the
durations of its samples, which add up to what the manifest says. When pictures are shown is exact to the tick, for
every player: for those that count from the chunk's begin in the manifest, and for those that read tfdt.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hls_mp4.containers.isobmff.build import make_box, make_full_box, make_header
from hls_mp4.errors import UnsupportedMedia
from hls_mp4.media.presentation import Rendition
from hls_mp4.packagers.fmp4.fragment import SYNC, Run, moof
from hls_mp4.packagers.segmenting.extents import sample_parts
from hls_mp4.packagers.smooth.clock import to_ticks
from hls_mp4.plan import Literal, Part

TFXD = bytes.fromhex("6D1D9B0542D544E680E2141DAFF757B2")

_LONGEST = 0xFFFFFFFF
_ALL_SAID = 0x020038
"""Of tfhd: duration, size and flags of samples by default; offsets count from the moof."""


@dataclass(frozen=True, slots=True, eq=False)
class Chunk:
    """A chunk of a quality level.

    Args:
        rendition: whose samples it has.
        first, stop: samples.
        begin, end: in ticks, as the manifest says.
        early: see `Level.early`.
        number: of the fragment, from 1.
    """

    rendition: Rendition
    first: int
    stop: int
    begin: int
    end: int
    early: int
    number: int

    def key_frame(self) -> Chunk:
        """Return the chunk with nothing in it but its first key frame, which is shown for all of it."""
        sync = self.rendition.track.samples.sync_samples
        at = int(sync.searchsorted(self.first))
        first = int(sync[at]) if at < len(sync) and sync[at] < self.stop else self.first
        end = min(self.end, self.begin + _LONGEST)
        return Chunk(self.rendition, first, first + 1, self.begin, end, self.early, self.number)


@dataclass(frozen=True, slots=True, eq=False)
class Retimed(Run):
    """The samples of a chunk on the clock of Smooth Streaming.

    Args:
        lengths: of the samples.
        offsets: from when they are decoded to when they are shown.
    """

    lengths: NDArray[np.int64]
    offsets: NDArray[np.int64]

    def durations(self) -> tuple[NDArray[Any], NDArray[np.int64]]:
        """Return the durations as runs."""
        if (self.lengths == self.lengths[0]).all():
            return np.array([len(self.lengths)]), self.lengths[:1]
        return np.ones(len(self.lengths), np.int64), self.lengths

    def compositions(self) -> tuple[NDArray[Any], NDArray[np.int64]] | None:
        """Return the composition offsets as runs; None when there are none."""
        if not self.offsets.any():
            return None
        return np.ones(len(self.offsets), np.int64), self.offsets


def retimed(chunk: Chunk) -> Retimed:
    """Return the samples of a chunk on the clock of Smooth Streaming.

    Raises:
        UnsupportedMedia: a sample lasts longer than a fragment can say.
    """
    rendition, first, stop = chunk.rendition, chunk.first, chunk.stop
    samples, timescale = rendition.track.samples, rendition.track.timescale
    counts, durations = samples.durations(first, stop)
    decoded: NDArray[np.int64] = np.repeat(durations, counts)
    decoded[1:] = np.cumsum(decoded[:-1])
    decoded[0] = 0
    decoded += rendition.decode_time(first)
    exact = to_ticks(decoded, timescale)
    shown = exact
    if samples.has_composition:
        counts, composed = samples.composition_offsets(first, stop)
        shown = to_ticks(decoded + np.repeat(composed + rendition.delay, counts), timescale)
    ticks = np.empty(stop - first + 1, np.int64)
    np.subtract(exact, chunk.early, out=ticks[:-1])
    ticks[0], ticks[-1] = chunk.begin, chunk.end
    lengths = np.diff(ticks)
    if not (lengths > 0).all():
        _keep_rising(ticks)
        lengths = np.diff(ticks)
    offsets = shown - ticks[:-1]
    if int(lengths.max()) > _LONGEST:
        raise UnsupportedMedia("a sample that lasts longer than seven minutes")
    size = samples.bytes_between(first, stop)
    # Nothing is shown before it is decoded but in files that make no sense.
    return Retimed(rendition, first, stop, chunk.begin, chunk.end - chunk.begin, size, lengths, np.maximum(offsets, 0))


def _keep_rising(ticks: NDArray[np.int64]) -> None:
    """Change what lies between the first and the last instant as little as needed for each to be after another."""
    steps = np.arange(len(ticks))
    begin, end = int(ticks[0]), int(ticks[-1])
    if end - begin < len(steps):
        ticks[:] = begin + (end - begin) * steps // (len(steps) - 1)
        return
    np.maximum(ticks, begin + steps, out=ticks)
    np.minimum(ticks, end - steps[::-1], out=ticks)


def tfxd(begin: int, end: int) -> bytes:
    """Return the box that tells a fragment's time and duration."""
    return make_box(b"uuid", TFXD, struct.pack(">BxxxQQ", 1, begin, end - begin))


def chunk_head(chunk: Chunk, more: bytes = b"") -> bytes:
    """Return the metadata of a chunk: its moof.

    Args:
        chunk: the chunk.
        more: further boxes behind `tfxd`.

    Raises:
        UnsupportedMedia: a fragment cannot tell of it.
    """
    return moof(retimed(chunk), chunk.number, more=tfxd(chunk.begin, chunk.end) + more)


def chunk_data(chunk: Chunk, source: Any) -> list[Part]:
    """Return the data of a chunk: its samples, where they lie in a film."""
    return sample_parts(source, chunk.rendition.track.samples, chunk.first, chunk.stop)


def mdat_head(chunk: Chunk) -> bytes:
    """Return what stands between metadata and data in a whole fragment."""
    return make_header(b"mdat", chunk.rendition.track.samples.bytes_between(chunk.first, chunk.stop))


def whole_chunk(chunk: Chunk, source: Any) -> list[Part]:
    """Return a whole fragment."""
    return [Literal(chunk_head(chunk) + mdat_head(chunk)), *chunk_data(chunk, source)]


def text_head(begin: int, end: int, size: int, number: int) -> bytes:
    """Return the moof of a fragment with one sample, a document that holds for all of it."""
    duration = min(end - begin, _LONGEST)
    tfhd = make_full_box(b"tfhd", 0, _ALL_SAID, struct.pack(">IIII", 1, duration, size, SYNC))
    tfdt = make_full_box(b"tfdt", 1, 0, struct.pack(">Q", begin))
    timed = tfxd(begin, end)
    mfhd = make_full_box(b"mfhd", 0, 0, struct.pack(">I", number))
    length = 8 + len(mfhd) + 8 + len(tfhd) + len(tfdt) + 20 + len(timed)
    trun = make_full_box(b"trun", 0, 1, struct.pack(">Ii", 1, length + 8))
    return make_box(b"moof", mfhd, make_box(b"traf", tfhd, tfdt, trun, timed))
