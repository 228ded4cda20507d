"""Deliveries that depend on bytes of the films: reading these, in a thread, before anything is sent."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from hls_mp4.interfaces import Delivery, Learning, TruncatedSource

if TYPE_CHECKING:
    from hls_mp4.plan import Buffer, Extent
    from hls_mp4.web.films.held import Films


async def learned(made: Delivery | Learning, films: Films) -> Delivery:
    """Return a delivery, when everything is known of it.

    Args:
        made: what a packager answered.
        films: open; held by the caller.

    Raises:
        StreamingError: the films make no sense.
        TruncatedSource: they are no longer what they were.
        OSError: they cannot be read.
    """
    if isinstance(made, Delivery):
        return made
    try:
        wanted = next(made)
    except StopIteration as done:
        found: Delivery = done.value
        return found
    if wanted.source.lend(wanted.offset, wanted.length) is not None:
        return await films.call(_learn, made, wanted)
    while True:
        data = await wanted.source.read_at(wanted.offset, wanted.length)
        try:
            wanted = await films.call(_sent, made, data)
        except _Done as done:
            return done.delivery


class _Done(Exception):
    """A generator has returned: Deferreds cannot carry a StopIteration."""

    def __init__(self, delivery: Delivery) -> None:
        super().__init__()
        self.delivery = delivery


def _sent(made: Learning, data: Buffer) -> Extent:
    try:
        return made.send(data)
    except StopIteration as done:
        raise _Done(done.value) from None


def _learn(made: Learning, wanted: Extent) -> Delivery:
    """Run a generator to its end; for threads."""
    try:
        while True:
            wanted = made.send(_read(wanted))
    except StopIteration as done:
        found: Delivery = done.value
        return found


def _read(wanted: Extent) -> bytes:
    """Return exactly the bytes of an extent of a local file."""
    source: Any = wanted.source
    fd, at = source.lend(wanted.offset, wanted.length)
    pieces, left = [], wanted.length
    while left:
        piece = os.pread(fd, left, at)
        if not piece:
            raise TruncatedSource(f"file truncated at {at} while it was read")
        pieces.append(piece)
        at += len(piece)
        left -= len(piece)
    return pieces[0] if len(pieces) == 1 else b"".join(pieces)
