"""H.264: how long the header of a slice is (ITU-T H.264 7.3.3), from the parameter sets it refers to.

Encryption leaves slice headers readable (ISO/IEC 23001-7 9.5.2, 10.4.2). Refused: flexible macroblock order, data
partitioning, and the further views and layers of MVC and SVC, which no player of the web decodes.
"""

from __future__ import annotations

from dataclasses import dataclass

from hls_mp4.codecs.bits import Bits, escaped_length, unescaped

SLICE, IDR, SPS, PPS = 1, 5, 7, 8
_OTHER_SLICES = frozenset((2, 3, 4, 20, 21))
_HIGH = frozenset((100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135))
_P, _B, _I, _SP, _SI = range(5)
_MOST_REFERENCES = 32
_SHORT = 32
"""Bytes of a slice that its header is looked for in first."""

_RATIOS = (
    *((0, 0), (1, 1), (12, 11), (10, 11), (16, 11), (40, 33), (24, 11), (20, 11), (32, 11), (80, 33), (18, 11)),
    *((15, 11), (64, 33), (160, 99), (4, 3), (3, 2), (2, 1)),
)
_EXTENDED_RATIO = 255


@dataclass(frozen=True, slots=True)
class Sps:
    """What a sequence parameter set says of slice headers, and the shape of pixels (7.3.2.1.1, E.1.1).

    Args:
        separate: whether colour planes are coded apart.
        chroma: whether there is colour in the slices.
        frame_bits: bits of frame_num.
        order_type: pic_order_cnt_type.
        order_bits: bits of pic_order_cnt_lsb.
        order_constant: delta_pic_order_always_zero_flag.
        frames_only: frame_mbs_only_flag.
        ratio: sample aspect ratio, (0, 0) when nobody says.
    """

    separate: bool
    chroma: bool
    frame_bits: int
    order_type: int
    order_bits: int
    order_constant: bool
    frames_only: bool
    ratio: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Pps:
    """What a picture parameter set says of slice headers (7.3.2.2)."""

    sps: int
    cabac: bool
    bottom_order: bool
    references: tuple[int, int]
    weighted: bool
    weighted_b: int
    deblocking: bool
    redundant: bool


