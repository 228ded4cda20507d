"""A fake IMediaSource: a film in memory."""

from __future__ import annotations

from typing import Any

from twisted.internet.defer import Deferred, fail, maybeDeferred, succeed
from zope.interface import implementer

from hls_mp4.interfaces import IMediaSource, TruncatedSource


@implementer(IMediaSource)
class MemorySource:
    """A fake: bytes as a film.

    Args:
        data: the bytes.
        slow: answer reads only when `release_one` is called.

    Attributes:
        reads: (offset, length) of every read so far.
        waiting: reads of a slow source that were not answered yet.
        good: what `unchanged` says.
        holders: uses that were not given up.
    """

    mtime = 1_000_000
    validator = "memory"

    def __init__(self, data: bytes, *, slow: bool = False) -> None:
        self.data = data
        self.size = len(data)
        self.slow = slow
        self.reads: list[tuple[int, int]] = []
        self.waiting: list[tuple[Deferred[bytes], bytes]] = []
        self.good = True
        self.holders = 1

    def read_now(self, offset: int, length: int) -> bytes | None:
        """Return bytes, unless this source is slow."""
        if self.slow:
            return None
        self.reads.append((offset, length))
        return self.data[offset : offset + length]

    def read_at(self, offset: int, length: int) -> Deferred[bytes]:
        """Return a Deferred of exactly these bytes."""
        self.reads.append((offset, length))
        data = self.data[offset : offset + length]
        if len(data) < length:
            return fail(TruncatedSource(f"memory ends at {self.size}"))
        if not self.slow:
            return succeed(data)
        deferred: Deferred[bytes] = Deferred()
        self.waiting.append((deferred, data))
        return deferred

    def release_one(self) -> None:
        """Answer the oldest read that waits."""
        deferred, data = self.waiting.pop(0)
        deferred.callback(data)

    def lend(self, offset: int, length: int) -> None:
        """Return None: there is no file."""
        return None

    def resident(self, offset: int, length: int) -> bool:
        """Tell whether a read is answered at once."""
        return not self.slow

    def fetch(self, offset: int, length: int) -> Deferred[None]:
        """Return a Deferred that has fired."""
        return succeed(None)

    def held(self, call: Any, *args: Any) -> Deferred[Any]:
        """Return a Deferred of a call's result, which was made at once."""
        return maybeDeferred(call, *args)

    def unchanged(self) -> bool:
        """Return `good`."""
        return self.good

    def retain(self) -> None:
        """Count one more user."""
        self.holders += 1

    def release(self) -> None:
        """Count one user less."""
        self.holders -= 1
