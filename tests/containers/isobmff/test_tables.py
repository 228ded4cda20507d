"""Sample tables: raw bytes under numpy views."""

from __future__ import annotations

import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hls_mp4.containers.isobmff.box import Box
from hls_mp4.containers.isobmff.tables import (
    Co64,
    Ctts,
    Stco,
    Stsc,
    Stss,
    Stsz,
    Stts,
    Stz2,
    Table,
    chunk_offset_table,
)
from hls_mp4.errors import MalformedMedia, StreamingError
from tests.boxes import make, make_full

TABLES: dict[type[Table], int] = {Stts: 8, Ctts: 8, Stss: 4, Stsc: 12, Stco: 4, Co64: 8}
"""Kind of table -> bytes of an entry, after ISO/IEC 14496-12."""

EVERY = [*TABLES, Stsz, Stz2]
U32 = st.integers(0, 2**32 - 1)


@given(
    kind=st.sampled_from(list(TABLES)), count=st.integers(0, 5), flags=U32, rest=st.binary(max_size=9), data=st.data()
)
def test_a_table_goes_both_ways(kind: type[Table], count: int, flags: int, rest: bytes, data: st.DataObject) -> None:
    """Reading a table and writing it gives its bytes back, those behind its last entry too."""
    length = count * TABLES[kind]
    entries = data.draw(st.binary(min_size=length, max_size=length))
    box = Box.parse(make(kind.KIND, struct.pack(">II", flags, count), entries, rest))
    table = kind.parse(box)
    assert len(table) == count
    assert table.entries.tobytes() == entries
    assert table.build() == bytes(box.raw)


@given(uniform=st.just(0) | U32, count=st.integers(0, 5), flags=U32, rest=st.binary(max_size=9), data=st.data())
def test_a_size_table_goes_both_ways(uniform: int, count: int, flags: int, rest: bytes, data: st.DataObject) -> None:
    """Sizes, listed or one for all, are written as they were read."""
    length = 0 if uniform else count * 4
    entries = data.draw(st.binary(min_size=length, max_size=length))
    box = Box.parse(make(b"stsz", struct.pack(">III", flags, uniform, count), entries, rest))
    table = Stsz.parse(box)
    assert (len(table), table.sample_size) == (count, uniform)
    assert table.build() == bytes(box.raw)


@given(
    bits=st.sampled_from([4, 8, 16]),
    sizes=st.lists(st.integers(0, 15), max_size=9),
    rest=st.binary(max_size=5),
    data=st.data(),
)
def test_a_compact_size_table_is_read_in_parts(bits: int, sizes: list[int], rest: bytes, data: st.DataObject) -> None:
    """Sizes of 4, 8 and 16 bits are those that were written, from any sample on, and go both ways."""
    if bits == 4:
        padded = [*sizes, 0]
        packed = bytes(padded[at] << 4 | padded[at + 1] for at in range(0, len(sizes), 2))
    else:
        packed = struct.pack(f">{len(sizes)}{'B' if bits == 8 else 'H'}", *sizes)
    box = Box.parse(make(b"stz2", struct.pack(">IIII", 0, 0xABCDEF00 | bits, len(sizes), 0)[:12], packed, rest))
    table = Stz2.parse(box)
    assert table.build() == bytes(box.raw)
    assert len(table) == len(sizes)
    start = data.draw(st.integers(0, len(sizes)))
    stop = data.draw(st.integers(start, len(sizes)))
    assert table.part(start, stop).tolist() == sizes[start:stop]


@given(kind=st.sampled_from(EVERY), payload=st.binary(max_size=40))
def test_bytes_of_any_kind_end_in_an_error_or_a_table(kind: type[Table | Stsz | Stz2], payload: bytes) -> None:
    """Whatever a table box holds, it is a table of its bytes or refused in words."""
    box = Box.parse(make(kind.KIND, payload), 30)
    try:
        assert kind.parse(box).build() == bytes(box.raw)
    except StreamingError as error:
        assert (error.box, error.offset) == (kind.KIND.decode(), 30)


@pytest.mark.parametrize("kind", TABLES)
@pytest.mark.parametrize("count", [3, 2**31, 2**32 - 1, 0x20000001, 0x15555557, 0x40000001])
def test_a_count_that_the_box_cannot_hold_is_refused(kind: type[Table], count: int) -> None:
    """Counts are held against the bytes that are there, those too whose bytes wrap 32 bits."""
    for payload in (struct.pack(">II", 0, count) + bytes(3 * TABLES[kind] - 1), bytes(7)):
        with pytest.raises(MalformedMedia, match=f"mp4 {kind.KIND.decode()} atom too small"):
            kind.parse(Box.parse(make(kind.KIND, payload)))


