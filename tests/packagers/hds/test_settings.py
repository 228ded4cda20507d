"""Directives of the hds module."""

from __future__ import annotations

from hls_mp4.config.loader import load_from_text
from hls_mp4.packagers.hds.settings import HdsSettings


def test_it_is_off_until_it_is_asked_for() -> None:
    """And its limits may stand further out."""
    text = "http { hds_max_buffer_size 1m; server { location /a { hds; } location /b { } } }"
    (server,) = load_from_text(text, (HdsSettings,)).servers
    first, second = (location.scope[HdsSettings] for location in server.locations)
    assert (first.enabled, second.enabled) == (True, False)
    assert first.max_buffer_size == second.max_buffer_size == 1 << 20
