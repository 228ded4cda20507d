"""A folder of films as sites have it, and playlists as players read them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

from twisted.logger import globalLogPublisher

from hls_mp4.containers.smil.manifest import Entry, ServerManifest
from hls_mp4.containers.smil.write import write_manifest
from tests.films import Library
from tests.web.harness import Served
from tests.web.test_content import ask


def filled(root: Path, films: Library) -> Path:
    """Return a folder with one film in two sizes, with subtitles, a server manifest, and what is broken."""
    (root / "film.mp4").write_bytes(films.data("h264"))
    (root / "show_1080.mp4").write_bytes(films.data("no-b-frames"))
    (root / "show_720.mp4").write_bytes(films.data("h264"))
    (root / "words.mp4").write_bytes(films.data("texts"))
    (root / "broken.mp4").write_bytes(b"no film at all")
    (root / "show.en.vtt").write_bytes(b"WEBVTT\n\n00:01.000 --> 00:02.000\nHello\n")
    (root / "show.de.srt").write_bytes(b"1\n00:00:05,000 --> 00:00:07,000\nHallo\n")
    (root / "broken.en.vtt").write_bytes(b"no subtitles")
    entries = (
        Entry("video", "show_1080.mp4", 1, 900000, "", "video_hd"),
        Entry("video", "show_720.mp4", 1, 400000, "", "video_sd"),
        Entry("audio", "show_720.mp4", 2, 64000, "eng", "audio_eng"),
    )
    (root / "show.ism").write_bytes(write_manifest(ServerManifest(entries)))
    return root


def lines_of(playlist: bytes) -> list[str]:
    """Return the URLs that a playlist has in lines of their own."""
    return [line for line in playlist.decode().splitlines() if line and not line.startswith("#")]


def named(playlist: bytes) -> list[str]:
    """Return every URL that a playlist names."""
    return [*lines_of(playlist), *re.findall(r'URI="([^"]*)"', playlist.decode())]


async def body(site: Served, url: str) -> bytes:
    """Return what is there."""
    status, _, data = await ask(site, url)
    assert status == 200, (url, status)
    return data


async def everything(site: Served, url: str) -> dict[str, bytes]:
    """Return all that a multivariant playlist leads to, by URL."""
    found: dict[str, bytes] = {}
    waiting = [url]
    while waiting:
        address = waiting.pop()
        if address not in found:
            found[address] = await body(site, address)
            if ".m3u8" in address:
                waiting += [urljoin(address, name) for name in named(found[address])]
    return found


@contextmanager
def listening() -> Iterator[list[str]]:
    """Collect what goes to the error log."""
    told: list[str] = []

    def observe(event: Any) -> None:
        if "reason" in event:
            told.append(str(event["reason"]))

    globalLogPublisher.addObserver(observe)
    try:
        yield told
    finally:
        globalLogPublisher.removeObserver(observe)
