"""What is known of films is learned beside everything else, and delays nobody."""

from __future__ import annotations

import os
import threading
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

import pytest
import pytest_twisted
from twisted.internet.defer import CancelledError, Deferred
from zope.interface import implementer

from hls_mp4.containers.isobmff import IsobmffFormat
from hls_mp4.interfaces import IMediaFormat, IndexLimits, ReadAt
from hls_mp4.media.index import MediaIndex
from hls_mp4.sources.disk import DiskThreads
from hls_mp4.sources.local import LocalFiles
from hls_mp4.web.pages.facts import FilmFacts
from hls_mp4.web.pages.known import AT_A_TIME, Film, KnownFilms
from tests.films import Library


@implementer(IMediaFormat)
class SlowFormat(IsobmffFormat):
    """A format that counts what it reads, and waits where the file says so: the films of a disk that hangs."""

    def __init__(self) -> None:
        self.begun = 0
        self.go_on = threading.Event()

    def probe(self, head: bytes) -> bool:
        return True

    def index(self, size: int, limits: IndexLimits) -> Generator[ReadAt, bytes, MediaIndex]:
        self.begun += 1
        head = yield ReadAt(0, 8)
        if head.startswith(b"slow"):
            self.go_on.wait()
        return (yield from super().index(size, limits))


class Shelf:
    """A folder of films, and what is known of them."""

    def __init__(self, folder: Path, data: bytes) -> None:
        from twisted.internet import reactor

        self.folder = folder
        self.data = data
        self.format = SlowFormat()
        self.threads = DiskThreads(reactor)
        self.known = KnownFilms(reactor, LocalFiles(self.threads), (self.format,))

    def film(self, name: str, data: bytes | None = None, symlinks: tuple[str, str] = ("off", "/")) -> Film:
        path = self.folder / name
        if not path.is_symlink():
            path.write_bytes(self.data if data is None else data)
        found = path.stat()
        version = (found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns)
        return Film(name, str(path), version, IndexLimits(), symlinks)

    async def learn(self, *films: Film, patience: float = 20) -> dict[str, FilmFacts]:
        return await self.known.learn(films, patience)


@pytest.fixture
def shelf(tmp_path: Path, films: Library) -> Iterator[Shelf]:
    made = Shelf(tmp_path, films.data("h264"))
    yield made
    made.format.go_on.set()
    made.threads.stop()


@pytest_twisted.ensureDeferred
async def test_films_are_read_once(shelf: Shelf) -> None:
    """A listing that is loaded again reads no film again, until the film is another."""
    names = [f"{number}.mp4" for number in range(AT_A_TIME * 3)]
    listed = [shelf.film(name) for name in names]
    found = await shelf.learn(*listed)
    assert sorted(found) == sorted(names)
    assert {facts.codecs for facts in found.values()} == {"H.264, AAC"}
    assert await shelf.learn(*listed, patience=0) == found
    assert shelf.format.begun == len(names)
    os.utime(shelf.folder / "0.mp4", (1, 1))
    changed = shelf.folder / "0.mp4"
    assert changed.stat().st_mtime == 1
    await shelf.learn(Film("0.mp4", str(changed), (*listed[0].version[:3], 10**9), IndexLimits()))
    assert shelf.format.begun == len(names) + 1


@pytest_twisted.ensureDeferred
async def test_a_film_that_takes_long_delays_nobody(shelf: Shelf) -> None:
    """The page comes with what is known by then; the rest is there when it is loaded again."""
    fast, slow = shelf.film("fast.mp4"), shelf.film("slow.mp4", b"slow" + shelf.data)
    await shelf.learn(fast)
    assert list(await shelf.learn(slow, fast, patience=0.01)) == ["fast.mp4"]
    shelf.format.go_on.set()
    assert sorted(await shelf.learn(slow, fast)) == ["fast.mp4", "slow.mp4"]
    assert shelf.format.begun == 2


@pytest_twisted.ensureDeferred
async def test_a_disk_that_hangs_holds_a_few_threads(shelf: Shelf) -> None:
    """However many pages are loaded meanwhile, only so many films are being read, and nothing queues up for later."""
    slow = [shelf.film(f"{number}.mp4", b"slow" + shelf.data) for number in range(AT_A_TIME * 2)]
    while shelf.format.begun < AT_A_TIME:
        assert await shelf.learn(*slow, patience=0.01) == {}
    for _ in range(5):
        assert await shelf.learn(*slow, patience=0.01) == {}
    assert shelf.format.begun == AT_A_TIME
    shelf.format.go_on.set()
    assert len(await shelf.learn(*slow)) == len(slow)
    assert shelf.format.begun == len(slow)


@pytest_twisted.ensureDeferred
async def test_a_client_that_is_gone(shelf: Shelf) -> None:
    """Nothing is read any more for a page that nobody waits for; what was begun is kept."""
    slow = [shelf.film(f"{number}.mp4", b"slow" + shelf.data) for number in range(AT_A_TIME + 3)]
    page = Deferred.fromCoroutine(shelf.learn(*slow))
    page.cancel()
    with pytest.raises(CancelledError):
        await page
    shelf.format.go_on.set()
    assert len(await shelf.learn(*slow[:AT_A_TIME])) == AT_A_TIME
    assert shelf.format.begun == AT_A_TIME


@pytest_twisted.ensureDeferred
async def test_broken_films_and_missing_ones(shelf: Shelf) -> None:
    """A broken film is told of, and looked at once; of one that is gone nothing is told. The others are there."""
    broken, gone, good = shelf.film("a.mp4", b"\0\0\0\1noise"), shelf.film("b.mp4"), shelf.film("c.mp4")
    (shelf.folder / "b.mp4").unlink()
    for _ in range(2):
        found = await shelf.learn(broken, gone, good)
        assert sorted(found) == ["a.mp4", "c.mp4"]
        assert found["a.mp4"].problem == "it is damaged or incomplete"
    assert shelf.format.begun == 2


@pytest_twisted.ensureDeferred
async def test_links_that_are_forbidden(shelf: Shelf) -> None:
    """disable_symlinks holds for what a listing tells, also of a film that is known by another name."""
    await shelf.learn(shelf.film("a.mp4"))
    (shelf.folder / "link.mp4").symlink_to("a.mp4")
    assert await shelf.learn(shelf.film("link.mp4", symlinks=("on", "/"))) == {}
    assert list(await shelf.learn(shelf.film("link.mp4"))) == ["link.mp4"]


@pytest_twisted.ensureDeferred
async def test_a_format_that_fails(shelf: Shelf) -> None:
    """A mistake in a format of somebody else costs the facts of its films, not the page."""

    class Failing(SlowFormat):
        def index(self, size: int, limits: IndexLimits) -> Any:
            raise ZeroDivisionError

    from twisted.internet import reactor

    known = KnownFilms(reactor, LocalFiles(shelf.threads), (Failing(),))
    assert await known.learn([shelf.film("a.mp4")], 20) == {}
