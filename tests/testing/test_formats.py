"""The contract suite of formats: ours keeps it, and broken ones are found out."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from typing import Any

import pytest
from zope.interface import implementer

from hls_mp4.containers.flv import FlvFormat
from hls_mp4.containers.isobmff.format import IsobmffFormat
from hls_mp4.errors import MalformedMedia
from hls_mp4.interfaces import IMediaFormat, IndexLimits, ReadAt
from hls_mp4.testing import MediaFormatContract
from hls_mp4.testing.formats import drive
from tests.films import Library
from tests.flvs import FlvLibrary

FILMS = ["h264", "moov-last", "fragmented", "fragmented-short", "several-mdat", "compact-sizes", "pcm-mov", "texts"]


class TestIsobmff(MediaFormatContract):
    """MP4, MOV and fragmented MP4."""

    @pytest.fixture(autouse=True)
    def _library(self, films: Library) -> None:
        self.library = films

    def media_format(self) -> Any:
        return IsobmffFormat()

    def films(self) -> Sequence[bytes]:
        return [self.library.data(name) for name in FILMS]


class TestFlv(MediaFormatContract):
    """Flash video."""

    @pytest.fixture(autouse=True)
    def _library(self, flvs: FlvLibrary) -> None:
        self.library = flvs

    def media_format(self) -> Any:
        return FlvFormat()

    def films(self) -> Sequence[bytes]:
        names = ("h264", "indexed", "hevc", "av1", "aac", "mp3", "vp6", "wrapping", "two-audios")
        return [self.library.data(name) for name in names]


@implementer(IMediaFormat)
class Bad:
    """A format that does one thing wrong."""

    name = "bad"

    def __init__(self, *reads: ReadAt, index: Any = None, problem: Exception | None = None) -> None:
        self.reads = reads
        self.index_made = index
        self.problem = problem

    def probe(self, head: bytes) -> bool:
        if self.problem is not None:
            raise self.problem
        return True

    def index(self, size: int, limits: IndexLimits) -> Generator[ReadAt, bytes, Any]:
        for read in self.reads:
            data = yield read
            assert len(data) <= read.length
        if self.problem is not None:
            raise self.problem
        return self.index_made


class BadContract(MediaFormatContract):
    """The suite over a format that is bad."""

    rounds = 1

    def __init__(self, form: Bad) -> None:
        self.form = form

    def media_format(self) -> Any:
        return self.form

    def films(self) -> Sequence[bytes]:
        return [bytes(1000)]


@pytest.mark.parametrize(
    "read", [ReadAt(-1, 5), ReadAt(0, 0), ReadAt(990, 11), ReadAt(1000, 1), ReadAt(5, -1)], ids=str
)
def test_reads_that_leave_the_file_are_found(read: ReadAt) -> None:
    """A format that would ask an origin for what it has not fails."""
    with pytest.raises(AssertionError, match="of 1000 bytes"):
        drive(Bad(read), bytes(1000), IndexLimits())


def test_reads_that_are_too_large_are_found() -> None:
    """A format that takes no notice of its limits fails."""
    with pytest.raises(AssertionError, match="IndexLimits"):
        drive(Bad(ReadAt(0, 301)), bytes(1000), IndexLimits(buffer_size=100, max_buffer_size=200))


def test_reads_without_an_end_are_found() -> None:
    """A format that turns in circles fails instead of hanging."""
    with pytest.raises(AssertionError, match="without an end"):
        drive(Bad(*[ReadAt(0, 1)] * 100_001), bytes(1000), IndexLimits())


def test_exceptions_that_are_no_streaming_errors_are_found() -> None:
    """A format that lets a KeyError out fails; one that says what is wrong passes."""
    contract = BadContract(Bad(problem=KeyError("x")))
    for test in (contract.test_mutated_films_end_in_words, contract.test_any_beginning_can_be_probed):
        with pytest.raises(KeyError):
            test()
    BadContract(Bad(problem=MalformedMedia("no"))).test_mutated_films_end_in_words()


def test_a_format_that_takes_everything_is_found() -> None:
    """Files of other formats have to be left alone."""
    with pytest.raises(AssertionError):
        BadContract(Bad()).test_its_films_are_known_by_their_first_bytes()


def test_a_limit_that_does_not_hold_is_found(films: Library) -> None:
    """A format that reads metadata of any size fails."""

    class Boundless(IsobmffFormat):
        def index(self, size: int, limits: IndexLimits) -> Any:
            return super().index(size, IndexLimits(limits.buffer_size))

    class Contract(BadContract):
        def films(self) -> Sequence[bytes]:
            return [films.data("h264")]

    with pytest.raises(AssertionError):
        Contract(Boundless()).test_the_limit_of_metadata_holds()  # type: ignore[arg-type]
