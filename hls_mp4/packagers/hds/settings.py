"""Directives of the hds module."""

from __future__ import annotations

from dataclasses import dataclass

from hls_mp4.directives import ANYWHERE, LOCATION, Presence, Size, directive


@dataclass(frozen=True, slots=True, kw_only=True)
class HdsSettings:
    """Adobe HTTP Dynamic Streaming: `film.mp4/manifest.f4m`."""

    enabled: bool = directive(
        "hds", LOCATION, Presence(), default=False, doc="Answers film.mp4/manifest.f4m and the fragments it tells of."
    )
    buffer_size: int = directive(
        "hds_buffer_size", ANYWHERE, Size(1), default="512k", doc="Size of the first read of a film."
    )
    max_buffer_size: int = directive(
        "hds_max_buffer_size", ANYWHERE, Size(1), default="128m", doc="Most metadata a film may have."
    )
