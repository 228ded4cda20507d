"""Parts that are computed of what lies in a film."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest
import pytest_twisted
from twisted.internet import reactor
from twisted.internet.defer import Deferred

from hls_mp4.interfaces import TruncatedSource
from hls_mp4.plan import Extent, Transformed
from hls_mp4.sources.disk import DiskThreads
from hls_mp4.sources.local import LocalFile, LocalFiles
from hls_mp4.testing import MemorySource
from hls_mp4.web.transforming import SHORT, transformed

FILM = os.urandom(1_000_000)


def part_of(source: object, size: int) -> Transformed:
    """Return a part that is some bytes of a film, each with another value."""
    inputs = (Extent(source, 5, size), Extent(source, 500_000, 10))
    return Transformed(size + 10, inputs, lambda found: bytes(255 - each for data in found for each in data))


def expected(size: int) -> bytes:
    """Return what `part_of` is."""
    return bytes(255 - each for each in FILM[5 : 5 + size] + FILM[500_000:500_010])


def opened(path: Path) -> LocalFile:
    """Return a film on disk, open."""
    file = LocalFiles(DiskThreads(reactor)).open(str(path))
    assert isinstance(file, LocalFile)
    return file


@pytest_twisted.ensureDeferred
async def test_long_parts_are_made_in_a_thread(tmp_path: Path) -> None:
    """The reactor goes on meanwhile, and the file stays open although its last user has left."""
    (tmp_path / "film").write_bytes(FILM)
    file = opened(tmp_path / "film")
    threads = []

    def noting(found: object) -> bytes:
        threads.append(threading.current_thread())
        return part_of(file, 300_000).make(found)  # type: ignore[arg-type]

    plain = part_of(file, 300_000)
    making = transformed(Transformed(plain.length, plain.inputs, noting))
    assert isinstance(making, Deferred)
    file.release()
    assert bytes(await making) == expected(300_000)
    assert threads != [threading.current_thread()]
    assert file.fd == -1
    file.threads.stop()


def test_short_parts_are_made_at_once(tmp_path: Path) -> None:
    """A subtitle, or a second of sound, is not worth a thread."""
    (tmp_path / "film").write_bytes(FILM)
    file = opened(tmp_path / "film")
    made = transformed(part_of(file, 1000))
    assert isinstance(made, memoryview)
    assert bytes(made) == expected(1000)
    file.release()


@pytest.mark.parametrize("size", [1000, SHORT + 1])
def test_a_source_that_is_no_file_is_waited_for(size: int) -> None:
    """Its bytes come when they come; nothing is made of half of them."""
    source = MemorySource(FILM, slow=True)
    making = transformed(part_of(source, size))
    assert isinstance(making, Deferred)
    results: list[bytes] = []
    making.addCallback(lambda made: results.append(bytes(made)))
    source.release_one()
    assert not results
    source.release_one()
    assert results == [expected(size)]


def test_a_film_that_was_replaced_is_not_made_into_anything() -> None:
    """No segment mixes two versions of a film."""
    source = MemorySource(FILM)
    source.good = False
    with pytest.raises(TruncatedSource):
        transformed(part_of(source, 10))


@pytest_twisted.ensureDeferred
async def test_a_film_that_ends_early_is_noticed(tmp_path: Path) -> None:
    """Also when it is cut short between the planning and the reading."""
    (tmp_path / "film").write_bytes(FILM[:400_000])
    file = opened(tmp_path / "film")
    making = transformed(part_of(file, 100_000))
    assert isinstance(making, Deferred)
    with pytest.raises(TruncatedSource):
        await making
    memory = MemorySource(FILM[:400_000])
    reading = transformed(part_of(memory, 100_000))
    assert isinstance(reading, Deferred)
    with pytest.raises(TruncatedSource):
        await reading
    file.release()
    file.threads.stop()


def test_what_needs_nothing_is_made_of_nothing() -> None:
    """A part without inputs is computed like any other."""
    made = transformed(Transformed(3, (), lambda _: b"abcd", 1))
    assert isinstance(made, memoryview)
    assert bytes(made) == b"bcd"


@pytest_twisted.ensureDeferred
async def test_copies_are_made_at_once_up_to_a_megabyte(tmp_path: Path) -> None:
    """To a thread and back costs more than they do."""
    (tmp_path / "film").write_bytes(FILM)
    file = opened(tmp_path / "film")
    plain = part_of(file, 300_000)
    made = transformed(Transformed(plain.length, plain.inputs, plain.make, quick=True).cut(5, plain.length))
    assert isinstance(made, memoryview)
    assert bytes(made) == expected(300_000)[5:]
    file.release()
    file.threads.stop()


@pytest_twisted.ensureDeferred
async def test_a_part_may_be_of_several_films(tmp_path: Path) -> None:
    """Pictures of one and sound of another; both stay open while it is made, and one that was replaced spoils it."""
    (tmp_path / "one").write_bytes(FILM)
    (tmp_path / "other").write_bytes(FILM[::-1])
    files = [opened(tmp_path / name) for name in ("one", "other")]
    inputs = tuple(Extent(file, 7, 200_000) for file in files)
    making = transformed(Transformed(400_000, inputs, b"".join))
    assert isinstance(making, Deferred)
    for file in files:
        file.release()
    assert bytes(await making) == FILM[7:200_007] + FILM[::-1][7:200_007]
    assert [file.fd for file in files] == [-1, -1]
    good, replaced = MemorySource(FILM), MemorySource(FILM)
    replaced.good = False
    with pytest.raises(TruncatedSource):
        transformed(Transformed(2, (Extent(good, 0, 1), Extent(replaced, 0, 1)), b"".join))
    files[0].threads.stop()
    files[1].threads.stop()
