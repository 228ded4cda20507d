"""Directives of the f4f module."""

from __future__ import annotations

from hls_mp4.config.loader import load_from_text
from hls_mp4.packagers.f4f.settings import F4fSettings


def test_the_example_of_nginx_is_understood() -> None:
    """As the documentation of ngx_http_f4f_module has it."""
    text = "http { server { location /video/ { f4f; f4f_buffer_size 1m; } } }"
    settings = load_from_text(text, (F4fSettings,)).servers[0].locations[0].scope[F4fSettings]
    assert (settings.enabled, settings.buffer_size) == (True, 1 << 20)
