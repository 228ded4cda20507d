"""Media segments: a moof for the samples of one segment, and an mdat of the samples as they lie in the film.

ISO/IEC 14496-12 8.8.4 to 8.8.12, CMAF 7.3.2. One traf with one trun; offsets count from the moof
(default-base-is-moof); decode times are those of the presentation, and composition offsets never negative (version 0).
Values that all samples have are said once.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hls_mp4.containers.isobmff.build import make_box, make_full_box, make_header
from hls_mp4.errors import UnsupportedMedia
from hls_mp4.media.presentation import Rendition
from hls_mp4.packagers.segmenting.extents import sample_parts
from hls_mp4.plan import Literal, Part

SYNC, NOT_SYNC = 0x02000000, 0x01010000
"""Sample flags (8.8.3.1): depends on no other sample; depends on others, and is no sync sample."""

_BASE_IS_MOOF = 0x020000
_DESCRIPTION, _DURATION, _SIZE, _FLAGS = 0x02, 0x08, 0x10, 0x20  # in tfhd
_OFFSET, _FIRST_FLAGS, _EACH_DURATION, _EACH_SIZE, _EACH_FLAGS, _EACH_COMPOSITION = 1, 4, 0x100, 0x200, 0x400, 0x800

_BIGGEST_32 = 0xFFFFFFFF


@dataclass(frozen=True, slots=True, eq=False)
class Run:
    """The samples of a segment of one rendition, as a traf tells of them.

    Args:
        rendition: whose they are.
        first, stop: samples.
        decode_time: of the first one, on the presentation's timeline.
        duration: of all, in the track's timescale.
        media_bytes: of all.
    """

    rendition: Rendition
    first: int
    stop: int
    decode_time: int
    duration: int
    media_bytes: int

    @classmethod
    def of(cls, rendition: Rendition, first: int, stop: int) -> Run:
        """Return the run of samples [first, stop), of which there is one at least."""
        samples = rendition.track.samples
        return cls(
            rendition,
            first,
            stop,
            rendition.decode_time(first),
            samples.decode_time(stop) - samples.decode_time(first),
            samples.bytes_between(first, stop),
        )

    def durations(self) -> tuple[NDArray[Any], NDArray[np.int64]]:
        """Return the durations of the samples as runs: counts, and the duration of each sample of a run."""
        return self.rendition.track.samples.durations(self.first, self.stop)

    def compositions(self) -> tuple[NDArray[Any], NDArray[np.int64]] | None:
        """Return the composition offsets of the samples as runs, None when they have none; none is negative."""
        samples = self.rendition.track.samples
        if not samples.has_composition:
            return None
        counts, offsets = samples.composition_offsets(self.first, self.stop)
        return counts, offsets + self.rendition.delay


TrafBoxes = Callable[[int], bytes]
"""Takes the offset of these boxes from the moof's begin, returns further boxes of a traf; their length never varies."""


def media_segment(
    rendition: Rendition,
    source: Any,
    first: int,
    stop: int,
    sequence: int,
    *,
    track_id: int = 1,
    more: bytes = b"",
) -> list[Part]:
    """Return the moof and the mdat of samples [first, stop) as parts of a plan.

    Args:
        rendition: whose samples they are.
        source: the film they lie in.
        first, stop: at least one sample.
        sequence: number of the fragment, from 1.
        track_id: in the init segment.
        more: further boxes of the traf, after the trun.

    Raises:
        UnsupportedMedia: a fragment of this length cannot be told.
        MalformedMedia: the film's tables make no sense.
    """
    run = Run.of(rendition, first, stop)
    head = moof(run, sequence, track_id=track_id, more=more) + make_header(b"mdat", run.media_bytes)
    return [Literal(head), *sample_parts(source, rendition.track.samples, first, stop)]


def moof(run: Run, sequence: int, *, track_id: int = 1, more: bytes = b"") -> bytes:
    """Return the moof of a run whose samples follow in an mdat of their own."""
    tfhd, trun = _headers(run, track_id)
    tfdt = make_full_box(b"tfdt", 1, 0, struct.pack(">Q", run.decode_time))
    mfhd = make_full_box(b"mfhd", 0, 0, struct.pack(">I", sequence))
    length = 8 + len(mfhd) + 8 + len(tfhd) + len(tfdt) + len(trun) + len(more)
    # The data offset is the trun's first field after its sample count; mdat's header is longer for 4 GiB.
    offset = length + (8 if run.media_bytes + 8 <= _BIGGEST_32 else 16)
    trun[16:20] = struct.pack(">i", offset)
    return make_box(b"moof", mfhd, make_box(b"traf", tfhd, tfdt, trun, more))


def _headers(run: Run, track_id: int) -> tuple[bytes, bytearray]:
    """Return tfhd and trun."""
    samples, first, stop = run.rendition.track.samples, run.first, run.stop
    count = stop - first
    columns: list[NDArray[np.int64] | None] = []
    said, each = _BASE_IS_MOOF, _OFFSET
    defaults: list[int] = []

    description = _description(run)
    if description != 1:
        said |= _DESCRIPTION
        defaults.append(description)

    counts, durations = run.durations()
    if len(durations) == 1:
        said |= _DURATION
        defaults.append(int(durations[0]))
    else:
        each |= _EACH_DURATION
        columns.append(np.repeat(durations, counts))

    if samples.uniform_size:
        said |= _SIZE
        defaults.append(samples.uniform_size)
    else:
        each |= _EACH_SIZE
        columns.append(samples.sizes(first, stop))

    first_flags = None
    if samples.all_sync:
        said |= _FLAGS
        defaults.append(SYNC)
    else:
        sync = samples.sync_samples
        low, high = sync.searchsorted((first, stop))
        here = sync[low:high] - first
        if not len(here) or (len(here) == 1 and here[0] == 0):
            said |= _FLAGS
            defaults.append(NOT_SYNC)
            if len(here):
                each |= _FIRST_FLAGS
                first_flags = SYNC
        else:
            each |= _EACH_FLAGS
            flags = np.full(count, NOT_SYNC, np.int64)
            flags[here] = SYNC
            columns.append(flags)

    composed = run.compositions()
    if composed is not None:
        counts, offsets = composed
        if int(offsets.max(initial=0)) >= 1 << 31:
            raise UnsupportedMedia("mp4 ctts offsets are too large")
        if offsets.any():
            each |= _EACH_COMPOSITION
            columns.append(np.repeat(offsets, counts))

    tfhd = make_full_box(b"tfhd", 0, said, struct.pack(f">{1 + len(defaults)}I", track_id, *defaults))
    table = np.empty((count, len(columns)), ">u4")
    for number, column in enumerate(columns):
        table[:, number] = column
    flagged = b"" if first_flags is None else struct.pack(">I", first_flags)
    trun = make_full_box(b"trun", 0, each, struct.pack(">II", count, 0), flagged, table.tobytes())
    return tfhd, bytearray(trun)


def _description(run: Run) -> int:
    """Return the sample description that all samples of a run have.

    Raises:
        UnsupportedMedia: they have several.
    """
    found = run.rendition.track.samples.descriptions(run.first, run.stop)
    if len(found) != 1:
        raise UnsupportedMedia("a segment with samples of several descriptions")
    return found[0]
