"""Directives of the pages."""

from __future__ import annotations

from hls_mp4.config import load_from_text
from hls_mp4.web.pages.settings import AutoindexSettings, PlayerSettings


def test_directives() -> None:
    """autoindex and its three are nginx's, with nginx's defaults; facts of films and their page come with it."""
    text = """http { server { location /a { } location /b {
        autoindex on; autoindex_exact_size off; autoindex_localtime on; autoindex_format xml;
        autoindex_films off; player on; } } }"""
    config = load_from_text(text, (AutoindexSettings, PlayerSettings))
    (a, b) = (block.scope for block in config.servers[0].locations)
    assert a[AutoindexSettings] == AutoindexSettings(
        enabled=False, exact_size=True, localtime=False, format="html", films=True
    )
    assert a[PlayerSettings] == PlayerSettings(player="auto")
    assert b[AutoindexSettings] == AutoindexSettings(
        enabled=True, exact_size=False, localtime=True, format="xml", films=False
    )
    assert b[PlayerSettings] == PlayerSettings(player="on")
