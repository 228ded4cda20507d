"""The clock of 100 ns."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hls_mp4.errors import UnsupportedMedia
from hls_mp4.packagers.smooth.clock import rising, tick, to_ticks

TIMESCALES = st.sampled_from([1, 1000, 1001, 12800, 30000, 44100, 48000, 90000, 10_000_000, 2**32 - 1]) | st.integers(
    1, 2**32 - 1
)


@given(st.lists(st.integers(0, 10**15), max_size=50), TIMESCALES)
def test_instants_are_rounded_to_the_nearest_tick(times: list[int], timescale: int) -> None:
    """However late, in whatever timescale: half a tick off at most."""
    times = [min(time, timescale * 10**11) for time in times]
    for time, found in zip(times, to_ticks(np.array(times, np.int64), timescale).tolist(), strict=True):
        assert abs(Fraction(time * 10**7, timescale) - found) <= Fraction(1, 2)
        assert found == tick(time, timescale)


def test_times_of_no_film_are_refused() -> None:
    """What would leave 64 bits is no time."""
    with pytest.raises(UnsupportedMedia, match="ten thousand years"):
        to_ticks(np.array([0, 2**61]), 1)


@given(st.lists(st.integers(0, 1000), min_size=1, max_size=50))
def test_chunks_begin_one_after_the_other(times: list[int]) -> None:
    """No two of them at one time, and none later than it must be."""
    found = rising(np.array(times)).tolist()
    assert all(one < other for one, other in pairwise(found))
    assert all(risen >= time for time, risen in zip(times, found, strict=True))
    if sorted(set(times)) == times:
        assert found == times
