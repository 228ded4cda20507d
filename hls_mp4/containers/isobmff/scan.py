"""Finding a film's metadata: the boxes of a file, hop by hop (ISO/IEC 14496-12 4.2, 8.1, 8.8.4).

The first read covers what lies at the beginning of a file that is made for streaming; media data is hopped over by
its size. moov may come first or last, mdat may come several times, be 64 bits long, or reach to the end of the file.
Movie fragments are read as they are met. Boxes that nobody knows are passed over.

Refused: boxes smaller than their header, boxes beyond the end of the file, a second ftyp or moov, metadata above the
limit, more boxes than a film can have. What follows the last box of a plain film harms nobody; the unfinished last
fragment of a recording is left out.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass, field

from hls_mp4.containers.isobmff.box import LONGEST_HEADER, Box, name_of, read_header
from hls_mp4.errors import MalformedMedia, MediaTooLarge, UnsupportedMedia
from hls_mp4.interfaces import IndexLimits, ReadAt

MAX_TOP_BOXES = 400_000
"""Boxes at the top level; eleven hours in fragments of a fifth of a second are 200,000 fragments in as many pairs."""

MAX_WITHOUT_FRAGMENTS = 10_000
MAX_FOR_FRAGMENT = 8
"""Boxes at the top level that a file may have anyway, and for each of its fragments: a file of nothing but headers is
given up after 20 ms."""

_LEAST_FRAGMENT = 64
"""Bytes of mfhd, traf, tfhd and trun, which a fragment with samples has."""

MAX_LISTED = 10_000
MAX_FTYP = 64 * 1024

_LEAST_HOP = 1024
_MOST_HOP = 64 * 1024


@dataclass(frozen=True, slots=True)
class TopBox:
    """A box of the top level.

    Args:
        kind: four letters.
        offset: absolute.
        header: bytes of its header.
        size: bytes with header; of one that reaches to the end of the file, what there is.
    """

    kind: bytes
    offset: int
    header: int
    size: int


@dataclass(frozen=True, slots=True)
class FileLayout:
    """What a file consists of.

    Args:
        ftyp: the whole ftyp box, None when there is none.
        moov: the movie.
        moofs: the movie fragments, in file order.
        mdats: (offset, length) of each mdat's payload.
        boxes: of the top level; the first MAX_LISTED of them.
        metadata_size: bytes of moov's payload and of all moofs.
    """

    ftyp: bytes | None
    moov: Box
    moofs: tuple[Box, ...]
    mdats: tuple[tuple[int, int], ...]
    boxes: tuple[TopBox, ...]
    metadata_size: int


@dataclass(slots=True)
class _Window:
    """The bytes read last.

    Args:
        size: of the file.
        data: the bytes.
        base: absolute offset of the first of them.
    """

    size: int
    data: bytes = b""
    base: int = 0

    def read(self, offset: int, length: int, ahead: int = 0) -> Generator[ReadAt, bytes, memoryview]:
        """Return bytes of the file, fewer only at its end.

        Args:
            offset: absolute.
            length: wanted.
            ahead: how many to read when these are not there yet, if more.
        """
        wanted = min(length, self.size - offset)
        if not self.base <= offset <= offset + wanted <= self.base + len(self.data):
            asked = min(max(length, ahead), self.size - offset)
            self.data = yield ReadAt(offset, asked)
            self.base = offset
            if len(self.data) < wanted:
                raise MalformedMedia("mp4 file truncated", offset=offset + len(self.data))
        start = offset - self.base
        return memoryview(self.data)[start : start + wanted]


@dataclass(slots=True)
class _Found:
    """What was found so far."""

    ftyp: bytes | None = None
    moov: Box | None = None
    moofs: list[Box] = field(default_factory=list)
    mdats: list[tuple[int, int]] = field(default_factory=list)
    boxes: list[TopBox] = field(default_factory=list)
    metadata: int = 0
    count: int = 0
    last_moof: int = 0
    fragments: int = 0

    @property
    def fragmented(self) -> bool:
        """Whether fragments may follow."""
        return self.moov is not None and self.moov.find(b"mvex") is not None

    @property
    def plain_and_whole(self) -> bool:
        """Whether everything a plain film needs is there."""
        return bool(self.moov is not None and self.mdats and not self.moofs and not self.fragmented)


def scan(size: int, limits: IndexLimits) -> Generator[ReadAt, bytes, FileLayout]:
    """Return the layout of a file.

    Args:
        size: bytes of the file.
        limits: how much to read first, and how much metadata to hold.

    Raises:
        MalformedMedia: the file contradicts itself, or lacks moov or mdat.
        MediaTooLarge: its metadata is above the limit.
        UnsupportedMedia: its moov is compressed.
    """
    window = _Window(size)
    found = _Found()
    position = 0
    while position < size:
        ahead = limits.buffer_size
        if found.moov is not None and position:
            ahead = min(_MOST_HOP, max(_LEAST_HOP, 2 * found.last_moof))
        head = yield from window.read(position, LONGEST_HEADER, ahead)
        try:
            top = _top_box(head, position, size)
        except MalformedMedia:
            if found.plain_and_whole or found.moofs:
                break
            raise
        if found.plain_and_whole and top.kind not in (b"ftyp", b"moov", b"mdat"):
            # Nothing that follows can matter, and nobody knows how far it reaches.
            found.boxes.append(top)
            break
        yield from _take(top, window, found, limits)
        position += top.size
    return _layout(found)


def _top_box(head: memoryview, position: int, size: int) -> TopBox:
    """Return the box that begins here."""
    if len(head) < 8:
        raise MalformedMedia("mp4 file truncated", offset=position)
    kind, header, length = read_header(head, 0, offset=position)
    if not length:
        length = size - position
    if length > size - position:
        raise MalformedMedia(f"mp4 atom too large:{length}", box=name_of(kind), offset=position)
    return TopBox(kind, position, header, length)


def _take(top: TopBox, window: _Window, found: _Found, limits: IndexLimits) -> Generator[ReadAt, bytes, None]:
    """Note a box, and read it when it holds metadata."""
    found.count += 1
    most = min(MAX_TOP_BOXES, MAX_WITHOUT_FRAGMENTS + MAX_FOR_FRAGMENT * found.fragments)
    if found.count > most:
        raise MediaTooLarge(f"more than {most} mp4 atoms", offset=top.offset)
    if len(found.boxes) < MAX_LISTED:
        found.boxes.append(top)
    if top.kind == b"mdat":
        found.mdats.append((top.offset + top.header, top.size - top.header))
    elif top.kind == b"ftyp":
        if found.ftyp is not None:
            raise _duplicate(top)
        if top.size > MAX_FTYP:
            raise MediaTooLarge(f"mp4 ftyp atom is too large:{top.size}", box="ftyp", offset=top.offset)
        found.ftyp = bytes((yield from window.read(top.offset, top.size)))
    elif top.kind == b"moov":
        if found.moov is not None:
            raise _duplicate(top)
        _charge(top, top.size - top.header, found, limits)
        found.moov = yield from _read_box(top, window)
        if found.moov.find(b"cmov") is not None:
            raise UnsupportedMedia("compressed moov atom (cmov) is not supported", box="moov/cmov", offset=top.offset)
    elif top.kind == b"moof":
        _charge(top, top.size, found, limits)
        found.moofs.append((yield from _read_box(top, window)))
        found.last_moof = top.size
        found.fragments += top.size >= _LEAST_FRAGMENT


def _read_box(top: TopBox, window: _Window) -> Generator[ReadAt, bytes, Box]:
    data = yield from window.read(top.offset, top.size)
    # A large moov was a read of its own: its bytes are kept as they came, not copied.
    return Box.parse(window.data if len(data) == len(window.data) else bytes(data), top.offset)


def _charge(top: TopBox, size: int, found: _Found, limits: IndexLimits) -> None:
    """Count metadata; raises MediaTooLarge above the limit."""
    found.metadata += size
    if found.metadata > max(limits.buffer_size, limits.max_buffer_size):
        raise MediaTooLarge(
            f"mp4 {name_of(top.kind)} atom is too large:{found.metadata}, you may want to increase mp4_max_buffer_size",
            box=name_of(top.kind),
            offset=top.offset,
        )


def _duplicate(top: TopBox) -> MalformedMedia:
    return MalformedMedia(f"duplicate mp4 {name_of(top.kind)} atom", box=name_of(top.kind), offset=top.offset)


def _layout(found: _Found) -> FileLayout:
    if found.moov is None:
        raise MalformedMedia("no mp4 moov atom was found")
    if not found.mdats:
        raise MalformedMedia("no mp4 mdat atom was found")
    moofs = found.moofs
    if moofs and moofs[-1].offset > found.mdats[-1][0]:
        moofs = moofs[:-1]  # its media never came
    return FileLayout(found.ftyp, found.moov, tuple(moofs), tuple(found.mdats), tuple(found.boxes), found.metadata)