class AvcSlices:
    """The parameter sets of a stream, and the headers of its slices."""

    nal_header = 1

    def __init__(self) -> None:
        self.sequences: dict[int, Sps] = {}
        self.pictures: dict[int, Pps] = {}

    def learn(self, unit: bytes) -> None:
        """Take a parameter set, or any other NAL unit.

        Raises:
            LookupError: it is cut short.
            ValueError: it makes no sense, or is of what is refused.
        """
        kind = unit[0] & 31
        if kind == SPS:
            number, sequence = read_sps(unit)
            self.sequences[number] = sequence
        elif kind == PPS:
            number, picture = _read_pps(unit)
            self.pictures[number] = picture

    def is_set(self, first: int) -> bool:
        """Tell by its first byte whether a NAL unit is a parameter set."""
        return first & 31 in (SPS, PPS)

    def is_slice(self, first: int) -> bool:
        """Tell by its first byte whether a NAL unit is coded picture.

        Raises:
            ValueError: it is, and of what is refused.
        """
        kind = first & 31
        if kind in _OTHER_SLICES:
            raise ValueError(f"NAL units of type {kind}")
        return kind in (SLICE, IDR)

    def header(self, unit: bytes | memoryview) -> int:
        """Return how many bytes of a slice its header has, that of the NAL unit and the last byte begun included.

        Raises:
            LookupError: it is cut short, or refers to a parameter set that is not there.
            ValueError: it makes no sense.
        """
        try:
            return self._header(bytes(unit[:_SHORT]))
        except IndexError:
            return self._header(bytes(unit))

    def _header(self, unit: bytes) -> int:
        data, places = unescaped(unit)
        bits = Bits(data)
        reference, kind = data[0] >> 5 & 3, data[0] & 31
        bits.skip(8)
        bits.ue()  # first_mb_in_slice
        form = bits.ue() % 5
        picture = self.pictures[bits.ue()]
        sequence = self.sequences[picture.sps]
        if sequence.separate:
            bits.skip(2)
        bits.skip(sequence.frame_bits)
        field = not sequence.frames_only and bits.flag()
        if field:
            bits.skip(1)
        if kind == IDR:
            bits.ue()
        if sequence.order_type == 0:
            bits.skip(sequence.order_bits)
            if picture.bottom_order and not field:
                bits.se()
        elif sequence.order_type == 1 and not sequence.order_constant:
            bits.se()
            if picture.bottom_order and not field:
                bits.se()
        if picture.redundant:
            bits.ue()
        _references(bits, form, picture, sequence)
        if reference:
            _marking(bits, idr=kind == IDR)
        if picture.cabac and form not in (_I, _SI):
            bits.ue()
        bits.se()  # slice_qp_delta
        if form in (_SP, _SI):
            if form == _SP:
                bits.skip(1)
            bits.se()
        if picture.deblocking and bits.ue() != 1:
            bits.se()
            bits.se()
        return escaped_length(-(-bits.at // 8), places)


def _references(bits: Bits, form: int, picture: Pps, sequence: Sps) -> None:
    """Read what a slice says of its reference pictures (7.3.3, 7.3.3.1, 7.3.3.2)."""
    if form in (_I, _SI):
        return
    if form == _B:
        bits.skip(1)  # direct_spatial_mv_pred_flag
    count = list(picture.references)
    if bits.flag():
        count[0] = bits.ue() + 1
        if form == _B:
            count[1] = bits.ue() + 1
    lists = count if form == _B else count[:1]
    if max(lists) > _MOST_REFERENCES:
        raise ValueError("too many references")
    for _ in lists:
        if bits.flag():
            while (what := bits.ue()) != 3:
                if what > 3:
                    raise ValueError("modification of references")
                bits.ue()
    if (picture.weighted and form in (_P, _SP)) or (picture.weighted_b == 1 and form == _B):
        bits.ue()
        if sequence.chroma:
            bits.ue()
        for length in lists:
            for _ in range(length):
                for numbers in (2, 4) if sequence.chroma else (2,):
                    if bits.flag():
                        for _ in range(numbers):
                            bits.se()


def _marking(bits: Bits, *, idr: bool) -> None:
    """Read dec_ref_pic_marking (7.3.3.3)."""
    if idr:
        bits.skip(2)
    elif bits.flag():
        while (operation := bits.ue()) != 0:
            if operation > 6:
                raise ValueError("marking of references")
            for _ in range((0, 1, 1, 2, 1, 0, 1)[operation]):
                bits.ue()


def read_sps(unit: bytes) -> tuple[int, Sps]:
    """Return the number of a sequence parameter set, and what it says.

    Raises:
        LookupError: it is cut short.
        ValueError: it makes no sense.
    """
    bits = Bits(unescaped(unit)[0])
    bits.skip(8)
    profile = bits.u(8)
    bits.skip(16)
    number = bits.ue()
    chroma, separate = 1, False
    if profile in _HIGH:
        chroma = bits.ue()
        separate = chroma == 3 and bits.flag()
        bits.ue()
        bits.ue()
        bits.skip(1)
        if bits.flag():
            for which in range(12 if chroma == 3 else 8):
                if bits.flag():
                    _skip_scaling(bits, 16 if which < 6 else 64)
    frame_bits = bits.ue() + 4
    order_type = bits.ue()
    order_bits, constant = 0, False
    if order_type == 0:
        order_bits = bits.ue() + 4
    elif order_type == 1:
        constant = bits.flag()
        bits.se()
        bits.se()
        for _ in range(bits.ue()):
            bits.se()
    if max(frame_bits, order_bits) > 16:
        raise ValueError("sequence parameter set")
    bits.ue()
    bits.skip(1)
    bits.ue()
    bits.ue()
    frames_only = bits.flag()
    if not frames_only:
        bits.skip(1)
    sequence = Sps(
        separate, chroma != 0 and not separate, frame_bits, order_type, order_bits, constant, frames_only, _ratio(bits)
    )
    return number, sequence


def _ratio(bits: Bits) -> tuple[int, int]:
    """Return the shape of pixels, from direct_8x8_inference_flag on."""
    bits.skip(1)
    if bits.flag():
        for _ in range(4):
            bits.ue()
    if not bits.flag() or not bits.flag():
        return 0, 0
    known = bits.u(8)
    if known == _EXTENDED_RATIO:
        return bits.u(16), bits.u(16)
    return _RATIOS[known] if known < len(_RATIOS) else (0, 0)


def _skip_scaling(bits: Bits, size: int) -> None:
    last = following = 8
    for _ in range(size):
        if following:
            following = (last + bits.se()) % 256
        last = following or last


def _read_pps(unit: bytes) -> tuple[int, Pps]:
    bits = Bits(unescaped(unit)[0])
    bits.skip(8)
    number, sps = bits.ue(), bits.ue()
    cabac, bottom = bits.flag(), bits.flag()
    if bits.ue():
        raise ValueError("flexible macroblock order")
    references = bits.ue() + 1, bits.ue() + 1
    weighted, weighted_b = bits.flag(), bits.u(2)
    bits.se()
    bits.se()
    bits.se()
    deblocking = bits.flag()
    bits.skip(1)
    return number, Pps(sps, cabac, bottom, references, weighted, weighted_b, deblocking, bits.flag())
