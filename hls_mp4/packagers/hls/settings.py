"""Directives of the hls module; nginx's commercial module of that name has some of them."""

from __future__ import annotations

from dataclasses import dataclass

from hls_mp4.directives import ANYWHERE, LOCATION, Choice, Flag, Presence, Size, directive


@dataclass(frozen=True, slots=True, kw_only=True)
class HlsSettings:
    """HTTP Live Streaming: `film.mp4/master.m3u8`."""

    enabled: bool = directive(
        "hls", LOCATION, Presence(), default=False, doc="Answers film.mp4/master.m3u8 and what its playlists name."
    )
    form: str = directive(
        "hls_segment_format",
        ANYWHERE,
        Choice(("fmp4", "ts")),
        default="fmp4",
        doc="What segments are: fragmented MP4, sent as the film holds it, or MPEG-TS for players of before 2016.",
    )
    iframes: bool = directive(
        "hls_iframe_playlists",
        ANYWHERE,
        Flag(),
        default="on",
        doc="Whether playlists of key frames are offered, which players show while they wind.",
    )
    buffer_size: int = directive(
        "hls_mp4_buffer_size", ANYWHERE, Size(1), default="512k", doc="Size of the first read of a film."
    )
    max_buffer_size: int = directive(
        "hls_mp4_max_buffer_size",
        ANYWHERE,
        Size(1),
        default="128m",
        doc="Most metadata a film may have.",
    )
