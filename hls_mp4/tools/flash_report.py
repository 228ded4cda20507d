"""What `mp4stream inspect` says of Flash video beside what all films have."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from hls_mp4.containers.flv.amf import Value
from hls_mp4.containers.flv.layout import FlvLayout
from hls_mp4.containers.flv.metadata import members_of
from hls_mp4.containers.flv.tag import HAS_AUDIO, HAS_VIDEO, VIDEO

MOST_SHOWN = 60
LONGEST = 200


@dataclass(frozen=True, slots=True)
class FlashReport:
    """Flash video.

    Args:
        promised: "audio" and "video", as the file's header has them.
        first_tag: offset.
        end: offset behind the last good tag.
        metadata_state: what onMetaData is worth, in words.
        metadata: what it says, shown as text; the first MOST_SHOWN of it.
        truthful: whether size, duration and key frames are there and right.
        sequence_headers: kind and offset of each, where it changes.
        problem: why the film ends before its file does.
    """

    promised: tuple[str, ...]
    first_tag: int
    end: int
    metadata_state: str
    metadata: dict[str, str]
    truthful: bool
    sequence_headers: tuple[tuple[str, int], ...]
    problem: str


def flash_report(layout: FlvLayout) -> FlashReport:
    """Return what there is to say of a file."""
    members = members_of(layout.metadata.payload if layout.metadata else None)
    return FlashReport(
        promised=tuple(name for name, bit in (("audio", HAS_AUDIO), ("video", HAS_VIDEO)) if layout.flags & bit),
        first_tag=layout.first,
        end=layout.end,
        metadata_state=_state(layout, members),
        metadata={_line(name): shown(value) for name, value in list(members.items())[:MOST_SHOWN]},
        truthful=layout.truthful,
        sequence_headers=tuple(
            ("video" if config.kind == VIDEO else "audio", config.offset) for config in layout.configs
        ),
        problem=layout.complaint,
    )


def _state(layout: FlvLayout, members: Mapping[str, Value]) -> str:
    if layout.metadata is None:
        return "none"
    if not members:
        return f"cannot be read, at {layout.metadata.offset}"
    if layout.truthful:
        return "true: size, duration and key frames are right"
    return "size, duration or key frames are missing or wrong (flv_metadata mends that)"


def shown(value: Value) -> str:
    """Return a value of onMetaData as one short line."""
    if isinstance(value, Mapping):
        listed = value.get("filepositions")
        if isinstance(listed, list | np.ndarray):
            return f"{len(listed)} key frames"
        return f"{len(value)} members"
    if isinstance(value, list | np.ndarray):
        return f"{len(value)} values"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float | int):
        return f"{value:g}" if abs(value) < 1e6 else f"{value:.0f}"
    return _line(str(value))


def _line(text: str) -> str:
    return "".join(sign if sign.isprintable() else " " for sign in text[:LONGEST])
