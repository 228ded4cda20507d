"""Pacing a film by its own bitrate: `mp4_limit_rate` and `mp4_limit_rate_after`, by the rule of Angie's mp4 module."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast a body goes out.

    Args:
        rate: bytes per second; 0 for no limit.
        after: bytes before the limit holds.
    """

    rate: int = 0
    after: int = 0


def pace_of(media_bytes: int, header_bytes: int, duration_ms: int, factor: int, after_ms: int) -> Pace:
    """Return the pace of a clip.

    Args:
        media_bytes: bytes of media data in it.
        header_bytes: bytes in front of them.
        duration_ms: what it shows.
        factor: of the average bitrate, thousandths; 0 is off.
        after_ms: media time that goes out unpaced.
    """
    if not factor or not media_bytes or duration_ms <= after_ms or duration_ms <= 0:
        return Pace()
    rate = media_bytes * factor // duration_ms
    return Pace(max(1, rate), header_bytes + media_bytes * after_ms // duration_ms)
