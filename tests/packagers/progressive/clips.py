"""Making clips of films that are held in memory."""

from __future__ import annotations

from typing import Any

from hls_mp4.containers.isobmff.format import IsobmffFormat
from hls_mp4.interfaces import Asset, IndexLimits
from hls_mp4.media.drive import index_bytes
from hls_mp4.media.index import MediaIndex
from hls_mp4.packagers.progressive.clip import Clip, clip
from hls_mp4.packagers.progressive.settings import Mp4Settings
from hls_mp4.plan import Extent, Plan, render
from tests.boxes import NaiveTrack


def index_of(data: bytes) -> MediaIndex:
    """Return the index of a film."""
    index: MediaIndex = index_bytes(IsobmffFormat().index(len(data), IndexLimits()), data)
    return index


def rendered(plan: Plan) -> bytes:
    """Return the bytes of a plan whose extents lie in `bytes`; fails on an extent outside of them."""

    def read(source: Any, offset: int, length: int) -> bytes:
        piece = bytes(source[offset : offset + length])
        assert offset >= 0 and len(piece) == length, f"extent {offset}+{length} of {len(source)} bytes"
        return piece

    body = render(plan, read)
    assert len(body) == plan.length
    return body


def clip_of(data: bytes, start_ms: int, end_ms: int | None = None, **settings: Any) -> Clip:
    """Return the clip of a film."""
    return clip(Asset(index_of(data), data), start_ms, end_ms, Mp4Settings(**settings))


def cut(data: bytes, start_ms: int, end_ms: int | None = None, **settings: Any) -> bytes:
    """Return the bytes of a clip of a film."""
    return rendered(clip_of(data, start_ms, end_ms, **settings).plan)


def extents(plan: Plan) -> list[Extent]:
    """Return the extents of a plan."""
    return [part for part in plan.parts if isinstance(part, Extent)]


def first_sample(film: NaiveTrack, clip: NaiveTrack) -> int:
    """Return which sample of the film a clip begins with."""
    sizes = [sample.size for sample in film.samples]
    wanted = [sample.size for sample in clip.samples]
    found = [at for at in range(len(sizes)) if sizes[at : at + len(wanted)] == wanted]
    assert len(found) == 1
    return found[0]
