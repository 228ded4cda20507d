"""Writing boxes."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hls_mp4.containers.isobmff.box import Box, read_header
from hls_mp4.containers.isobmff.build import make_box, make_full_box, make_header
from tests import boxes

KINDS = st.binary(min_size=4, max_size=4)


@given(kind=KINDS, parts=st.lists(st.binary(max_size=20), max_size=4))
def test_a_box_is_its_header_and_its_parts(kind: bytes, parts: list[bytes]) -> None:
    """What is written is read back by us and by any other reader."""
    data = make_box(kind, *parts)
    assert data == boxes.make(kind, *parts)
    assert (Box.parse(data).kind, Box.parse(data).payload) == (kind, b"".join(parts))


@given(kind=KINDS, version=st.integers(0, 255), flags=st.integers(0, 2**24 - 1), part=st.binary(max_size=20))
def test_a_full_box_has_a_version_and_flags(kind: bytes, version: int, flags: int, part: bytes) -> None:
    """Version and flags come before the parts."""
    assert make_full_box(kind, version, flags, part) == boxes.make_full(kind, version, flags, part)


@pytest.mark.parametrize(("payload", "header"), [(0, 8), (2**32 - 9, 8), (2**32 - 8, 16), (2**32, 16), (2**40, 16)])
def test_a_box_of_4_gib_gets_a_long_header(payload: int, header: int) -> None:
    """Media above 4 GiB is announced with a 64-bit size, and none below it."""
    data = make_header(b"mdat", payload)
    assert len(data) == header
    assert read_header(data, 0) == (b"mdat", header, payload + header)


def test_parts_are_taken_as_they_lie_in_memory() -> None:
    """Tables go into a box without being turned into bytes before."""
    rows = np.array([[1, 2], [3, 4]], ">u2")
    assert make_box(b"test", memoryview(b"ab"), rows.data, rows[0].data) == boxes.make(
        b"test", b"ab\0\1\0\2\0\3\0\4\0\1\0\2"
    )
    assert make_full_box(b"test", 0, 0, rows.data) == boxes.make_full(b"test", 0, 0, b"\0\1\0\2\0\3\0\4")
