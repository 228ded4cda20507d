"""The hls module: what `hls;` in a location answers below a film's URL."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from zlib import crc32

import numpy as np
from numpy.typing import NDArray
from zope.interface import implementer

from hls_mp4.errors import NotFound, UnsupportedMedia
from hls_mp4.interfaces import Delivery, IndexLimits, IPackagerModule
from hls_mp4.media.presentation import Presentation
from hls_mp4.packagers.fmp4.fragment import media_segment
from hls_mp4.packagers.fmp4.init import init_segment
from hls_mp4.packagers.fmp4.sizes import segment_sizes
from hls_mp4.packagers.hls.iframes import iframe_playlist
from hls_mp4.packagers.hls.master import master_playlist
from hls_mp4.packagers.hls.media import media_playlist, text_playlist
from hls_mp4.packagers.hls.names import IFRAMES, INDEX, INIT, MASTER, Asked, parse_name
from hls_mp4.packagers.hls.settings import HlsSettings
from hls_mp4.packagers.hls.webvtt import vtt_segment
from hls_mp4.packagers.segmenting.cutting import cutting_of
from hls_mp4.packagers.segmenting.names import parse_tracks
from hls_mp4.plan import Literal, Plan

PLAYLIST = "application/vnd.apple.mpegurl"

_TEXT_TRACK = "t"


@implementer(IPackagerModule)
class HlsModule:
    """HTTP Live Streaming."""

    name = "hls"
    settings = HlsSettings

    def match(self, name: str, query: bytes, settings: HlsSettings) -> Asked | None:
        """Return what a URL asks for, None when it is none of HLS."""
        return parse_name(name)

    def limits(self, settings: HlsSettings) -> IndexLimits:
        """Return what indexing may cost."""
        return IndexLimits(max(4096, settings.buffer_size), settings.max_buffer_size)

    def takes_long(self, presentation: Presentation, match: Asked, settings: HlsSettings) -> bool:
        """Tell whether playlists have to be written that are not kept yet."""
        return match.kind in (MASTER, INDEX, IFRAMES) and _key(presentation, match, settings) not in presentation.kept

    def respond(self, presentation: Presentation, match: Asked, settings: HlsSettings, now: float) -> Delivery:
        """Return a playlist or a segment.

        Raises:
            NotFound: there is no such track or segment.
            UnsupportedMedia: the film cannot be told in this form.
        """
        if match.kind in (MASTER, INDEX, IFRAMES):
            return presentation.keep(
                _key(presentation, match, settings), lambda: _playlist(_written(presentation, match, settings))
            )
        if match.form == "vtt":
            return _text_segment(presentation, match, settings)
        return _media(presentation, match)


def _key(presentation: Presentation, match: Asked, settings: HlsSettings) -> tuple[object, ...]:
    return (HlsModule.name, match, settings.form, settings.iframes, presentation.forward)


def _playlist(text: str) -> Delivery:
    data = text.encode()
    return Delivery(Plan([Literal(data)]), variant=f"{crc32(data):08x}", content_type=PLAYLIST, cache="manifest")


def _written(presentation: Presentation, match: Asked, settings: HlsSettings) -> str:
    """Return the text of a playlist."""
    if match.kind == MASTER:
        return master_playlist(presentation, settings.form, _SIZES[settings.form], iframes=settings.iframes)
    if match.kind == INDEX and match.tracks.startswith(_TEXT_TRACK):
        return text_playlist(presentation, _text(presentation, match.tracks))
    numbers = _tracks(presentation, match)
    if match.kind == INDEX:
        return media_playlist(presentation, numbers, settings.form)
    if len(numbers) != 1 or presentation.renditions[numbers[0]].kind != "video" or settings.form != "fmp4":
        raise NotFound("no such I-frame playlist")
    return iframe_playlist(presentation, numbers[0])


def _tracks(presentation: Presentation, match: Asked) -> tuple[int, ...]:
    numbers = parse_tracks(match.tracks, presentation)
    if numbers is None:
        raise NotFound(f'no track "{match.tracks}"')
    return numbers


def _text(presentation: Presentation, tracks: str) -> int:
    number = int(tracks[1:]) - 1 if tracks[1:].isdecimal() else -1
    if not 0 <= number < len(presentation.texts):
        raise NotFound(f'no text "{tracks}"')
    return number


def _text_segment(presentation: Presentation, match: Asked, settings: HlsSettings) -> Delivery:
    text = _text(presentation, match.tracks)
    if match.number > len(presentation.segments()):
        raise NotFound(f"no segment {match.number}")
    data = vtt_segment(presentation, text, match.number - 1, settings.form)
    return Delivery(
        Plan([Literal(data)]), variant=f"{crc32(data):08x}", content_type="text/vtt; charset=utf-8", cache="segment"
    )


def _media(presentation: Presentation, match: Asked) -> Delivery:
    """Return an init segment, or a media segment."""
    numbers = _tracks(presentation, match)
    if match.form == "ts":
        raise UnsupportedMedia("MPEG-TS is not made of this film", status_hint=404)
    if len(numbers) != 1:
        raise NotFound("a segment of fragmented MP4 has one track")
    (number,) = numbers
    rendition = presentation.renditions[number]
    kind = "audio/mp4" if rendition.kind == "audio" else "video/mp4"
    if match.kind == INIT:
        data = init_segment([rendition])
        return Delivery(Plan([Literal(data)]), f"{crc32(data):08x}", content_type=kind, cache="init")
    (parts,) = cutting_of(presentation, numbers).parts
    if match.number >= len(parts):
        raise NotFound(f"no segment {match.number}")
    first, stop = int(parts[match.number - 1]), int(parts[match.number])
    made = media_segment(rendition, presentation.assets[rendition.source].source, first, stop, match.number)
    variant = f"m4s-{number}-{match.number}-{first}-{stop}"
    return Delivery(Plan(made), variant, content_type=kind, cache="segment")


def _fmp4_sizes(presentation: Presentation, numbers: Sequence[int]) -> NDArray[np.int64]:
    cutting = cutting_of(presentation, numbers)
    return np.asarray(
        sum(
            segment_sizes(presentation.renditions[number], parts)
            for number, parts in zip(numbers, cutting.parts, strict=True)
        )
    )


_SIZES: dict[str, Callable[[Presentation, Sequence[int]], NDArray[np.int64]]] = {"fmp4": _fmp4_sizes, "ts": _fmp4_sizes}
