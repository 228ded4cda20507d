"""Players are told what they get."""

import pytest

from hls_mp4.config import ConfigErrors, load_from_text
from hls_mp4.directives import directives_of
from hls_mp4.web.mimetypes import TypeSettings, content_type

TYPES = directives_of(TypeSettings)["types"].arguments


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/a/film.mp4", "video/mp4"),
        ("/a/FILM.MP4", "video/mp4"),
        ("/a/film.tar.m3u8", "application/vnd.apple.mpegurl"),
        ("/a/film", "application/octet-stream"),
        ("/a.mp4/film", "application/octet-stream"),
        ("/a/film.", "application/octet-stream"),
        ("/a/film.unknown", "application/octet-stream"),
    ],
)
def test_built_in_types(path: str, expected: str) -> None:
    """A configuration without types serves films as films."""
    assert content_type(TypeSettings(), path) == expected


@pytest.mark.parametrize(
    ("suffix", "kind"),
    [
        *(("flv", "video/x-flv"), ("f4v", "video/mp4"), ("ismv", "video/mp4"), ("m4s", "video/iso.segment")),
        *(("ts", "video/mp2t"), ("m3u8", "application/vnd.apple.mpegurl"), ("mpd", "application/dash+xml")),
        *(("ism", "application/vnd.ms-sstr+xml"), ("isml", "application/vnd.ms-sstr+xml")),
        *(("f4m", "application/f4m+xml"), ("f4f", "video/f4f"), ("vtt", "text/vtt"), ("srt", "application/x-subrip")),
    ],
)
def test_what_players_ask_for(suffix: str, kind: str) -> None:
    """Segments, manifests and subtitles have the types that players insist on."""
    assert content_type(TypeSettings(), f"/a.{suffix}") == kind


def test_a_types_block_replaces_the_table() -> None:
    """What an administrator lists is what holds, in any case."""
    settings = TypeSettings(types={"x": "video/x"}, default="text/plain")
    assert content_type(settings, "/a.X") == "video/x"
    assert content_type(settings, "/a.mp4") == "text/plain"


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/a.txt", "text/plain; charset=utf-8"),
        ("/a.vtt", "text/vtt; charset=utf-8"),
        ("/a.HTML", "text/html; charset=utf-8"),
        ("/a.mp4", "video/mp4"),
        ("/a.png", "image/png"),
        ("/a.unknown", "application/octet-stream"),
    ],
)
def test_a_charset_is_told_of_texts(path: str, expected: str) -> None:
    """`charset utf-8` makes subtitles and texts readable, and leaves films alone."""
    config = load_from_text("http { charset utf-8; server { } }", (TypeSettings,), prefix="/")
    assert content_type(config.servers[0].scope[TypeSettings], path) == expected


@pytest.mark.parametrize("value", ["$charset", '"a b"', "''", "utf-8 koi8-r"])
def test_wrong_charsets_are_told(value: str) -> None:
    """What could not stand in a header, and variables, are mistakes."""
    with pytest.raises(ConfigErrors):
        load_from_text(f"http {{ charset {value} ; server {{ }} }}", (TypeSettings,), prefix="/")


def test_charset_off() -> None:
    """A location can go back to no charset."""
    text = "http { charset utf-8; server { location / { charset off; } } }"
    location = load_from_text(text, (TypeSettings,), prefix="/").servers[0].locations[0]
    assert content_type(location.scope[TypeSettings], "/a.txt") == "text/plain"
