"""The small boxes of a movie."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hls_mp4.containers.isobmff.box import Box
from hls_mp4.containers.isobmff.movie import (
    MAX_EDITS,
    Elst,
    ElstEntry,
    Hdlr,
    Mdhd,
    Mehd,
    Mvhd,
    SmallBox,
    Tkhd,
    Trex,
    fields_of,
    with_duration,
)
from hls_mp4.errors import MalformedMedia
from tests.boxes import make

SMALL = [Mvhd, Tkhd, Mdhd, Hdlr, Mehd, Trex]
TIMED = [Mvhd, Tkhd, Mdhd]
LENGTHS = {
    Mvhd: (100, 112),
    Tkhd: (84, 96),
    Mdhd: (24, 36),
    Hdlr: (24, 24),
    Mehd: (8, 12),
    Trex: (24, 24),
}
"""Payload in version 0 and in version 1, after ISO/IEC 14496-12."""


@given(kind=st.sampled_from(SMALL), version=st.sampled_from([0, 1, 2, 255]), data=st.data())
def test_a_box_goes_both_ways(kind: type[SmallBox], version: int, data: st.DataObject) -> None:
    """Reading a box and writing it gives its bytes back, whatever follows the fields we know."""
    length = LENGTHS[kind][bool(version)]
    payload = bytes([version]) + data.draw(st.binary(min_size=length - 1, max_size=length + 9))
    box = Box.parse(make(kind.KIND, payload))
    assert kind.parse(box).build() == bytes(box.raw)
    assert fields_of(kind.parse(box))["version"] == version


@pytest.mark.parametrize("kind", SMALL)
@pytest.mark.parametrize("version", [0, 1])
def test_a_box_shorter_than_its_fields_is_refused(kind: type[SmallBox], version: int) -> None:
    """A header that is cut short is an error that names it, at every length."""
    whole = bytes([version]) + bytes(LENGTHS[kind][version] - 1)
    kind.parse(Box.parse(make(kind.KIND, whole)))
    for length in range(len(whole)):
        with pytest.raises(MalformedMedia, match=f"mp4 {kind.KIND.decode()} atom too small") as caught:
            kind.parse(Box.parse(make(kind.KIND, whole[:length]), 70))
        assert (caught.value.box, caught.value.offset) == (kind.KIND.decode(), 70)


def test_fields_are_where_the_standard_puts_them() -> None:
    """The fields that films are cut by are the right ones."""
    mvhd = Mvhd.parse(Box.parse(make(b"mvhd", struct.pack(">5I", 0, 1, 2, 1000, 5000) + bytes(80))))
    assert (mvhd.timescale, mvhd.duration) == (1000, 5000)
    tkhd = Tkhd.parse(Box.parse(make(b"tkhd", struct.pack(">6I", 7, 1, 2, 3, 0, 5000) + bytes(60))))
    assert (tkhd.track_id, tkhd.duration, tkhd.flags) == (3, 5000, 7)
    mdhd = Mdhd.parse(Box.parse(make(b"mdhd", struct.pack(">IQQIQI", 1 << 24, 1, 2, 90000, 2**33, 0x55C40000))))
    assert (mdhd.timescale, mdhd.duration, mdhd.language) == (90000, 2**33, "und")
    trex = Trex.parse(Box.parse(make(b"trex", struct.pack(">6I", 0, 1, 2, 3, 4, 5))))
    assert trex == Trex(track_id=1, sample_description_index=2, sample_duration=3, sample_size=4, sample_flags=5)
    assert Hdlr.parse(Box.parse(make(b"hdlr", bytes(8) + b"vide" + bytes(12) + b"name"))).handler_type == b"vide"
    assert Mehd.parse(Box.parse(make(b"mehd", struct.pack(">IQ", 1 << 24, 2**40)))).fragment_duration == 2**40


@pytest.mark.parametrize(("code", "language"), [(0x15C7, "eng"), (0x55C4, "und"), (0, "und"), (0x7FFF, "und")])
def test_languages_are_letters(code: int, language: str) -> None:
    """A language is three letters; QuickTime's numbers are none."""
    assert Mdhd(timescale=1, language_code=code).language == language


@given(kind=st.sampled_from(TIMED), version=st.integers(0, 1), duration=st.integers(0, 2**64 - 1), data=st.data())
def test_a_duration_is_changed_and_nothing_else(
    kind: type[Mvhd | Tkhd | Mdhd], version: int, duration: int, data: st.DataObject
) -> None:
    """A clip's headers are the film's with another duration, wide enough for it."""
    length = LENGTHS[kind][version] + data.draw(st.integers(0, 5))
    box = Box.parse(make(kind.KIND, bytes([version]) + data.draw(st.binary(min_size=length - 1, max_size=length - 1))))
    before = kind.parse(box)
    after = kind.parse(Box.parse(with_duration(box, duration)))
    wanted = before.with_duration(duration)
    assert after == wanted
    assert after.duration == duration
    assert after.version == (version or int(duration > 2**32 - 1))
    same = set(fields_of(before)) - {"duration", "version"}
    assert all(getattr(after, name) == getattr(before, name) for name in same)


ENTRIES = st.lists(
    st.builds(
        ElstEntry,
        st.integers(0, 2**32 - 1) | st.integers(0, 2**64 - 1),
        st.integers(-1, 2**31 - 1) | st.integers(-(2**63), 2**63 - 1),
        st.integers(-(2**15), 2**15 - 1),
        st.integers(0, 2**16 - 1),
    ),
    max_size=5,
)


@given(entries=ENTRIES)
def test_an_edit_list_holds_its_edits(entries: list[ElstEntry]) -> None:
    """Edits are written in the narrowest version that holds them, and read back as they were."""
    elst = Elst.of(*entries)
    box = Box.parse(elst.build())
    assert Elst.parse(box) == elst
    assert elst.entries == tuple(entries)
    fits = all(entry.segment_duration < 2**32 and -(2**31) <= entry.media_time < 2**31 for entry in entries)
    assert box.payload[0] == (0 if fits else 1)


@given(version=st.sampled_from([0, 1, 7]), count=st.integers(0, 4), rest=st.binary(max_size=9), data=st.data())
def test_an_edit_list_goes_both_ways(version: int, count: int, rest: bytes, data: st.DataObject) -> None:
    """Reading an edit list and writing it gives its bytes back."""
    length = count * (20 if version else 12)
    lines = data.draw(st.binary(min_size=length, max_size=length))
    box = Box.parse(make(b"elst", struct.pack(">II", version << 24 | 5, count), lines, rest))
    assert Elst.parse(box).build() == bytes(box.raw)


@pytest.mark.parametrize(
    "payload",
    [
        bytes(7),
        struct.pack(">II", 0, 1) + bytes(11),
        struct.pack(">II", 1 << 24, 1) + bytes(19),
        struct.pack(">II", 0, 2**32 - 1) + bytes(12),
        struct.pack(">II", 0, 0x15555556) + bytes(12),  # times 12 it is 8, in 32 bits
    ],
)
def test_an_edit_list_shorter_than_its_count_is_refused(payload: bytes) -> None:
    """A count that the box cannot hold is an error before anything is read."""
    with pytest.raises(MalformedMedia, match="mp4 elst atom too small"):
        Elst.parse(Box.parse(make(b"elst", payload)))


def test_an_edit_list_longer_than_any_is_refused() -> None:
    """A list that no editor writes is not turned into objects."""
    count = MAX_EDITS + 1
    with pytest.raises(MalformedMedia, match=f"has {count} entries"):
        Elst.parse(Box.parse(make(b"elst", struct.pack(">II", 0, count), bytes(12 * count))))
