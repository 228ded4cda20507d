"""HEVC: how long the header of a slice segment is (ITU-T H.265 7.3.6), from the parameter sets it refers to.

Encryption leaves slice headers readable (ISO/IEC 23001-7 9.5.2, 10.4.2). Refused: layers above the first, and the
extensions for several layers, depth and screen content.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from hls_mp4.codecs.bits import Bits, escaped_length, unescaped, wide

SPS, PPS = 33, 34
_FIRST_NO_SLICE = 32
_IRAP = range(16, 24)
_IDR = (19, 20)
_B, _P, _I = range(3)
_MOST_REFERENCES = 16
_MOST_SETS = 64
_SCREEN_CONTENT = (9, 11)
"""Profiles whose slice headers have further fields."""

_SHORT = 32
"""Bytes of a slice that its header is looked for in first."""


@dataclass(frozen=True, slots=True)
class Sps:
    """What a sequence parameter set says of slice headers (7.3.2.2).

    Args:
        separate: whether colour planes are coded apart.
        chroma: whether there is colour in the slices.
        blocks: coding tree blocks of a picture.
        order_bits: bits of slice_pic_order_cnt_lsb.
        sets: short-term reference picture sets: how many pictures of each are used, and how many it has.
        long_term: long_term_ref_pics_present_flag.
        long_used: used_by_curr_pic_lt_sps_flag of each.
        temporal: sps_temporal_mvp_enabled_flag.
        offset: sample_adaptive_offset_enabled_flag.
    """

    separate: bool
    chroma: bool
    blocks: int
    order_bits: int
    sets: tuple[ReferenceSet, ...]
    long_term: bool
    long_used: tuple[bool, ...]
    temporal: bool
    offset: bool


@dataclass(frozen=True, slots=True)
class Pps:
    """What a picture parameter set says of slice headers (7.3.2.3)."""

    sps: int
    dependent: bool
    output: bool
    extra: int
    cabac_init: bool
    references: tuple[int, int]
    chroma_offsets: bool
    weighted: bool
    weighted_b: bool
    entry_points: bool
    filter_across: bool
    deblocking_override: bool
    deblocking_off: bool
    modification: bool
    extension: bool
    offset_lists: bool


@dataclass(frozen=True, slots=True)
class ReferenceSet:
    """A short-term reference picture set (7.4.8): distances and whether each is used, before and after a picture."""

    before: tuple[tuple[int, bool], ...]
    after: tuple[tuple[int, bool], ...]

    @property
    def used(self) -> int:
        """Pictures that the current one may refer to."""
        return sum(used for _, used in (*self.before, *self.after))


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
            number, sequence = _read_sps(unit)
            self.sequences[number] = sequence
        elif kind == PPS:
            number, picture = _read_pps(unit)
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
        used = _reference_set(bits, sequence.sets, in_slice=True).used
    if sequence.long_term:
        known = bits.ue() if sequence.long_used else 0
        count = known + bits.ue()
        if count > 2 * _MOST_REFERENCES:
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
    if max(lists) > _MOST_REFERENCES:
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


def _reference_set(bits: Bits, known: Sequence[ReferenceSet], *, in_slice: bool) -> ReferenceSet:
    """Read a short-term reference picture set (7.3.7, 7.4.8).

    Args:
        bits: where it begins.
        known: those before it.
        in_slice: whether it stands in a slice, which may predict it from any of the parameter set's.
    """
    if known and bits.flag():
        back = bits.ue() + 1 if in_slice else 1
        if back > len(known):
            raise ValueError("reference picture set")
        return _predicted(bits, known[-back])
    before, after = bits.ue(), bits.ue()
    if before + after > _MOST_REFERENCES:
        raise ValueError("reference picture set")
    return ReferenceSet(_distances(bits, before, -1), _distances(bits, after, 1))


def _distances(bits: Bits, count: int, sign: int) -> tuple[tuple[int, bool], ...]:
    found, at = [], 0
    for _ in range(count):
        at += sign * (bits.ue() + 1)
        found.append((at, bits.flag()))
    return tuple(found)


def _predicted(bits: Bits, other: ReferenceSet) -> ReferenceSet:
    """Read a set that is told by its difference from another one (7-61, 7-62)."""
    sign = -1 if bits.flag() else 1
    step = sign * (bits.ue() + 1)
    flags = []
    for _ in range(len(other.before) + len(other.after) + 1):
        used = bits.flag()
        flags.append((used, used or bits.flag()))
    # Those of the other set, nearest first on either side; and its own picture, which lies at 0.
    near = list(zip(other.before, flags, strict=False))
    far = list(zip(other.after, flags[len(other.before) :], strict=False))
    itself = ((0, False), flags[-1])
    moved = [(distance + step, used) for (distance, _), (used, kept) in (*far[::-1], itself, *near) if kept]
    before = [each for each in moved if each[0] < 0]
    moved = [(distance + step, used) for (distance, _), (used, kept) in (*near[::-1], itself, *far) if kept]
    after = [each for each in moved if each[0] > 0]
    if len(before) + len(after) > _MOST_REFERENCES:
        raise ValueError("reference picture set")
    return ReferenceSet(tuple(before), tuple(after))


def _read_sps(unit: bytes) -> tuple[int, Sps]:
    bits = Bits(unescaped(unit)[0])
    bits.skip(16 + 4)
    layers = bits.u(3)
    bits.skip(1)
    _skip_profile(bits, layers)
    number = bits.ue()
    chroma = bits.ue()
    separate = chroma == 3 and bits.flag()
    width, height = bits.ue(), bits.ue()
    if bits.flag():
        for _ in range(4):
            bits.ue()
    bits.ue()
    bits.ue()
    order_bits = bits.ue() + 4
    for _ in range(layers + 1 if bits.flag() else 1):
        for _ in range(3):
            bits.ue()
    size = bits.ue() + 3 + bits.ue()
    if size > 6 or order_bits > 16:
        raise ValueError("sequence parameter set")
    blocks = -(-width >> size) * -(-height >> size)
    for _ in range(4):
        bits.ue()
    if bits.flag() and bits.flag():
        _skip_scaling(bits)
    bits.skip(1)
    offset = bits.flag()
    if bits.flag():
        bits.skip(8)
        bits.ue()
        bits.ue()
        bits.skip(1)
    sets: list[ReferenceSet] = []
    count = bits.ue()
    if count > _MOST_SETS:
        raise ValueError("sequence parameter set")
    for _ in range(count):
        sets.append(_reference_set(bits, sets, in_slice=False))
    long_used: list[bool] = []
    long_term = bits.flag()
    if long_term:
        for _ in range(bits.ue()):
            bits.skip(order_bits)
            long_used.append(bits.flag())
    temporal = bits.flag()
    coloured = chroma != 0 and not separate
    return number, Sps(
        separate, coloured, blocks, order_bits, tuple(sets), long_term, tuple(long_used), temporal, offset
    )


def _skip_profile(bits: Bits, layers: int) -> None:
    """Read profile_tier_level (7.3.3)."""
    bits.skip(3)
    if bits.u(5) in _SCREEN_CONTENT:
        raise ValueError("screen content coding")
    bits.skip(80 + 8)
    present = [(bits.flag(), bits.flag()) for _ in range(layers)]
    if layers:
        bits.skip(2 * (8 - layers))
    for profile, level in present:
        bits.skip(88 * profile + 8 * level)


def _skip_scaling(bits: Bits) -> None:
    """Read scaling_list_data (7.3.4)."""
    for size in range(4):
        for _ in range(2 if size == 3 else 6):
            if not bits.flag():
                bits.ue()
                continue
            if size > 1:
                bits.se()
            for _ in range(min(64, 1 << 4 + 2 * size)):
                bits.se()


def _read_pps(unit: bytes) -> tuple[int, Pps]:
    bits = Bits(unescaped(unit)[0])
    bits.skip(16)
    number, sps = bits.ue(), bits.ue()
    dependent, output = bits.flag(), bits.flag()
    extra = bits.u(3)
    bits.skip(1)
    cabac_init = bits.flag()
    references = bits.ue() + 1, bits.ue() + 1
    bits.se()
    bits.skip(1)
    skipped_transform = bits.flag()
    if bits.flag():
        bits.ue()
    bits.se()
    bits.se()
    chroma_offsets, weighted, weighted_b = bits.flag(), bits.flag(), bits.flag()
    bits.skip(1)
    tiles, waves = bits.flag(), bits.flag()
    if tiles:
        columns, rows = bits.ue(), bits.ue()
        if not bits.flag():
            for _ in range(columns + rows):
                bits.ue()
        bits.skip(1)
    across = bits.flag()
    override = off = False
    if bits.flag():
        override, off = bits.flag(), bits.flag()
        if not off:
            bits.se()
            bits.se()
    if bits.flag():
        _skip_scaling(bits)
    modification = bits.flag()
    bits.ue()
    extension, lists = bits.flag(), False
    if bits.flag():
        ranged = bits.flag()
        bits.skip(2)
        if bits.flag():
            raise ValueError("screen content coding")
        bits.skip(4)
        if ranged:
            if skipped_transform:
                bits.ue()
            bits.skip(1)
            lists = bits.flag()
    return number, Pps(
        sps=sps,
        dependent=dependent,
        output=output,
        extra=extra,
        cabac_init=cabac_init,
        references=references,
        chroma_offsets=chroma_offsets,
        weighted=weighted,
        weighted_b=weighted_b,
        entry_points=tiles or waves,
        filter_across=across,
        deblocking_override=override,
        deblocking_off=off,
        modification=modification,
        extension=extension,
        offset_lists=lists,
    )
