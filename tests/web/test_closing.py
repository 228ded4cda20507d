"""A connection ends when its time is over, and a client gets to read its last answer."""

import os
import socket
from collections.abc import Callable
from pathlib import Path

import pytest
import pytest_twisted

from tests.web.conftest import BODY, SMALL
from tests.web.harness import Served
from tests.web.test_channel import get

Serve = Callable[..., Served]


@pytest_twisted.ensureDeferred
async def test_a_client_that_never_asks(serve: Serve, tmp_path: Path) -> None:
    """A connection on which nothing comes is closed after `client_header_timeout`, with no word in any log."""
    log = tmp_path / "log"
    client = await serve("client_header_timeout 1s;", http=f"access_log {log};").connect()
    await client.until_closed()
    assert (bytes(client.data), log.read_bytes(), client.clean) == (b"", b"", True)


@pytest.mark.parametrize(
    ("sent", "line", "reset"),
    [
        (b"GET /sma", b"408 GET /sma", "off"),
        (b"\r\nGET /small.mp4 HTTP/1.1\r\nHost: ", b"408 GET /small.mp4 HTTP/1.1", "on"),
        (get("/small.mp4", "Content-Length: 9", method="POST") + b"x", b"408 POST /small.mp4 HTTP/1.1", "off"),
        (get("/small.mp4", "Transfer-Encoding: chunked") + b"9\r\nx", b"408 GET /small.mp4 HTTP/1.1", "on"),
    ],
)
@pytest_twisted.ensureDeferred
async def test_a_request_that_is_never_finished(
    serve: Serve, tmp_path: Path, sent: bytes, line: bytes, reset: str
) -> None:
    """Half a request is hung up on without an answer; the access log says 408, and who wants it resets."""
    log = tmp_path / "log"
    text = (
        f"client_header_timeout 1s; client_body_timeout 1s; reset_timedout_connection {reset}; access_log {log} lines;"
    )
    client = await serve(text, http="log_format lines '$status $request';").connect()
    client.send(get("/small.mp4"))
    assert (await client.answer())[2] == SMALL
    client.send(sent)
    await client.until_closed()
    assert not client.data
    assert client.clean == (reset == "off")
    assert log.read_bytes().splitlines()[1:] == [line]


@pytest_twisted.ensureDeferred
async def test_a_body_that_trickles_in_is_waited_for(serve: Serve) -> None:
    """Each piece of a body gives its client the time anew."""
    served = serve("client_body_timeout 1s;")
    client = await served.connect()
    client.send(get("/small.mp4", "Content-Length: 3"))
    began = served.reactor.seconds()
    for _ in range(3):
        before = served.reactor.seconds()
        await served.until(lambda before=before: served.reactor.seconds() > before + 0.7)  # type: ignore[misc]
        client.send(b"x")
    assert (await client.answer())[2] == SMALL
    assert served.reactor.seconds() > began + 2


@pytest_twisted.ensureDeferred
async def test_a_client_that_reads_nothing(serve: Serve, root: Path) -> None:
    """A client that takes nothing for `send_timeout` is dropped; what the kernel has stays, unless told to reset."""
    (root / "huge.mp4").write_bytes(BODY * 8)
    for reset in ("off", "on"):
        served = serve(f"send_timeout 1s; reset_timedout_connection {reset};")
        client = await served.connect()
        client.transport.pauseProducing()
        client.send(get("/huge.mp4"))
        await served.until(lambda served=served: bool(served.site.channels))  # type: ignore[misc]
        await served.until(lambda served=served: not served.site.channels)  # type: ignore[misc]
        client.transport.resumeProducing()
        await client.until_closed()
        assert client.clean == (reset == "off")
        assert len(client.data) < 8 * len(BODY)


@pytest_twisted.ensureDeferred
async def test_keepalive_time(serve: Serve) -> None:
    """A connection that is old enough ends with its next answer."""
    served = serve("keepalive_time 1ms;")
    client = await served.connect()
    began = served.reactor.seconds()
    await served.until(lambda: served.reactor.seconds() > began + 0.01)
    client.send(get("/small.mp4") + get("/small.mp4"))
    await client.until_closed()
    assert client.data.count(b"HTTP/1.1 200") == 1


@pytest_twisted.ensureDeferred
async def test_an_answer_outside_every_location(serve: Serve) -> None:
    """A connection is idle for `keepalive_timeout` also after an answer that no location has given."""
    client = await serve("keepalive_timeout 1s;").connect()
    client.send(get("*", method="OPTIONS"))
    assert (await client.answer(head=True))[0] == 204
    await client.until_closed()
    client = await serve("keepalive_timeout 0;").connect()
    client.send(get("*", method="OPTIONS"))
    assert (await client.answer(head=True))[1]["connection"] == "close"
    await client.until_closed()


