"""A source that lies in memory, and answers as late as a test wants."""

from typing import Any

from twisted.internet.defer import Deferred, succeed
from zope.interface import implementer

from hls_mp4.interfaces import IMediaSource


@implementer(IMediaSource)
class MemorySource:
    """Bytes as a film; `slow` sources answer when `release_one` is called."""

    mtime = 1_000_000
    validator = "memory"

    def __init__(self, data: bytes, *, slow: bool = False) -> None:
        self.data = data
        self.size = len(data)
        self.slow = slow
        self.reads: list[tuple[int, int]] = []
        self.waiting: list[tuple[Deferred[Any], bytes]] = []
        self.good = True
        self.holders = 1

    def read_at(self, offset: int, length: int) -> "Deferred[bytes]":
        self.reads.append((offset, length))
        data = self.data[offset : offset + length]
        if not self.slow:
            return succeed(data)
        deferred: Deferred[bytes] = Deferred()
        self.waiting.append((deferred, data))
        return deferred

    def release_one(self) -> None:
        deferred, data = self.waiting.pop(0)
        deferred.callback(data)

    def lend(self, offset: int, length: int) -> None:
        return None

    def resident(self, offset: int, length: int) -> bool:
        return not self.slow

    def fetch(self, offset: int, length: int) -> "Deferred[None]":
        return succeed(None)

    def unchanged(self) -> bool:
        return self.good

    def retain(self) -> None:
        self.holders += 1

    def release(self) -> None:
        self.holders -= 1
