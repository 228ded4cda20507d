"""A local film is one version of a file, read without stopping anyone else."""

import os
import stat
from pathlib import Path
from typing import Any

import pytest
import pytest_twisted
from twisted.internet.defer import Deferred
from zope.interface.verify import verifyObject

from hls_mp4.interfaces import IMediaSource, TruncatedSource
from hls_mp4.sources.disk import DiskThreads
from hls_mp4.sources.local import LocalFile, LocalFiles

FILM = os.urandom(300_000)


@pytest.fixture
def files() -> Any:
    from twisted.internet import reactor

    threads = DiskThreads(reactor)
    yield LocalFiles(threads)
    threads.stop()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    film = tmp_path / "film.mp4"
    film.write_bytes(FILM)
    os.utime(film, (1_000_000, 1_000_000))
    return film


async def opened(files: LocalFiles, path: Path, *rest: str) -> Any:
    found = files.open(str(path), *rest)
    return await found if isinstance(found, Deferred) else found


@pytest_twisted.ensureDeferred
async def test_it_keeps_the_contract(files: LocalFiles, path: Path) -> None:
    """Senders and packagers see an IMediaSource."""
    film = await opened(files, path)
    assert verifyObject(IMediaSource, film)
    film.release()


@pytest_twisted.ensureDeferred
async def test_bytes_are_those_of_the_file(files: LocalFiles, path: Path) -> None:
    """Reads give exactly what was asked for, cached or not."""
    film = await opened(files, path)
    os.posix_fadvise(film.fd, 0, 0, os.POSIX_FADV_DONTNEED)
    assert await film.read_at(1000, 200_000) == FILM[1000:201_000]
    assert await film.read_at(0, 0) == b""
    await film.fetch(0, len(FILM))
    assert film.resident(0, len(FILM))
    assert film.read_now(5, 10) == FILM[5:15]
    film.release()


@pytest_twisted.ensureDeferred
async def test_a_shorter_file_is_an_error_not_a_short_answer(files: LocalFiles, path: Path) -> None:
    """A file truncated after it was opened fails the read."""
    film = await opened(files, path)
    os.truncate(path, 1000)
    with pytest.raises(TruncatedSource):
        await film.read_at(500, 1000)
    assert not film.unchanged()
    film.release()


@pytest_twisted.ensureDeferred
async def test_an_overwritten_file_is_noticed(files: LocalFiles, path: Path) -> None:
    """Other bytes of the same length are another film."""
    film = await opened(files, path)
    assert film.unchanged()
    path.write_bytes(bytes(len(FILM)))
    assert not film.unchanged()
    film.release()


@pytest_twisted.ensureDeferred
async def test_a_replaced_file_is_still_the_old_one(files: LocalFiles, path: Path) -> None:
    """Renaming a new version over the old one changes nothing for those who watch the old."""
    film = await opened(files, path)
    new = path.with_name("new")
    new.write_bytes(b"other")
    new.rename(path)
    assert film.unchanged()
    assert await film.read_at(0, 10) == FILM[:10]
    film.release()


@pytest_twisted.ensureDeferred
async def test_a_file_that_is_written_to_is_another_one(files: LocalFiles, tmp_path: Path) -> None:
    """A file that is still being written when it is opened is sent as long as nobody writes, and not longer."""
    recording = tmp_path / "now.mp4"
    recording.write_bytes(FILM)
    film = await opened(files, recording)
    assert film.unchanged()
    before = recording.stat().st_mtime_ns
    with recording.open("r+b") as mended:
        mended.write(b"mended")
        mended.seek(0, os.SEEK_END)
        mended.write(b"more")
    os.utime(recording, ns=(before + 1, before + 1))
    assert not film.unchanged()
    film.release()


@pytest_twisted.ensureDeferred
async def test_the_descriptor_lives_as_long_as_its_users(files: LocalFiles, path: Path) -> None:
    """Closing happens once, after the last user, also when a disk thread is the last."""
    film: LocalFile = await opened(files, path)
    fd = film.fd
    film.retain()
    film.release()
    os.fstat(fd)
    waiting = film.fetch(0, 1000)
    film.release()
    os.fstat(fd)
    await waiting
    assert film.fd == -1


@pytest_twisted.ensureDeferred
async def test_a_folder_is_told_apart(files: LocalFiles, tmp_path: Path) -> None:
    """Folders and devices are described, not opened."""
    found = await opened(files, tmp_path)
    assert stat.S_ISDIR(found.st_mode)


@pytest_twisted.ensureDeferred
async def test_links_are_refused_when_told(files: LocalFiles, path: Path) -> None:
    """disable_symlinks reaches the disk."""
    link = path.with_name("link")
    link.symlink_to(path)
    film = await opened(files, link)
    film.release()
    with pytest.raises(OSError, match="symbolic links"):
        await opened(files, link, "on", str(path.parent))


@pytest_twisted.ensureDeferred
async def test_an_open_nobody_waits_for_leaks_nothing(files: LocalFiles, path: Path) -> None:
    """A client that leaves while a slow disk looks for its file costs no descriptor."""
    found = files.open(str(path), "on", str(path.parent))
    assert isinstance(found, Deferred)
    found.addErrback(lambda _: None)
    found.cancel()
    before = None
    for _ in range(3):  # later calls of the pool end after that one
        film = await opened(files, path, "on", str(path.parent))
        film.release()
        count = len(os.listdir("/proc/self/fd"))
        assert before is None or count <= before
        before = count


def test_validators_tell_versions_apart(path: Path) -> None:
    """Two writes within one second have different ETags."""
    from twisted.internet import reactor

    tags = set()
    for mtime in (1_000_000_000, 1_000_000_001):
        os.utime(path, ns=(mtime, mtime))
        fd = os.open(path, os.O_RDONLY)
        film = LocalFile(fd, str(path), os.fstat(fd), DiskThreads(reactor))
        tags.add(film.validator)
        assert film.mtime == 1
        film.release()
    assert len(tags) == 2
