"""Tables about samples are cut to a clip's samples, to the sample."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hls_mp4.packagers.progressive.annotations import KINDS, crop

COUNT = 40
RANGES = st.tuples(st.integers(0, COUNT), st.integers(0, COUNT)).filter(lambda pair: pair[0] < pair[1])


def cropped(kind: bytes, payload: bytes, first: int, stop: int) -> bytes | None:
    """Return what is left of a table of COUNT samples."""
    return crop(kind, memoryview(payload), first, stop, COUNT)


@given(RANGES, st.binary(min_size=COUNT, max_size=COUNT))
def test_dependencies_stay_with_their_samples(span: tuple[int, int], notes: bytes) -> None:
    """sdtp has one byte for each sample."""
    assert cropped(b"sdtp", b"\0\0\0\0" + notes, *span) == b"\0\0\0\0" + notes[slice(*span)]


@given(RANGES, st.lists(st.integers(0, 65535), min_size=COUNT, max_size=COUNT))
def test_priorities_stay_with_their_samples(span: tuple[int, int], notes: list[int]) -> None:
    """stdp has two bytes for each sample."""
    expected = struct.pack(f">I{span[1] - span[0]}H", 0, *notes[slice(*span)])
    assert cropped(b"stdp", struct.pack(f">I{COUNT}H", 0, *notes), *span) == expected


def padb(bits: list[int]) -> bytes:
    """Return the payload of a padb box."""
    even = bits + [0] * (len(bits) % 2)
    pairs = bytes(high << 4 | low for high, low in zip(even[::2], even[1::2], strict=True))
    return struct.pack(">II", 0, len(bits)) + pairs


@given(RANGES, st.lists(st.integers(0, 7), min_size=COUNT, max_size=COUNT))
def test_padding_bits_stay_with_their_samples(span: tuple[int, int], bits: list[int]) -> None:
    """padb has half a byte for each sample, and a clip may begin with the second half of one."""
    assert cropped(b"padb", padb(bits), *span) == padb(bits[slice(*span)])


def runs(payload: bytes) -> list[int]:
    """Return the group of each sample by an sbgp payload."""
    at = 12 if payload[0] else 8
    (count,) = struct.unpack_from(">I", payload, at)
    assert len(payload) == at + 4 + 8 * count
    return [group for length, group in struct.iter_unpack(">II", payload[at + 4 :]) for _ in range(length)]


@given(RANGES, st.lists(st.tuples(st.integers(0, 15), st.integers(0, 5)), max_size=8), st.booleans())
def test_groups_stay_with_their_samples(span: tuple[int, int], table: list[tuple[int, int]], typed: bool) -> None:
    """sbgp has runs, with or without a parameter, and may stop before the last sample."""
    head = b"\1\0\0\0rollabcd" if typed else b"\0\0\0\0roll"
    payload = head + struct.pack(">I", len(table)) + b"".join(struct.pack(">II", *run) for run in table)
    result = cropped(b"sbgp", payload, *span)
    expected = runs(payload)[slice(*span)]
    assert (runs(result) if result else []) == expected
    assert result is None or result.startswith(head)


@given(RANGES, st.sets(st.integers(1, COUNT)))
def test_partial_sync_samples_are_counted_from_the_clip_on(span: tuple[int, int], numbers: set[int]) -> None:
    """stps lists sample numbers."""
    table = sorted(numbers)
    result = cropped(b"stps", struct.pack(f">II{len(table)}I", 0, len(table), *table), *span)
    expected = [number - span[0] for number in table if span[0] < number <= span[1]]
    assert result == struct.pack(f">II{len(expected)}I", 0, len(expected), *expected)


def test_shadow_sync_samples_keep_pairs_that_are_both_there() -> None:
    """stsh has pairs of samples; a pair of which one is missing says nothing."""
    payload = struct.pack(">II6I", 0, 3, 5, 7, 10, 12, 19, 30)
    assert cropped(b"stsh", payload, 6, 20) == struct.pack(">II2I", 0, 1, 4, 6)
    assert cropped(b"stsh", payload, 30, 40) is None


def subs(table: dict[int, int], first: int = 0) -> bytes:
    """Return the payload of a subs box: sample number -> number of sub-samples."""
    entries = b""
    before = first - 1
    for sample, parts in sorted(table.items()):
        entries += struct.pack(">IH", sample - before, parts)
        entries += b"".join(struct.pack(">HBBI", sample, part, 0, 0) for part in range(parts))
        before = sample
    return struct.pack(">II", 0, len(table)) + entries


@given(RANGES, st.dictionaries(st.integers(0, COUNT - 1), st.integers(0, 3)))
def test_sub_samples_stay_with_their_samples(span: tuple[int, int], table: dict[int, int]) -> None:
    """subs has entries of any length, each at a distance from the one before."""
    mine = {sample: parts for sample, parts in table.items() if span[0] <= sample < span[1]}
    assert cropped(b"subs", subs(table), *span) == (subs(mine, span[0]) if mine else None)


def test_bounds_of_offsets_hold_for_the_whole_track_only() -> None:
    """cslg tells the extremes of all samples, so that a part of them must not repeat it."""
    assert cropped(b"cslg", bytes(24), 0, COUNT) == bytes(24)
    assert cropped(b"cslg", bytes(24), 0, COUNT - 1) is None
    assert cropped(b"cslg", bytes(24), 1, COUNT) is None


@given(st.sampled_from(sorted(KINDS)), st.binary(max_size=60), RANGES)
def test_a_table_that_makes_no_sense_is_left_out(kind: bytes, payload: bytes, span: tuple[int, int]) -> None:
    """No bytes break a crop, and none make a table larger than it was."""
    result = cropped(kind, payload, *span)
    assert result is None or len(result) <= len(payload) + 8


@pytest.mark.parametrize("kind", sorted(KINDS - {b"cslg", b"sdtp", b"stdp"}))
def test_a_count_beyond_the_box_is_no_reason_to_allocate(kind: bytes) -> None:
    """Four billion entries in twenty bytes are none."""
    assert cropped(kind, b"\0\0\0\0" + b"\xff" * 20, 0, COUNT) is None
