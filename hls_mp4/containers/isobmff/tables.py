"""Sample tables: raw bytes under numpy views (ISO/IEC 14496-12 8.6.1.2, 8.6.1.3, 8.6.2, 8.7.3 - 8.7.5).

Nothing is decoded when a table is parsed: its count is held against the bytes that are there, then a view is laid over
them. 200,000 entries cost 0.3 us this way, and 65 ms with construct's arrays. What the entries mean is checked where
they are used, in `hls_mp4.media`.

Refused: counts that need more bytes than the box has, fewer bytes than the fixed fields need, stz2 field sizes other
than 4, 8 and 16.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hls_mp4.containers.isobmff.box import Box, Buffer
from hls_mp4.containers.isobmff.build import make_full_box

_COUNTED = struct.Struct(">II")
_SIZED = struct.Struct(">III")
_COUNT = struct.Struct(">I")

BIGGEST_STCO = 0xFFFFFFFF


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """A full box that is a count and that many entries of equal length.

    Args:
        entries: in file byte order; one column, or one row for each entry.
        version: of the box.
        flags: 24 bits.
        rest: bytes after the last entry, which nobody reads and nobody loses.
    """

    KIND: ClassVar[bytes]
    DTYPE: ClassVar[str] = ">u4"
    COLUMNS: ClassVar[int] = 1

    entries: NDArray[Any]
    version: int = 0
    flags: int = 0
    rest: Buffer = b""

    @classmethod
    def parse(cls, box: Box) -> Self:
        """Lay the table over a box.

        Raises:
            MalformedMedia: the box is too small for its count.
        """
        available = box.stop - box.body - 8
        if available < 0:
            raise box.too_small()
        head, count = _COUNTED.unpack_from(box.data, box.body)
        width = int(cls.DTYPE[2]) * cls.COLUMNS
        if count * width > available:
            raise box.too_small()
        entries = np.frombuffer(box.data, cls.DTYPE, count * cls.COLUMNS, box.body + 8)
        if cls.COLUMNS > 1:
            entries = entries.reshape(count, cls.COLUMNS)
        rest = memoryview(box.data)[box.body + 8 + count * width : box.stop] if available > count * width else b""
        return cls(entries, head >> 24, head & 0xFFFFFF, rest)

    @classmethod
    def of(cls, *columns: ArrayLike, version: int = 0) -> Self:
        """Make a table of columns of equal length, scalars repeated; values must fit the entries."""
        parts = np.broadcast_arrays(*(np.atleast_1d(column) for column in columns))
        if cls.COLUMNS == 1:
            return cls(np.ascontiguousarray(parts[0], cls.DTYPE), version)
        entries = np.empty((len(parts[0]), cls.COLUMNS), cls.DTYPE)
        for number, part in enumerate(parts):
            entries[:, number] = part
        return cls(entries, version)

    def __len__(self) -> int:
        return len(self.entries)

    def build(self) -> bytes:
        """Return the bytes of the box."""
        entries = np.ascontiguousarray(self.entries, self.DTYPE)
        return make_full_box(self.KIND, self.version, self.flags, _COUNT.pack(len(entries)), entries.data, self.rest)


class Stts(Table):
    """Decoding times: runs of samples of equal duration; columns count, delta."""

    __slots__ = ()
    KIND = b"stts"
    COLUMNS = 2

    @property
    def counts(self) -> NDArray[Any]:
        """Samples of each run, as they lie in the file."""
        return self.entries[:, 0]

    @property
    def deltas(self) -> NDArray[Any]:
        """Duration of each sample of a run, media timescale, as they lie in the file."""
        return self.entries[:, 1]


class Ctts(Table):
    """Composition offsets: runs of samples of equal offset; columns count, offset.

    Offsets are read as signed in version 0 too, as players do: writers put negative ones there, and no film has a
    delay of 2^31.
    """

    __slots__ = ()
    KIND = b"ctts"
    COLUMNS = 2

    @classmethod
    def of_runs(cls, counts: ArrayLike, offsets: ArrayLike) -> Ctts:
        """Make a table of runs; version 1 when an offset is negative.

        Args:
            counts: samples of each run.
            offsets: signed, one for each run.
        """
        signed = np.atleast_1d(np.asarray(offsets, np.int64))
        return cls.of(counts, signed & 0xFFFFFFFF, version=int(bool((signed < 0).any())))

    @property
    def counts(self) -> NDArray[Any]:
        """Samples of each run, as they lie in the file."""
        return self.entries[:, 0]

    @property
    def offsets(self) -> NDArray[Any]:
        """Signed offset of a run's samples, media timescale, as they lie in the file."""
        return self.entries[:, 1].view(">i4")


class Stss(Table):
    """Sync samples: one-based sample numbers, rising. Without this box every sample is one."""

    __slots__ = ()
    KIND = b"stss"


class Stsc(Table):
    """Samples to chunks: columns first chunk (one-based), samples per chunk, sample description (one-based)."""

    __slots__ = ()
    KIND = b"stsc"
    COLUMNS = 3


class Stco(Table):
    """Chunk offsets, 32 bits."""

    __slots__ = ()
    KIND = b"stco"


