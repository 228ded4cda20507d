"""What a client may send on one connection without getting anything done by it.

The floods of CVE-2019-9511 to 9518 (PING, SETTINGS, PRIORITY, empty frames, windows opened byte by byte) and of
CONTINUATION frames have one thing in common: many bytes of frames, and neither requests, nor bodies, nor answers that
are taken. So bytes that arrive are paid for out of an allowance that those fill up again; nginx's "http2 flood
detected" has the same thought. Streams that are opened and reset at once (CVE-2023-44487) have an allowance of their
own: a viewer who drags the slider of a player resets some in a second.
"""

from __future__ import annotations

BYTES = 64 * 1024
"""Bytes of frames that get nothing done; some 4,000 PINGs."""

BYTES_PER_SECOND = 1024
_PER_ANSWERED_BYTE = 64
"""A client that opens its windows after each frame sends a byte for 630 that it gets."""

RESETS = 100
RESETS_PER_SECOND = 20


class Allowance:
    """An amount that is spent, and grows again with time up to what it was.

    Args:
        most: the amount.
        per_second: how it grows.
        now: reactor seconds.
    """

    __slots__ = ("_left", "_most", "_per_second", "_then")

    def __init__(self, most: int, per_second: int, now: float) -> None:
        self._left = float(most)
        self._most = most
        self._per_second = per_second
        self._then = now

    def spend(self, amount: int, now: float) -> bool:
        """Tell whether so much was left."""
        # Clocks can be set back.
        grown = max(0.0, now - self._then) * self._per_second
        self._then = now
        self._left = min(self._most, self._left + grown) - amount
        return self._left >= 0

    def give(self, amount: float) -> None:
        """Give back what was well spent."""
        self._left = min(self._most, self._left + amount)


class ConnectionAllowance:
    """The allowances of a connection.

    Args:
        now: reactor seconds.
    """

    __slots__ = ("_bytes", "_resets")

    def __init__(self, now: float) -> None:
        self._bytes = Allowance(BYTES, BYTES_PER_SECOND, now)
        self._resets = Allowance(RESETS, RESETS_PER_SECOND, now)

    def received(self, size: int, now: float) -> bool:
        """Tell whether a client may send so many bytes."""
        return self._bytes.spend(size, now)

    def useful(self, size: int) -> None:
        """Count bytes that were received as those of a request."""
        self._bytes.give(size)

    def answered(self, size: int) -> None:
        """Count bytes of answers that were sent."""
        self._bytes.give(size / _PER_ANSWERED_BYTE)

    def reset(self, now: float) -> bool:
        """Tell whether a client may reset one more stream."""
        return self._resets.spend(1, now)
