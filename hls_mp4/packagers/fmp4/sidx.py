"""The index of segments in one file (ISO/IEC 14496-12 8.16.3): how long each is, in bytes and in time.

One reference for each segment; films of more than 65,535 segments have several in each.
"""

from __future__ import annotations

import struct

import numpy as np
from numpy.typing import NDArray

from hls_mp4.containers.isobmff.build import make_full_box
from hls_mp4.errors import UnsupportedMedia

MOST_REFERENCES = 65_535
_HEAD = struct.Struct(">IIQQHH")
_BEGINS_WITH_SAP = 1 << 31
_LARGEST = 1 << 31


def sidx(
    lengths: NDArray[np.int64], starts: NDArray[np.int64], timescale: int, *, track_id: int = 1, sap: int = 1
) -> bytes:
    """Return the index of segments that follow it without anything between.

    Args:
        lengths: bytes of each segment; one at least.
        starts: when they begin, and when the last one ends.
        timescale: of these.
        track_id: in the init segment.
        sap: type of the stream access point that each segment begins with.

    Raises:
        UnsupportedMedia: a segment is too long for it.
    """
    group = -(-len(lengths) // MOST_REFERENCES)
    begins = np.arange(0, len(lengths), group)
    sizes = np.add.reduceat(lengths, begins)
    times = np.append(starts[:-1][begins], starts[-1])
    durations = np.diff(times)
    if int(sizes.max()) >= _LARGEST or int(durations.max()) >> 32:
        raise UnsupportedMedia("a segment is too long for an index of segments")
    rows = np.empty((len(begins), 3), ">u4")
    rows[:, 0] = sizes
    rows[:, 1] = durations
    rows[:, 2] = _BEGINS_WITH_SAP | sap << 28
    head = _HEAD.pack(track_id, timescale, int(times[0]), 0, 0, len(begins))
    return make_full_box(b"sidx", 1, 0, head, rows.tobytes())
