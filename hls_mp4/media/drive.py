"""Running an index generator over bytes that are already there: tests, tools, bodies held in memory."""

from __future__ import annotations

from typing import Any

from hls_mp4.interfaces import Indexing


def index_bytes(indexing: Indexing, data: bytes | memoryview) -> Any:
    """Return what an index generator returns when it reads from these bytes.

    Args:
        indexing: a generator of ReadAt that has not begun.
        data: the whole file.

    Raises:
        StreamingError: from the generator.
    """
    try:
        wanted = next(indexing)
        while True:
            wanted = indexing.send(bytes(data[wanted.offset : wanted.offset + wanted.length]))
    except StopIteration as done:
        return done.value
