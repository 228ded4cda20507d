"""Bodies reach every kind of connection, whole and unmixed."""

import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest
import pytest_twisted
from twisted.logger import capturedLogs

from tests.web.conftest import BODY, SMALL
from tests.web.harness import Served
from tests.web.test_channel import get

Serve = Callable[..., Served]


@pytest.mark.parametrize("sendfile", ["on", "off"])
@pytest.mark.parametrize("chunk", ["0", "16k", "2m"])
@pytest_twisted.ensureDeferred
async def test_a_body_is_whole_however_it_is_sent(serve: Serve, sendfile: str, chunk: str) -> None:
    """With and without sendfile, in small turns or in one, the bytes are the same."""
    client = await serve(f"sendfile {sendfile}; sendfile_max_chunk {chunk};").connect()
    client.send(get("/large.mp4") + get("/large.mp4", "Range: bytes=1-1000000,2000000-2999999"))
    assert (await client.answer())[2] == BODY
    status, _, body = await client.answer()
    assert status == 206
    assert BODY[1:1000001] in body
    assert BODY[2000000:3000000] in body


@pytest_twisted.ensureDeferred
async def test_a_cold_file_is_whole(serve: Serve, root: Path) -> None:
    """What the page cache does not have is fetched and sent the same."""
    served = serve()
    client = await served.connect()
    for _ in range(3):
        with (root / "large.mp4").open("rb") as film:
            os.fsync(film.fileno())
            os.posix_fadvise(film.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
        client.send(get("/large.mp4"))
        assert (await client.answer())[2] == BODY


@pytest_twisted.ensureDeferred
async def test_a_slow_reader_gets_everything(serve: Serve) -> None:
    """A client that stops and goes on loses no byte."""
    client = await serve().connect()
    client.send(get("/large.mp4"))
    for size in range(200_000, 3_000_000, 200_000):
        await client.until(lambda size=size: len(client.data) >= size)
        client.transport.pauseProducing()
        client.transport.resumeProducing()
    assert (await client.answer())[2] == BODY


@pytest_twisted.ensureDeferred
async def test_unix_sockets(serve: Serve, tmp_path: Path) -> None:
    """Behind another server, over a unix socket, bodies are whole."""
    served = serve()
    served.listen_unix(tmp_path / "s")
    client = await served.client(f"unix:{tmp_path / 's'}")
    client.send(get("/large.mp4") + get("/small.mp4"))
    assert (await client.answer())[2] == BODY
    assert (await client.answer())[2] == SMALL


@pytest.mark.parametrize("sendfile", ["on", "off"])
@pytest.mark.parametrize("spoil", ["truncate", "overwrite"])
@pytest_twisted.ensureDeferred
async def test_a_file_that_changes_while_it_is_sent_breaks_the_connection(
    serve: Serve, root: Path, spoil: str, sendfile: str
) -> None:
    """Nothing more is sent of a file that changed: the body ends short, and the log says why.

    What sendfile queued in the kernel before are the file's own pages, and show a change made in place to them until
    the client has read them; copies do not.
    """
    film = root / "huge.mp4"
    film.write_bytes(BODY * 8)
    os.utime(film, (1_000_000_000, 1_000_000_000))
    client = await serve(f"sendfile {sendfile};").connect()
    client.transport.pauseProducing()
    with capturedLogs() as events:
        client.send(get("/huge.mp4"))
        client.transport.resumeProducing()
        await client.until(lambda: len(client.data) > 10_000)
        client.transport.pauseProducing()
        if spoil == "truncate":
            os.truncate(film, 1000)
        else:
            with film.open("r+b") as same:
                same.write(bytes(len(BODY) * 8))
        client.transport.resumeProducing()
        await client.until_closed()
    _, _, body = bytes(client.data).partition(b"\r\n\r\n")
    assert len(body) < len(BODY) * 8
    if sendfile == "off":
        assert body == (BODY * 8)[: len(body)]
    assert any("truncated or replaced" in str(event.get("reason")) for event in events)


@pytest_twisted.ensureDeferred
async def test_a_stalled_reader_is_dropped(serve: Serve, root: Path) -> None:
    """A client that takes nothing for send_timeout loses its connection; takes that second and one of resolution."""
    (root / "huge.mp4").write_bytes(BODY * 8)
    served = serve("send_timeout 1s;")
    client = await served.connect()
    client.transport.pauseProducing()
    client.send(get("/huge.mp4"))
    other = await served.client(f"tcp:127.0.0.1:{served.ports[0].getHost().port}")
    other.send(get("/small.mp4"))
    await other.answer()
    await served.until(lambda: len(served.site.channels) == 1)
    client.transport.abortConnection()


@pytest_twisted.ensureDeferred
async def test_a_slow_reader_is_not_a_stalled_one(serve: Serve, root: Path) -> None:
    """A client that reads a little every moment outlives send_timeout, though the socket never has room; takes 4 s."""
    import socket

    (root / "huge.mp4").write_bytes(BODY * 8)
    served = serve("send_timeout 1s;")
    port = served.listen()
    slow = socket.create_connection(("127.0.0.1", port))
    slow.setblocking(False)
    slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    slow.send(get("/huge.mp4"))
    ends = time.monotonic() + 4
    taken = 0

    def sip() -> bool:
        nonlocal taken
        try:
            taken += len(slow.recv(2000))
        except BlockingIOError:
            pass
        return time.monotonic() > ends

    await served.until(sip)
    assert len(served.site.channels) == 1
    assert taken < len(BODY) * 4
    slow.close()


@pytest_twisted.ensureDeferred
async def test_the_rate_is_limited(serve: Serve) -> None:
    """limit_rate holds a body back; takes the second that it should."""
    client = await serve("limit_rate 15k;").connect()
    started = time.monotonic()
    client.send(get("/small.mp4"))
    assert (await client.answer())[2] == SMALL
    assert time.monotonic() - started > 0.2
