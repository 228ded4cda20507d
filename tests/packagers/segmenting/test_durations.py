"""How long segments last."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from hls_mp4.packagers.segmenting.durations import decimal, decimals, segment_starts, target_duration
from tests.films import Library
from tests.media.test_presentation import presented


@given(ticks=st.integers(0, 2**50), timescale=st.integers(1, 2**31), digits=st.integers(1, 6))
def test_seconds_are_rounded_to_the_nearest(ticks: int, timescale: int, digits: int) -> None:
    """No floating point: the last digit is right for films of years."""
    text = decimal(ticks, timescale, digits)
    assert abs(Fraction(text) - Fraction(ticks, timescale)) <= Fraction(1, 2 * 10**digits)
    assert decimals(np.array([ticks], np.int64), timescale, digits) == [text]


@given(ticks=st.lists(st.integers(1, 10**7), min_size=1, max_size=10), timescale=st.integers(1, 100_000))
def test_no_segment_is_longer_than_the_target(ticks: list[int], timescale: int) -> None:
    """When it is rounded, as players do that check it."""
    target = target_duration(np.array(ticks, np.int64), timescale)
    assert all(round(Fraction(each, timescale) - Fraction(1, 10**9)) <= target for each in ticks)


def test_segments_of_a_rendition_fill_it(films: Library) -> None:
    """From its first sample to its end, without a hole."""
    presentation = presented(films.data("ntsc"))
    for number, rendition in enumerate(presentation.renditions):
        starts = segment_starts(rendition, presentation.segments().parts[number])
        assert (int(starts[0]), int(starts[-1])) == (rendition.begin, rendition.end)
        assert (np.diff(starts) > 0).all()
