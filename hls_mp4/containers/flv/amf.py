"""Values of Action Message Format as Python values, for both of its versions, and the bounds of reading them.

Numbers are float or int, strings are str (bytes that are no UTF-8 survive as surrogates), objects and ECMA arrays are
dict, arrays are list, null is None. An array of nothing but numbers, as key frames are listed in, is a numpy array.

What a file refers back to is never resolved: an object that contains itself, or itself twice a hundred times over,
stays one small `Reference`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hls_mp4.errors import MalformedMedia

MOST_DEPTH = 32
"""Objects within objects."""

MOST_VALUES = 100_000
"""Values of one message, arrays of numbers counted as one."""

Numbers = NDArray[np.float64]
Value = Any
"""float, int, bool, str, bytes, None, dict[str, Value], list[Value], Numbers, or one of the classes below."""


class Undefined:
    """The value `undefined`."""

    def __repr__(self) -> str:
        return "UNDEFINED"


UNDEFINED = Undefined()


@dataclass(frozen=True, slots=True)
class Reference:
    """Something that was read before, by its number; left alone."""

    number: int


@dataclass(frozen=True, slots=True)
class Date:
    """An instant: milliseconds since 1970, and minutes of a time zone that nobody uses."""

    ms: float
    zone: int = 0


@dataclass(frozen=True, slots=True)
class Xml:
    """A document as text."""

    text: str


class Reading:
    """Bytes that are read from their beginning, and how much may still come of them.

    Args:
        data: the bytes.
    """

    def __init__(self, data: bytes | memoryview) -> None:
        self.data = memoryview(data)
        self.at = 0
        self.left = MOST_VALUES
        self.depth = 0

    def take(self, count: int) -> memoryview:
        """Return the next bytes.

        Raises:
            MalformedMedia: there are fewer.
        """
        if count > len(self.data) - self.at:
            raise MalformedMedia("flv script data is cut short")
        self.at += count
        return self.data[self.at - count : self.at]

    def number(self, size: int) -> int:
        """Return the next unsigned number of so many bytes."""
        return int.from_bytes(self.take(size), "big")

    def text(self, size: int) -> str:
        """Return a string of so many bytes."""
        return bytes(self.take(size)).decode("utf-8", "surrogateescape")

    def enter(self) -> None:
        """Begin a value; raises MalformedMedia when they are too many, or too deep."""
        self.left -= 1
        self.depth += 1
        if self.left < 0:
            raise MalformedMedia(f"flv script data has more than {MOST_VALUES} values")
        if self.depth > MOST_DEPTH:
            raise MalformedMedia(f"flv script data is deeper than {MOST_DEPTH}")

    def leave(self) -> None:
        """End a value."""
        self.depth -= 1
