"""H.264 and HEVC as byte streams (ITU-T H.264 and H.265 Annex B): start codes where MP4 has lengths.

MP4 keeps parameter sets apart, and lengths before NAL units (ISO/IEC 14496-15 5.3.3.1, 8.3.3.1); a stream has start
codes, an access unit delimiter before each picture, and parameter sets before those that decoding can begin at.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hls_mp4.codecs.records import Record

START_CODE = b"\0\0\0\1"

_AVC_FILLER, _AVC_DELIMITER = 12, 9
_HEVC_FILLER, _HEVC_DELIMITER = 38, 35
_WORD = np.dtype(">u4")
_QUAD = np.arange(4)

MOST_UNITS = 8192
"""NAL units of a sample: a picture of 4K with a slice for each macroblock row has 135."""


@dataclass(frozen=True, slots=True)
class Family:
    """What differs between the two.

    Args:
        delimiter: an access unit delimiter that allows any picture, start code included.
        delimiter_type: its NAL unit type.
        filler_type: that of filler data.
        filler_head: the header of filler data.
        shift, mask: how a NAL unit type is read from the first byte.
    """

    delimiter: bytes
    delimiter_type: int
    filler_type: int
    filler_head: bytes
    shift: int
    mask: int

    def type_of(self, first: int) -> int:
        """Return the type of a NAL unit by its first byte."""
        return first >> self.shift & self.mask


AVC = Family(START_CODE + b"\x09\xf0", _AVC_DELIMITER, _AVC_FILLER, b"\x0c", 0, 31)
HEVC = Family(START_CODE + b"\x46\x01\x50", _HEVC_DELIMITER, _HEVC_FILLER, b"\x4c\x01", 1, 63)


@dataclass(frozen=True, slots=True)
class Framing:
    """How the samples of a track become a byte stream.

    Args:
        family: AVC or HEVC.
        length_size: bytes of the lengths before NAL units, 1 to 4.
        parameter_sets: with start codes; empty where they are in the samples.
    """

    family: Family
    length_size: int
    parameter_sets: bytes


def framing_of_avc(record: Record) -> Framing:
    """Return what avcC says (14496-15 5.3.3.1.2).

    Raises:
        LookupError: it is cut short.
        ValueError: its version is unknown.
    """
    if record[0] != 1:
        raise ValueError("avcC version")
    found: list[bytes] = []
    at = 5
    for mask in (31, 255):  # sequence, then picture parameter sets
        count = record[at] & mask
        at += 1
        for _ in range(count):
            unit, at = _counted(record, at)
            found.append(unit)
    return Framing(AVC, (record[4] & 3) + 1, _joined(found))


def framing_of_hevc(record: Record) -> Framing:
    """Return what hvcC says (14496-15 8.3.3.1.2).

    Raises:
        LookupError: it is cut short.
        ValueError: its version is unknown.
    """
    if record[0] != 1:
        raise ValueError("hvcC version")
    found: list[bytes] = []
    at = 23
    for _ in range(record[22]):
        count = record[at + 1] << 8 | record[at + 2]
        at += 3
        for _ in range(count):
            unit, at = _counted(record, at)
            found.append(unit)
    return Framing(HEVC, (record[21] & 3) + 1, _joined(found))


def _counted(record: Record, at: int) -> tuple[bytes, int]:
    """Return a NAL unit with two bytes of length before it, and where it ends."""
    size = record[at] << 8 | record[at + 1]
    end = at + 2 + size
    if end > len(record):
        raise IndexError("parameter set cut short")
    return bytes(record[at + 2 : end]), end


def _joined(units: list[bytes]) -> bytes:
    return b"".join(START_CODE + unit for unit in units if unit)


def units_of(sample: memoryview, length_size: int) -> Iterator[memoryview]:
    """Yield the NAL units of a sample; empty ones are left out, and so are zeros at its end.

    Raises:
        ValueError: a length goes beyond the sample.
    """
    at, end = 0, len(sample)
    while at + length_size <= end:
        size = int.from_bytes(sample[at : at + length_size], "big")
        at += length_size
        if at + size > end:
            raise ValueError(f"a NAL unit of {size} bytes in {end - at} bytes")
        if size:
            yield sample[at : at + size]
        at += size
    if any(sample[at:]):
        raise ValueError(f"{end - at} bytes that are no NAL unit")


def filler(family: Family, size: int) -> bytes:
    """Return filler data of a size, start code included; zeros when there is no room for it.

    Zeros may end any NAL unit (Annex B, trailing_zero_8bits); decoders pass them over.
    """
    ones = size - len(START_CODE) - len(family.filler_head) - 1
    if ones < 0:
        return bytes(size)
    return START_CODE + family.filler_head + b"\xff" * ones + b"\x80"


def put_start_codes(
    data: NDArray[np.uint8], starts: NDArray[np.int64], ends: NDArray[np.int64], family: Family
) -> NDArray[np.int64]:
    """Write start codes over the lengths of four bytes before NAL units, in many samples at once.

    Args:
        data: the samples lie in it.
        starts, ends: of each sample; none is empty.
        family: of the codec.

    Returns:
        For each sample the bytes of the access unit delimiter that it begins with; 0 where it begins with none.

    Raises:
        ValueError: a length goes beyond its sample, or there are too many.
    """
    short = starts + 4 > ends
    if short.any():
        _check_tails(data, starts[short], ends[short])
        found = np.zeros(len(starts), np.int64)
        found[~short] = put_start_codes(data, starts[~short], ends[~short], family)
        return found
    delimiters: NDArray[np.int64] | None = None
    at, end = starts, ends
    for _ in range(MOST_UNITS):
        tails = at + 4 > end
        if tails.any():
            _check_tails(data, at[tails], end[tails])
            at, end = at[~tails], end[~tails]
        if not len(at):
            break
        places = at[:, None] + _QUAD
        lengths = data[places].view(_WORD)[:, 0].astype(np.int64)
        following = at + lengths
        following += 4
        if (following > end).any():
            wrong = int(np.flatnonzero(following > end)[0])
            raise ValueError(f"a NAL unit of {int(lengths[wrong])} bytes in {int(end[wrong] - at[wrong]) - 4} bytes")
        data[places[:, :3]] = 0
        data[at + 3] = lengths > 0  # an empty unit becomes zeros between two others
        if delimiters is None:
            types = data[np.minimum(at + 4, len(data) - 1)] >> family.shift & family.mask
            delimiters = (lengths + 4) * ((types == family.delimiter_type) & (lengths > 0))
        left = following < end
        at, end = following[left], end[left]
    else:
        raise ValueError(f"more than {MOST_UNITS} NAL units")
    return delimiters if delimiters is not None else np.zeros(0, np.int64)


def _check_tails(data: NDArray[np.uint8], at: NDArray[np.int64], end: NDArray[np.int64]) -> None:
    """Check that what is too short for a NAL unit is zeros."""
    for begin, stop in zip(at.tolist(), end.tolist(), strict=True):
        if data[begin:stop].any():
            raise ValueError(f"{stop - begin} bytes that are no NAL unit")
