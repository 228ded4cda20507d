"""Reading bits."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hls_mp4.codecs.bits import Bits, escaped_length, unescaped, wide


def coded(number: int) -> str:
    """Return an Exp-Golomb code."""
    digits = f"{number + 1:b}"
    return "0" * (len(digits) - 1) + digits


def packed(bits: str) -> bytes:
    """Return bits as bytes, zeros at the end."""
    bits += "0" * (-len(bits) % 8)
    return bytes(int(bits[at : at + 8], 2) for at in range(0, len(bits), 8))


@given(st.lists(st.integers(0, 2**20)))
def test_codes_are_read_in_turn(numbers: list[int]) -> None:
    """What was written comes out, and nothing more."""
    bits = Bits(packed("".join(map(coded, numbers))))
    assert [bits.ue() for _ in numbers] == numbers
    with pytest.raises(IndexError):
        bits.skip(8)


def test_signed_codes() -> None:
    """0, 1, -1, 2, -2."""
    bits = Bits(packed("".join(map(coded, range(5)))))
    assert [bits.se() for _ in range(5)] == [0, 1, -1, 2, -2]


def test_what_is_no_code() -> None:
    """More zeros than any number has, and bits that end."""
    with pytest.raises(ValueError, match="Exp-Golomb"):
        Bits(bytes(5) + b"\1").ue()
    with pytest.raises(IndexError):
        Bits(bytes(3)).ue()
    with pytest.raises(IndexError):
        Bits(b"\xff").u(9)


@given(st.binary(max_size=60).map(lambda data: data.replace(b"\xff", b"\0")))
def test_emulation_prevention_goes_and_is_counted(raw: bytes) -> None:
    """Three bytes of 0, 0, 3 stand for two; where they stood is known."""
    escaped = bytearray()
    for byte in raw:
        if byte <= 3 and escaped[-2:] == b"\0\0":
            escaped.append(3)
        escaped.append(byte)
    data, places = unescaped(bytes(escaped))
    assert data == raw
    assert escaped_length(len(raw), places) == len(escaped)
    for count in range(len(raw)):
        assert unescaped(bytes(escaped[: escaped_length(count, places)]))[0].rstrip(b"\3") == raw[:count].rstrip(b"\3")


@pytest.mark.parametrize(("number", "bits"), [(0, 0), (1, 0), (2, 1), (3, 2), (4, 2), (5, 3), (300, 9)])
def test_how_many_bits_tell_one_of_many(number: int, bits: int) -> None:
    """Ceil(Log2(n))."""
    assert wide(number) == bits
