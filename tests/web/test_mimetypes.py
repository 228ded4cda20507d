"""Players are told what they get."""

import pytest

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


def test_a_types_block_replaces_the_table() -> None:
    """What an administrator lists is what holds, in any case."""
    settings = TypeSettings(types={"x": "video/x"}, default="text/plain")
    assert content_type(settings, "/a.X") == "video/x"
    assert content_type(settings, "/a.mp4") == "text/plain"
