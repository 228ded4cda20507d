"""Directives of the hls module."""

from __future__ import annotations

import pytest

from hls_mp4.directives import directives_of
from hls_mp4.packagers.hls.settings import HlsSettings, read_key, read_uri


def test_it_is_off_until_it_is_asked_for() -> None:
    """Nobody's films are packaged unasked; then as fragmented MP4, with key frames to wind by."""
    settings = HlsSettings()
    assert not settings.enabled
    assert (settings.form, settings.iframes) == ("fmp4", True)


def test_names_of_nginx_plus_hold() -> None:
    """Limits are said as its hls module says them."""
    names = {directive.name for directive in directives_of(HlsSettings).values()}
    assert {"hls", "hls_mp4_buffer_size", "hls_mp4_max_buffer_size"} <= names


@pytest.mark.parametrize(
    "data", [bytes(range(16)), b"000102030405060708090a0b0c0d0e0f", b" 000102030405060708090A0B0C0D0E0F\n"]
)
def test_a_key_is_bytes_or_digits(data: bytes) -> None:
    """As openssl writes it with -hex, or without."""
    assert read_key(data) == bytes(range(16))


@pytest.mark.parametrize("data", [b"", bytes(15), bytes(17), b"0" * 31, b"x" * 32, b"\xff" * 32])
def test_what_is_no_key_is_refused(data: bytes) -> None:
    """The reason never holds what stands in the file."""
    with pytest.raises(ValueError, match=r"^a key has 16 bytes, or 32 hexadecimal digits$"):
        read_key(data)


@pytest.mark.parametrize("uri", ["", 'a"b', "a b", "a\nb", "\u00fc"])
def test_a_uri_that_would_break_the_playlist_is_refused(uri: str) -> None:
    """It stands between quotes in a line of its own."""
    with pytest.raises(ValueError, match="invalid URI"):
        read_uri([uri])


def test_encryption_needs_a_key() -> None:
    """A location that asks for encryption and has no key does not send films in the clear: it does not load."""
    with pytest.raises(ValueError, match="needs hls_key_file or hls_key_seed"):
        HlsSettings(enabled=True, encryption="aes-128")
    assert HlsSettings(encryption="aes-128").encryption == "aes-128"
    assert HlsSettings(enabled=True, encryption="aes-128", key_seed="x").key is None
