"""E-AC-3: what the EC3SpecificBox says of a stream (ETSI TS 102 366 F.6): its rate, and which loudspeakers it is for.

Loudspeakers are told as WAVEFORMATEXTENSIBLE has them (dwChannelMask); those at the sides of 5.1 are its back ones, as
Dolby's own files say it.
"""

from __future__ import annotations

from dataclasses import dataclass

from hls_mp4.codecs.records import Record

_LEFT, _RIGHT, _CENTRE, _LOW, _BACK, _FRONT_OF_CENTRE, _BACK_CENTRE = 0x1, 0x2, 0x4, 0x8, 0x30, 0xC0, 0x100
_SIDE, _TOP_CENTRE, _TOP_FRONT_CENTRE, _TOP_FRONT = 0x600, 0x800, 0x2000, 0x5000
_MODES = (
    _LEFT | _RIGHT,  # two mono programmes
    _CENTRE,
    _LEFT | _RIGHT,
    _LEFT | _CENTRE | _RIGHT,
    _LEFT | _RIGHT | _BACK_CENTRE,
    _LEFT | _CENTRE | _RIGHT | _BACK_CENTRE,
    _LEFT | _RIGHT | _BACK,
    _LEFT | _CENTRE | _RIGHT | _BACK,
)
_LOCATIONS = (
    _FRONT_OF_CENTRE,
    _SIDE,  # rear surround: the others become the sides
    _BACK_CENTRE,
    _TOP_CENTRE,
    _SIDE,
    0,  # wide: has no place in the mask
    _TOP_FRONT,
    _TOP_FRONT_CENTRE,
    _LOW,
)
_RATES = (48000, 44100, 32000)


@dataclass(frozen=True, slots=True)
class Eac3:
    """An E-AC-3 stream.

    Args:
        kbps: kilobits per second.
        rate: samples per second, 0 when unknown.
        mask: loudspeakers.
    """

    kbps: int
    rate: int
    mask: int

    @property
    def channels(self) -> int:
        """How many loudspeakers."""
        return self.mask.bit_count()


def eac3_of(record: Record) -> Eac3:
    """Return what a dec3 box says of its first programme.

    Raises:
        LookupError: it is cut short.
    """
    data = bytes(record)
    if len(data) < 5:
        raise IndexError("dec3 cut short")
    head, first, second, third = int.from_bytes(data[:2], "big"), data[2], data[3], data[4]
    mode, low = second >> 1 & 7, second & 1
    mask = _MODES[mode] | (_LOW if low else 0)
    if third >> 1 & 15:
        if len(data) < 6:
            raise IndexError("dec3 cut short")
        locations = (third & 1) << 8 | data[5]
        for number, speakers in enumerate(_LOCATIONS):
            if locations >> number & 1:
                mask |= speakers
    row = first >> 6
    return Eac3(head >> 3, _RATES[row] if row < len(_RATES) else 0, mask)
