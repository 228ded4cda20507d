"""Codec strings of TTML."""

import pytest

from hls_mp4.codecs.strings import codec_string


@pytest.mark.parametrize(
    ("mime", "expected"),
    [
        (b"application/ttml+xml;codecs=im1t\0", "stpp.ttml.im1t"),
        (b'application/ttml+xml; codecs="im1t|etd1"\0', "stpp.ttml.im1t|etd1"),
        (b"application/ttml+xml\0", "stpp"),
        (b"text/html;codecs=im1t\0", "stpp"),
        (b"", "stpp"),
    ],
)
def test_profiles_come_from_the_mime_box(mime: bytes, expected: str) -> None:
    """The processor profiles are named when the file names them."""
    assert codec_string("stpp", {"mime": bytes(4) + mime}) == expected


def test_without_a_mime_box() -> None:
    """Most files have none, and are stpp."""
    assert codec_string("stpp", {}) == "stpp"
