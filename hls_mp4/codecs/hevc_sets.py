"""HEVC: what parameter sets say of slice headers (ITU-T H.265 7.3.2.2, 7.3.2.3, 7.3.7)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from hls_mp4.codecs.bits import Bits, unescaped

MOST_REFERENCES = 16
_MOST_SETS = 64
_SCREEN_CONTENT = (9, 11)
"""Profiles whose slice headers have further fields."""


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


def reference_set(bits: Bits, known: Sequence[ReferenceSet], *, in_slice: bool) -> ReferenceSet:
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
    if before + after > MOST_REFERENCES:
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
    if len(before) + len(after) > MOST_REFERENCES:
        raise ValueError("reference picture set")
    return ReferenceSet(tuple(before), tuple(after))


def read_sps(unit: bytes) -> tuple[int, Sps]:
    """Return the number of a sequence parameter set, and what it says.

    Args:
        unit: the NAL unit, escaped.

    Raises:
        LookupError: it is cut short.
        ValueError: it makes no sense, or is of what is refused.
    """
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
        sets.append(reference_set(bits, sets, in_slice=False))
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


def read_pps(unit: bytes) -> tuple[int, Pps]:
    """Return the number of a picture parameter set, and what it says.

    Args:
        unit: the NAL unit, escaped.

    Raises:
        LookupError: it is cut short.
        ValueError: it makes no sense.
    """
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
