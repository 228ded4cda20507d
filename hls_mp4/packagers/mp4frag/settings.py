"""Directives of the mp4frag module."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from hls_mp4.directives import ANYWHERE, LOCATION, Parsed, Presence, directive


def read_folders(args: Sequence[str]) -> tuple[str, ...]:
    """Return the folders of `mp4frag_media`; raises ValueError."""
    if not args:
        raise ValueError("invalid number of arguments")
    return tuple(args)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mp4fragSettings:
    """Fragments that OpenHttpStreamer's mp4frag has listed: `folder/0/Seg1-Frag1` by `folder/index`."""

    enabled: bool = directive(
        "mp4frag",
        LOCATION,
        Presence(),
        default=False,
        doc="Answers folder/quality/Seg1-Fragnumber by the file folder/index that the command mp4frag writes.",
    )
    folders: tuple[str, ...] = directive(
        "mp4frag_media",
        ANYWHERE,
        Parsed("path ...", read_folders, paths=lambda args: range(len(args))),
        default=(),
        doc="Folders besides the root that the films of an index may lie in.",
    )
