"""Compressed bodies: made once, off the reactor when they are not small, and kept for the next who asks.

The key of what is kept is the version of the file and the variant of the body, as in its ETag; of a body that belongs
to no file, its bytes.
"""

from __future__ import annotations

import zlib
from collections.abc import Hashable
from dataclasses import dataclass
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

from twisted.internet.defer import Deferred, DeferredSemaphore

from hls_mp4.interfaces import TruncatedSource
from hls_mp4.plan import Literal, Plan
from hls_mp4.sources.index_cache import IndexCache
from hls_mp4.web.answer import Answer, error_answer
from hls_mp4.web.walk import PlanWalker

if TYPE_CHECKING:
    from hls_mp4.sources.disk import DiskThreads
    from hls_mp4.web.request import StreamingRequest

_CAPACITY = 16 << 20
_BESIDES = 200  # what an entry takes beside its bytes
_AT_ONCE = 16384  # compressed in half a millisecond, which a thread would cost too
_GZIP = 31  # zlib's window bits for a gzip header
_PIECE = 1 << 20
_TOGETHER = 4  # large texts that are held in memory at the same time; processors are few


@dataclass(frozen=True, slots=True)
class Compression:
    """An order to compress the body of an answer.

    Args:
        level: zlib's, 1 to 9.
        key: what tells the body from all others; None for its bytes.
    """

    level: int
    key: Hashable = None


@dataclass(frozen=True, slots=True)
class Compressed:
    """A compressed body."""

    data: bytes

    @property
    def weight(self) -> int:
        """Bytes it takes."""
        return len(self.data) + _BESIDES


class Compressor:
    """Compresses bodies and keeps the results.

    Args:
        threads: where large bodies are compressed.
        capacity: bytes of results kept.
    """

    def __init__(self, threads: DiskThreads, capacity: int = _CAPACITY) -> None:
        self.kept = IndexCache(capacity)
        self._threads = threads
        self._turns = DeferredSemaphore(_TOGETHER)

    async def compress(self, answer: Answer, order: Compression) -> bytes:
        """Return the compressed body of an answer.

        Raises:
            TruncatedSource: the file that it lies in is no longer what was planned with.
            OSError: the file cannot be read.
        """
        key = (order.level, order.key or _digest(answer.plan))
        found: Compressed | None = self.kept.find(key)
        if found is None:
            plan, held = answer.plan, answer.held
            found = await self.kept.build(key, lambda: Deferred.fromCoroutine(self._made(plan, held, order.level)))
        return found.data

    async def _made(self, plan: Plan, held: Any, level: int) -> Compressed:
        """Return a plan's bytes compressed; its source stays open meanwhile, whoever loses interest."""
        if held is not None:
            held.retain()
        try:
            if plan.length <= _AT_ONCE:
                return Compressed(zlib.compress(await _bytes_of(plan), level, _GZIP))
            await self._turns.acquire()
            try:
                body = await _bytes_of(plan)
                return Compressed(await self._threads.call(zlib.compress, body, level, _GZIP))
            finally:
                self._turns.release()
        finally:
            if held is not None:
                held.release()


async def compressed(request: StreamingRequest, answer: Answer) -> Answer:
    """Return an answer whose body is what `compression` orders, or an error page when the body cannot be read."""
    assert answer.compression is not None
    try:
        body = await request.shared.compressor.compress(answer, answer.compression)
    except (TruncatedSource, OSError) as problem:
        request.report(f'"{request.filename}" {problem}')
        failed = error_answer(request, 500)
        failed.held = answer.held
        return failed
    # nginx's $gzip_ratio, cut off after the second digit.
    hundredths = 100 * answer.plan.length // len(body)
    request.set_value("gzip_ratio", f"{hundredths // 100}.{hundredths % 100:02d}")
    answer.plan = Plan([Literal(body)])
    answer.headers = [(name, str(len(body)) if name == "Content-Length" else value) for name, value in answer.headers]
    return answer


def _digest(plan: Plan) -> bytes:
    digest = blake2b(digest_size=16)
    for part in plan.parts:
        assert isinstance(part, Literal)
        digest.update(part.data)
    return digest.digest()


async def _bytes_of(plan: Plan) -> bytes:
    """Return all bytes of a plan."""
    walker = PlanWalker(plan, direct=False)
    pieces: list[Any] = []
    while not walker.at_end:
        taken = walker.take(_PIECE)
        if isinstance(taken, Deferred):
            await taken
        else:
            pieces += taken
    return b"".join(pieces)
