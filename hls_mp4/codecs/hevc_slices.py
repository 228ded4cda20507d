"""HEVC: how long the header of a slice segment is (ITU-T H.265 7.3.6), from the parameter sets it refers to.

Encryption leaves slice headers readable (ISO/IEC 23001-7 9.5.2, 10.4.2). Refused: layers above the first, and the
extensions for several layers, depth and screen content.
"""

from __future__ import annotations

from hls_mp4.codecs.bits import Bits, escaped_length, unescaped, wide
from hls_mp4.codecs.hevc_sets import MOST_REFERENCES, Pps, Sps, read_pps, read_sps, reference_set

SPS, PPS = 33, 34
_FIRST_NO_SLICE = 32
_IRAP = range(16, 24)
_IDR = (19, 20)
_B, _P, _I = range(3)
_SHORT = 32
"""Bytes of a slice that its header is looked for in first."""


class HevcSlices:
    """The parameter sets of a stream, and the headers of its slices."""

    nal_header = 2

    def __init__(self) -> None:
        self.sequences: dict[int, Sps] = {}
        self.pictures: dict[int, Pps] = {}

    def learn(self, unit: bytes) -> None:
        """Take a parameter set, or any other NAL unit.

        Raises:
            LookupError: it is cut short.
            ValueError: it makes no sense, or is of what is refused.
        """
        kind = unit[0] >> 1 & 63
        if _layer(unit):
            return
        if kind == SPS:
            number, sequence = read_sps(unit)
            self.sequences[number] = sequence
        elif kind == PPS:
            number, picture = read_pps(unit)
            self.pictures[number] = picture

    def is_set(self, first: int) -> bool:
        """Tell by its first byte whether a NAL unit is a parameter set."""
        return first >> 1 & 63 in (SPS, PPS)

    def is_slice(self, first: int) -> bool:
        """Tell by its first byte whether a NAL unit is coded picture."""
        return (first >> 1 & 63) < _FIRST_NO_SLICE

    def header(self, unit: bytes | memoryview) -> int:
        """Return how many bytes of a slice segment its header has, that of the NAL unit included.

        Raises:
            LookupError: it is cut short, or refers to a parameter set that is not there.
            ValueError: it makes no sense, or is of another layer.
        """
        try:
            return self._header(bytes(unit[:_SHORT]))
        except IndexError:
            return self._header(bytes(unit))

    def _header(self, unit: bytes) -> int:
        if _layer(unit):
            raise ValueError("pictures of another layer")
        data, places = unescaped(unit)
        kind = data[0] >> 1 & 63
        bits = Bits(data)
        bits.skip(16)
        first = bits.flag()
        if kind in _IRAP:
            bits.skip(1)
        picture = self.pictures[bits.ue()]
        sequence = self.sequences[picture.sps]
        dependent = False
        if not first:
            dependent = picture.dependent and bits.flag()
            bits.skip(wide(sequence.blocks))
        if not dependent:
            _independent(bits, kind, picture, sequence)
        if picture.entry_points:
            points = bits.ue()
            if points:
                bits.skip((bits.ue() + 1) * points)
        if picture.extension:
            bits.skip(8 * bits.ue())
        # A one and zeros fill the last byte; where the header ends with a byte they are one of their own.
        return escaped_length(bits.at // 8 + 1, places)


def _layer(unit: bytes) -> int:
    return (unit[0] & 1) << 5 | unit[1] >> 3


def _independent(bits: Bits, kind: int, picture: Pps, sequence: Sps) -> None:
    """Read what only a slice segment has that does not depend on the one before."""
    bits.skip(picture.extra)
    form = bits.ue()
    if picture.output:
        bits.skip(1)
    if sequence.separate:
        bits.skip(2)
    used = 0
    temporal = False
    if kind not in _IDR:
        used = _sets_of_slice(bits, sequence)
        temporal = sequence.temporal and bits.flag()
    offset = [False, False]
    if sequence.offset:
        offset = [bits.flag(), sequence.chroma and bits.flag()]
    if form in (_P, _B):
        _references(bits, form, used, picture, sequence, temporal=temporal)
    bits.se()  # slice_qp_delta
    if picture.chroma_offsets:
        bits.se()
        bits.se()
    if picture.offset_lists:
        bits.skip(1)
    off = picture.deblocking_off
    if picture.deblocking_override and bits.flag():
        off = bits.flag()
        if not off:
            bits.se()
            bits.se()
    if picture.filter_across and (any(offset) or not off):
        bits.skip(1)


def _sets_of_slice(bits: Bits, sequence: Sps) -> int:
    """Read the reference picture sets of a slice; return how many pictures it may refer to."""
    bits.skip(sequence.order_bits)
    if bits.flag():
        number = bits.u(wide(len(sequence.sets)))
        used = sequence.sets[number].used
    else:
        used = reference_set(bits, sequence.sets, in_slice=True).used
    if sequence.long_term:
        known = bits.ue() if sequence.long_used else 0
        count = known + bits.ue()
        if count > 2 * MOST_REFERENCES:
            raise ValueError("too many references")
        for which in range(count):
            if which < known:
                number = bits.u(wide(len(sequence.long_used)))
                used += sequence.long_used[number]
            else:
                bits.skip(sequence.order_bits)
                used += bits.flag()
            if bits.flag():
                bits.ue()
    return used


def _references(bits: Bits, form: int, used: int, picture: Pps, sequence: Sps, *, temporal: bool) -> None:
    """Read what a slice says of its reference pictures (7.3.6.1, 7.3.6.2, 7.3.6.3)."""
    count = list(picture.references)
    if bits.flag():
        count[0] = bits.ue() + 1
        if form == _B:
            count[1] = bits.ue() + 1
    lists = count if form == _B else count[:1]
    if max(lists) > MOST_REFERENCES:
        raise ValueError("too many references")
    if picture.modification and used > 1:
        for length in lists:
            if bits.flag():
                bits.skip(length * wide(used))
    if form == _B:
        bits.skip(1)  # mvd_l1_zero_flag
    if picture.cabac_init:
        bits.skip(1)
    if temporal:
        which = 0 if form != _B or bits.flag() else 1
        if count[which] > 1:
            bits.ue()
    if (picture.weighted and form == _P) or (picture.weighted_b and form == _B):
        bits.ue()
        if sequence.chroma:
            bits.se()
        for length in lists:
            luma = [bits.flag() for _ in range(length)]
            chroma = [sequence.chroma and bits.flag() for _ in range(length)]
            for light, coloured in zip(luma, chroma, strict=True):
                for _ in range(2 * light + 4 * coloured):
                    bits.se()
    bits.ue()  # five_minus_max_num_merge_cand
