"""Boxes: headers, and trees of raw bytes (ISO/IEC 14496-12 4.2; QuickTime File Format, "Atoms").

A `Box` is a place in a buffer that is never copied: its children are found when first asked for, boxes nobody knows
keep their bytes, and every error carries the box's path and its absolute file offset.

Refused: sizes below the header (32-bit 2..7, 64-bit 0..15), boxes that leave their parent, second copies of boxes that
may stand once, more boxes or deeper nesting than a film can have. Zero padding at the end of a container, which
QuickTime writes after user data, is no box.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from hls_mp4.errors import MalformedMedia, MediaTooLarge

Buffer = bytes | memoryview

HEADER = struct.Struct(">I4s")
LARGE_SIZE = struct.Struct(">Q")
LONGEST_HEADER = 16

MAX_BOXES = 10_000
"""Boxes looked at in one tree: six hundred tracks. Bounds the work on a moov of nothing but headers to 20 ms."""

MAX_DEPTH = 16

CONTAINERS = frozenset(
    (
        *(b"moov", b"trak", b"mdia", b"minf", b"stbl", b"edts", b"dinf", b"udta", b"tref", b"gmhd", b"mvex"),
        *(b"moof", b"traf", b"mfra", b"schi", b"sinf", b"tapt", b"clip", b"matt", b"wave"),
    )
)
"""Boxes that hold nothing but boxes."""

SINGLE = {
    b"moov": frozenset((b"mvhd", b"mvex", b"udta", b"meta", b"iods")),
    b"trak": frozenset((b"tkhd", b"mdia", b"edts", b"tref")),
    b"edts": frozenset((b"elst",)),
    b"mdia": frozenset((b"mdhd", b"hdlr", b"minf")),
    b"minf": frozenset((b"vmhd", b"smhd", b"hmhd", b"sthd", b"nmhd", b"gmhd", b"dinf", b"stbl")),
    b"stbl": frozenset(
        (b"stsd", b"stts", b"ctts", b"cslg", b"stss", b"stsc", b"stsz", b"stz2", b"stco", b"co64", b"sdtp", b"stsh")
    ),
    b"mvex": frozenset((b"mehd",)),
    b"moof": frozenset((b"mfhd",)),
    b"traf": frozenset((b"tfhd", b"tfdt")),
}
"""Container -> boxes that may stand in it once."""

NO_BOXES: frozenset[bytes] = frozenset()


class Header(NamedTuple):
    """The first 8 or 16 bytes of a box: four letters, bytes of the header, bytes of the box (0: to the file's end)."""

    kind: bytes
    length: int
    size: int


def read_header(data: Buffer, at: int, *, parent: Box | None = None, offset: int = 0) -> Header:
    """Return the header that begins at data[at].

    Args:
        data: at least 8 bytes from `at` on, 16 when the size is a 64-bit one.
        at: index into `data`.
        parent: the container, for errors.
        offset: absolute file offset of data[0], for errors.

    Raises:
        MalformedMedia: the size is smaller than the header, or the header is cut short.
    """
    size, kind = HEADER.unpack_from(data, at)
    length = 8
    if size == 1:
        if len(data) - at < LONGEST_HEADER:
            raise malformed("mp4 file truncated", kind, parent, offset + at)
        (size,) = LARGE_SIZE.unpack_from(data, at + 8)
        length = LONGEST_HEADER
        if size < length:
            raise malformed(f"mp4 atom is too small:{size}", kind, parent, offset + at)
    elif 0 < size < length:
        raise malformed(f"mp4 atom is too small:{size}", kind, parent, offset + at)
    return Header(kind, length, size)


def malformed(message: str, kind: bytes, parent: Box | None, offset: int) -> MalformedMedia:
    """Return the error for a box that could not be made."""
    path = f"{parent.path}/{name_of(kind)}" if parent is not None else name_of(kind)
    return MalformedMedia(message, box=path, offset=offset)


def name_of(kind: bytes) -> str:
    """Return a box's four letters, readable whatever they are."""
    return "".join(chr(byte) if 32 <= byte < 127 else f"\\x{byte:02x}" for byte in kind)


@dataclass(slots=True)
class Budget:
    """How many more boxes of one tree may be looked at."""

    left: int = MAX_BOXES


class Box:
    """One box of a tree, as a view on the buffer it was read into.

    Args:
        data: the buffer.
        start: index of the box's first byte in it.
        header: bytes of its header.
        stop: index after its last byte.
        base: absolute file offset of data[0].
        parent: the container it stands in.
        budget: how many more boxes of its tree may be looked at.
    """

    __slots__ = ("_budget", "_children", "base", "data", "depth", "header", "kind", "parent", "start", "stop")

    def __init__(
        self,
        data: Buffer,
        kind: bytes,
        start: int,
        header: int,
        stop: int,
        base: int = 0,
        parent: Box | None = None,
        budget: Budget | None = None,
    ) -> None:
        self.data = data
        self.kind = kind
        self.start = start
        self.header = header
        self.stop = stop
        self.base = base
        self.parent = parent
        self.depth: int = 0 if parent is None else parent.depth + 1
        self._budget: Budget = budget or (parent._budget if parent is not None else Budget())
        self._children: list[Box] | None = None

    def __repr__(self) -> str:
        return f"<Box {self.path} at {self.offset}, {self.size} bytes>"

    @classmethod
    def parse(cls, data: Buffer, offset: int = 0) -> Box:
        """Return the box that a buffer holds.

        Args:
            data: the bytes of one box, header included.
            offset: absolute file offset of data[0].

        Raises:
            MalformedMedia: the header does not describe these bytes.
        """
        if len(data) < 8:
            raise MalformedMedia("mp4 file truncated", offset=offset)
        header = read_header(data, 0, offset=offset)
        stop = header.size or len(data)
        if stop > len(data):
            raise MalformedMedia(f"mp4 atom too large:{stop}", box=name_of(header.kind), offset=offset)
        return cls(data, header.kind, 0, header.length, stop, offset)

    @property
    def offset(self) -> int:
        """Absolute file offset of the box."""
        return self.base + self.start

    @property
    def size(self) -> int:
        """Bytes with header."""
        return self.stop - self.start

    @property
    def body(self) -> int:
        """Index into `data` of the first byte after the header."""
        return self.start + self.header

    @property
    def payload(self) -> memoryview:
        """The bytes after the header, not copied."""
        return memoryview(self.data)[self.start + self.header : self.stop]

    @property
    def raw(self) -> memoryview:
        """The whole box, not copied."""
        return memoryview(self.data)[self.start : self.stop]

    @property
    def path(self) -> str:
        """Where in the tree it stands: "moov/trak[1]/mdia" is the second trak."""
        if self.parent is None:
            return name_of(self.kind)
        name = name_of(self.kind)
        twins = [box for box in self.parent._children or () if box.kind == self.kind]
        if self.kind in (b"trak", b"traf") or len(twins) > 1:
            name += f"[{next((n for n, box in enumerate(twins) if box is self), len(twins))}]"
        return f"{self.parent.path}/{name}"

    def malformed(self, message: str) -> MalformedMedia:
        """Return an error that carries this box's path and offset."""
        return MalformedMedia(message, box=self.path, offset=self.offset)

    def too_small(self) -> MalformedMedia:
        """Return the error for a box that is shorter than what it must hold."""
        return self.malformed(f"mp4 {name_of(self.kind)} atom too small")

    @property
    def children(self) -> list[Box]:
        """The boxes inside, in file order; empty for boxes that are no containers.

        Raises:
            MalformedMedia: they do not fill this box, or one that may stand once stands twice.
            MediaTooLarge: there are more than a film can have.
        """
        if self._children is None:
            self._children = []
            if self.kind in CONTAINERS:
                try:
                    self._children.extend(self._read_children())
                except Exception:
                    self._children = None
                    raise
        return self._children

    def _read_children(self) -> Iterator[Box]:
        if self.depth >= MAX_DEPTH:
            raise self.malformed("mp4 atoms are nested too deeply")
        single = SINGLE.get(self.kind, NO_BOXES)
        seen: set[bytes] = set()
        for box in boxes_between(self, self.body, self._budget):
            if box.kind in single:
                if box.kind in seen:
                    raise box.malformed(f"duplicate mp4 {name_of(box.kind)} atom")
                seen.add(box.kind)
            yield box

    def all(self, kind: bytes) -> list[Box]:
        """Return every child of a kind."""
        return [box for box in self.children if box.kind == kind]

    def find(self, *kinds: bytes) -> Box | None:
        """Return the first box down this way, or None: find(b"mdia", b"minf", b"stbl")."""
        box: Box | None = self
        for kind in kinds:
            if box is None:
                return None
            box = next((child for child in box.children if child.kind == kind), None)
        return box

    def need(self, *kinds: bytes) -> Box:
        """Return the first box down this way.

        Raises:
            MalformedMedia: there is none.
        """
        box = self
        for kind in kinds:
            found = box.find(kind)
            if found is None:
                raise box.malformed(f"no mp4 {name_of(kind)} atom was found")
            box = found
        return box


def boxes_between(parent: Box, start: int, budget: Budget | None = None) -> Iterator[Box]:
    """Yield the boxes that fill a box from an index of its buffer to its end.

    For boxes that hold boxes after some fields (stsd, meta, sample entries) `start` is behind these.

    Args:
        parent: the box to look into.
        start: index into its buffer.
        budget: what the boxes count against, and those in them; by default one of their own.

    Raises:
        MalformedMedia: a box leaves the parent, or does not reach its own header's end.
        MediaTooLarge: there are more boxes than the budget allows.
    """
    if budget is None:
        budget = Budget()
    data, stop = parent.data, parent.stop
    while start < stop:
        if stop - start < 8:
            if any(data[start:stop]):
                raise parent.malformed("mp4 file truncated")
            return
        kind, length, size = read_header(data, start, parent=parent, offset=parent.base)
        if size == 0:
            if not any(kind):
                return
            raise malformed("mp4 atom is too small:0", kind, parent, parent.base + start)
        if size > stop - start:
            raise malformed(f"mp4 atom too large:{size}", kind, parent, parent.base + start)
        budget.left -= 1
        if budget.left < 0:
            raise MediaTooLarge(f"more than {MAX_BOXES} mp4 atoms", box=parent.path, offset=parent.base + start)
        yield Box(data, kind, start, length, start + size, parent.base, parent, budget)
        start += size
