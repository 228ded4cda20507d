"""A film on disk is recognised by what it is, and indexed or refused."""

import os
from pathlib import Path
from typing import Any

import pytest
from twisted.internet import reactor

from hls_mp4.containers.flv import FlvFormat
from hls_mp4.containers.isobmff import IsobmffFormat
from hls_mp4.errors import MalformedMedia, StreamingError, UnsupportedMedia
from hls_mp4.interfaces import IndexLimits
from hls_mp4.sources.disk import DiskThreads
from hls_mp4.sources.indexing import format_of, index_file, read_fully
from hls_mp4.sources.local import LocalFile
from tests.films import Library

FORMATS = (IsobmffFormat(),)


def local(path: Path) -> LocalFile:
    fd = os.open(path, os.O_RDONLY)
    return LocalFile(fd, str(path), os.fstat(fd), DiskThreads(reactor))


def index(path: Path) -> Any:
    film = local(path)
    try:
        return index_file(film, FORMATS, IndexLimits(buffer_size=4096))
    finally:
        film.release()


def test_a_film_is_indexed_whatever_its_name(films: Library, tmp_path: Path) -> None:
    """Content decides, not the suffix."""
    path = tmp_path / "film.txt"
    path.write_bytes(films.data("h264"))
    assert len(index(path).tracks) == 2


@pytest.mark.parametrize(("data", "error"), [(b"", MalformedMedia), (b"plain text, no film" * 9, UnsupportedMedia)])
def test_what_is_no_film(tmp_path: Path, data: bytes, error: type[StreamingError]) -> None:
    """An empty file is truncated, any other is no film: both are told so."""
    path = tmp_path / "film.mp4"
    path.write_bytes(data)
    with pytest.raises(error):
        index(path)


def test_a_film_that_changes_under_our_eyes(films: Library, tmp_path: Path) -> None:
    """An index of two versions at once is never used."""
    path = tmp_path / "film.mp4"
    path.write_bytes(films.data("h264"))
    os.utime(path, (1_000_000, 1_000_000))
    film = local(path)
    os.utime(path, (2_000_000, 2_000_000))
    with pytest.raises(MalformedMedia, match="replaced"):
        index_file(film, FORMATS, IndexLimits())
    film.release()


def test_short_reads_are_completed(tmp_path: Path) -> None:
    """A read gives what is there, up to the end of the file."""
    path = tmp_path / "x"
    path.write_bytes(b"0123456789")
    fd = os.open(path, os.O_RDONLY)
    assert read_fully(fd, 2, 4) == b"2345"
    assert read_fully(fd, 8, 10) == b"89"
    assert read_fully(fd, 20, 10) == b""
    os.close(fd)


def test_a_format_is_known_by_the_first_bytes(films: Library) -> None:
    """Whatever formats there are, a file is of one of them or of none."""
    formats = (*FORMATS, FlvFormat())
    assert format_of(bytearray(films.data("h264")[:4096]), formats) is formats[0]
    assert format_of(b"FLV\x01\x05\0\0\0\x09\0\0\0\0", formats) is formats[1]
    assert format_of(b"", formats) is None
    assert format_of(b"<html>", formats) is None
