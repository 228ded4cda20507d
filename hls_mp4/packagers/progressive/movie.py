"""A clip's ftyp, moov and mdat header, written around its tracks (ISO/IEC 14496-12 4.3, 8.1.1, 8.2.1)."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from typing import NamedTuple

from hls_mp4.containers.isobmff.box import Box
from hls_mp4.containers.isobmff.build import make_header
from hls_mp4.packagers.progressive.chapters import user_data
from hls_mp4.packagers.progressive.framing import BIGGEST_32, Framed, Part, frame, joined
from hls_mp4.packagers.progressive.headers import retimed
from hls_mp4.packagers.progressive.kept import KeptMovie
from hls_mp4.packagers.progressive.layout import Layout, Needed
from hls_mp4.packagers.progressive.tracks import Cut, Source, make_trak


class Parts(NamedTuple):
    """What a clip consists of.

    Args:
        kept: what all clips of the film have alike.
        sources: its tracks.
        needs: of each track.
        layout: of the media data.
        cut: what the tracks have in common.
        shown: first ms and the ms after the last.
    """

    kept: KeptMovie
    sources: Sequence[Source]
    needs: Sequence[Sequence[Needed]]
    layout: Layout
    cut: Cut
    shown: tuple[int, int]


def make_head(parts: Parts) -> list[bytes | memoryview]:
    """Return everything of a clip that comes before its media data."""
    media = make_header(b"mdat", parts.layout.length)
    wide = parts.layout.length > BIGGEST_32
    moov = _make_moov(parts, wide=wide)
    base = len(parts.kept.ftyp) + moov.length + len(media)
    if not wide and base + parts.layout.length > BIGGEST_32:
        moov = _make_moov(parts, wide=True)
        base = len(parts.kept.ftyp) + moov.length + len(media)
    return list(joined(chain((parts.kept.ftyp,), moov.fill(base), (media,)), base))


def _make_moov(parts: Parts, *, wide: bool) -> Framed:
    traks: dict[int, Framed] = {}
    longest = 0
    for source, needs in zip(parts.sources, parts.needs, strict=True):
        places = [parts.layout.place(needed, wide=wide) for needed in needs]
        trak, duration = make_trak(source, parts.cut, places)
        traks[source.chosen.track.box.start] = trak
        longest = max(longest, duration)
    inside: list[Framed | Part | None] = []
    for item in parts.kept.moov:
        if not isinstance(item, Box):
            inside.append(item)
        elif item.kind == b"trak":
            inside.append(traks.get(item.start))
        elif item.kind == b"mvhd":
            inside.append(retimed(item, parts.cut.timescale, longest))
        else:
            inside.append(user_data(item, *parts.shown))
    return frame(b"moov", *inside)
