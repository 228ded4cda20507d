"""Action Message Format 3, reading (AMF 3, 2013), which a value of AMF 0 may change over to.

Strings and traits that are referred to are resolved: they contain nothing. Objects that are referred to are not.
Refused with MalformedMedia: what AMF 0 refuses, references to what was not read yet, externalizable objects, whose
bytes only their class can read.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from hls_mp4.containers.flv.amf import UNDEFINED, Date, Numbers, Reading, Reference, Value, Xml
from hls_mp4.errors import MalformedMedia

_DOUBLE = struct.Struct(">d")
_VECTORS = {13: ">i4", 14: ">u4", 15: ">f8"}
_MOST_MEMBERS = 1000


@dataclass(frozen=True, slots=True)
class _Traits:
    names: tuple[str, ...]
    dynamic: bool


class Amf3:
    """One value and all in it; tables of what can be referred to begin anew for each.

    Args:
        reading: where it is read from.
    """

    def __init__(self, reading: Reading) -> None:
        self.reading = reading
        self._strings: list[str] = []
        self._traits: list[_Traits] = []
        self._objects = 0
        self._readers: dict[int, Callable[[], Value]] = {
            0: lambda: UNDEFINED,
            1: lambda: None,
            2: lambda: False,
            3: lambda: True,
            4: self._integer,
            5: lambda: _DOUBLE.unpack(reading.take(8))[0],
            6: self._string,
            7: self._xml,
            8: self._date,
            9: self._array,
            10: self._object,
            11: self._xml,
            12: self._bytes,
            16: self._vector_of_objects,
            17: self._dictionary,
        }

    def read(self) -> Value:
        """Return the next value.

        Raises:
            MalformedMedia: see above.
        """
        self.reading.enter()
        marker = self.reading.number(1)
        if marker in _VECTORS:
            value: Value = self._vector(_VECTORS[marker])
        else:
            reader = self._readers.get(marker)
            if reader is None:
                raise MalformedMedia(f"unknown amf3 marker {marker} in flv script data")
            value = reader()
        self.reading.leave()
        return value

    def _u29(self) -> int:
        """Return a number of up to 29 bits in one to four bytes."""
        value = 0
        for _ in range(3):
            byte = self.reading.number(1)
            value = value << 7 | byte & 0x7F
            if byte < 0x80:
                return value
        return value << 8 | self.reading.number(1)

    def _integer(self) -> int:
        value = self._u29()
        return value - (1 << 29) if value >> 28 else value

    def _begin(self) -> tuple[int, Reference | None]:
        """Return the number that an object begins with, or what it refers to."""
        number = self._u29()
        if number & 1:
            self._objects += 1
            return number >> 1, None
        if number >> 1 >= self._objects:
            raise MalformedMedia("flv script data refers to what is not there")
        return 0, Reference(number >> 1)

    def _string(self) -> str:
        number = self._u29()
        if not number & 1:
            if number >> 1 >= len(self._strings):
                raise MalformedMedia("flv script data refers to what is not there")
            return self._strings[number >> 1]
        text = self.reading.text(number >> 1)
        if text:
            self._strings.append(text)
        return text

    def _xml(self) -> Xml | Reference:
        size, known = self._begin()
        return known or Xml(self.reading.text(size))

    def _bytes(self) -> bytes | Reference:
        size, known = self._begin()
        return known or bytes(self.reading.take(size))

    def _date(self) -> Date | Reference:
        _, known = self._begin()
        return known or Date(_DOUBLE.unpack(self.reading.take(8))[0])

    def _named(self) -> dict[str, Value]:
        """Return members up to the empty name."""
        found: dict[str, Value] = {}
        while name := self._string():
            found[name] = self.read()
        return found

    def _array(self) -> list[Value] | dict[str, Value] | Reference:
        count, known = self._begin()
        if known:
            return known
        found = self._named()
        self._bound(count)
        dense = [self.read() for _ in range(count)]
        if not found:
            return dense
        return found | {str(number): value for number, value in enumerate(dense)}

    def _object(self) -> dict[str, Value] | Reference:
        number, known = self._begin()
        if known:
            return known
        traits = self._traits_of(number)
        found = {name: self.read() for name in traits.names}
        return found | self._named() if traits.dynamic else found

    def _traits_of(self, number: int) -> _Traits:
        if not number & 1:
            if number >> 1 >= len(self._traits):
                raise MalformedMedia("flv script data refers to what is not there")
            return self._traits[number >> 1]
        if number & 2:
            raise MalformedMedia("externalizable object in flv script data")
        self._string()  # the class
        if number >> 3 > _MOST_MEMBERS:
            raise MalformedMedia(f"flv script data has an object of {number >> 3} members")
        traits = _Traits(tuple(self._string() for _ in range(number >> 3)), bool(number & 4))
        self._traits.append(traits)
        return traits

    def _vector(self, form: str) -> Numbers | Reference:
        count, known = self._begin()
        if known:
            return known
        self.reading.take(1)  # whether its length is fixed
        dtype = np.dtype(form)
        return np.frombuffer(self.reading.take(count * dtype.itemsize), dtype).astype(np.float64)

    def _vector_of_objects(self) -> list[Value] | Reference:
        count, known = self._begin()
        if known:
            return known
        self.reading.take(1)
        self._string()
        self._bound(count)
        return [self.read() for _ in range(count)]

    def _dictionary(self) -> dict[str, Value] | Reference:
        count, known = self._begin()
        if known:
            return known
        self.reading.take(1)  # whether its keys are weak
        self._bound(count)
        found: dict[str, Value] = {}
        for _ in range(count):
            key = self.read()
            value = self.read()
            if isinstance(key, str):
                found[key] = value
        return found

    def _bound(self, count: int) -> None:
        """Check that values of one byte each could be there."""
        if count > len(self.reading.data) - self.reading.at:
            raise MalformedMedia("flv script data is cut short")
