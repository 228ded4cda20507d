"""PES packets (ISO/IEC 13818-1 2.4.3.6, 2.4.3.7): the headers before access units and groups of frames."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from hls_mp4.containers.mpegts.timestamps import DTS_OF_BOTH, ONLY_PTS, PTS_OF_BOTH, STAMP, stamps

VIDEO, AUDIO, PRIVATE = 0xE0, 0xC0, 0xBD
"""Stream ids: the first video, the first MPEG audio, and other sound (private_stream_1)."""

HEADER = 9 + STAMP
"""Bytes of a header with a PTS."""

BOTH = HEADER + STAMP
"""Bytes of a header with a PTS and a DTS."""

MOST_STUFFING = 32
"""Bytes of 0xFF that may end a header."""

LONGEST = 0xFFFF
"""What a length can tell: bytes after its own field. Video may do without."""

_LENGTH_END = 6
_ALIGNED = 0x84
_HAS_PTS, _HAS_DTS = 0x80, 0x40


def headers_with_pts(
    stream_id: int, times: NDArray[np.int64], stuffing: NDArray[np.int64], sizes: NDArray[np.int64]
) -> NDArray[np.uint8]:
    """Return headers with a PTS, a row of 14 bytes each; stuffing follows them.

    Args:
        stream_id: of all.
        times: PTS of each, in ticks of the clock.
        stuffing: bytes that follow each header.
        sizes: bytes of what each header stands before.
    """
    rows = _headers(stream_id, HEADER, stuffing, sizes)
    rows[:, 7] = _HAS_PTS
    rows[:, 9:] = stamps(ONLY_PTS, times)
    return rows


def headers_with_both(
    stream_id: int,
    times: NDArray[np.int64],
    decoded: NDArray[np.int64],
    stuffing: NDArray[np.int64],
    sizes: NDArray[np.int64],
) -> NDArray[np.uint8]:
    """Return headers with a PTS and, where it is another time, a DTS, a row of 19 bytes each; stuffing follows them.

    Args:
        stream_id: of all.
        times: PTS of each, in ticks of the clock.
        decoded: DTS of each.
        stuffing: bytes that follow each header.
        sizes: bytes of what each header stands before.
    """
    rows = _headers(stream_id, BOTH, stuffing, sizes)
    differ = times != decoded
    rows[:, 7] = _HAS_PTS | _HAS_DTS * differ
    count = len(times)
    prefixes = np.full(2 * count, DTS_OF_BOTH)
    prefixes[:count] = ONLY_PTS + (PTS_OF_BOTH - ONLY_PTS) * differ
    told = stamps(prefixes, np.concatenate((times, decoded)))
    rows[:, 9:HEADER] = told[:count]
    rows[:, HEADER:] = told[count:]
    if not differ.all():
        rows[~differ, HEADER:] = 0xFF  # is stuffing
    return rows


def _headers(stream_id: int, length: int, stuffing: NDArray[np.int64], sizes: NDArray[np.int64]) -> NDArray[np.uint8]:
    rows = np.empty((len(sizes), length), np.uint8)
    rows[:, :_LENGTH_END] = (0, 0, 1, stream_id, 0, 0)
    lengths = length - _LENGTH_END + stuffing + sizes
    rows[:, 4:_LENGTH_END] = np.where(lengths <= LONGEST, lengths, 0).astype(">u2").view(np.uint8).reshape(-1, 2)
    rows[:, 6] = _ALIGNED
    rows[:, 8] = length - 9 + stuffing
    return rows
