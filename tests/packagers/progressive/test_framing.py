"""Boxes can be framed before it is known where the media data lie."""

from __future__ import annotations

import struct

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from hls_mp4.packagers.progressive.framing import LONG_PART, SHORT_WHOLE, Offsets, frame, joined, table


@given(
    st.lists(st.integers(0, 2**40), min_size=1, max_size=9),
    st.integers(0, 1000),
    st.integers(-(2**41), 2**41),
    st.integers(0, 2**33),
)
def test_offsets_come_out_as_the_sum_of_what_they_are_made_of(
    values: list[int], first: int, delta: int, base: int
) -> None:
    """Whatever the byte order and the size of the numbers, a written offset is its value moved by what is asked."""
    expected = [value + delta + base + (0 if number else first) for number, value in enumerate(values)]
    for raw in (np.array(values, ">u8"), np.array(values, np.int64)):
        wide = Offsets(raw, first, delta, True)
        assert struct.unpack(f">{len(values)}Q", wide.fill(base)) == tuple(at % 2**64 for at in expected)
        narrow = Offsets(raw, first, delta, False)
        assert struct.unpack(f">{len(values)}I", narrow.fill(base)) == tuple(at % 2**32 for at in expected)
        assert (len(wide), len(narrow)) == (8 * len(values), 4 * len(values))
    assert struct.unpack(f">{len(values)}Q", Offsets(np.array(values, ">u8"), 0, 0, True).fill(0)) == tuple(values)


def test_a_box_is_as_long_as_it_says() -> None:
    """Nested boxes, nothing for None, and offsets count by the length they will have."""
    inner = frame(b"stco", b"\0" * 8, Offsets(np.array([1, 2], ">u4"), 0, 0, False), None)
    outer = frame(b"stbl", inner, memoryview(b"xyz"))
    body = b"".join(outer.fill(10))
    assert len(body) == outer.length == 8 + 8 + 8 + 8 + 3
    assert body == struct.pack(">I4sI4sQII", 35, b"stbl", 24, b"stco", 0, 11, 12) + b"xyz"


def test_a_table_is_written_in_file_byte_order_whatever_it_came_in() -> None:
    """numpy joins arrays to the machine's order; a file has its own."""
    rows = np.array([[1, 2]], ">u4")
    body = b"".join(table(b"stts", 0, np.concatenate((rows, rows)), rows).fill(0))
    assert body == struct.pack(">I4sII6I", 40, b"stts", 0, 3, 1, 2, 1, 2, 1, 2)


def test_long_parts_are_passed_on_and_short_ones_joined() -> None:
    """A long moov is not copied as a whole, a short one is one piece."""
    long = bytes(LONG_PART)
    assert list(joined([b"a", b"b", long, b"c", b"d"], SHORT_WHOLE)) == [b"ab", long, b"cd"]
    assert next(part for part in joined([b"a", long], SHORT_WHOLE) if len(part) > 1) is long
    assert list(joined([b"a", long, b"b"], 2 + LONG_PART)) == [b"a" + long + b"b"]
