"""Making parts that are computed of what lies in a source: MPEG-TS, encryption.

A short one whose bytes are at hand is made at once: to a thread and back costs 80 microseconds. Everything else is read
and made in a thread, so that nobody else waits for a millisecond of arithmetic.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from typing import Any

from twisted.internet.defer import Deferred, fail, gatherResults

from hls_mp4.interfaces import TruncatedSource
from hls_mp4.plan import Buffer, Extent, Transformed

SHORT = 64 * 1024
"""Bytes of input, and of output, that are transformed on the reactor's own time."""

QUICK = 1280 * 1024
"""The same where transforming is no more than copying: a third of a millisecond."""


def transformed(part: Transformed) -> memoryview | Deferred[memoryview]:
    """Return the bytes of a part, or a Deferred of them.

    The Deferred fails with TruncatedSource, OSError, or what `make` raises.

    Raises:
        TruncatedSource: the source is no longer what was planned with.
    """
    if not part.inputs:
        return part.made_of(())
    sources = {id(each.source): each.source for each in part.inputs}.values()
    if not all(source.unchanged() for source in sources):
        raise TruncatedSource("file truncated or replaced while it was sent")
    most = QUICK if part.quick else SHORT
    if sum(each.length for each in part.inputs) <= most and part.length <= most:
        found = _at_hand(part)
        if found is not None:
            return part.made_of(found)
    lent = [each.source.lend(each.offset, each.length) for each in part.inputs]
    if all(each is not None for each in lent):
        return _held(sources, _read_and_make, part, lent)
    reading: Deferred[list[Any]] = gatherResults(
        [each.source.read_at(each.offset, each.length) for each in part.inputs], consumeErrors=True
    )
    reading.addErrback(_first_failure)
    reading.addCallback(lambda inputs: _held(sources, part.made_of, inputs))
    return reading  # type: ignore[return-value]


def _at_hand(part: Transformed) -> list[Buffer] | None:
    """Return the bytes of each input, None when one has to be waited for."""
    found: list[Buffer] = []
    for each in part.inputs:
        data = each.source.read_now(each.offset, each.length)
        if data is None or len(data) != each.length:
            return None
        found.append(data)
    return found


def _held(sources: Iterable[Any], call: Any, *args: Any) -> Deferred[memoryview]:
    """Run something in a thread, and keep all sources open until it is done."""
    first, *others = sources
    for source in others:
        source.retain()

    def done(result: Any) -> Any:
        for source in others:
            source.release()
        return result

    made: Deferred[memoryview] = first.held(call, *args)
    return made.addBoth(done) if others else made


def _read_and_make(part: Transformed, lent: Sequence[tuple[int, int]]) -> memoryview:
    return part.made_of([_read(fd, offset, each) for (fd, offset), each in zip(lent, part.inputs, strict=True)])


def _read(fd: int, offset: int, wanted: Extent) -> Buffer:
    """Return exactly the bytes of an extent; for threads."""
    data = os.pread(fd, wanted.length, offset)
    if len(data) == wanted.length:
        return data
    pieces = [data]
    got = len(data)
    while got < wanted.length:
        piece = os.pread(fd, wanted.length - got, offset + got)
        if not piece:
            raise TruncatedSource(f"file truncated at {offset + got} while it was sent")
        pieces.append(piece)
        got += len(piece)
    return b"".join(pieces)


def _first_failure(failure: Any) -> Any:
    """Return what went wrong, rather than the place in a list at which it did."""
    return fail(failure.value.subFailure) if hasattr(failure.value, "subFailure") else failure
