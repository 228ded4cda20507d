"""A text that thousands ask for is compressed once, and never on the reactor's time when it is long."""

from __future__ import annotations

import gzip
import os
from collections.abc import Callable
from pathlib import Path

import pytest
import pytest_twisted
from twisted.internet.defer import ensureDeferred, gatherResults

from hls_mp4.interfaces import TruncatedSource
from hls_mp4.plan import Extent, Literal, Plan
from hls_mp4.sources.disk import DiskThreads
from hls_mp4.sources.local import LocalFile, LocalFiles
from hls_mp4.web.answer import Answer
from hls_mp4.web.compressing import Compression, Compressor
from tests.web.harness import Served
from tests.web.test_content import ask
from tests.web.test_gzip import ON, TAKES

Serve = Callable[..., Served]

SHORTER_THAN_IT_SAYS = Path("/sys/kernel/uevent_seqnum")
SHORT, LONG = b"a few words " * 100, b"many words " * 100_000


def answer(body: bytes) -> Answer:
    return Answer(200, [("Content-Length", str(len(body)))], Plan([Literal(body[:10]), Literal(body[10:])]))


@pytest_twisted.ensureDeferred
async def test_once_for_all() -> None:
    """However many ask at the same time, and afterwards, one compression serves them."""
    from twisted.internet import reactor

    threads = DiskThreads(reactor)
    try:
        compressor = Compressor(threads)
        for body in (SHORT, LONG):
            asked = [ensureDeferred(compressor.compress(answer(body), Compression(1))) for _ in range(20)]
            results = await gatherResults(asked)
            assert all(result is results[0] for result in results)
            assert gzip.decompress(results[0]) == body
            assert await compressor.compress(answer(body), Compression(1)) is results[0]
        assert compressor.kept.counts.misses == 2
    finally:
        threads.stop()


@pytest_twisted.ensureDeferred
async def test_large_ones_take_turns() -> None:
    """Many large texts at once are compressed one after the other, and a small one does not wait for them."""
    from twisted.internet import reactor

    threads = DiskThreads(reactor)
    try:
        compressor = Compressor(threads)
        large = [bytes([number]) * 300_000 for number in range(20)]
        asked = [ensureDeferred(compressor.compress(answer(body), Compression(9))) for body in large]
        small = ensureDeferred(compressor.compress(answer(SHORT), Compression(9)))
        assert small.called and not any(each.called for each in asked)
        assert [gzip.decompress(each) for each in await gatherResults(asked)] == large
        assert gzip.decompress(await small) == SHORT
    finally:
        threads.stop()


@pytest_twisted.ensureDeferred
async def test_levels_differ() -> None:
    """Another level, another body and another file are no matter of what is kept."""
    from twisted.internet import reactor

    compressor = Compressor(DiskThreads(reactor))
    results = [
        await compressor.compress(answer(body), Compression(level, key))
        for body, level, key in [(SHORT, 1, None), (SHORT, 9, None), (SHORT * 2, 1, None), (SHORT * 3, 1, "k")]
    ]
    assert [gzip.decompress(result) for result in results] == [SHORT, SHORT, SHORT * 2, SHORT * 3]
    assert await compressor.compress(answer(SHORT), Compression(1, "k")) is results[3]


@pytest_twisted.ensureDeferred
async def test_what_is_kept_is_bounded() -> None:
    """Many texts push the oldest out instead of filling the memory."""
    from twisted.internet import reactor

    compressor = Compressor(DiskThreads(reactor), capacity=20_000)
    for _ in range(10):
        await compressor.compress(answer(os.urandom(5000)), Compression(1))
    assert len(compressor.kept) == 3
    assert compressor.kept.weight <= 20_000


@pytest_twisted.ensureDeferred
async def test_a_changed_file(serve: Serve, root: Path) -> None:
    """A text that was replaced is compressed anew."""
    served = serve(ON)
    for words in (b"one ", b"two "):
        fresh = root / "fresh"
        fresh.write_bytes(words * 30_000)
        fresh.rename(root / "film.vtt")
        for _ in range(2):
            _, _, body = await ask(served, "/film.vtt", TAKES)
            assert gzip.decompress(body) == words * 30_000
    assert served.site.shared.compressor.kept.counts.misses == 2


@pytest_twisted.ensureDeferred
async def test_a_file_that_is_cut_meanwhile(root: Path) -> None:
    """A text that shrinks between being found and being read is no answer, and the file is given up."""
    from twisted.internet import reactor

    threads = DiskThreads(reactor)
    try:
        (root / "film.vtt").write_bytes(b"words " * 30_000)
        file = LocalFiles(threads).open(str(root / "film.vtt"))
        assert isinstance(file, LocalFile)
        os.truncate(root / "film.vtt", 10)
        cut = Answer(200, [], Plan([Extent(file, 0, file.size)]), held=file)
        with pytest.raises(TruncatedSource):
            await Compressor(threads).compress(cut, Compression(1, "k"))
        file.release()
        assert file.fd == -1
    finally:
        threads.stop()


@pytest.mark.skipif(not SHORTER_THAN_IT_SAYS.exists(), reason="needs sysfs")
@pytest_twisted.ensureDeferred
async def test_a_file_that_cannot_be_read(serve: Serve) -> None:
    """A file that is shorter than it says is an error page, not half a text."""
    served = serve(f"location / {{ root {SHORTER_THAN_IT_SAYS.parent}; gzip on; default_type text/html; }}")
    status, headers, body = await ask(served, f"/{SHORTER_THAN_IT_SAYS.name}", TAKES)
    assert (status, headers["content-length"]) == (500, str(len(body)))
    assert "content-encoding" not in headers
