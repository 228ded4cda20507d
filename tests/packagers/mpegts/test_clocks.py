"""Where the clock is told by itself."""

from __future__ import annotations

import numpy as np

from hls_mp4.media.presentation import Presentation
from hls_mp4.media.segments import SegmentPolicy
from hls_mp4.packagers.mpegts.clocks import clock_times, with_clocks
from hls_mp4.packagers.mpegts.contents import contents_of
from tests.films import Library
from tests.media.test_presentation import presented
from tests.packagers.mpegts.made import Sample, film, picture, unit


def told(presentation: Presentation, numbers: tuple[int, ...]) -> list[int]:
    """Return how often the clock is told by itself in each segment; those that are not looked at have none."""
    contents = contents_of(presentation, numbers)
    found = [len(clock_times(contents, segment)) for segment in range(len(contents))]
    looked_at = with_clocks(contents)
    assert all(segment in looked_at for segment, count in enumerate(found) if count)
    return found


def test_usual_films_need_none(films: Library) -> None:
    """Twenty-five pictures a second tell it, and groups of sound alone do; only the ends of a film are looked at."""
    presentation = presented(films.data("h264"))
    presentation.policy = SegmentPolicy(2000)
    assert told(presentation, (0, 1)) == [0] * 6
    assert told(presentation, (1,)) == [0] * 6
    assert with_clocks(contents_of(presentation, (0, 1))) == [0, 5]
    assert with_clocks(contents_of(presentation, (0,))) == []


def test_sound_before_and_after_the_pictures_has_a_clock(films: Library) -> None:
    """1.2 seconds without a picture are twelve times; so is a song that goes on after its only picture."""
    assert told(presented(films.data("late-video")), (0, 1))[0] == 12
    sounds = [Sample(unit(1, 100, number), 1024) for number in range(430)]
    song = film([Sample(picture([unit(5, 100, 1)]), 3000)], sounds, policy=SegmentPolicy(2000))
    found = told(song, (0, 1))
    assert len(found) > 3
    assert sum(found) in range(96, 101)


def test_pictures_that_come_slowly_have_clocks_between(films: Library) -> None:
    """One a second: nine times between two."""
    slow = film([Sample(picture([unit(5, 100, number)]), 90_000) for number in range(6)], [])
    assert told(slow, (0,)) == [9, 9, 9, 9, 9, 0]


def test_pictures_without_bytes_tell_no_clock() -> None:
    """They are left out, and so the clock is told where they would have."""
    pictures = [Sample(b"" if 2 <= number < 8 else picture([unit(5, 100, number)]), 3000) for number in range(12)]
    assert told(film(pictures, []), (0,)) == [2]
    nothing = [Sample(picture([unit(5, 50, 1)]), 3000)] + [Sample(b"", 3000)] * 8
    sounds = [Sample(unit(1, 100, number), 1024) for number in range(20)]
    presentation = film(nothing, sounds)
    assert np.diff(clock_times(contents_of(presentation, (0, 1)), 0)).max() <= 9000
