"""Directives of the flv module: nginx's, and what `start=` means beyond it."""

from __future__ import annotations

from dataclasses import dataclass

from hls_mp4.directives import ANYWHERE, LOCATION, Choice, Flag, Parsed, Presence, Size, directive
from hls_mp4.packagers.progressive.arguments import read_argument_name

BYTES, KEY_FRAME, TIME = "bytes", "keyframe", "time"
ERROR, LAST_KEY_FRAME = "error", "last_key_frame"


@dataclass(frozen=True, slots=True, kw_only=True)
class FlvSettings:
    """Pseudo-streaming of FLV files: `start=` in bytes, as players of Flash ask, or in seconds."""

    enabled: bool = directive(
        "flv",
        LOCATION,
        Presence(),
        default=False,
        doc="Answers start= with a film that begins there.",
        differs="beside byte offsets there are key frames and seconds, see flv_start",
    )
    start: str = directive(
        "flv_start",
        ANYWHERE,
        Choice((BYTES, KEY_FRAME, TIME)),
        default=BYTES,
        doc="What start= means: a byte of the file, as in nginx; the key frame at or before a byte, with metadata and "
        "sequence headers in front; or seconds, with end= beside it.",
    )
    metadata: bool = directive(
        "flv_metadata",
        ANYWHERE,
        Flag(),
        default="off",
        doc="Puts duration, filesize and keyframes into onMetaData where they are missing or wrong.",
    )
    past_end: str = directive(
        "flv_past_end",
        ANYWHERE,
        Choice((ERROR, LAST_KEY_FRAME)),
        default=ERROR,
        doc="What a start in seconds past the end gives: error 500, or the film from its last key frame on.",
    )
    buffer_size: int = directive(
        "flv_buffer_size", ANYWHERE, Size(1), default="512k", doc="Size of each read while a film is indexed."
    )
    max_buffer_size: int = directive(
        "flv_max_buffer_size",
        ANYWHERE,
        Size(1),
        default="128m",
        doc="Most metadata a film may have, 15 bytes for each tag among it; films with more are refused.",
    )
    start_arg: str = directive(
        "flv_start_arg",
        ANYWHERE,
        Parsed("name", read_argument_name),
        default="start",
        doc="Argument of URLs that says where a film begins, for players that call it otherwise.",
    )
    end_arg: str = directive(
        "flv_end_arg",
        ANYWHERE,
        Parsed("name", read_argument_name),
        default="end",
        doc="Argument of URLs that says at which second a film ends.",
    )

    def __post_init__(self) -> None:
        """Check that one argument does not mean two things."""
        if self.start_arg.lower() == self.end_arg.lower():
            raise ValueError(f'argument "{self.end_arg}" would mean two things')
