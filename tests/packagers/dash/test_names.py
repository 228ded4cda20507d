"""URLs of DASH below a film's."""

from __future__ import annotations

import pytest

from hls_mp4.media.texts import Cue, Text
from hls_mp4.packagers.dash.names import (
    FRAGMENT,
    INIT,
    KEYS,
    MANIFEST,
    TEXT,
    WHOLE,
    Asked,
    find_text,
    find_track,
    parse_name,
    track_name,
)
from tests.films import Library
from tests.media.test_presentation import presented


@pytest.mark.parametrize(
    ("name", "asked"),
    [
        ("manifest.mpd", Asked(MANIFEST)),
        ("clearkey.json", Asked(KEYS)),
        ("init-v1.mp4", Asked(INIT, "v1")),
        ("init-f2-a12.mp4", Asked(INIT, "f2-a12")),
        ("init-t1.mp4", Asked(INIT, "t1")),
        ("fragment-7-v1.m4s", Asked(FRAGMENT, "v1", number=7)),
        ("fragment-t0-f3-a1.m4s", Asked(FRAGMENT, "f3-a1", time=0)),
        ("fragment-t43008-s1.m4s", Asked(FRAGMENT, "s1", time=43008)),
        ("v1.mp4", Asked(WHOLE, "v1")),
        ("f2-v1.mp4", Asked(WHOLE, "f2-v1")),
        ("text-t2.vtt", Asked(TEXT, "t2")),
        ("fragment-01-v1.m4s", None),
        ("fragment-1-v1-a1.m4s", None),
        ("init-v1-a1.mp4", None),
        ("init.mp4", None),
        ("fragment-t-1-v1.m4s", None),
        ("seg-1-v1.m4s", None),
        ("manifest.mpdx", None),
        ("", None),
    ],
)
def test_names_are_those_of_nginx_vod_module(name: str, asked: Asked | None) -> None:
    """Where it has one; those of muxed segments are left to HLS."""
    assert parse_name(name) == asked


def test_every_rendition_is_found_by_its_name(films: Library) -> None:
    """Of one source without its number, of several with it."""
    for presentation in (presented(films.data("two-audios")), presented(films.data("h264"), films.data("two-videos"))):
        for number, each in enumerate(presentation.renditions):
            assert find_track(presentation, track_name(presentation, each)) == number
        assert find_track(presentation, "v9") is None
        assert find_track(presentation, "t1") is None


def test_texts_are_numbered_apart(films: Library) -> None:
    """t1 is the first of them, whatever tracks there are."""
    presentation = presented(films.data("h264"))
    presentation.texts = (Text((Cue(0, 1, "x"),)), Text((Cue(0, 1, "y"),)))
    assert [find_text(presentation, name) for name in ("t1", "t2", "t3", "v1")] == [0, 1, None, None]
