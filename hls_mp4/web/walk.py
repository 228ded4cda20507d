"""Walking a plan: what comes next, in the cheapest form it can be had.

Small extents are read and merged with their neighbours: ffmpeg interleaves frame by frame, so that six seconds of one
track are some 150 extents, and a system call for each costs more than the copy.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from twisted.internet.defer import Deferred

from hls_mp4.interfaces import TruncatedSource
from hls_mp4.plan import Extent, Folded, Generated, Literal, Part, Plan, Transformed
from hls_mp4.web.transforming import transformed

SMALL_EXTENT = 16 * 1024
"""Extents up to this are read; larger ones are worth a sendfile: 20 KB cost 98 us of CPU a request read, 86 us sent."""

_MOST_BUFFERS = 512  # below IOV_MAX
_SPAN_GAP = 16 * 1024  # a hole between two small extents that is cheaper read than skipped
_SPAN = 512 * 1024
_UNFOLDED = 1024 * 1024  # bytes whose parts are found at a time, where these are not known before

Buffer = bytes | memoryview


class PlanWalker:
    """A position in a plan.

    Args:
        plan: what to walk.
        direct: True where large extents go by `extent()` and `advance()`; False where everything is `take`n.
    """

    __slots__ = ("_index", "_made", "_parts", "_pieces", "_position", "_ready", "direct")

    def __init__(self, plan: Plan, *, direct: bool) -> None:
        self._parts: tuple[Part, ...] = plan.parts
        self._index = 0
        self._position = 0
        self._pieces: Iterator[bytes] | None = None
        self._ready: tuple[Any, int, bytes] | None = None
        self._made: memoryview | None = None
        self.direct = direct
        self._unfold()

    @property
    def at_end(self) -> bool:
        """Whether nothing is left."""
        return self._index >= len(self._parts)

    def source(self) -> Any | None:
        """Return the source of the extent at the position, None elsewhere."""
        part = self._parts[self._index]
        return part.source if isinstance(part, Extent) else None

    def extent(self) -> tuple[Any, int, int] | None:
        """Return (source, offset, length) of what is left of a large extent at the position, or None."""
        if not self.direct:
            return None
        part = self._parts[self._index]
        if not isinstance(part, Extent) or part.length <= SMALL_EXTENT:
            return None
        return part.source, part.offset + self._position, part.length - self._position

    def advance(self, count: int) -> None:
        """Move over bytes of the current part that were sent."""
        self._position += count
        if self._position >= self._parts[self._index].length:
            self._index += 1
            self._position = 0
            self._unfold()

    def _unfold(self) -> None:
        """Find the next parts, where these are found on the way."""
        while self._index < len(self._parts) and isinstance(folded := self._parts[self._index], Folded):
            self._parts = (*folded.first(_UNFOLDED), *self._parts[self._index + 1 :])
            self._index = 0

    def take(self, limit: int) -> list[Buffer] | Deferred[None]:
        """Move over the next bytes and return them as buffers.

        Args:
            limit: bytes wanted at most; a piece of a Generated part may exceed it.

        Returns:
            Buffers, none of them empty; or a Deferred that fires when `take` is to be called again, because a source
            has to be waited for: nothing else may be asked before. It fails with TruncatedSource or OSError.

        Raises:
            TruncatedSource: the source is no longer what was planned with.
            OSError: it cannot be read.
        """
        buffers: list[Buffer] = []
        while limit > 0 and self._index < len(self._parts) and len(buffers) < _MOST_BUFFERS:
            part = self._parts[self._index]
            if isinstance(part, Literal):
                piece: Buffer = part.data
                if self._position or len(piece) > limit:
                    piece = memoryview(piece)[self._position : self._position + limit]
                buffers.append(piece)
                self.advance(len(piece))
                limit -= len(piece)
            elif isinstance(part, Generated):
                if self._pieces is None:
                    self._pieces = part.pieces()
                rendered = next(self._pieces)
                if rendered:
                    buffers.append(rendered)
                    limit -= len(rendered)
                    self.advance(len(rendered))
                if not self._position:
                    self._pieces = None
            elif isinstance(part, Transformed):
                if self._made is None:
                    if buffers:
                        break  # what is ready goes first
                    made = transformed(part)
                    if isinstance(made, Deferred):
                        return made.addCallback(self._keep)
                    self._made = made
                data = self._made[self._position : self._position + limit]
                buffers.append(data)
                limit -= len(data)
                self.advance(len(data))
                if not self._position:
                    self._made = None
            else:
                assert not isinstance(part, Folded)  # `_unfold` leaves none at the position
                if self.direct and part.length > SMALL_EXTENT:
                    break
                taken = self._take_extents(part, limit, buffers)
                if isinstance(taken, Deferred):
                    return taken
                if not taken:
                    break  # what is ready goes first
                limit -= taken
        return buffers

    def _keep(self, made: memoryview) -> None:
        """Hold what a transformed part is until it was taken."""
        self._made = made

    def _take_extents(self, part: Extent, limit: int, buffers: list[Buffer]) -> int | Deferred[None]:
        """Append the bytes of this small extent, and of small ones close behind it, read in one go.

        Returns:
            How many bytes; 0 when they are not at hand and others are already; or a Deferred of their arrival.
        """
        start = part.offset + self._position
        wanted = min(part.length - self._position, limit)
        spans = [(start, wanted)]
        end = start + wanted
        if wanted == part.length - self._position:
            for follower in self._parts[self._index + 1 : self._index + _MOST_BUFFERS]:
                if (
                    not isinstance(follower, Extent)
                    or follower.source is not part.source
                    or follower.length > SMALL_EXTENT
                    or not 0 <= follower.offset - end <= _SPAN_GAP
                    or follower.offset + follower.length - start > min(limit, _SPAN)
                ):
                    break
                spans.append((follower.offset, follower.length))
                end = follower.offset + follower.length
        data = self._at_hand(part.source, start, end - start)
        if data is None:
            return 0 if buffers else self._wait_for(part.source, start, end - start)
        if len(spans) == 1:
            buffers.append(data)
        else:
            view = memoryview(data)
            buffers += [view[offset - start : offset - start + length] for offset, length in spans]
        for _, length in spans:
            self.advance(length)
        return sum(length for _, length in spans)

    def _at_hand(self, source: Any, offset: int, length: int) -> bytes | None:
        """Return bytes that need no waiting, None when there are not all of them.

        Raises:
            TruncatedSource: the source is no longer what was planned with.
        """
        if self._ready is not None:
            (ready_source, ready_offset, ready), self._ready = self._ready, None
            if ready_source is source and ready_offset == offset and len(ready) >= length:
                return ready[:length]
        if not source.unchanged():
            raise TruncatedSource("file truncated or replaced while it was sent")
        data: bytes | None = source.read_now(offset, length)
        return data if data is not None and len(data) == length else None

    def _wait_for(self, source: Any, offset: int, length: int) -> Deferred[None]:
        """Read bytes for the next call, which asks for the same ones: nothing moves on before it."""
        told: Deferred[None] = Deferred()

        def arrived(data: bytes) -> None:
            self._ready = (source, offset, data)
            told.callback(None)

        source.read_at(offset, length).addCallbacks(arrived, told.errback)
        return told
