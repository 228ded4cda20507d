"""Writing boxes: headers around bytes that somebody already has (ISO/IEC 14496-12 4.2)."""

from __future__ import annotations

import struct
from typing import Any

_HEADER = struct.Struct(">I4s")
_LARGE_HEADER = struct.Struct(">I4sQ")
_FULL_HEADER = struct.Struct(">I4sI")
_FULL_LARGE_HEADER = struct.Struct(">I4sQI")
_BIGGEST_SMALL = 0xFFFFFFFF


def make_header(kind: bytes, payload_size: int) -> bytes:
    """Return the header of a box with a payload of this many bytes: 8 bytes, 16 when the box is 4 GiB or more."""
    if payload_size + 8 <= _BIGGEST_SMALL:
        return _HEADER.pack(payload_size + 8, kind)
    return _LARGE_HEADER.pack(1, kind, payload_size + 16)


def make_box(kind: bytes, *parts: Any) -> bytes:
    """Return a box around these parts.

    Args:
        kind: four letters.
        parts: bytes, memoryviews or contiguous numpy arrays in file byte order.
    """
    size = sum(memoryview(part).nbytes for part in parts)
    return b"".join((make_header(kind, size), *parts))


def make_full_box(kind: bytes, version: int, flags: int, *parts: Any) -> bytes:
    """Return a full box (ISO/IEC 14496-12 4.2, FullBox) around these parts.

    Args:
        kind: four letters.
        version: 0..255.
        flags: 24 bits.
        parts: as for `make_box`.
    """
    size = sum(memoryview(part).nbytes for part in parts) + 4
    if size + 8 <= _BIGGEST_SMALL:
        head = _FULL_HEADER.pack(size + 8, kind, version << 24 | flags)
    else:
        head = _FULL_LARGE_HEADER.pack(1, kind, size + 16, version << 24 | flags)
    return b"".join((head, *parts))
