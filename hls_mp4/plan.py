"""A response is a Plan: an immutable list of parts whose length is known before the first byte is sent.

Range, multi-range, HEAD, Content-Length, pacing and metrics are written once, over plans. The law that carries all of
them is held by a property test:

    render(plan.cut(start, stop)) == render(plan)[start:stop]
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

RenderPieces = Callable[[int, int], Iterator[bytes]]

Buffer = bytes | bytearray | memoryview

Make = Callable[[Sequence[Buffer]], Buffer]

Unfold = Callable[[int, int], Iterator["Part"]]


@dataclass(frozen=True, slots=True)
class Literal:
    """Bytes we made: a rewritten moov, a moof, a manifest."""

    data: bytes | memoryview

    @property
    def length(self) -> int:
        """Bytes."""
        return len(self.data)

    def cut(self, start: int, stop: int) -> Literal:
        """Return bytes [start, stop) without copying them."""
        return Literal(memoryview(self.data)[start:stop])


@dataclass(frozen=True, slots=True)
class Extent:
    """Bytes that lie somewhere.

    Args:
        source: the `IMediaSource` they lie in; opaque to pure code, compared by identity.
        offset: absolute offset of the first byte in the source.
        length: bytes.
    """

    source: Any
    offset: int
    length: int

    def cut(self, start: int, stop: int) -> Extent:
        """Return bytes [start, stop) of this extent."""
        return Extent(self.source, self.offset + start, stop - start)


@dataclass(frozen=True, slots=True)
class Generated:
    """Bytes computed when asked, in bounded pieces: MPEG-TS, encryption.

    Args:
        length: bytes, exact.
        render: `render(start, stop)` yields bytes [start, stop) of the whole in pieces of bounded size.
        offset: where this part begins in what `render` renders.
    """

    length: int
    render: RenderPieces
    offset: int = 0

    def cut(self, start: int, stop: int) -> Generated:
        """Return bytes [start, stop); nothing is rendered for it."""
        return Generated(stop - start, self.render, self.offset + start)

    def pieces(self) -> Iterator[bytes]:
        """Yield this part's bytes."""
        return self.render(self.offset, self.offset + self.length)


@dataclass(frozen=True, slots=True)
class Transformed:
    """Bytes computed of bytes that lie somewhere, in one go: MPEG-TS, encryption.

    All of it is held in memory while it is sent: who makes long bodies makes them of several such parts.

    Args:
        length: bytes, exact.
        inputs: what is read for it.
        make: takes the bytes of each input, returns those of the whole; pure, and called in threads.
        offset: where this part begins in what `make` returns.
        quick: whether making it is no more than copying, and not worth a thread up to a megabyte.
    """

    length: int
    inputs: tuple[Extent, ...]
    make: Make
    offset: int = 0
    quick: bool = False

    def cut(self, start: int, stop: int) -> Transformed:
        """Return bytes [start, stop); nothing is read or made for it."""
        return Transformed(stop - start, self.inputs, self.make, self.offset + start, self.quick)

    def made_of(self, inputs: Sequence[Buffer]) -> memoryview:
        """Return this part's bytes.

        Args:
            inputs: the bytes of each input.

        Raises:
            ValueError: `make` returned less than was promised.
        """
        made = memoryview(self.make(inputs))[self.offset : self.offset + self.length]
        if len(made) != self.length:
            raise ValueError(f"{len(made)} bytes were made where {self.length} were promised")
        return made