class Co64(Table):
    """Chunk offsets, 64 bits."""

    __slots__ = ()
    KIND = b"co64"
    DTYPE = ">u8"


def chunk_offset_table(offsets: ArrayLike) -> Stco | Co64:
    """Return the table these chunk offsets fit into: stco where it can hold them, else co64."""
    values = np.atleast_1d(np.asarray(offsets, np.int64))
    if len(values) and int(values.max()) > BIGGEST_STCO:
        return Co64.of(values)
    return Stco.of(values)


@dataclass(frozen=True, slots=True, eq=False)
class Stsz:
    """Sample sizes: one for all, or one for each.

    Args:
        sample_size: of every sample; 0 when `entries` has them.
        count: number of samples.
        entries: size of each sample in file byte order; empty when `sample_size` is not 0.
        version: of the box.
        flags: 24 bits.
        rest: bytes after the last entry.
    """

    KIND: ClassVar[bytes] = b"stsz"

    sample_size: int
    count: int
    entries: NDArray[Any]
    version: int = 0
    flags: int = 0
    rest: Buffer = b""

    @classmethod
    def parse(cls, box: Box) -> Stsz:
        """Lay the table over a box.

        Raises:
            MalformedMedia: the box is too small for its count.
        """
        available = box.stop - box.body - 12
        if available < 0:
            raise box.too_small()
        head, sample_size, count = _SIZED.unpack_from(box.data, box.body)
        listed = 0 if sample_size else count
        if listed * 4 > available:
            raise box.too_small()
        entries = np.frombuffer(box.data, ">u4", listed, box.body + 12)
        rest = memoryview(box.data)[box.body + 12 + listed * 4 : box.stop] if available > listed * 4 else b""
        return cls(sample_size, count, entries, head >> 24, head & 0xFFFFFF, rest)

    @classmethod
    def of(cls, sizes: ArrayLike) -> Stsz:
        """Make a table that lists each size."""
        entries = np.ascontiguousarray(np.atleast_1d(sizes), ">u4")
        return cls(0, len(entries), entries)

    @classmethod
    def uniform(cls, sample_size: int, count: int) -> Stsz:
        """Make a table of samples that all have one size, which is not 0."""
        return cls(sample_size, count, np.empty(0, ">u4"))

    def __len__(self) -> int:
        return self.count

    def build(self) -> bytes:
        """Return the bytes of the box."""
        entries = np.ascontiguousarray(self.entries, ">u4")
        head = _COUNTED.pack(self.sample_size, self.count)
        return make_full_box(self.KIND, self.version, self.flags, head, entries.data, self.rest)


@dataclass(frozen=True, slots=True, eq=False)
class Stz2:
    """Compact sample sizes of 4, 8 or 16 bits.

    Args:
        field_size: bits of an entry.
        count: number of samples.
        packed: the entries as they lie in the file: uint8 (two in a byte when field_size is 4, the first one high), or
            big-endian uint16.
        reserved: the three bytes before the field size.
        version: of the box.
        flags: 24 bits.
        rest: bytes after the last entry.
    """

    KIND: ClassVar[bytes] = b"stz2"

    field_size: int
    count: int
    packed: NDArray[Any]
    reserved: int = 0
    version: int = 0
    flags: int = 0
    rest: Buffer = b""

    @classmethod
    def parse(cls, box: Box) -> Stz2:
        """Lay the table over a box.

        Raises:
            MalformedMedia: the box is too small for its count, or the field size is not 4, 8 or 16.
        """
        available = box.stop - box.body - 12
        if available < 0:
            raise box.too_small()
        head, field, count = _SIZED.unpack_from(box.data, box.body)
        field_size = field & 0xFF
        if field_size not in (4, 8, 16):
            raise box.malformed(f"mp4 stz2 field size is {field_size}")
        used = (count * field_size + 7) // 8
        if used > available:
            raise box.too_small()
        dtype, items = (">u2", count) if field_size == 16 else ("u1", used)
        packed = np.frombuffer(box.data, dtype, items, box.body + 12)
        rest = memoryview(box.data)[box.body + 12 + used : box.stop] if available > used else b""
        return cls(field_size, count, packed, field >> 8, head >> 24, head & 0xFFFFFF, rest)

    def __len__(self) -> int:
        return self.count

    def part(self, start: int, stop: int) -> NDArray[Any]:
        """Return the sizes of samples [start, stop)."""
        if self.field_size != 4:
            return self.packed[start:stop]
        pairs = self.packed[start // 2 : (stop + 1) // 2]
        halves = np.empty((len(pairs), 2), np.uint8)
        halves[:, 0] = pairs >> 4
        halves[:, 1] = pairs & 15
        return halves.reshape(-1)[start % 2 : start % 2 + stop - start]

    def build(self) -> bytes:
        """Return the bytes of the box."""
        head = _COUNTED.pack(self.reserved << 8 | self.field_size, self.count)
        packed = np.ascontiguousarray(self.packed)
        return make_full_box(self.KIND, self.version, self.flags, head, packed.data, self.rest)
