"""Byte streams of H.264 and HEVC."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hls_mp4.codecs.annexb import (
    AVC,
    HEVC,
    MOST_UNITS,
    START_CODE,
    Family,
    Framing,
    filler,
    framing_of_avc,
    framing_of_hevc,
    put_start_codes,
    units_of,
)

AVCC = bytes.fromhex("01640028ffe1000467640028" + "01000368ebef")


def test_parameter_sets_come_out_of_their_records() -> None:
    """Each with a start code, in the order in which a decoder needs them; the size of lengths besides."""
    framing = framing_of_avc(AVCC)
    assert framing.length_size == 4
    assert framing.parameter_sets == START_CODE + bytes.fromhex("67640028") + START_CODE + bytes.fromhex("68ebef")
    record = bytes((1, *range(20), 0xFC | 1, 2)) + bytes.fromhex("20000100024001" + "22000100034401aa")
    framing = framing_of_hevc(record)
    assert (framing.family, framing.length_size) == (HEVC, 2)
    assert framing.parameter_sets == START_CODE + b"\x40\x01" + START_CODE + b"\x44\x01\xaa"


@given(read=st.sampled_from((framing_of_avc, framing_of_hevc)), data=st.binary(max_size=60))
def test_records_of_any_bytes_are_read_or_refused(read: Callable[[bytes], Framing], data: bytes) -> None:
    """A record that is cut short, or of another version, is an error that says so."""
    with pytest.raises(ValueError, match="version"):
        read(b"\2" + data)
    try:
        framing = read(b"\1" + data)
    except LookupError:
        return
    assert 1 <= framing.length_size <= 4


NALS = st.lists(st.binary(min_size=0, max_size=9), min_size=1, max_size=5)


@given(samples=st.lists(NALS, max_size=8), gap=st.integers(0, 3))
def test_lengths_become_start_codes_in_all_samples_at_once(samples: list[list[bytes]], gap: int) -> None:
    """Each unit keeps its bytes and its place; what is between samples is left alone."""
    made = [b"".join(len(nal).to_bytes(4, "big") + nal for nal in nals) for nals in samples]
    data = np.frombuffer(b"".join(b"\xee" * gap + one for one in made) or b"\xee", np.uint8).copy()
    sizes = np.array([len(one) for one in made], np.int64)
    starts = np.cumsum(sizes + gap) - sizes
    found = put_start_codes(data, starts, starts + sizes, AVC)
    for at, size, nals, delimiter in zip(starts.tolist(), sizes.tolist(), samples, found.tolist(), strict=True):
        expected = b"".join((START_CODE if nal else bytes(4)) + nal for nal in nals)
        assert bytes(data[at : at + size]) == expected
        first = nals[0]
        assert delimiter == (4 + len(first) if first and first[0] & 31 == 9 else 0)
        assert bytes(data[at - gap : at]) == b"\xee" * gap


def test_units_that_go_on_without_end_are_refused() -> None:
    """A sample of empty units costs no more than a bounded number of looks."""
    data = np.zeros(4 * (MOST_UNITS + 1), np.uint8)
    with pytest.raises(ValueError, match="more than"):
        put_start_codes(data, np.array([0]), np.array([len(data)]), AVC)


def test_zeros_after_the_last_unit_stay() -> None:
    """Some writers pad samples: zeros may end a unit (trailing_zero_8bits), anything else is no unit."""
    for tail in (b"\0", b"\0\0\0"):
        data = np.frombuffer(b"\0\0\0\1\5" + tail, np.uint8).copy()
        put_start_codes(data, np.array([0]), np.array([len(data)]), AVC)
        assert bytes(data) == START_CODE + b"\5" + tail
        assert [bytes(each) for each in units_of(memoryview(b"\0\0\0\1\5" + tail), 4)] == [b"\5"]
    data = np.frombuffer(b"\0\0\0\1\x09\0\0" + b"\0\0\0\2\x09\x10", np.uint8).copy()
    assert put_start_codes(data, np.array([0, 7]), np.array([2, 13]), AVC).tolist() == [0, 6]


@given(nals=st.lists(st.binary(min_size=1, max_size=9), max_size=5), size=st.integers(1, 4))
def test_units_are_found_by_lengths_of_any_size(nals: list[bytes], size: int) -> None:
    """One to four bytes; a length that goes too far is an error."""
    sample = b"".join(len(nal).to_bytes(size, "big") + nal for nal in nals)
    assert [bytes(each) for each in units_of(memoryview(sample), size)] == nals
    with pytest.raises(ValueError, match="a NAL unit of 9 bytes in 3"):
        list(units_of(memoryview(sample + (9).to_bytes(size, "big") + b"abc"), size))


@pytest.mark.parametrize("family", [AVC, HEVC])
def test_filler_is_as_long_as_it_should_be(family: Family) -> None:
    """A unit of filler data where there is room for one, else zeros."""
    for size in range(60):
        made = filler(family, size)
        assert len(made) == size
        if size > 7:
            assert family.type_of(made[4]) == family.filler_type
            assert made[-1] == 0x80