@dataclass(frozen=True, slots=True)
class Folded:
    """Parts that are found when they are sent: of a body that has thousands of them, and clients that want a few.

    Args:
        length: bytes of all of them together, exact.
        unfold: `unfold(start, stop)` yields the parts of bytes [start, stop) of the whole, in order; none is empty,
            none is Folded.
        offset: where this part begins in what `unfold` unfolds.
    """

    length: int
    unfold: Unfold
    offset: int = 0

    def cut(self, start: int, stop: int) -> Folded:
        """Return bytes [start, stop); nothing is found out for it."""
        return Folded(stop - start, self.unfold, self.offset + start)

    def first(self, enough: int) -> list[Part]:
        """Return the parts that make the first bytes, and what is left of this one if anything is.

        Args:
            enough: bytes after which no further part is asked for.

        Raises:
            ValueError: `unfold` yielded nothing.
        """
        found: list[Part] = []
        taken = 0
        for part in self.unfold(self.offset, self.offset + self.length):
            found.append(part)
            taken += part.length
            if taken >= enough:
                break
        if not taken:
            raise ValueError(f"no parts where {self.length} bytes were promised")
        if taken < self.length:
            found.append(self.cut(taken, self.length))
        return found


Part = Literal | Extent | Generated | Transformed | Folded


def coalesce(parts: Iterable[Part]) -> Iterator[Part]:
    """Drop empty parts and join extents that touch in the same source."""
    waiting: Extent | None = None
    for part in parts:
        if not part.length:
            continue
        if not isinstance(part, Extent):
            if waiting is not None:
                yield waiting
                waiting = None
            yield part
        elif waiting is not None and part.source is waiting.source and part.offset == waiting.offset + waiting.length:
            waiting = Extent(waiting.source, waiting.offset, waiting.length + part.length)
        else:
            if waiting is not None:
                yield waiting
            waiting = part
    if waiting is not None:
        yield waiting


class Plan:
    """What to send, without sending it.

    Args:
        parts: in order; empty ones are dropped, adjacent extents of one source are joined.
    """

    __slots__ = ("_starts", "length", "parts")

    parts: tuple[Part, ...]
    length: int

    def __init__(self, parts: Iterable[Part]) -> None:
        self.parts = tuple(coalesce(parts))
        self._starts = list(accumulate((part.length for part in self.parts), initial=0))
        self.length = self._starts[-1]

    def __repr__(self) -> str:
        return f"Plan({list(self.parts)!r})"

    def __eq__(self, other: object) -> bool:
        return self.parts == other.parts if isinstance(other, Plan) else NotImplemented

    def __hash__(self) -> int:
        return hash(self.parts)

    def cut(self, start: int, stop: int) -> Plan:
        """Return the plan of bytes [start, stop).

        Raises:
            ValueError: unless 0 <= start <= stop <= length.
        """
        if not 0 <= start <= stop <= self.length:
            raise ValueError(f"cut [{start}, {stop}) of a plan of {self.length} bytes")
        if start == 0 and stop == self.length:
            return self
        cut: list[Part] = []
        index = bisect_right(self._starts, start) - 1
        while start < stop:
            begin = self._starts[index]
            end = min(stop, self._starts[index + 1])
            part = self.parts[index]
            cut.append(part if end - start == part.length else part.cut(start - begin, end - begin))
            start = end
            index += 1
        return Plan(cut)

    @classmethod
    def joined(cls, plans: Iterable[Plan]) -> Plan:
        """Return one plan that sends all of these in turn."""
        return cls(part for plan in plans for part in plan.parts)


def render(plan: Plan, read: Callable[[Any, int, int], bytes]) -> bytes:
    """Return all bytes of a plan; for tests and tools, never for serving.

    Args:
        plan: what to render.
        read: `read(source, offset, length)` returns the bytes of an extent.
    """
    out = bytearray()
    for part in plan.parts:
        if isinstance(part, Literal):
            out += part.data
        elif isinstance(part, Folded):
            out += render(Plan(part.unfold(part.offset, part.offset + part.length)), read)
        elif isinstance(part, Extent):
            out += read(part.source, part.offset, part.length)
        elif isinstance(part, Transformed):
            out += part.made_of([read(each.source, each.offset, each.length) for each in part.inputs])
        else:
            for piece in part.pieces():
                out += piece
    return bytes(out)
