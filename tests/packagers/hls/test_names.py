"""URLs of HLS below a film's."""

from __future__ import annotations

import pytest

from hls_mp4.packagers.hls.names import IFRAMES, INDEX, INIT, MASTER, SEGMENT, Asked, parse_name


@pytest.mark.parametrize(
    ("name", "asked"),
    [
        ("master.m3u8", Asked(MASTER)),
        ("index.m3u8", Asked(INDEX)),
        ("index-v1-a1.m3u8", Asked(INDEX, "v1-a1")),
        ("index-f2-v1.m3u8", Asked(INDEX, "f2-v1")),
        ("iframes-v1.m3u8", Asked(IFRAMES, "v1")),
        ("seg-12-v1-a1.ts", Asked(SEGMENT, "v1-a1", 12, "ts")),
        ("seg-3-f1-v1.m4s", Asked(SEGMENT, "f1-v1", 3, "m4s")),
        ("seg-1-t2.vtt", Asked(SEGMENT, "t2", 1, "vtt")),
        ("init-v1.mp4", Asked(INIT, "v1")),
        ("init.mp4", Asked(INIT)),
        ("seg-0-v1.ts", None),
        ("seg-01-v1.ts", None),
        ("seg-99999999.ts", None),
        ("master.m3u", None),
        ("xmaster.m3u8", None),
        ("seg-1-x1.ts", None),
        ("", None),
    ],
)
def test_names_are_those_of_nginx_vod_module(name: str, asked: Asked | None) -> None:
    """Links and rules of CDNs that were written for it hold here."""
    assert parse_name(name) == asked