@pytest.mark.parametrize(
    ("kind", "payload"),
    [
        (Stsz, bytes(11)),
        (Stsz, struct.pack(">III", 0, 0, 3) + bytes(11)),
        (Stsz, struct.pack(">III", 0, 0, 0x40000001) + bytes(11)),
        (Stz2, bytes(11)),
        (Stz2, struct.pack(">III", 0, 4, 3) + bytes(1)),
        (Stz2, struct.pack(">III", 0, 8, 3) + bytes(2)),
        (Stz2, struct.pack(">III", 0, 16, 2**31) + bytes(5)),
    ],
)
def test_sizes_that_the_box_cannot_hold_are_refused(kind: type[Stsz | Stz2], payload: bytes) -> None:
    """Size tables are no exception."""
    with pytest.raises(MalformedMedia, match=f"mp4 {kind.KIND.decode()} atom too small"):
        kind.parse(Box.parse(make(kind.KIND, payload)))


@pytest.mark.parametrize("bits", [0, 1, 12, 32, 255])
def test_sizes_of_odd_width_are_refused(bits: int) -> None:
    """Compact sizes have 4, 8 or 16 bits."""
    with pytest.raises(MalformedMedia, match=f"field size is {bits}"):
        Stz2.parse(Box.parse(make(b"stz2", struct.pack(">III", 0, bits, 0))))


def test_tables_are_views() -> None:
    """Laying a table over a film's bytes copies nothing."""
    data = make_full(b"stsz", 0, 0, struct.pack(">II", 0, 1000), bytes(4000))
    table = Stsz.parse(Box.parse(data))
    assert np.shares_memory(table.entries, np.frombuffer(data, np.uint8))


@given(rows=st.lists(st.tuples(U32, U32), max_size=6))
def test_durations_have_columns(rows: list[tuple[int, int]]) -> None:
    """Counts and durations are told from each other, made and read."""
    table = Stts.of([count for count, _ in rows] or np.empty(0, int), [delta for _, delta in rows] or np.empty(0, int))
    read = Stts.parse(Box.parse(table.build()))
    assert list(zip(read.counts.tolist(), read.deltas.tolist(), strict=True)) == rows


@given(rows=st.lists(st.tuples(U32, st.integers(-(2**31), 2**31 - 1)), min_size=1, max_size=6))
def test_offsets_keep_their_sign(rows: list[tuple[int, int]]) -> None:
    """Negative composition offsets are written in the version that has them, and read in either."""
    table = Ctts.of_runs([count for count, _ in rows], [offset for _, offset in rows])
    read = Ctts.parse(Box.parse(table.build()))
    assert list(zip(read.counts.tolist(), read.offsets.tolist(), strict=True)) == rows
    assert read.version == int(any(offset < 0 for _, offset in rows))


def test_scalars_are_repeated() -> None:
    """A column that is the same everywhere is given once."""
    assert Stsc.of([1, 5], 7, 1).entries.tolist() == [[1, 7, 1], [5, 7, 1]]
    assert Stss.of([1, 9]).entries.tolist() == [1, 9]


@pytest.mark.parametrize(
    ("offsets", "kind"), [([0, 2**32 - 1], Stco), ([0, 2**32], Co64), ([2**60], Co64), ([5], Stco)]
)
def test_offsets_get_the_table_they_fit_into(offsets: list[int], kind: type[Table]) -> None:
    """Only a film above 4 GiB has 64-bit chunk offsets."""
    table = chunk_offset_table(offsets)
    assert type(table) is kind
    assert kind.parse(Box.parse(table.build())).entries.tolist() == offsets


def test_no_offsets_are_a_table() -> None:
    """A track without chunks has an empty table."""
    assert chunk_offset_table(np.empty(0, np.int64)).build() == make_full(b"stco", 0, 0, bytes(4))


@given(sizes=st.lists(U32, max_size=8), size=st.integers(1, 2**32 - 1), count=U32)
def test_sizes_are_made(sizes: list[int], size: int, count: int) -> None:
    """Size tables of both forms are what was asked for."""
    assert Stsz.parse(Box.parse(Stsz.of(np.array(sizes, np.int64)).build())).entries.tolist() == sizes
    uniform = Stsz.parse(Box.parse(Stsz.uniform(size, count).build()))
    assert (uniform.sample_size, uniform.count, len(uniform.entries)) == (size, count, 0)
