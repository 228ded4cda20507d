"""Clocks of transport streams."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from hls_mp4.containers.mpegts.timestamps import DTS_OF_BOTH, ONLY_PTS, WRAP, references, stamps, to_clock

TIMES = st.lists(st.integers(0, 1 << 45), min_size=1, max_size=20)


@given(
    times=TIMES, timescale=st.one_of(st.sampled_from((1, 600, 1000, 44_100, 48_000, 90_000)), st.integers(1, 1 << 31))
)
def test_times_are_rounded_to_the_nearest_tick(times: list[int], timescale: int) -> None:
    """No time is more than half a tick off, whatever the film counts in, and order is kept."""
    made = to_clock(np.array(sorted(times)), timescale)
    for before, after in zip(sorted(times), made.tolist(), strict=True):
        assert abs(Fraction(before * 90_000, timescale) - after) <= Fraction(1, 2)
    assert (np.diff(made) >= 0).all()


def test_times_of_days_wrap_around_as_they_should() -> None:
    """Numbers that leave 64 bits on the way come out as they should on the wire."""
    times = np.array([(1 << 62) - 1, 1 << 61])
    exact = [(2 * time * 90_000 + 1000) // 2000 % WRAP for time in times.tolist()]
    assert (to_clock(times, 1000) & WRAP - 1).tolist() == exact


@given(TIMES)
def test_stamps_can_be_read_back(times: list[int]) -> None:
    """33 bits in five bytes, with markers between (table 2-21)."""
    for prefix in (ONLY_PTS, DTS_OF_BOTH):
        for time, row in zip(times, stamps(prefix, np.array(times)), strict=True):
            value = int.from_bytes(bytes(row), "big")
            assert value >> 36 == prefix
            assert (value >> 32 & 1, value >> 16 & 1, value & 1) == (1, 1, 1)
            read = (value >> 33 & 7) << 30 | (value >> 17 & 0x7FFF) << 15 | value >> 1 & 0x7FFF
            assert read == time % WRAP


@given(TIMES)
def test_references_can_be_read_back(times: list[int]) -> None:
    """33 bits, six ones, and no ticks of the faster clock (2.4.3.5)."""
    for time, row in zip(times, references(np.array(times)), strict=True):
        value = int.from_bytes(bytes(row), "big")
        assert value >> 15 == time % WRAP
        assert value & 0x7FFF == 0x3F << 9
