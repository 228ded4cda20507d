"""limit_rate and mp4_limit_rate: how many bytes of a body may be sent by now.

nginx's rule: the body may run one second ahead of its rate, and what `limit_rate_after` names does not count.
"""

from __future__ import annotations

from dataclasses import dataclass

from hls_mp4.directives import ANYWHERE, LOCATION_IF, Size, directive

_PIECE = 65536


@dataclass(frozen=True, slots=True, kw_only=True)
class PacingSettings:
    """Rate of each response."""

    rate: int = directive(
        "limit_rate",
        ANYWHERE | LOCATION_IF,
        Size(),
        default=0,
        doc="Bytes per second of each response; 0 is unlimited.",
    )
    after: int = directive(
        "limit_rate_after",
        ANYWHERE | LOCATION_IF,
        Size(),
        default=0,
        doc="Bytes that are sent before limit_rate holds.",
    )


@dataclass(frozen=True, slots=True)
class Pace:
    """The pace of one response.

    Args:
        rate: bytes per second, above 0.
        after: bytes that are free.
        started: reactor seconds at which the body began.
    """

    rate: int
    after: int
    started: float

    def allowed(self, sent: int, now: float) -> int:
        """Return how many bytes may be sent now when `sent` are; 0 or less means wait."""
        return int(self.rate * (now - self.started + 1)) - (sent - self.after)

    def wait(self, sent: int, now: float) -> float:
        """Return the seconds until the next piece may be sent: half a second's worth, of slow bodies up to a second's.

        Each piece costs 35 microseconds, whatever its size: 2,000 viewers at 64 KiB/s in tenths of a second kept 0.7
        cores busy. Nobody runs dry meanwhile, for a body is a second ahead of its rate after each piece.
        """
        missing = min(self.rate, max(self.rate // 2, _PIECE)) - self.allowed(sent, now)
        return max(0.0, missing / self.rate)
