"""Action Message Format 0, reading and writing (Video File Format Specification 10.1, Annex E.4.4; AMF 0, 2006).

Refused with MalformedMedia: values cut short, unknown markers (movie clips and record sets among them), more than
MOST_VALUES values, more than MOST_DEPTH levels. Typed objects lose the name of their class. What cannot be written
(references, AMF 3 dates and such) is a TypeError of the writer, which `size_of` tells beforehand.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterable, Mapping

import numpy as np

from hls_mp4.containers.flv.amf import UNDEFINED, Date, Numbers, Reading, Reference, Undefined, Value, Xml
from hls_mp4.containers.flv.amf3 import Amf3
from hls_mp4.containers.flv.tag import BIGGEST
from hls_mp4.errors import MalformedMedia

NUMBER, BOOLEAN, STRING, OBJECT = 0, 1, 2, 3
NULL, UNDEF, REFERENCE, ECMA_ARRAY, OBJECT_END, STRICT_ARRAY = 5, 6, 7, 8, 9, 10
DATE, LONG_STRING, UNSUPPORTED, XML, TYPED_OBJECT, AMF3 = 11, 12, 13, 15, 16, 17

LONGEST = 0xFFFF
"""Bytes of a string that is not a long one, and of any name."""

_DOUBLE = struct.Struct(">d")
_LISTED = np.dtype([("marker", "u1"), ("value", ">f8")])
FEW = 8
"""Elements from which on an array is looked at for being all numbers."""


def read(reading: Reading) -> Value:
    """Return the next value.

    Raises:
        MalformedMedia: see above.
    """
    reading.enter()
    marker = reading.number(1)
    reader = _READERS.get(marker)
    if reader is None:
        raise MalformedMedia(f"unknown amf0 marker {marker} in flv script data")
    value = reader(reading)
    reading.leave()
    return value


def _object(reading: Reading) -> dict[str, Value]:
    found: dict[str, Value] = {}
    while True:
        name = reading.text(reading.number(2))
        if not name and bytes(reading.data[reading.at : reading.at + 1]) == b"\x09":
            reading.at += 1
            return found
        found[name] = read(reading)


def _ecma_array(reading: Reading) -> dict[str, Value]:
    reading.take(4)  # how many there are, which many writers do not know yet
    return _object(reading)


def _strict_array(reading: Reading) -> list[Value] | Numbers:
    count = reading.number(4)
    if count > len(reading.data) - reading.at:
        raise MalformedMedia("flv script data is cut short")
    size = count * _LISTED.itemsize
    if count >= FEW and size <= len(reading.data) - reading.at:
        listed = np.frombuffer(reading.data, _LISTED, count, reading.at)
        if not listed["marker"].any():
            reading.at += size
            return listed["value"].astype(np.float64)
    return [read(reading) for _ in range(count)]


def _typed_object(reading: Reading) -> dict[str, Value]:
    reading.take(reading.number(2))
    return _object(reading)


def _date(reading: Reading) -> Date:
    (ms,) = _DOUBLE.unpack(reading.take(8))
    zone = reading.number(2)
    return Date(ms, zone - 0x10000 if zone & 0x8000 else zone)


_READERS: dict[int, Callable[[Reading], Value]] = {
    NUMBER: lambda reading: _DOUBLE.unpack(reading.take(8))[0],
    BOOLEAN: lambda reading: bool(reading.number(1)),
    STRING: lambda reading: reading.text(reading.number(2)),
    OBJECT: _object,
    NULL: lambda reading: None,
    UNDEF: lambda reading: UNDEFINED,
    UNSUPPORTED: lambda reading: UNDEFINED,
    REFERENCE: lambda reading: Reference(reading.number(2)),
    ECMA_ARRAY: _ecma_array,
    STRICT_ARRAY: _strict_array,
    DATE: _date,
    LONG_STRING: lambda reading: reading.text(reading.number(4)),
    XML: lambda reading: Xml(reading.text(reading.number(4))),
    TYPED_OBJECT: _typed_object,
    AMF3: lambda reading: Amf3(reading).read(),
}


def size_of(value: Value, most: int = BIGGEST) -> int | None:
    """Return how many bytes `write` makes of a value; None when it cannot write it, or these are too many.

    A file of a kilobyte can refer to one of its strings a thousand times: ask before writing.

    Args:
        value: the value.
        most: bytes that may be written.
    """
    size: int | None
    if isinstance(value, Mapping):
        return _sum_of(((2 + len(_encoded(name)), inner) for name, inner in value.items()), 4, most)
    if isinstance(value, list):
        return _sum_of(((0, inner) for inner in value), 5, most)
    if isinstance(value, np.ndarray):
        size = 5 + len(value) * _LISTED.itemsize
    elif isinstance(value, str):
        size = len(_encoded(value))
        size += 3 if size <= LONGEST else 5
    elif isinstance(value, Xml):
        size = 5 + len(_encoded(value.text))
    else:
        size = next((size for kinds, size in _SIZES if isinstance(value, kinds)), None)
    return size if size is not None and size <= most else None


def _sum_of(members: Iterable[tuple[int, Value]], total: int, most: int) -> int | None:
    for named, inner in members:
        size = size_of(inner, most - total)
        if size is None or named > LONGEST + 2:
            return None
        total += named + size
    return total if total <= most else None


_SIZES: tuple[tuple[type | tuple[type, ...], int], ...] = (
    (bool, 2),
    ((int, float), 9),
    ((type(None), Undefined), 1),
    (Date, 11),
)


def write(value: Value) -> bytes:
    """Return a value as bytes; mappings become objects.

    Raises:
        TypeError: it is none that can be written.
    """
    if value is None:
        return bytes((NULL,))
    if isinstance(value, bool):
        return bytes((BOOLEAN, value))
    if isinstance(value, int | float):
        return bytes((NUMBER,)) + _DOUBLE.pack(value)
    if isinstance(value, str):
        data = _encoded(value)
        if len(data) <= LONGEST:
            return bytes((STRING,)) + len(data).to_bytes(2, "big") + data
        return bytes((LONG_STRING,)) + len(data).to_bytes(4, "big") + data
    if isinstance(value, np.ndarray):
        listed = np.zeros(len(value), _LISTED)
        listed["value"] = value
        return bytes((STRICT_ARRAY,)) + len(value).to_bytes(4, "big") + listed.tobytes()
    if isinstance(value, list):
        return bytes((STRICT_ARRAY,)) + len(value).to_bytes(4, "big") + b"".join(map(write, value))
    if isinstance(value, Mapping):
        return bytes((OBJECT,)) + _members(value)
    if isinstance(value, Date):
        return bytes((DATE,)) + _DOUBLE.pack(value.ms) + (value.zone & 0xFFFF).to_bytes(2, "big")
    if isinstance(value, Xml):
        data = _encoded(value.text)
        return bytes((XML,)) + len(data).to_bytes(4, "big") + data
    if isinstance(value, Undefined):
        return bytes((UNDEF,))
    raise TypeError(f"{type(value).__name__} cannot be written as amf0")


def write_ecma_array(value: Mapping[str, Value]) -> bytes:
    """Return a mapping as an ECMA array, which is what onMetaData carries."""
    return bytes((ECMA_ARRAY,)) + len(value).to_bytes(4, "big") + _members(value)


def _members(value: Mapping[str, Value]) -> bytes:
    pieces = []
    for name, inner in value.items():
        data = _encoded(name)
        pieces += [len(data).to_bytes(2, "big"), data, write(inner)]
    return b"".join((*pieces, b"\0\0", bytes((OBJECT_END,))))


def _encoded(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")
