"""Running an index generator over bytes."""

from __future__ import annotations

from collections.abc import Generator

import pytest

from hls_mp4.errors import MalformedMedia
from hls_mp4.interfaces import ReadAt
from hls_mp4.media.drive import index_bytes


def reader(*wanted: ReadAt) -> Generator[ReadAt, bytes, list[bytes]]:
    """Return what an index generator is sent that wants these bytes."""
    got = []
    for want in wanted:
        got.append((yield want))
    return got


@pytest.mark.parametrize("kind", [bytes, memoryview])
def test_a_generator_gets_what_it_asks_for(kind: type) -> None:
    """Reads are answered in order, fewer bytes come at the end of the file only."""
    got = index_bytes(reader(ReadAt(2, 3), ReadAt(0, 1), ReadAt(8, 9), ReadAt(99, 1)), kind(b"0123456789"))
    assert got == [b"234", b"0", b"89", b""]
    assert all(type(part) is bytes for part in got)


def test_a_generator_that_reads_nothing_returns() -> None:
    """An index that needs no read is one, too."""
    assert index_bytes(reader(), b"") == []


def test_errors_come_through() -> None:
    """What the format says of a broken file reaches whoever asked."""

    def broken() -> Generator[ReadAt, bytes, None]:
        yield ReadAt(0, 4)
        raise MalformedMedia("mp4 file truncated")

    with pytest.raises(MalformedMedia, match="truncated"):
        index_bytes(broken(), b"abc")
