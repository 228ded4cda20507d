"""Medians, spreads and percentiles of a few repeated measurements."""

from __future__ import annotations

import math
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Figure:
    """What several rounds gave for one measure.

    Args:
        median: of all rounds.
        least: the smallest.
        most: the greatest.
    """

    median: float
    least: float
    most: float

    @property
    def spread(self) -> float:
        """(most - least) / median: how far the rounds lie apart; 0 when there is nothing to divide by."""
        return (self.most - self.least) / self.median if self.median else 0.0


def figure(values: Sequence[float]) -> Figure:
    """Return median and extremes of at least one value."""
    return Figure(statistics.median(values), min(values), max(values))


def percentile(values: Sequence[float], share: float) -> float:
    """Return the smallest value that at least `share` (0 < share <= 1) of all values do not exceed.

    Raises:
        ValueError: there are no values.
    """
    if not values:
        raise ValueError("a percentile of nothing")
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


def figures(rounds: Sequence[Mapping[str, float]]) -> dict[str, Figure]:
    """Return the figure of each measure that every round has."""
    names = [name for name in rounds[0] if all(name in measured for measured in rounds)]
    return {name: figure([measured[name] for measured in rounds]) for name in names}


def ratio(ours: float, theirs: float) -> float:
    """Return ours / theirs; not-a-number when there is nothing to divide by."""
    return ours / theirs if theirs else math.nan
