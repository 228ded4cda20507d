"""Directives of the mp4frag module."""

from __future__ import annotations

from hls_mp4.config.loader import load_from_text
from hls_mp4.packagers.mp4frag.settings import Mp4fragSettings


def test_the_example_of_openhttpstreamer_is_understood() -> None:
    """As its users have it in their configuration."""
    text = r"http { server { location ~ /Seg(\d+)-Frag(\d+)$ { mp4frag; } } }"
    config = load_from_text(text, (Mp4fragSettings,))
    assert config.warnings == ()
    assert config.servers[0].locations[0].scope[Mp4fragSettings].enabled


def test_folders_of_films_are_paths() -> None:
    """Relative ones count from the configuration's folder, as for root."""
    text = "http { server { mp4frag_media /srv/films media; location / { mp4frag; } } }"
    config = load_from_text(text, (Mp4fragSettings,), prefix="/etc/x")
    assert config.servers[0].locations[0].scope[Mp4fragSettings].folders == ("/srv/films", "/etc/x/media")
