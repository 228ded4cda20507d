"""Directives of the mp4 module: nginx's, Angie's pacing by bitrate, and what is done with a start past the end."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from hls_mp4.directives import ANYWHERE, LOCATION, Choice, Flag, Parsed, Presence, Size, Time, directive, one
from hls_mp4.packagers.progressive.arguments import read_argument_name

DEFAULT_FACTOR = 1100


def parse_rate(args: Sequence[str]) -> int:
    """Return the pacing factor in thousandths: 0 for `off`, 1100 for `on`, 1500 for `1.5`.

    Raises:
        ValueError: for anything else, and for a factor of zero.
    """
    text = one(args)
    if text in ("on", "off"):
        return DEFAULT_FACTOR if text == "on" else 0
    found = re.fullmatch(r"([0-9]{0,9})(?:\.([0-9]{0,3}))?", text)
    factor = int((found[1] or "0") + (found[2] or "").ljust(3, "0")) if found else 0
    if not factor:
        raise ValueError(f'invalid value "{text}", it must be "on", "off" or a factor above 0 with up to 3 decimals')
    return factor


@dataclass(frozen=True, slots=True, kw_only=True)
class Mp4Settings:
    """Pseudo-streaming of MP4 files: `start=` and `end=` in seconds."""

    enabled: bool = directive(
        "mp4",
        LOCATION,
        Presence(),
        default=False,
        doc="Answers start= and end= with a playable clip of the film, vbegin= and vend= with a window of it: a film of"
        " its own, in which start= and end= count from its beginning.",
        differs="films that nginx refuses though they are legal, as fragmented ones, are served too",
    )
    buffer_size: int = directive(
        "mp4_buffer_size", ANYWHERE, Size(1), default="512k", doc="Size of the first read of a film."
    )
    max_buffer_size: int = directive(
        "mp4_max_buffer_size",
        ANYWHERE,
        Size(1),
        default="128m",
        doc="Most metadata a film may have; films with more are refused. nginx's 10m is too small for long films.",
        differs="other default; nginx's is 10m",
    )
    start_key_frame: bool = directive(
        "mp4_start_key_frame",
        ANYWHERE,
        Flag(),
        default="off",
        doc="Sends video from the key frame before the start, hidden by an edit list, and audio from the same time.",
    )
    limit_rate: int = directive(
        "mp4_limit_rate",
        ANYWHERE,
        Parsed("on | off | factor", parse_rate),
        default="off",
        doc="Paces a film by its own average bitrate times the factor; on means 1.1.",
        differs="nginx sells it",
    )
    limit_rate_after_ms: int = directive(
        "mp4_limit_rate_after",
        ANYWHERE,
        Time(),
        default="60s",
        doc="Media time that mp4_limit_rate sends unpaced.",
        differs="nginx sells it",
    )
    start_arg: str = directive(
        "mp4_start_arg",
        ANYWHERE,
        Parsed("name", read_argument_name),
        default="start",
        doc="Argument of URLs that says where a clip begins, for players that call it otherwise.",
    )
    end_arg: str = directive(
        "mp4_end_arg",
        ANYWHERE,
        Parsed("name", read_argument_name),
        default="end",
        doc="Argument of URLs that says where a clip ends.",
    )
    past_end: str = directive(
        "mp4_past_end",
        ANYWHERE,
        Choice(("error", "last_key_frame")),
        default="error",
        doc="What a start past the end gives: error 500 as in nginx, or the film from its last key frame on.",
    )

    def __post_init__(self) -> None:
        """Check that one argument does not mean two things."""
        names = [name.lower() for name in (self.start_arg, self.end_arg)]
        if len({*names, "vbegin", "vend"}) < 4:
            raise ValueError(f'argument "{self.end_arg}" would mean two things')
