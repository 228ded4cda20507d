"""limit_rate and mp4_limit_rate: how many bytes of a body may be sent by now.

nginx's rule: the body may run one second ahead of its rate, and what `limit_rate_after` names does not count.
"""

from __future__ import annotations

from dataclasses import dataclass

from hls_mp4.directives import ANYWHERE, Size, directive


@dataclass(frozen=True, slots=True, kw_only=True)
class PacingSettings:
    """Rate of each response."""

    rate: int = directive(
        "limit_rate", ANYWHERE, Size(), default=0, doc="Bytes per second of each response; 0 is unlimited."
    )
    after: int = directive(
        "limit_rate_after", ANYWHERE, Size(), default=0, doc="Bytes that are sent before limit_rate holds."
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
        """Return the seconds until at least a tenth of a second's worth may be sent, so that pieces stay sensible."""
        missing = self.rate // 10 + 1 - self.allowed(sent, now)
        return max(0.0, missing / self.rate)
