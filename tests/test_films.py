"""The films that other tests rely on are what they say."""

from __future__ import annotations

import pytest

from tests import films as films_module
from tests import judge
from tests.films import RECIPES, Library

NOT_ENDED_BY_EDITS = {"two-edits": (50, 7), "dwell": (0, 11)}


@pytest.mark.parametrize("name", sorted(set(RECIPES) - set(NOT_ENDED_BY_EDITS)))
def test_every_film_shows_all_its_frames_in_order(films: Library, name: str) -> None:
    """Each frame of each film is decoded once, in order, and can be told by its picture."""
    shown = judge.decode(films.data(name))
    recipe = RECIPES[name]
    for video, pictures in zip((RECIPES[recipe.base] if recipe.base else recipe).video, shown.videos, strict=True):
        numbers = [picture.number for picture in pictures]
        assert numbers == list(range(video.first_number, video.first_number + len(numbers)))
        assert len(numbers) == int(
            ((RECIPES[recipe.base] if recipe.base else recipe).seconds - video.delay) * video.rate
        )
    assert all(sound.end >= 8 - 0.01 for sound in shown.sounds)


@pytest.mark.parametrize("name", sorted(NOT_ENDED_BY_EDITS))
def test_films_with_longer_edit_lists_show_what_the_edits_say(films: Library, name: str) -> None:
    """FFmpeg, the judge, honours edit lists of several lines."""
    first, seconds = NOT_ENDED_BY_EDITS[name]
    shown = judge.decode(films.data(name))
    assert shown.videos[0][0].number == first
    assert shown.duration == seconds


def test_films_are_the_same_in_every_session(films: Library) -> None:
    """A film's bytes depend on nothing but its recipe, so that a failure can be repeated."""
    assert films_module.encode(RECIPES["no-b-frames"]) == films.data("no-b-frames")


def test_a_frame_number_survives_its_picture() -> None:
    """What `picture` paints, `frame_number` reads."""
    for number in (0, 1, 2, 299, 4096, 65535):
        assert films_module.frame_number(films_module.picture(number)[: films_module.HEIGHT]) == number
