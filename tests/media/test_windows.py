"""Parts of films as films of their own."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hls_mp4.errors import NotFound
from hls_mp4.media.presentation import Presentation
from hls_mp4.media.texts import Cue, Text
from hls_mp4.media.windows import between
from tests.films import Library
from tests.judge import decode
from tests.media.test_presentation import presented
from tests.packagers.fmp4.played import played

KEY_MS = 2000
"""From one key frame of the films to the next."""


def numbers(presentation: Presentation) -> list[int]:
    """Return the numbers that the pictures of a presentation show, as a player shows them."""
    return [picture.number for picture in played(presentation, 0).videos[0]]


@pytest.mark.parametrize("name", ["h264", "fragmented", "no-edits", "negative-offsets", "no-b-frames"])
def test_a_window_is_of_the_key_frame_before_it(films: Library, name: str) -> None:
    """From 4.5 to 8 seconds come the pictures 100 to 199, each decoded as in the whole film.

    Where no edit list says otherwise the first picture is shown two frames late, and so is every other.
    """
    film = films.data(name)
    made = between(presented(film), 4500, 8000)
    shown = played(made, 0).videos[0]
    originals = {picture.number: picture for picture in decode(film).videos[0]}
    # A picture that others refer to is decoded before the last ones that are shown, and then shown too.
    last = 198 if name in ("fragmented", "no-edits") else 200
    assert [picture.number for picture in shown][: last - 100] == list(range(100, last))
    assert len(shown) <= 102
    for picture in shown:
        assert (picture.pixels == originals[picture.number].pixels).all()


@pytest.mark.parametrize("name", ["h264", "no-edits", "negative-offsets", "late-audio", "ntsc", "hevc"])
@pytest.mark.parametrize("begin_ms", [0, 1, 1999, 2000, 3999, 6100])
def test_sound_and_picture_keep_their_distance(films: Library, name: str, begin_ms: int) -> None:
    """What is shown together in the film is shown together in the window; no time is negative."""
    whole = presented(films.data(name))
    made = between(whole, begin_ms, None)
    distances = set()
    for before in whole.renditions:
        after = next((each for each in made.renditions if each.track is before.track), None)
        if after is None:
            continue
        assert after.decode_time(after.first) >= 0
        assert after.begin >= 0
        distances.add(round((before.shift - after.shift) * 1000 / before.track.timescale))
    assert max(distances) - min(distances) <= 1


@given(begin_ms=st.integers(0, 11_900), length_ms=st.integers(1, 12_000))
def test_windows_are_within_the_film(films: Library, begin_ms: int, length_ms: int) -> None:
    """Whatever part is asked for: it is there, no longer than the film, and can be cut into segments."""
    whole = presented(films.data("h264"))
    made = between(whole, begin_ms, begin_ms + length_ms)
    assert made.end_ms - made.lead_ms <= length_ms + KEY_MS + 50
    segments = made.segments()
    for number, each in enumerate(made.renditions):
        assert segments.splits[number][0] == each.first
        assert segments.splits[number][-1] == each.stop


def test_segments_of_adjacent_windows_are_those_of_the_film(films: Library) -> None:
    """A film in three parts, each from a key frame to the next, has every picture once."""
    whole = presented(films.data("no-b-frames"))
    parts = [numbers(between(whole, begin, end)) for begin, end in ((0, 4000), (4000, 8000), (8000, None))]
    assert [number for part in parts for number in part] == list(range(300))


def test_all_sources_are_cut_alike(films: Library) -> None:
    """Renditions in several files begin at the same instant."""
    whole = presented(films.data("h264"), films.data("no-b-frames"))
    made = between(whole, 5000, 9000)
    begins = {each.begin * 1000 // each.track.timescale for each in made.renditions if each.kind == "video"}
    assert begins == {made.lead_ms}


def test_cues_move_with_the_pictures(films: Library) -> None:
    """A cue is cropped to the window, and counts from its begin."""
    cues = (Cue(1000, 3000, "before"), Cue(3500, 4500, "across"), Cue(6000, 7000, "in"), Cue(9000, 9500, "after"))
    whole = replace(presented(films.data("h264")), texts=(Text(cues, "en"),))
    (text,) = between(whole, 4000, 8000).texts
    assert [(cue.begin_ms, cue.end_ms, cue.text) for cue in text.cues] == [(0, 500, "across"), (2000, 3000, "in")]
    assert text.language == "en"
    assert whole.texts[0].cues == cues


def test_what_is_over_is_left_out(films: Library) -> None:
    """A window after the end has nothing; one in which one track has nothing has the others."""
    whole = presented(films.data("late-audio"))
    with pytest.raises(NotFound):
        between(whole, 60_000, None)
    assert {each.kind for each in between(whole, 0, 1000).renditions} == {"video"}
    assert {each.kind for each in between(presented(films.data("audio-only")), 3000, 5000).renditions} == {"audio"}


def test_the_film_stays_what_it_is(films: Library) -> None:
    """What was found out of the whole film does not become that of the window, nor the other way round."""
    whole = presented(films.data("h264"))
    count = len(whole.segments())
    assert len(between(whole, 4000, None).segments()) < count
    assert len(whole.segments()) == count
