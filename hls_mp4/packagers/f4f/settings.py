"""Directives of the f4f module; nginx's commercial module of that name has both."""

from __future__ import annotations

from dataclasses import dataclass

from hls_mp4.directives import ANYWHERE, LOCATION, Presence, Size, directive


@dataclass(frozen=True, slots=True, kw_only=True)
class F4fSettings:
    """Packaged fragments of Adobe's: `nameSeg1-Frag3` of the files nameSeg1.f4f and nameSeg1.f4x."""

    enabled: bool = directive(
        "f4f",
        LOCATION,
        Presence(),
        default=False,
        doc="Answers nameSeg1-Frag3 by nameSeg1.f4x, which says where in nameSeg1.f4f it lies.",
    )
    buffer_size: int = directive(
        "f4f_buffer_size",
        ANYWHERE,
        Size(1),
        default="512k",
        doc="Most that an .f4x file may have.",
    )
