"""Seeking in real films through the real daemon, judged by a decoder that knows nothing of it."""

from __future__ import annotations

import functools
from fractions import Fraction

import pytest
import pytest_twisted
import treq

from tests.acceptance.daemon import Daemon
from tests.films import RECIPES, Library
from tests.judge import Shown, assert_pictures_equal, assert_sound_equal, decode

LAYOUTS = [
    *("h264", "moov-last", "fragmented", "fragmented-base-offsets", "fragmented-short", "no-b-frames", "long-gop"),
    *("ntsc", "hevc", "av1", "vp9-opus", "pcm-mov", "ac3", "two-videos", "two-audios", "texts", "audio-only"),
    *("late-audio", "late-video", "size-0-mdat", "co64", "several-mdat", "compact-sizes", "backwards", "two-edits"),
]
TICK = Fraction(1, 1000)
"""What times of a request, in milliseconds, can be off from times of samples."""

TOLERANCE = {"vp9-opus": 2e-3, "av1": 2e-3, "ac3": 2e-3, "two-audios": 2e-3}
"""Codecs whose decoders remember more than what a clip can give them to read first."""


@functools.cache
def shown(films: Library, name: str) -> Shown:
    """Return what a film shows; decoded once."""
    return decode(films.data(name))


async def clip(daemon: Daemon, path: str) -> tuple[bytes, Fraction, Fraction]:
    """Return a clip, and where in the film it starts and how long the film is, as the response says."""
    response = await treq.get(daemon.url + path, persistent=False, timeout=30)
    body = await response.content()
    assert response.code == 200, body
    start, total = (response.headers.getRawHeaders(name)[0] for name in ("X-Clip-Start", "X-Content-Duration"))
    return body, Fraction(start), Fraction(total)


def assert_is_part_of(film: Shown, part: Shown, start: Fraction, end: Fraction, tolerance: float = 0.0) -> None:
    """Assert that a clip shows and sounds as the film does in [start, end), with the same distance of all tracks."""
    for number, pictures in enumerate(part.videos):
        assert_pictures_equal(film.videos[number], pictures, start, end, tick=TICK)
    for number, sound in enumerate(part.sounds):
        assert_sound_equal(film.sounds[number], sound, start, end, tolerance=tolerance)


@pytest.mark.parametrize("name", LAYOUTS)
@pytest_twisted.ensureDeferred
async def test_a_clip_shows_what_the_film_shows(daemon: Daemon, films: Library, name: str) -> None:
    """Whatever the codec and the layout: every picture and every sample of sound of the interval, at its time."""
    film = shown(films, name)
    suffix = films.path(name).suffix
    end = Fraction("6.9") if film.duration > 7 else film.duration
    body, start, total = await clip(daemon, f"/key/{name}{suffix}?start=4.3&end={float(end)}")
    assert start == Fraction("4.3")
    assert abs(total - film.duration) <= TICK * 50
    part = decode(body)
    assert len(part.videos) == len(film.videos)
    assert len(part.sounds) == len(film.sounds)
    assert_is_part_of(film, part, start, end, TOLERANCE.get(name, 0.0))


@pytest.mark.parametrize("name", ["h264", "moov-last", "fragmented", "hevc", "two-videos"])
@pytest_twisted.ensureDeferred
async def test_from_a_key_frame_to_the_end(daemon: Daemon, films: Library, name: str) -> None:
    """`start=` alone plays to the end of the film; on a key frame nothing needs to be hidden."""
    film = shown(films, name)
    body, start, _ = await clip(daemon, f"/{name}.mp4?start=4")
    assert start == 4
    assert_is_part_of(film, decode(body), start, film.duration)


@pytest_twisted.ensureDeferred
async def test_a_clip_from_the_start(daemon: Daemon, films: Library) -> None:
    """`end=` alone is a clip of the beginning."""
    film = shown(films, "h264")
    body, start, _ = await clip(daemon, "/h264.mp4?end=3.5")
    assert start == 0
    assert_is_part_of(film, decode(body), start, Fraction("3.5"))


@pytest_twisted.ensureDeferred
async def test_subtitles_come_along(daemon: Daemon, films: Library) -> None:
    """A text that is on the screen at the start of the clip is on its screen too."""
    body, start, _ = await clip(daemon, "/key/texts.mp4?start=5&end=9")
    (texts,) = decode(body).texts
    spoken = [(at, data[2:].decode()) for at, data in texts if data[2:]]
    assert [text for _, text in spoken] == ["two", "three"]
    assert abs(spoken[1][0] - (7 - start)) <= TICK


@pytest_twisted.ensureDeferred
async def test_a_start_past_the_end_can_be_the_last_key_frame(daemon: Daemon, films: Library) -> None:
    """`mp4_past_end last_key_frame`: a player that seeks too far sees the end instead of an error."""
    film = shown(films, "h264")
    body, start, _ = await clip(daemon, "/last/h264.mp4?start=1000")
    assert start == 10
    assert_is_part_of(film, decode(body), start, film.duration)


@pytest.mark.parametrize("name", sorted(set(RECIPES) - set(LAYOUTS)))
@pytest_twisted.ensureDeferred
async def test_every_other_film_seeks_too(daemon: Daemon, films: Library, name: str) -> None:
    """Layouts that are rarer still give a clip that decodes without a complaint, at the asked time."""
    film = shown(films, name)
    body, start, _ = await clip(daemon, f"/key/{films.path(name).name}?start=4.3&end=6.9")
    part = decode(body)
    for number, pictures in enumerate(part.videos):
        numbers = [picture.number for picture in film.videos[number] if start <= picture.time < Fraction("6.9")]
        assert [picture.number for picture in pictures][1:-1] == numbers[1:-1] or name == "dwell"
    assert part.videos or part.sounds


@pytest_twisted.ensureDeferred
async def test_a_clip_of_a_clip(daemon: Daemon, films: Library) -> None:
    """What the daemon makes is a film like any other: it can be served and cut again."""
    first, _, _ = await clip(daemon, "/key/h264.mp4?start=3.1&end=9.7")
    films.made("cut", lambda: first)
    second, start, total = await clip(daemon, "/key/cut.mp4?start=2.2&end=4.4")
    assert (start, total) == (Fraction("2.2"), Fraction("6.6"))
    assert_is_part_of(shown(films, "h264"), decode(second), Fraction("3.1") + start, Fraction("3.1") + Fraction("4.4"))
