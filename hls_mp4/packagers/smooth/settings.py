"""Directives of the smooth module."""

from __future__ import annotations

from dataclasses import dataclass

from hls_mp4.directives import ANYWHERE, LOCATION, Choice, Presence, Size, directive


@dataclass(frozen=True, slots=True, kw_only=True)
class SmoothSettings:
    """Smooth Streaming: `film.mp4/Manifest`."""

    enabled: bool = directive(
        "smooth", LOCATION, Presence(), default=False, doc="Answers film.mp4/Manifest and the fragments that it names."
    )
    version: str = directive(
        "smooth_manifest_version",
        ANYWHERE,
        Choice(("2.2", "2.0")),
        default="2.2",
        doc="Version of manifests. 2.2 tells chunks of one length in a row once; players of before 2012 read 2.0.",
    )
    buffer_size: int = directive(
        "smooth_buffer_size", ANYWHERE, Size(1), default="512k", doc="Size of the first read of a film."
    )
    max_buffer_size: int = directive(
        "smooth_max_buffer_size", ANYWHERE, Size(1), default="128m", doc="Most metadata a film may have."
    )
