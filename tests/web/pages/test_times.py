"""Where a page offers to begin."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hls_mp4.web.pages.times import even_marks, page_marks, row_marks

MINUTE = 60_000


@pytest.mark.parametrize(
    ("duration_ms", "marks"),
    [
        (0, ()),
        (5_000, ()),
        (12_000, (5_000, 10_000)),
        (60_000, (15_000, 30_000, 45_000)),
        (120 * MINUTE, (30 * MINUTE, 60 * MINUTE, 90 * MINUTE)),
        (90 * MINUTE, (20 * MINUTE, 40 * MINUTE, 60 * MINUTE, 80 * MINUTE)),
    ],
)
def test_a_listing_offers_quarters(duration_ms: int, marks: tuple[int, ...]) -> None:
    """A film of two hours can be begun at each half hour, one of a minute at each quarter of it."""
    assert row_marks(duration_ms) == marks


@pytest.mark.parametrize(
    ("minutes", "step"), [(1, 5_000 / MINUTE), (20, 1), (30, 1), (100, 5), (150, 5), (200, 10), (24 * 60, 60)]
)
def test_a_page_offers_minutes(minutes: int, step: float) -> None:
    """The longer the film, the further apart."""
    marks = page_marks(minutes * MINUTE)
    assert marks[0] == step * MINUTE


@given(st.integers(0, 2**63), st.integers(1, 40))
def test_marks_are_few_and_in_the_film(duration_ms: int, most: int) -> None:
    """However long a film says it is, a page has no more than so many marks, and none beyond the end."""
    marks = even_marks(duration_ms, most)
    assert len(marks) <= most
    assert all(0 < mark < duration_ms for mark in marks)
