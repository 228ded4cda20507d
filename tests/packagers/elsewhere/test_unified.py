"""Names of Unified Streaming."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hls_mp4.errors import NotFound
from hls_mp4.media.presentation import Presentation
from hls_mp4.packagers.elsewhere.unified import Media, manifest_name, parse_media
from tests.films import Library
from tests.media.test_presentation import presented


@pytest.fixture
def film(films: Library) -> Presentation:
    """Two sizes, each with a sound; the first picture has a name."""
    made = presented(films.data("h264"), films.data("no-b-frames"))
    rates = iter((401000, 64008, 801000, 64008))
    first, *others = (replace(each, announced=next(rates)) for each in made.renditions)
    return replace(made, renditions=(replace(first, name="video_eng"), *others))


@pytest.mark.parametrize(
    ("name", "ours"),
    [
        *((name, "master.m3u8") for name in (".m3u8", "any.m3u8", "film.m3u8")),
        *((name, "manifest.mpd") for name in (".mpd", "film.mpd")),
        *((name, "manifest.f4m") for name in (".f4m", "x.f4m")),
        *((name, None) for name in ("Manifest", "x/.mpd", "film-video=400.m3u8", "film.mp4", ".mpdx", "")),
    ],
)
def test_manifests_have_any_name(name: str, ours: str | None) -> None:
    """Only what they end in counts."""
    assert manifest_name(name) == ours


@pytest.mark.parametrize(
    ("name", "ours"),
    [
        ("film-audio_eng=64008-video_eng=401000.m3u8", "index-f1-a1-v1.m3u8"),
        ("film-video_eng=401000-7.ts", "seg-7-f1-v1.ts"),
        ("hls/film-video=801000.m4s", "init-f2-v1.mp4"),
        ("hls/film-video=801000-2.m4s", "seg-2-f2-v1.m4s"),
        ("dash/film-video_eng=401000.dash", "init-f1-v1.mp4"),
        ("dash/film-video_eng=401000-2.dash", "fragment-2-f1-v1.m4s"),
        ("dash/film-audio=64008-192512.dash", "fragment-t192512-f1-a1.m4s"),
        ("dash/film-audio=64008-0.dash", "fragment-t0-f1-a1.m4s"),
        ("dash/my-film-2-video=801000-1.dash", "fragment-1-f2-v1.m4s"),
    ],
)
def test_media_is_found_by_name_and_rate(film: Presentation, name: str, ours: str) -> None:
    """What was linked there is here, whatever the film is called."""
    asked = parse_media(name)
    assert asked is not None
    assert asked.name(film) == ours


def test_tracks_that_are_not_there(film: Presentation) -> None:
    """Are not found; what is no such name is left to others."""
    with pytest.raises(NotFound):
        Media((("video", 5),), None, "m3u8").name(film)
    for name in ("master.m3u8", "seg-1-v1.ts", "dash/a/b-video=1.dash", "film-video=1-2.m3u8", "film-video=1.ts", "x"):
        assert parse_media(name) is None


@given(st.text(alphabet="dash/hls-video=10.tm3u8", max_size=60))
def test_any_name_ends(name: str) -> None:
    """Whatever is asked for."""
    manifest_name(name)
    parse_media(name)
