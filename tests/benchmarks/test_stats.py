"""Medians, spreads and percentiles."""

from __future__ import annotations

import math
from statistics import median

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.stats import Figure, figure, figures, percentile, ratio

NUMBERS = st.lists(st.floats(0, 1e9, allow_nan=False), min_size=1, max_size=50)


def test_one_slow_round_does_not_move_the_figure() -> None:
    """A burst of other work in one round of three changes the spread and not the result."""
    assert figure([100.0, 40.0, 102.0]) == Figure(100.0, 40.0, 102.0)
    assert figure([100.0, 40.0, 102.0]).spread == pytest.approx(0.62)


def test_measures_that_a_round_lacks_are_left_out() -> None:
    """A figure is only given for what was measured in every round."""
    assert list(figures([{"a": 1.0, "b": 2.0}, {"a": 3.0}])) == ["a"]


@given(NUMBERS, st.floats(0.01, 1))
def test_a_percentile_is_a_measured_value_that_enough_others_do_not_exceed(values: list[float], share: float) -> None:
    """p99 is a time that a request really took, and 99 of 100 took no longer."""
    found = percentile(values, share)
    assert found in values
    assert sum(value <= found for value in values) >= share * len(values) - 1e-9
    assert sum(value < found for value in values) < share * len(values) + 1e-9


def test_half_is_the_lower_median() -> None:
    """p50 of an odd number of values is their median."""
    values = [5.0, 1.0, 4.0, 2.0, 3.0]
    assert percentile(values, 0.5) == median(values)


def test_nothing_measured_is_an_error_and_not_zero() -> None:
    """A run without a single answer cannot look like a fast one."""
    with pytest.raises(ValueError, match="nothing"):
        percentile([], 0.99)
    assert math.isnan(ratio(1.0, 0.0))
