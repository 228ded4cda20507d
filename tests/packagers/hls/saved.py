"""A presentation as a player fetches it: every URL that a playlist names, saved as a file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hls_mp4.interfaces import Delivery
from hls_mp4.media.presentation import Presentation
from hls_mp4.packagers.hls.module import HlsModule
from hls_mp4.packagers.hls.settings import HlsSettings
from tests.packagers.fmp4.encrypted import finished
from tests.packagers.fmp4.played import rendered


def answered(presentation: Presentation, name: str, **settings: Any) -> Delivery:
    """Return what the module answers for a name."""
    module = HlsModule()
    configured = HlsSettings(enabled=True, **settings)
    match = module.match(name, b"", configured)
    assert match is not None, name
    made = module.respond(presentation, match, configured, 0.0)
    return made if isinstance(made, Delivery) else finished(made)


def text_of(presentation: Presentation, name: str, **settings: Any) -> str:
    """Return a playlist."""
    return rendered(answered(presentation, name, **settings).plan).decode()


def named(playlist: str) -> list[str]:
    """Return every URL that a playlist names, each once."""
    found = []
    for line in playlist.splitlines():
        if line and not line.startswith("#"):
            found.append(line)
        elif 'URI="' in line:
            found.append(line.partition('URI="')[2].partition('"')[0])
    return list(dict.fromkeys(found))


def save(presentation: Presentation, folder: Path, **settings: Any) -> Path:
    """Save everything that the multivariant playlist leads to; return its file."""
    waiting, seen = ["master.m3u8"], set()
    while waiting:
        name = waiting.pop()
        if name in seen:
            continue
        seen.add(name)
        data = rendered(answered(presentation, name, **settings).plan)
        (folder / name).write_bytes(data)
        if name.endswith(".m3u8"):
            waiting += named(data.decode())
    return folder / "master.m3u8"
