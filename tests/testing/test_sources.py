"""The contract suite of sources: ours keep it, and broken ones are found out."""

from __future__ import annotations

import os
import queue
import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from twisted.internet.defer import Deferred, succeed

from hls_mp4.sources.disk import DiskThreads
from hls_mp4.sources.local import LocalFile
from hls_mp4.testing import MediaSourceContract, MemorySource

FILM = random.Random(5).randbytes(400_000)


class TestMemorySource(MediaSourceContract):
    """The fake."""

    def data(self) -> bytes:
        return FILM

    def source(self) -> Any:
        return MemorySource(FILM)


class Turns:
    """As much of a reactor as threads need; turns when it is told to."""

    def __init__(self) -> None:
        self.calls: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()

    def callFromThread(self, function: Callable[..., None], *args: Any) -> None:
        self.calls.put(lambda: function(*args))

    def addSystemEventTrigger(self, *args: Any) -> None:
        """The test stops the threads itself."""

    def turn(self) -> None:
        self.calls.get(timeout=30)()


class TestLocalFile(MediaSourceContract):
    """A file on a disk, read in threads where it has to be."""

    @pytest.fixture(autouse=True)
    def _film(self, tmp_path: Path) -> Iterator[None]:
        self.path = tmp_path / "film.mp4"
        self.path.write_bytes(FILM)
        self.turns = Turns()
        self.threads = DiskThreads(self.turns)
        yield
        self.threads.stop()

    def data(self) -> bytes:
        return FILM

    def source(self) -> Any:
        fd = os.open(self.path, os.O_RDONLY | os.O_CLOEXEC)
        os.posix_fadvise(fd, 0, 0, os.POSIX_FADV_DONTNEED)
        return LocalFile(fd, str(self.path), os.fstat(fd), self.threads)

    def wait(self, deferred: Deferred[Any]) -> Any:
        while not deferred.called:
            self.turns.turn()
        return super().wait(deferred)


class Short(MemorySource):
    """Gives what there is instead of failing."""

    def read_at(self, offset: int, length: int) -> Deferred[bytes]:
        return succeed(self.data[offset : offset + length])


class Shifted(MemorySource):
    """Lies one byte too far."""

    def read_at(self, offset: int, length: int) -> Deferred[bytes]:
        return succeed(self.data[offset + 1 : offset + length + 1])


class Slow(MemorySource):
    """Never answers."""

    def read_at(self, offset: int, length: int) -> Deferred[bytes]:
        return Deferred()


@pytest.mark.parametrize(
    ("test", "kind"),
    [
        ("test_reads_beyond_the_end_fail", Short),
        ("test_reads_are_exact", Shifted),
        ("test_reads_are_exact", Slow),
    ],
)
def test_what_a_source_does_wrong_is_found(test: str, kind: type[MemorySource]) -> None:
    """Each promise of the contract has a test that fails when it is broken."""

    class Contract(MediaSourceContract):
        def data(self) -> bytes:
            return FILM

        def source(self) -> Any:
            return kind(FILM)

    with pytest.raises(AssertionError):
        getattr(Contract(), test)()


def test_a_lent_file_that_holds_something_else_is_found(tmp_path: Path) -> None:
    """A source that lends the wrong offset would send the wrong film."""
    path = tmp_path / "film"
    path.write_bytes(b"#" + FILM)
    fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)

    class Lending(MemorySource):
        def lend(self, offset: int, length: int) -> Any:
            return fd, offset

    class Contract(MediaSourceContract):
        def data(self) -> bytes:
            return FILM

        def source(self) -> Any:
            return Lending(FILM)

    try:
        with pytest.raises(AssertionError):
            Contract().test_lent_files_hold_the_same_bytes()
    finally:
        os.close(fd)
