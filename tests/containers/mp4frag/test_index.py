"""The index of OpenHttpStreamer."""

from __future__ import annotations

import struct
from contextlib import suppress

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hls_mp4.containers.mp4frag.index import (
    MOST_FILMS,
    Index,
    Record,
    Written,
    packed_index,
    read_index,
    record_length,
    samples_in,
)
from hls_mp4.errors import MalformedMedia, MediaTooLarge, StreamingError, UnsupportedMedia
from hls_mp4.media.drive import index_bytes
from hls_mp4.testing.chance import mutated

AVC, ASC = bytes.fromhex("0164001e") + bytes(42), bytes.fromhex("121056e500")
WIDE = st.integers(0, 2**32 - 1)
ROWS = st.lists(st.tuples(WIDE, WIDE, WIDE, st.integers(-(2**23), 2**23 - 1), st.sampled_from([0, 1, 3])), max_size=20)


def record_of(rows: list[tuple[int, int, int, int, int]], total: int = 0) -> Record:
    """Return a record of (offset, size, time, composition, flags)."""
    columns = np.array(rows, np.int64).reshape(len(rows), 5).T
    return Record(total, *columns[:4], columns[4] & 1 == 1, columns[4] & 2 == 2)


def parsed(data: bytes) -> Index:
    """Return an index in memory."""
    index = index_bytes(read_index(len(data)), data)
    assert isinstance(index, Index)
    return index


def test_the_bytes_are_those_of_mp4frag() -> None:
    """Two films of five fragments, 1363 samples each: what OpenHttpStreamer wrote of them begins like this."""
    counts = (273, 272, 272, 272, 274)
    records = [record_of([(0, 0, 0, 0, 0)] * count).packed() for count in counts]
    data = packed_index([Written(b"hi_nb.mp4", AVC, ASC, records)] * 2)
    assert data[:30].hex() == "6d703466726167030002000000120000" + "55b9000a68695f6e622e6d703400"
    assert data[30:36].hex() == "002e0164001e"
    at = 32 + len(AVC)
    assert data[at : at + 17].hex() == "0005121056e50000050000006b00001181"
    assert parsed(data).films[1].name == b"hi_nb.mp4"


@given(ROWS, st.integers(0, 2**32 - 1))
def test_what_is_written_is_read(rows: list[tuple[int, int, int, int, int]], total: int) -> None:
    """Every sample comes back; composition offsets as 24 bits."""
    data = record_of(rows, total).packed()
    assert len(data) == record_length(samples_in(data)) == record_length(len(rows))
    found = Record.parse(data)
    assert found.total == total
    assert found.offsets.tolist() == [row[0] for row in rows]
    assert found.sizes.tolist() == [row[1] for row in rows]
    assert found.times.tolist() == [row[2] for row in rows]
    assert found.compositions.tolist() == [row[3] & 0xFFFFFF for row in rows]
    assert found.video.tolist() == [bool(row[4] & 1) for row in rows]
    assert found.keys.tolist() == [bool(row[4] & 2) for row in rows]


@pytest.mark.parametrize("version", [1, 2, 3])
def test_all_versions_are_read(version: int) -> None:
    """In the first one names have no zero byte at their end."""
    name = b"a.mp4" if version == 1 else b"a.mp4\0"
    directory = struct.pack(">H", len(name)) + name + struct.pack(">HHHI", 0, 0, 1, 99)
    index = parsed(b"mp4frag" + bytes((version,)) + struct.pack(">HI", 1, 14) + directory)
    (film,) = index.films
    assert (film.name, film.avc, film.aac, film.records.tolist()) == (b"a.mp4", b"", b"", [99])
    assert index.weight > 0


@pytest.mark.parametrize("version", [0, 4, 255])
def test_other_versions_are_refused(version: int) -> None:
    """What a later one means nobody can know."""
    with pytest.raises(UnsupportedMedia):
        parsed(b"mp4frag" + bytes((version, 0, 0)))


@pytest.mark.parametrize(
    ("rows", "total"),
    [
        ([(1 << 32, 1, 0, 0, 1)], 0),
        ([(0, 1 << 32, 0, 0, 1)], 0),
        ([(0, 1, 1 << 32, 0, 1)], 0),
        ([(0, 1, 0, 0, 1)], 1 << 32),
        ([(0, 1, 0, 0, 0)] * 65536, 0),
    ],
)
def test_what_does_not_fit_is_refused(rows: list[tuple[int, int, int, int, int]], total: int) -> None:
    """Films of more than 4 GiB, an hour of sound in one fragment: an error, where mp4frag wrote nonsense."""
    with pytest.raises(UnsupportedMedia, match="an index can tell of"):
        record_of(rows, total).packed()


def test_names_and_fragments_that_do_not_fit_are_refused() -> None:
    """More than 65535 of anything."""
    for film in (Written(b"x" * 65535, b"", b"", ()), Written(b"x", b"", b"", [b""] * 65536)):
        with pytest.raises(UnsupportedMedia):
            packed_index([film])


def test_an_index_cannot_take_all_memory() -> None:
    """More films than anybody has, or directories that are read over and over again."""
    with pytest.raises(MediaTooLarge):
        parsed(b"mp4frag\3" + struct.pack(">H", MOST_FILMS + 1))
    count = 400
    head = b"mp4frag\3" + struct.pack(">H", count) + struct.pack(">I", 10 + 4 * count) * count
    with pytest.raises(MediaTooLarge):
        parsed(head + struct.pack(">HHHH", 0, 0, 0, 65535) + bytes(4 * 65535))


def test_damaged_indexes_end_in_an_index_or_an_error() -> None:
    """Cut short anywhere, or with bits that fell over."""
    records = [record_of([(7, 8, 9, 10, 3)]).packed()]
    data = packed_index([Written(b"a.mp4", AVC, ASC, records), Written(b"b.mp4", b"", b"", ())])
    for length in range(0, len(data) - 6, 3):
        with suppress(StreamingError):
            parsed(data[:length])
    for damaged in mutated([data], 500):
        with suppress(StreamingError):
            parsed(damaged)
    for length in range(len(records[0])):
        with pytest.raises(MalformedMedia):
            Record.parse(records[0][:length])


@given(st.binary(max_size=100))
def test_any_bytes_end_in_an_index_or_an_error(data: bytes) -> None:
    """Whatever lies at that name."""
    with suppress(StreamingError):
        parsed(b"mp4frag\3" + data)
    with suppress(StreamingError):
        Record.parse(data)
