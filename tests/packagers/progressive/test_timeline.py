"""What a track shows between two instants follows from its edit list, exactly."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hls_mp4.media.index import Edit
from hls_mp4.packagers.progressive.timeline import (
    EMPTY,
    NORMAL_RATE,
    Piece,
    between,
    movie_time,
    presentation,
)

UNIT = 3000
MOVIE = 600
MEDIA = 90_000


class Samples:
    presentation_end = 12 * MEDIA


class Film:
    """A track as far as a timeline looks at it."""

    timescale = MEDIA
    samples = Samples()

    def __init__(self, *edits: Edit) -> None:
        self.edits = edits


def pieces_of(*edits: Edit) -> tuple[tuple[int, Piece], ...]:
    """Return the presentation of a track of twelve seconds."""
    film: Any = Film(*edits)
    return tuple(presentation(film, UNIT, MOVIE))


def test_no_edit_list_shows_the_media_from_its_beginning() -> None:
    """ISO/IEC 14496-12 8.6.5: without edits the timelines are the same."""
    assert pieces_of() == ((0, Piece(12 * UNIT, 0)),)


def test_an_edit_without_a_length_lasts_as_long_as_the_media() -> None:
    """Fragmented files do not know how long they will be."""
    assert pieces_of(Edit(600, -1), Edit(0, 3 * MEDIA)) == (
        (0, Piece(UNIT, EMPTY, 0)),
        (UNIT, Piece(9 * UNIT, 3 * MEDIA * UNIT)),
    )
    assert pieces_of(Edit(0, 0), Edit(600, 0)) == ((0, Piece(UNIT, 0)),)


EDITS = st.lists(
    st.builds(
        Edit,
        st.integers(1, 3000),
        st.one_of(st.just(-1), st.integers(0, 5 * MEDIA)),
        st.sampled_from([0, 1, 1, 1, 2]),
        st.sampled_from([0, 0, 1 << 15]),
    ),
    min_size=1,
    max_size=5,
)


def media_at(edits: list[Edit], at: Fraction) -> Fraction | None:
    """Return the media time shown at an instant, in seconds, by the definition; None for nothing."""
    begin = Fraction(0)
    for edit in edits:
        length = Fraction(edit.segment_duration, MOVIE)
        if begin <= at < begin + length:
            rate = edit.rate_integer + Fraction(edit.rate_fraction, 1 << 16)
            return None if edit.media_time < 0 else Fraction(edit.media_time, MEDIA) + (at - begin) * rate
        begin += length
    return None


@given(EDITS, st.integers(0, 20_000), st.integers(1, 20_000), st.integers(0, 10**9))
def test_a_cut_shows_at_each_instant_what_the_film_shows(
    edits: list[Edit], start_ms: int, length_ms: int, probe: int
) -> None:
    """For any edit list and any interval, each instant of the cut has the media time of that instant in the film."""
    whole = pieces_of(*edits)
    start, end = start_ms * UNIT // 1000, (start_ms + length_ms) * UNIT // 1000
    shown = between(whole, start, end, MEDIA)
    total = sum(piece.length for piece in shown)
    assert total <= end - start
    at = probe % (end - start)
    expected = media_at(edits, Fraction(start + at, UNIT))
    begin = 0
    got = None
    for piece in shown:
        if begin <= at < begin + piece.length and piece.media >= 0:
            got = Fraction(piece.media, UNIT * MEDIA) + Fraction(at - begin, UNIT) * Fraction(piece.rate, NORMAL_RATE)
        begin += piece.length
    assert (got is None) == (expected is None)
    if got is not None and expected is not None:
        assert abs(got - expected) < Fraction(1, MEDIA * 100)


@given(EDITS, st.integers(0, 6 * MEDIA))
def test_a_media_time_is_shown_when_it_is_shown(edits: list[Edit], media_time: int) -> None:
    """movie_time is where media_at finds it again."""
    at = movie_time(pieces_of(*edits), media_time, UNIT, MEDIA)
    if at is None:
        return
    there = media_at(edits, Fraction(at, UNIT))
    if there is not None:
        assert 0 <= there - Fraction(media_time, MEDIA) <= Fraction(3, UNIT)


@pytest.mark.parametrize("edit", [Edit(600, 0, -1, 0), Edit(600, 0, -1, 0xFFFF)])
def test_media_that_runs_backwards_stands_still(edit: Edit) -> None:
    """No player plays backwards."""
    assert pieces_of(edit)[0][1].rate == 0
