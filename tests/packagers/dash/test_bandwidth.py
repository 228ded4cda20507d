"""Bandwidths."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from hls_mp4.packagers.dash.bandwidth import bandwidth

SEGMENTS = st.lists(st.tuples(st.integers(0, 10**7), st.integers(1, 10 * 90_000)), min_size=1, max_size=25)


def stalls(sizes: list[int], starts: list[int], timescale: int, buffer_ms: int, rate: int) -> bool:
    """Tell whether a player that receives at a rate ever waits, wherever it begins: by playing."""
    for begin in range(len(sizes)):
        received = Fraction(0)
        for number in range(begin, len(sizes)):
            received += sizes[number] * 8
            needed = Fraction(starts[number] - starts[begin], timescale) + Fraction(buffer_ms, 1000)
            if received > rate * needed:
                return True
    return False


@given(SEGMENTS, st.sampled_from((1000, 44_100, 90_000, 10_000_000)), st.integers(500, 20_000))
def test_a_player_never_stops_and_no_less_would_do(
    segments: list[tuple[int, int]], timescale: int, buffer_ms: int
) -> None:
    """At this rate every segment is there in time; at a hundredth less one is not."""
    sizes = [size for size, _ in segments]
    starts = np.append(0, np.cumsum([ticks for _, ticks in segments])).tolist()
    rate = bandwidth(np.array(sizes), np.array(starts), timescale, buffer_ms)
    assert not stalls(sizes, starts, timescale, buffer_ms, rate)
    less = rate * 99 // 100 - 2
    assert less < 1 or stalls(sizes, starts, timescale, buffer_ms, less)


def test_films_of_hours_and_odd_clocks() -> None:
    """A constant rate is found as what it is, in any timescale, after any time."""
    for timescale in (1, 1000, 90_000, 10_000_000, 2**32 - 1):
        rounded = timescale > 90_000
        starts = np.arange(2000, dtype=np.int64) * 4 * timescale + 7 * timescale
        assert 0 <= bandwidth(np.full(1999, 500_000), starts, timescale, 4000) - 1_000_000 <= 5 * rounded


def test_nothing_is_a_bit_a_second() -> None:
    """Zero would be no number for players to divide by."""
    assert bandwidth(np.array([0]), np.array([0, 1000]), 1000, 1000) == 1
