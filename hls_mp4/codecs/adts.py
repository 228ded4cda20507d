"""AAC as a byte stream: the header that ADTS puts before each frame (ISO/IEC 14496-3 1.A.2.2, 4.4.1.1, 4.5.1.2.1).

It tells the core: where SBR or parametric stereo are told of first, what they are put on is meant, and a decoder finds
them by itself. Channels that no configuration number tells are told by a program config element before each frame.
What ADTS cannot carry - ER, LD, ELD and USAC, frames of 960 samples, unusual rates - is refused.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

HEADER = 7
LONGEST = 0x1FFF
"""Bytes of a frame with its header."""

_RATES = (96000, 88200, 64000, 48000, 44100, 32000, 24000, 22050, 16000, 12000, 11025, 8000, 7350)
_SBR, _PARAMETRIC_STEREO = 5, 29
_TYPES = {1: "Main", 2: "LC", 3: "SSR", 4: "LTP"}
_PROGRAM_CONFIG = 5


@dataclass(frozen=True, slots=True)
class Adts:
    """What the headers of a stream say.

    Args:
        profile: two bits.
        rate_index: four bits.
        channels: three bits; 0 where `program` tells.
        program: a program config element that is put before each frame, byte-aligned; empty for none.
        extension: audio object type on top, 5 for SBR, 29 for parametric stereo, 0 where nothing is told of one.
    """

    profile: int
    rate_index: int
    channels: int
    program: bytes = b""
    extension: int = 0

    @property
    def overhead(self) -> int:
        """Bytes before each frame."""
        return HEADER + len(self.program)

    def headers(self, sizes: NDArray[np.int64]) -> NDArray[np.uint8]:
        """Return what stands before frames, a row each.

        Args:
            sizes: of the frames, without headers.
        """
        whole = sizes + self.overhead
        rows = np.empty((len(sizes), self.overhead), np.uint8)
        rows[:, 0] = 0xFF
        rows[:, 1] = 0xF1
        rows[:, 2] = self.profile << 6 | self.rate_index << 2 | self.channels >> 2
        rows[:, 3] = (self.channels & 3) << 6 | whole >> 11
        rows[:, 4] = whole >> 3 & 0xFF
        rows[:, 5] = (whole & 7) << 5 | 0x1F
        rows[:, 6] = 0xFC
        if self.program:
            rows[:, HEADER:] = np.frombuffer(self.program, np.uint8)
        return rows


class _Bits:
    """Reads bits; IndexError at the end."""

    def __init__(self, data: bytes) -> None:
        self._value = int.from_bytes(data, "big")
        self._left = self._all = 8 * len(data)

    def take(self, count: int) -> int:
        if count > self._left:
            raise IndexError("AudioSpecificConfig cut short")
        self._left -= count
        return self._value >> self._left & (1 << count) - 1

    def align(self) -> None:
        self.take(self._left % 8)

    def copy(self, count: int) -> str:
        return f"{self.take(count):0{count}b}" if count else ""


def adts_of(specific: bytes) -> Adts:
    """Return the headers of a stream by its AudioSpecificConfig.

    Raises:
        LookupError: it is cut short.
        ValueError: ADTS cannot carry it; the message says what.
    """
    bits = _Bits(specific)
    kind, rate, channels = _type(bits), _rate(bits), bits.take(4)
    extension = 0
    if kind in (_SBR, _PARAMETRIC_STEREO):
        extension = kind
        _rate(bits)
        kind = _type(bits)
    if kind not in _TYPES:
        raise ValueError(f"AAC of audio object type {kind}")
    if rate not in _RATES:
        raise ValueError(f"AAC with {rate} samples per second")
    if bits.take(1):
        raise ValueError("AAC with frames of 960 samples")
    if bits.take(1):
        bits.take(14)
    bits.take(1)
    if channels > 7:
        raise ValueError(f"AAC with channel configuration {channels}")
    program = b"" if channels else _program(bits)
    return Adts(kind - 1, _RATES.index(rate), channels, program, extension)


def _type(bits: _Bits) -> int:
    kind = bits.take(5)
    return kind if kind != 31 else 32 + bits.take(6)


def _rate(bits: _Bits) -> int:
    row = bits.take(4)
    if row == 15:
        return bits.take(24)
    return _RATES[row] if row < len(_RATES) else 0


def _program(bits: _Bits) -> bytes:
    """Return a program config element as a syntactic element of a frame, aligned there (4.4.1.1)."""
    copied = [f"{_PROGRAM_CONFIG:03b}", bits.copy(4 + 2 + 4)]
    counts = [bits.take(width) for width in (4, 4, 4, 2, 3, 4)]
    copied += [f"{count:0{width}b}" for count, width in zip(counts, (4, 4, 4, 2, 3, 4), strict=True)]
    for width in (4, 4, 3):  # mixdowns
        present = bits.take(1)
        copied += [str(present), bits.copy(width * present)]
    front, side, back, low, associated, coupled = counts
    copied.append(bits.copy(5 * (front + side + back) + 4 * (low + associated) + 5 * coupled))
    bits.align()
    told = "".join(copied)
    told += "0" * (-len(told) % 8)
    comment = bits.take(8)
    told += f"{comment:08b}" + bits.copy(8 * comment)
    return int(told, 2).to_bytes(len(told) // 8, "big")
