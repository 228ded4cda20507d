"""Boxes put together before it is known where the media data will lie.

Chunk offsets depend on how long moov becomes, and moov's length on how many chunk offsets there are, but not on their
values: boxes are framed around `Offsets` of known length, which are filled in last.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from hls_mp4.containers.isobmff.build import make_header

COUNTED = struct.Struct(">I4sII")
_FILE_ORDER = np.dtype(">u4")
BIGGEST_32 = 0xFFFFFFFF

LONG_PART = 32 * 1024
"""Parts of this length are not copied into their neighbours."""

FEW_ROWS = 1024
"""Rows of a table that are copied without a thought."""

SHORT_WHOLE = 512 * 1024
"""What is shorter than this becomes one part."""


@dataclass(frozen=True, slots=True, eq=False)
class Offsets:
    """File offsets that are still counted from somewhere else.

    Args:
        values: unsigned or not, in any byte order.
        first: added to the first of them.
        delta: added to all of them, so that they count from the beginning of the media data.
        wide: written as 64 bits each.
    """

    values: npt.NDArray[Any]
    first: int
    delta: int
    wide: bool

    def __len__(self) -> int:
        return len(self.values) * (8 if self.wide else 4)

    def fill(self, base: int) -> bytes:
        """Return the offsets as they are written when media data begin at a file offset."""
        if self.wide:
            wide = self.values.astype(np.int64)
            wide += self.delta + base
            wide[:1] += self.first
            return wide.astype(">u8").tobytes()
        low = self.values.astype(np.int64)
        low += self.delta + base
        if self.first:
            low[:1] += self.first
        return low.astype(">u4").tobytes()


Part = bytes | memoryview | Offsets


class Framed:
    """A box, or several, as a list of parts that are copied once at most.

    Args:
        parts: bytes and offsets, in order.
        length: bytes of all.
    """

    __slots__ = ("length", "parts")

    def __init__(self, parts: list[Part], length: int) -> None:
        self.parts = parts
        self.length = length

    def fill(self, base: int) -> list[bytes | memoryview]:
        """Return the bytes, with media data beginning at a file offset."""
        return [part.fill(base) if isinstance(part, Offsets) else part for part in self.parts]


def frame(kind: bytes, *inside: Framed | Part | None) -> Framed:
    """Return a box around parts; None is nothing. Memoryviews are of bytes."""
    parts: list[Part] = [b""]
    length = 0
    for item in inside:
        if item is None:
            continue
        if isinstance(item, Framed):
            parts += item.parts
            length += item.length
        else:
            parts.append(item)
            length += len(item)
    header = make_header(kind, length)
    parts[0] = header
    return Framed(parts, length + len(header))


def table(kind: bytes, version: int, *rows: npt.NDArray[Any]) -> Framed:
    """Return a full box of a count and its entries, which are 32-bit numbers.

    Args:
        kind: four letters.
        version: of the box; flags are 0.
        rows: entries in one or two dimensions, one array after the other.
    """
    # numpy gives back numbers in the machine's order wherever arrays are joined.
    entries = [_packed(part) for part in rows]
    length = sum(map(len, entries)) + 16
    count = sum(len(part) for part in rows)
    if length <= BIGGEST_32:
        return Framed([COUNTED.pack(length, kind, version << 24, count), *entries], length)
    return frame(kind, struct.pack(">II", version << 24, count), *entries)


def _packed(rows: npt.NDArray[Any]) -> bytes | memoryview:
    """Return 32-bit numbers as they are written; a few are copied, which takes less than a view of them."""
    if len(rows) < FEW_ROWS:
        return rows.astype(_FILE_ORDER).tobytes()
    return np.ascontiguousarray(rows, ">u4").reshape(-1).view(np.uint8).data


def joined(parts: Iterable[bytes | memoryview], length: int) -> Iterator[bytes | memoryview]:
    """Yield the same bytes in fewer parts: short ones are joined, long ones of long wholes are passed on.

    Args:
        parts: in order.
        length: of all.
    """
    if length < SHORT_WHOLE:
        yield b"".join(parts)
        return
    short: list[bytes | memoryview] = []
    for part in parts:
        if len(part) < LONG_PART:
            short.append(part)
            continue
        if short:
            yield b"".join(short)
            short = []
        yield part
    if short:
        yield b"".join(short)