@pytest.mark.parametrize(("least", "kept"), [("0", False), ("1s", True)])
@pytest_twisted.ensureDeferred
async def test_keepalive_min_timeout(serve: Serve, least: str, kept: bool) -> None:
    """When the daemon stops, a player that was served a moment ago may ask once more."""
    served = serve(f"keepalive_min_timeout {least};")
    client = await served.connect()
    client.send(get("/small.mp4"))
    await client.answer()
    served.site.drain()
    if kept:
        client.send(get("/small.mp4"))
        status, headers, body = await client.answer()
        assert (status, headers["connection"], body) == (200, "close", SMALL)
    await client.until_closed()


@pytest.mark.parametrize("how", ["on", "always"])
@pytest_twisted.ensureDeferred
async def test_the_last_answer_arrives_though_its_client_goes_on_sending(serve: Serve, how: str) -> None:
    """Who uploads more than is wanted gets the page that says so, not a reset."""
    served = serve(f"lingering_close {how}; client_max_body_size 10;")
    client = await served.connect()
    client.send(get("/small.mp4", "Content-Length: 30000000", method="PUT"))
    client.send(bytes(30_000_000))
    await client.until_closed()
    assert bytes(client.data).startswith(b"HTTP/1.1 413 ")
    assert client.clean


@pytest_twisted.ensureDeferred
async def test_dropping_input_has_an_end(serve: Serve) -> None:
    """A client that never stops sending is cut off after `lingering_time`, a silent one after `lingering_timeout`."""
    for text in ("lingering_time 1s; lingering_timeout 60s;", "lingering_timeout 1s;"):
        served = serve(text)
        client = await served.connect()
        client.send(b"nonsense\r\n\r\n" + bytes(100))
        assert (await client.answer())[0] == 400
        await served.until(lambda served=served: not served.site.channels)  # type: ignore[misc]


@pytest_twisted.ensureDeferred
async def test_no_lingering(serve: Serve) -> None:
    """With `lingering_close off` a refused client is closed without a wait."""
    served = serve("lingering_close off;")
    client = await served.connect()
    client.send(b"nonsense\r\n\r\n")
    await client.until_closed()
    assert bytes(client.data).startswith(b"HTTP/1.1 400 ")


@pytest_twisted.ensureDeferred
async def test_what_follows_a_last_request_does_no_harm(serve: Serve) -> None:
    """A client that asks on after `Connection: close` gets the whole of that answer, and no other."""
    served = serve()
    for _ in range(5):
        client = await served.connect()
        client.send(get("/large.mp4", "Connection: close") + get("/small.mp4") * 2000)
        await client.until_closed()
        assert bytes(client.data).endswith(BODY)
        assert client.data.count(b"HTTP/1.1 ") == 1
        assert client.clean


@pytest_twisted.ensureDeferred
async def test_tcp_nodelay(serve: Serve) -> None:
    """`tcp_nodelay off` leaves small packets to the kernel."""
    for value, expected in (("on", True), ("off", False)):
        served = serve(f"tcp_nodelay {value};")
        client = await served.connect()
        client.send(get("/small.mp4"))
        await client.answer()
        (channel,) = served.site.channels
        handle = channel.transport.getHandle()
        assert bool(handle.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)) == expected
        client.transport.loseConnection()
        await client.until_closed()


@pytest_twisted.ensureDeferred
async def test_nothing_is_left_of_connections_that_ended_badly(serve: Serve) -> None:
    """Refused, timed out and aborted connections leave no descriptor and no deadline."""
    served = serve("client_header_timeout 1s; lingering_timeout 1s;")
    port = served.listen()
    before = len(os.listdir("/proc/self/fd"))
    for sent in (b"", b"GET", b"nonsense\r\n", get("/large.mp4"), get("/small.mp4", "Content-Length: 5")):
        client = await served.client(f"tcp:127.0.0.1:{port}")
        client.send(sent)
        if sent.startswith(b"GET /large"):
            await client.until(lambda client=client: bool(client.data))  # type: ignore[misc]
            client.transport.abortConnection()
        elif sent.startswith(b"GET /small"):
            client.transport.loseWriteConnection()
        await client.until_closed()
    await served.until(lambda: not served.site.channels)
    assert len(os.listdir("/proc/self/fd")) <= before
