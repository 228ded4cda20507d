"""Text tracks of films."""

from __future__ import annotations

from dataclasses import replace

from hls_mp4.media.drive import index_bytes
from hls_mp4.media.texts import Cue, Text
from hls_mp4.packagers.captions.embedded import joined, readable, reading, text_of
from tests.films import Library
from tests.media.test_presentation import presented

CUE = (Cue(0, 1, "x"),)


def test_cues_of_a_track_count_from_the_begin_of_the_film(films: Library) -> None:
    """However late the film begins on its timeline, its words come when they are spoken."""
    film = films.data("texts")
    presentation = presented(film)
    (rendition,) = readable(presentation)
    cues = index_bytes(reading(presentation, rendition), film)
    assert [(cue.begin_ms, cue.end_ms, cue.text) for cue in cues] == [
        (1000, 3000, "one"),
        (4500, 7000, "two"),
        (7000, 9500, "three"),
    ]
    assert text_of(replace(rendition, language="en", label="Words"), cues).label == "Words"
    assert readable(presented(films.data("h264"))) == ()


def test_texts_that_are_the_same_are_there_once(films: Library) -> None:
    """Two sizes of a film have the same words; a file beside it stands for the track of its language."""
    (track,) = readable(presented(films.data("texts")))
    first, second = replace(track, source=0), replace(track, source=1)
    english, german, empty = Text(CUE, "eng"), Text(CUE, "de"), Text((), "fr")
    told = [(first, english), (first, english), (second, english), (second, german), (second, empty)]
    assert joined((), told) == (english, english, german)
    beside = Text(CUE, "en")
    assert joined((beside,), told) == (beside, german)
    forced = Text(CUE, "en", forced=True)
    assert joined((forced,), told[:1]) == (forced, english)
    labelled = Text(CUE, "en", "English (SDH)")
    assert joined((labelled,), told[:1]) == (labelled, english)
