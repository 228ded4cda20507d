"""The index of segments."""

from __future__ import annotations

import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hls_mp4.errors import UnsupportedMedia
from hls_mp4.packagers.fmp4.sidx import MOST_REFERENCES, sidx


@given(st.lists(st.tuples(st.integers(1, 2**31 - 1), st.integers(0, 2**32 - 1)), min_size=1, max_size=20))
def test_every_segment_is_found(rows: list[tuple[int, int]]) -> None:
    """Bytes and time of each, one after the other."""
    lengths = np.array([length for length, _ in rows])
    starts = np.append(2**33, 2**33 + np.cumsum([duration for _, duration in rows]))
    data = sidx(lengths, starts, 90_000, track_id=2, sap=3)
    head = struct.unpack_from(">I4sIIIQQHH", data)
    assert head == (len(data), b"sidx", 1 << 24, 2, 90_000, 2**33, 0, 0, len(rows))
    told = list(struct.iter_unpack(">III", data[40:]))
    assert told == [(length, duration, 0x80000000 | 3 << 28) for length, duration in rows]


def test_films_of_days_have_several_segments_in_a_reference() -> None:
    """No more references than there may be, and all bytes are in them."""
    count = 2 * MOST_REFERENCES + 10
    data = sidx(np.full(count, 7), np.arange(count + 1) * 1000, 1000)
    (references,) = struct.unpack_from(">H", data, 38)
    told = list(struct.iter_unpack(">III", data[40:]))
    assert references == len(told) <= MOST_REFERENCES
    assert sum(size for size, _, _ in told) == 7 * count
    assert sum(duration for _, duration, _ in told) == 1000 * count


def test_what_has_no_room_is_refused() -> None:
    """Segments of two gigabytes."""
    with pytest.raises(UnsupportedMedia, match="too long"):
        sidx(np.array([2**31]), np.array([0, 1]), 1)
