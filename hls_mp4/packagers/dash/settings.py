"""Directives of the dash module."""

from __future__ import annotations

from dataclasses import dataclass

from hls_mp4.directives import ANYWHERE, LOCATION, Choice, Presence, Size, directive


@dataclass(frozen=True, slots=True, kw_only=True)
class DashSettings:
    """MPEG-DASH: `film.mp4/manifest.mpd`."""

    enabled: bool = directive(
        "dash", LOCATION, Presence(), default=False, doc="Answers film.mp4/manifest.mpd and what it names."
    )
    profile: str = directive(
        "dash_profile",
        ANYWHERE,
        Choice(("live", "on-demand")),
        default="live",
        doc="How media is offered: as segments with URLs of their own, or as one file for each rendition, of which"
        " players take ranges.",
    )
    template: str = directive(
        "dash_segment_template",
        ANYWHERE,
        Choice(("time", "number")),
        default="time",
        doc="What segments are called after: when they begin, or their number.",
    )
    texts: str = directive(
        "dash_texts",
        ANYWHERE,
        Choice(("wvtt", "vtt")),
        default="wvtt",
        doc="How subtitles are offered: in segments of fragmented MP4 like everything else, or as one WebVTT file.",
    )
    buffer_size: int = directive(
        "dash_buffer_size", ANYWHERE, Size(1), default="512k", doc="Size of the first read of a film."
    )
    max_buffer_size: int = directive(
        "dash_max_buffer_size", ANYWHERE, Size(1), default="128m", doc="Most metadata a film may have."
    )
