"""Directives of the hls module."""

from __future__ import annotations

from hls_mp4.directives import directives_of
from hls_mp4.packagers.hls.settings import HlsSettings


def test_it_is_off_until_it_is_asked_for() -> None:
    """Nobody's films are packaged unasked; then as fragmented MP4, with key frames to wind by."""
    settings = HlsSettings()
    assert not settings.enabled
    assert (settings.form, settings.iframes) == ("fmp4", True)


def test_names_of_nginx_plus_hold() -> None:
    """Limits are said as its hls module says them."""
    names = {directive.name for directive in directives_of(HlsSettings).values()}
    assert {"hls", "hls_mp4_buffer_size", "hls_mp4_max_buffer_size"} <= names
