"""Seeking in real films through the real daemon, judged by a decoder that knows nothing of it."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest
import pytest_twisted
import treq

from tests.acceptance.daemon import Daemon
from tests.films import RECIPES, Library
from tests.judge import BOUNDED, Shown, assert_pictures_equal, assert_sound_equal, decode

# FFmpeg plays a dwell as ordinary media and misses borders of audio edits, so it cannot judge these.
FILMS = sorted(set(RECIPES) - {"dwell"})
SOUND_NOT_JUDGED = {"two-edits"}
# Leading pictures of an open group refer to pictures that are not there: hidden, and FFmpeg grumbles at them.
GRUMBLED_AT = {"open-gop"}

# FFmpeg delays pictures with negative offsets by a frame when there are fragments and no edit list.
PICTURES_JUDGED_BY = {"fragmented-negative-offsets": "negative-offsets"}

MS = Fraction(1, 1000)


@pytest.fixture(scope="session")
def shown(films: Library) -> dict[str, Shown]:
    """What the films show; decoded when first asked for."""

    class Decoded(dict[str, Shown]):
        def __missing__(self, name: str) -> Shown:
            self[name] = decode(films.data(name))
            return self[name]

    return Decoded()


async def clip(daemon: Daemon, path: str) -> tuple[bytes, Fraction, Fraction]:
    """Return a clip, and where in the film it starts and how long the film is, as the response says."""
    response = await treq.get(daemon.url + path, persistent=False, timeout=30)
    body = await response.content()
    assert response.code == 200, body
    start, total = (response.headers.getRawHeaders(name)[0] for name in ("X-Clip-Start", "X-Content-Duration"))
    return body, Fraction(start), Fraction(total)


def assert_is_part_of(film: Shown, part: Shown, start: Fraction, end: Fraction, name: str = "h264") -> None:
    """Assert that a clip shows and sounds as the film does in [start, end), with the same distance of all tracks."""
    assert len(part.videos) == len(film.videos)
    assert len(part.sounds) == len(film.sounds)
    for before, after in zip(film.videos, part.videos, strict=True):
        assert_pictures_equal(before, after, start, end, tick=MS)
    codecs = [audio.codec for audio in RECIPES[RECIPES[name].base or name].audio]
    for codec, was, now in zip(codecs, film.sounds, part.sounds, strict=True):
        if name not in SOUND_NOT_JUDGED:
            assert_sound_equal(was, now, start, end, exact=codec in BOUNDED)


@pytest.mark.parametrize("name", FILMS)
@pytest_twisted.ensureDeferred
async def test_a_clip_shows_what_the_film_shows(
    daemon: Daemon, films: Library, shown: dict[str, Shown], name: str
) -> None:
    """Whatever the codec and the layout: every picture and every sample of sound of the interval, at its time."""
    film = shown[name]
    body, start, total = await clip(daemon, f"/key/{films.path(name).name}?start=4.567&end=6.013")
    assert start == 4567 * MS
    assert abs(total - film.duration) <= Fraction(1, 10)
    part = decode(body, strict=name not in GRUMBLED_AT)
    film = replace(film, videos=shown[PICTURES_JUDGED_BY.get(name, name)].videos)
    assert_is_part_of(film, part, start, 6013 * MS, name)


@pytest.mark.parametrize("name", ["h264", "moov-last", "hevc", "vp9-opus", "size-0-mdat", "two-audios"])
@pytest_twisted.ensureDeferred
async def test_from_a_key_frame_to_the_end(daemon: Daemon, films: Library, shown: dict[str, Shown], name: str) -> None:
    """`start=` alone plays to the end of the film; on a key frame nothing needs to be hidden."""
    body, start, _ = await clip(daemon, f"/{films.path(name).name}?start=4")
    assert start == 4
    assert_is_part_of(shown[name], decode(body), start, shown[name].duration, name)


@pytest_twisted.ensureDeferred
async def test_a_clip_from_the_start(daemon: Daemon, shown: dict[str, Shown]) -> None:
    """`end=` alone is a clip of the beginning."""
    film = shown["h264"]
    body, start, _ = await clip(daemon, "/h264.mp4?end=3.5")
    assert start == 0
    assert_is_part_of(film, decode(body), start, Fraction("3.5"))


@pytest_twisted.ensureDeferred
async def test_subtitles_come_along(daemon: Daemon, films: Library) -> None:
    """A text that is on the screen at the start of the clip is on its screen too."""
    films.path("texts")
    body, start, _ = await clip(daemon, "/key/texts.mp4?start=5&end=9")
    (texts,) = decode(body).texts
    spoken = [(at, data[2:].decode()) for at, data in texts if data[2:]]
    assert [text for _, text in spoken] == ["two", "three"]
    assert abs(spoken[1][0] - (7 - start)) <= MS


@pytest_twisted.ensureDeferred
async def test_a_start_past_the_end_can_be_the_last_key_frame(daemon: Daemon, shown: dict[str, Shown]) -> None:
    """`mp4_past_end last_key_frame`: a player that seeks too far sees the end instead of an error."""
    film = shown["h264"]
    body, start, _ = await clip(daemon, "/last/h264.mp4?start=1000")
    assert start == 10
    assert_is_part_of(film, decode(body), start, film.duration)


@pytest_twisted.ensureDeferred
async def test_a_clip_of_a_clip(daemon: Daemon, films: Library, shown: dict[str, Shown]) -> None:
    """What the daemon makes is a film like any other: it can be served and cut again."""
    first, _, _ = await clip(daemon, "/key/h264.mp4?start=3.1&end=9.7")
    films.made("cut", lambda: first)
    second, start, total = await clip(daemon, "/key/cut.mp4?start=2.2&end=4.4")
    assert (start, total) == (Fraction("2.2"), Fraction("6.6"))
    assert_is_part_of(shown["h264"], decode(second), Fraction("3.1") + start, Fraction("3.1") + Fraction("4.4"))
