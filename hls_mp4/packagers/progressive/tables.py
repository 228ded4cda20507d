"""The tables that find samples, written anew for a range of them.

ISO/IEC 14496-12: stts 8.6.1.2, ctts 8.6.1.3, stss 8.6.2, stsc 8.7.4, stsz 8.7.3, stco and co64 8.7.5. A sync sample
table that has no sample in the range stays, with no entries: without it every sample would count as a key frame.
"""

from __future__ import annotations

import struct
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from hls_mp4.errors import UnsupportedMedia
from hls_mp4.media.samples import SampleTable
from hls_mp4.packagers.progressive.framing import BIGGEST_32, Framed, Offsets, frame, table
from hls_mp4.packagers.progressive.lateness import Late, shifted


class Durations(NamedTuple):
    """Durations of a clip's samples, in the clip's media timescale.

    Args:
        rows: of stts.
        origin: where the clip's media time begins in the film's.
        total: of all samples.
    """

    rows: npt.NDArray[Any]
    origin: int
    total: int

    @classmethod
    def of(cls, samples: SampleTable, first: int, stop: int, scale: int, late: Late | None) -> Durations:
        """Return the durations of samples [first, stop).

        Args:
            samples: of the film.
            first, stop: zero-based.
            scale: the clip's media timescale over the film's.
            late: the sample that begins later than in the film.
        """
        rows = samples.packed_durations(first, stop)
        origin = samples.decode_time(first) * scale
        total = samples.decode_time(stop) * scale - origin
        if scale != 1:
            if int(rows[:, 1].max(initial=0)) * scale > BIGGEST_32:
                raise UnsupportedMedia("mp4 stts samples are too long")
            rows[:, 1] *= scale
        if late is not None and not samples.has_composition:
            rows = np.concatenate(shifted(rows, late.sample, -late.by))
            if late.sample:
                rows = np.concatenate(shifted(rows, late.sample - 1, late.by))
            else:
                origin += late.by
                total -= late.by
        return cls(rows, origin, total)

    def build(self) -> Framed:
        """Return the stts box."""
        return table(b"stts", 0, self.rows)


def make_ctts(samples: SampleTable, first: int, stop: int, scale: int, late: Late | None) -> Framed | None:
    """Return the composition offsets of samples [first, stop); None when the film has none.

    Arguments are those of `Durations.of`.
    """
    if not samples.has_composition:
        return None
    rows = samples.packed_compositions(first, stop)
    low, high = samples.composition_bounds
    if scale != 1:
        if max(-low, high) * scale > BIGGEST_32 >> 1:
            raise UnsupportedMedia("mp4 ctts offsets are too large")
        rows[:, 1] = rows[:, 1].astype(np.int32).astype(np.int64) * scale & BIGGEST_32
    parts = (rows,) if late is None else shifted(rows, late.sample, late.by)
    return table(b"ctts", int(low < 0), *(part for part in parts if len(part)))


def make_stss(samples: SampleTable, first: int, stop: int) -> Framed | None:
    """Return the sync samples among [first, stop); None when every sample is one."""
    if samples.all_sync:
        return None
    sync = samples.sync_samples
    low, high = sync.searchsorted((first, stop))
    return table(b"stss", 0, sync[low:high] - (first - 1))


def make_stsz(samples: SampleTable, first: int, stop: int) -> Framed:
    """Return the sizes of samples [first, stop); one number when they are all of one size."""
    uniform = samples.uniform_size
    sizes = b"" if uniform else samples.packed_sizes(first, stop).view(np.uint8).data
    return frame(b"stsz", struct.pack(">III", 0, uniform, stop - first), sizes)


def make_chunk_offsets(offsets: Offsets) -> Framed:
    """Return stco, or co64 for wide offsets."""
    kind = b"co64" if offsets.wide else b"stco"
    return frame(kind, struct.pack(">II", 0, len(offsets.values)), offsets)
