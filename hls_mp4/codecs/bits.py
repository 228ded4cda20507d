"""Reading bits as video codecs write them: fixed lengths and Exp-Golomb codes (ITU-T H.264 9.1, H.265 9.2)."""

from __future__ import annotations

LONGEST_CODE = 32
"""Zeros before the first one of an Exp-Golomb code, at most."""

_PREVENTED = b"\0\0\3"


class Bits:
    """A position in bits, which rises as they are read.

    They are held as text of zeros and ones: to find the next one in it takes a fraction of what arithmetic with numbers
    of hundreds of bits does.

    Args:
        data: the bytes, without emulation prevention.
    """

    __slots__ = ("_bits", "at")

    def __init__(self, data: bytes) -> None:
        self._bits = f"{int.from_bytes(data, 'big'):0{len(data) * 8}b}" if data else ""
        self.at = 0

    def u(self, count: int) -> int:
        """Return an unsigned number of this many bits; raises IndexError where there are fewer."""
        at = self.at
        self.at = at + count
        if self.at > len(self._bits):
            raise IndexError("bits cut short")
        return int(self._bits[at : self.at], 2) if count else 0

    def flag(self) -> bool:
        """Return a bit; raises IndexError where there is none."""
        self.at += 1
        return self._bits[self.at - 1] == "1"

    def skip(self, count: int) -> None:
        """Pass over bits; raises IndexError where there are fewer."""
        self.at += count
        if self.at > len(self._bits):
            raise IndexError("bits cut short")

    def ue(self) -> int:
        """Return an unsigned Exp-Golomb code.

        Raises:
            IndexError: the bits end in it.
            ValueError: it is longer than any.
        """
        at = self.at
        one = self._bits.find("1", at)
        if one == at:
            self.at = at + 1
            return 0
        if one < 0:
            raise IndexError("bits cut short")
        zeros = one - at
        if zeros > LONGEST_CODE:
            raise ValueError("no Exp-Golomb code")
        self.at = one + zeros + 1
        if self.at > len(self._bits):
            raise IndexError("bits cut short")
        return int(self._bits[one : self.at], 2) - 1

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
