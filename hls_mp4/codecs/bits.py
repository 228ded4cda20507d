"""Reading bits as video codecs write them: fixed lengths and Exp-Golomb codes (ITU-T H.264 9.1, H.265 9.2)."""

from __future__ import annotations

LONGEST_CODE = 32
"""Zeros before the first one of an Exp-Golomb code, at most."""

_PREVENTED = b"\0\0\3"


class Bits:
    """A position in bits, which rises as they are read.

    Args:
        data: the bytes, without emulation prevention.
    """

    __slots__ = ("_length", "_value", "at")

    def __init__(self, data: bytes) -> None:
        self._value = int.from_bytes(data, "big")
        self._length = len(data) * 8
        self.at = 0

    def u(self, count: int) -> int:
        """Return an unsigned number of this many bits; raises IndexError where there are fewer."""
        self.at += count
        left = self._length - self.at
        if left < 0:
            raise IndexError("bits cut short")
        return self._value >> left & ((1 << count) - 1)

    def flag(self) -> bool:
        """Return a bit; raises IndexError where there is none."""
        return bool(self.u(1))

    def skip(self, count: int) -> None:
        """Pass over bits; raises IndexError where there are fewer."""
        self.at += count
        if self.at > self._length:
            raise IndexError("bits cut short")

    def ue(self) -> int:
        """Return an unsigned Exp-Golomb code.

        Raises:
            IndexError: the bits end in it.
            ValueError: it is longer than any.
        """
        left = self._length - self.at
        zeros = left - (self._value & ((1 << max(left, 0)) - 1)).bit_length()
        if zeros >= left:
            raise IndexError("bits cut short")
        if zeros > LONGEST_CODE:
            raise ValueError("no Exp-Golomb code")
        self.at += zeros
        return self.u(zeros + 1) - 1

    def se(self) -> int:
        """Return a signed Exp-Golomb code; raises as `ue`."""
        code = self.ue()
        return (code + 1) // 2 if code & 1 else -(code // 2)


def unescaped(data: bytes) -> tuple[bytes, list[int]]:
    """Return a NAL unit without its emulation prevention bytes (7.4.1).

    Returns:
        The bytes, and before which of them an emulation prevention byte stood.
    """
    at = data.find(_PREVENTED)
    if at < 0:
        return data, []
    pieces: list[bytes] = []
    places: list[int] = []
    begin = 0
    while at >= 0:
        pieces.append(data[begin : at + 2])
        places.append(at + 2 - len(places))
        begin = at + 3
        at = data.find(_PREVENTED, begin)
    pieces.append(data[begin:])
    return b"".join(pieces), places


def escaped_length(count: int, places: list[int]) -> int:
    """Return how many bytes the first `count` ones of an unescaped NAL unit took before.

    Args:
        count: bytes without emulation prevention.
        places: as `unescaped` returns them.
    """
    return count + sum(place < count for place in places)


def wide(number: int) -> int:
    """Return Ceil(Log2(number)): the bits that tell one of so many things."""
    return max(0, number - 1).bit_length()
