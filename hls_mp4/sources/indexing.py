"""Running an index generator over a local file, in a thread."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

from hls_mp4.errors import MalformedMedia, UnsupportedMedia
from hls_mp4.interfaces import IMediaFormat, Indexing, IndexLimits
from hls_mp4.sources.local import LocalFile

PROBE_BYTES = 4096


def read_fully(fd: int, offset: int, length: int) -> bytes:
    """Return these bytes, fewer only at the end of the file."""
    data = os.pread(fd, length, offset)
    if len(data) == length or not data:
        return data
    pieces = [data]
    got = len(data)
    while got < length:
        data = os.pread(fd, length - got, offset + got)
        if not data:
            break
        pieces.append(data)
        got += len(data)
    return b"".join(pieces)


def format_of(head: bytes | bytearray, formats: Sequence[IMediaFormat]) -> IMediaFormat | None:
    """Return the format of a file that begins with these bytes, None when it is of none that we know."""
    beginning = bytes(head)
    return next((known for known in formats if known.probe(beginning)), None)


def index_file(file: LocalFile, formats: Sequence[IMediaFormat], limits: IndexLimits) -> Any:
    """Return the MediaIndex of a file, whatever format it turns out to be; for threads.

    Raises:
        StreamingError: the file is of no known format, malformed, or above a limit.
        OSError: as read(2).
    """
    head = read_fully(file.fd, 0, PROBE_BYTES)
    found = format_of(head, formats)
    if found is None:
        if not file.size:
            raise MalformedMedia("file truncated", offset=0)
        raise UnsupportedMedia("no known media format", offset=0)
    return read_through(file, found.index(file.size, limits))


def read_through(file: LocalFile, indexing: Indexing) -> Any:
    """Return what a generator of ReadAt makes of a file; for threads.

    Raises:
        StreamingError: of the generator, or the file is no longer what was opened.
        OSError: as read(2).
    """
    try:
        wanted = next(indexing)
        while True:
            wanted = indexing.send(read_fully(file.fd, wanted.offset, wanted.length))
    except StopIteration as stop:
        made = stop.value
    if not file.unchanged():
        raise MalformedMedia("file truncated or replaced while it was read")
    return made
