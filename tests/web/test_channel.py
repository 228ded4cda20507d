"""A connection keeps to HTTP/1, with whatever a client sends."""

from collections.abc import Callable
from pathlib import Path

import pytest
import pytest_twisted

from tests.web.conftest import BODY, SMALL
from tests.web.harness import Served

Serve = Callable[..., Served]


def get(path: str, *headers: str, version: str = "1.1", method: str = "GET") -> bytes:
    return "\r\n".join([f"{method} {path} HTTP/{version}", "Host: a", *headers, "", ""]).encode("latin-1")


@pytest_twisted.ensureDeferred
async def test_one_connection_many_requests(serve: Serve) -> None:
    """A player asks for many ranges over one connection."""
    client = await serve().connect()
    for start in range(0, 2_000_000, 499_999):
        client.send(get("/large.mp4", f"Range: bytes={start}-{start + 99}"))
        status, headers, body = await client.answer()
        assert (status, body) == (206, BODY[start : start + 100])
        assert headers["connection"] == "keep-alive"
    assert not client.closed


@pytest_twisted.ensureDeferred
async def test_pipelined_requests_are_answered_in_order(serve: Serve) -> None:
    """Requests sent without waiting are answered one after the other, small after large and errors between."""
    client = await serve().connect()
    client.send(
        get("/large.mp4") + get("/small.mp4") + get("/nothing") + get("/large.mp4", method="HEAD") + get("/small.mp4")
    )
    assert (await client.answer())[2] == BODY
    assert (await client.answer())[2] == SMALL
    assert (await client.answer())[0] == 404
    status, headers, _ = await client.answer(head=True)
    assert (status, headers["content-length"]) == (200, str(len(BODY)))
    assert (await client.answer())[2] == SMALL


@pytest_twisted.ensureDeferred
async def test_a_head_in_single_bytes(serve: Serve) -> None:
    """However a request is cut into packets, it is the same request."""
    client = await serve().connect()
    request = get("/small.mp4", "X-Long: " + "x" * 50)
    for position in range(len(request)):
        client.send(request[position : position + 1])
        if position % 7 == 0:
            await client.until(lambda: True)
    assert (await client.answer())[2] == SMALL


@pytest_twisted.ensureDeferred
async def test_http_1_0_gets_an_http_1_1_status_line_and_a_close(serve: Serve) -> None:
    """Old clients hear our version (RFC 9110 2.5), and the end of the body is the end of the connection."""
    client = await serve().connect()
    client.send(b"GET /small.mp4 HTTP/1.0\r\n\r\n")
    await client.until_closed()
    assert bytes(client.data).startswith(b"HTTP/1.1 200 OK\r\n")
    assert b"\r\nConnection: close\r\n" in client.data
    assert bytes(client.data).endswith(SMALL)


@pytest_twisted.ensureDeferred
async def test_http_1_0_may_keep_the_connection(serve: Serve) -> None:
    """`ab -k` and old players that ask for keep-alive get it."""
    client = await serve().connect()
    for _ in range(2):
        client.send(get("/small.mp4", "Connection: Keep-Alive", version="1.0"))
        _, headers, body = await client.answer()
        assert (headers["connection"], body) == ("keep-alive", SMALL)


@pytest_twisted.ensureDeferred
async def test_connection_close_closes(serve: Serve) -> None:
    """Who asks for the end of the connection gets it, after the whole body."""
    client = await serve().connect()
    client.send(get("/large.mp4", "Connection: foo, Close"))
    await client.until_closed()
    assert bytes(client.data).endswith(BODY)
    assert client.clean


@pytest_twisted.ensureDeferred
async def test_keepalive_requests(serve: Serve) -> None:
    """After its share of requests a connection ends."""
    client = await serve("keepalive_requests 2;").connect()
    client.send(get("/small.mp4") + get("/small.mp4") + get("/small.mp4"))
    await client.until_closed()
    assert client.data.count(b"HTTP/1.1 200") == 2


@pytest_twisted.ensureDeferred
async def test_keepalive_timeout_of_zero(serve: Serve) -> None:
    """`keepalive_timeout 0` ends every connection after one response."""
    client = await serve("keepalive_timeout 0;").connect()
    client.send(get("/small.mp4"))
    await client.until_closed()
    assert b"Connection: close" in client.data


@pytest_twisted.ensureDeferred
async def test_an_idle_connection_is_closed(serve: Serve) -> None:
    """An idle connection ends after keepalive_timeout; takes the second that it is told, and one of resolution."""
    client = await serve("keepalive_timeout 1s;").connect()
    client.send(get("/small.mp4"))
    await client.answer()
    await client.until_closed()
    assert client.clean


@pytest.mark.parametrize(
    ("request_bytes", "status"),
    [
        (b"nonsense\r\n\r\n", 400),
        (b"GET / HTTP/3.0\r\nHost: a\r\n\r\n", 505),
        (b"GET /\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: a b\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost : a\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost:\r\n\r\n", 400),
        (b"GET http://a/small.mp4 HTTP/1.1\r\nHost: a/b\r\n\r\n", 400),
        (b"GET http://a/small.mp4 HTTP/1.1\r\n\r\n", 400),
        (b"GET * HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        (b"POST * HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\nx", 400),
        (b"OPTIONS * HTTP/1.1\r\n\r\n", 400),
        (b"get / HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: a\r\nno colon\r\n\r\n", 400),
        (b"GET /%00 HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        (b"GET /%zz HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        (b"GET /../etc/passwd HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        (b"GET /%2e%2e/etc/passwd HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: a\r\nContent-Length: x\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", 400),
        (b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", 400),
        (b"GET /" + b"x" * 9000 + b" HTTP/1.1\r\nHost: a\r\n\r\n", 414),
        (b"GET /" + b"x" * 9000, 414),
        (b"GET / HTTP/1.1\r\nHost: a\r\nX: " + b"x" * 9000 + b"\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: a\r\n" + b"X: %s\r\n" % (b"x" * 1000) * 40 + b"\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: a\r\n" + b"X: y\r\n" * 1100 + b"\r\n", 400),
        (b"POST /small.mp4 HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999\r\n\r\n", 413),
        (b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n200000\r\n" + b"x" * 0x200000, 413),
    ],
)
@pytest_twisted.ensureDeferred
async def test_what_cannot_be_answered_is_refused(serve: Serve, request_bytes: bytes, status: int) -> None:
    """A malformed or oversize request gets one page with the right status, and the connection ends."""
    served = serve()
    client = await served.connect()
    client.send(request_bytes)
    got, headers, body = await client.answer()
    assert (got, headers["connection"]) == (status, "close")
    assert str(status).encode() in body
    client.transport.loseConnection()
    await client.until_closed()
    assert not client.data
    other = await served.client(f"tcp:127.0.0.1:{served.ports[0].getHost().port}")
    other.send(get("/small.mp4"))
    assert (await other.answer())[2] == SMALL


@pytest_twisted.ensureDeferred
async def test_methods(serve: Serve) -> None:
    """Who tries another method learns which there are; what could lead further than to us ends the connection."""
    client = await serve().connect()
    client.send(get("*", method="OPTIONS"))
    status, headers, _ = await client.answer(head=True)
    assert (status, headers["allow"]) == (204, "GET, HEAD")
    for method in ("OPTIONS", "PUT", "DELETE", "M-SEARCH"):
        client.send(get("/small.mp4", method=method))
        status, headers, _ = await client.answer()
        assert (status, headers["allow"], headers["connection"]) == (405, "GET, HEAD", "keep-alive")
    for method, target in (("CONNECT", "a:443"), ("CONNECT", "/"), ("TRACE", "/small.mp4")):
        client = await serve().connect()
        client.send(get(target, method=method) + get("/small.mp4"))
        status, headers, _ = await client.answer()
        assert (status, headers["allow"], headers["connection"]) == (405, "GET, HEAD", "close")
        client.transport.loseWriteConnection()
        await client.until_closed()
        assert not client.data


@pytest_twisted.ensureDeferred
async def test_logs_say_what_a_client_sent_that_was_not_understood(serve: Serve, tmp_path: Path) -> None:
    """Garbage is logged as it came, also where an understandable request was before it on the same connection."""
    log = tmp_path / "log"
    client = await serve(f"access_log {log} lines;", http="log_format lines '$status $request';").connect()
    client.send(b"GET /small.mp4 HTTP/1.0\r\nHost: a\r\nConnection: keep-alive\r\n\r\n")
    await client.answer()
    client.send(b'\x16\x03\xff "\r\n\r\n')
    assert (await client.answer())[0] == 400
    assert log.read_bytes().splitlines() == [b"200 GET /small.mp4 HTTP/1.0", rb"400 \x16\x03\xFF \x22"]


@pytest_twisted.ensureDeferred
async def test_a_small_body_is_read_and_dropped(serve: Serve) -> None:
    """A POST to a film is 405 and the connection goes on, with and without chunks."""
    client = await serve().connect()
    client.send(get("/small.mp4", "Content-Length: 5", method="POST") + b"hello")
    status, headers, _ = await client.answer()
    assert (status, headers["allow"]) == (405, "GET, HEAD")
    client.send(get("/small.mp4", "Transfer-Encoding: chunked", method="PUT") + b"3\r\nabc\r\n0\r\n\r\n")
    assert (await client.answer())[0] == 405
    client.send(get("/small.mp4"))
    assert (await client.answer())[2] == SMALL


@pytest_twisted.ensureDeferred
async def test_a_body_that_is_read_is_asked_for(serve: Serve) -> None:
    """Who asks before sending a body with a GET hears that it may, and gets the answer to the whole request."""
    client = await serve().connect()
    for _ in range(2):
        client.send(get("/small.mp4", "Content-Length: 2", "Expect: 100-Continue"))
        await client.until(lambda: b"100 Continue\r\n\r\n" in client.data)
        assert bytes(client.data) == b"HTTP/1.1 100 Continue\r\n\r\n"
        del client.data[:]
        client.send(b"hi" + get("/nothing"))
        assert (await client.answer())[2] == SMALL
        assert (await client.answer())[0] == 404


@pytest.mark.parametrize(
    ("method", "path", "headers", "status"),
    [
        ("POST", "/small.mp4", ("Content-Length: 2", "Expect: 100-continue"), 405),
        ("PUT", "/small.mp4", ("Transfer-Encoding: chunked", "Expect: 100-continue"), 405),
        ("POST", "/small.mp4", ("Content-Length: 99999999", "Expect: 100-continue"), 413),
        ("GET", "/small.mp4", ("Content-Length: 99999999", "Expect: 100-continue"), 413),
        ("GET", "/small.mp4", ("Expect: tea",), 417),
        ("GET", "/small.mp4", ("Content-Length: 2", "Expect: 100-continue, tea"), 417),
    ],
)
@pytest_twisted.ensureDeferred
async def test_a_body_that_is_not_wanted_is_not_asked_for(
    serve: Serve, method: str, path: str, headers: tuple[str, ...], status: int
) -> None:
    """Who asks before sending a body gets the refusal at once, and a close: what comes later is never a request."""
    client = await serve().connect()
    client.send(get(path, *headers, method=method))
    got, answered, _ = await client.answer()
    assert (got, answered["connection"]) == (status, "close")
    client.send(get("/small.mp4"))
    client.transport.loseWriteConnection()
    await client.until_closed()
    assert not client.data


@pytest_twisted.ensureDeferred
async def test_a_client_that_leaves_leaves_nothing(serve: Serve, root: Path) -> None:
    """A download that is broken off by the client costs no descriptor and no connection."""
    import os

    served = serve()
    client = await served.connect()
    before = len(os.listdir("/proc/self/fd"))
    client.transport.pauseProducing()
    client.send(get("/large.mp4"))
    quick = await served.client(f"tcp:127.0.0.1:{served.ports[0].getHost().port}")
    quick.send(get("/small.mp4", "Connection: close"))
    await quick.until_closed()
    client.transport.abortConnection()
    await client.until(lambda: client.closed)
    last = await served.client(f"tcp:127.0.0.1:{served.ports[0].getHost().port}")
    last.send(get("/small.mp4", "Connection: close"))
    await last.until_closed()
    assert len(served.site.channels) <= 1
    assert len(os.listdir("/proc/self/fd")) <= before


@pytest_twisted.ensureDeferred
async def test_a_head_that_trickles_in_has_one_deadline(serve: Serve) -> None:
    """A client that sends a byte now and then cannot hold a connection for ever; takes the second that it is given."""
    served = serve("client_header_timeout 1s;")
    client = await served.connect()

    def trickle() -> bool:
        if not client.closed:
            client.send(b"x")
        return client.closed

    client.send(b"GET / HTTP/1.1\r\nX: ")
    await served.until(trickle)


@pytest.mark.parametrize("path", ["/huge.mp4", "/folder/", "/small.mp4"])
@pytest_twisted.ensureDeferred
async def test_a_client_that_closes_its_side_gets_its_answer(serve: Serve, root: Path, path: str) -> None:
    """`nc -N` and some proxies say that they will ask no more: they get what they asked for, whole, and a close."""
    (root / "huge.mp4").write_bytes(BODY * 8)
    client = await serve("autoindex on;").connect()
    client.send(get("/folder/") + get("/small.mp4") + get("/folder/") + get(path))
    client.transport.loseWriteConnection()
    await client.until_closed()
    assert client.data.count(b"HTTP/1.1 200 OK") == 4
    assert client.clean
    if path == "/huge.mp4":
        assert bytes(client.data).endswith(BODY)
        assert len(client.data) > 8 * len(BODY)


@pytest_twisted.ensureDeferred
async def test_a_client_that_says_nothing_and_closes_its_side(serve: Serve) -> None:
    """An idle connection that is half closed is closed."""
    client = await serve().connect()
    client.send(b"GET / HTTP/1.1\r\nHost:")
    client.transport.loseWriteConnection()
    await client.until_closed()
    assert not client.data


@pytest_twisted.ensureDeferred
async def test_draining_finishes_what_is_under_way(serve: Serve, root: Path) -> None:
    """A stopping daemon closes idle connections at once and busy ones after their last byte."""
    (root / "huge.mp4").write_bytes(BODY * 8)
    served = serve()
    busy = await served.connect()
    idle = await served.client(f"tcp:127.0.0.1:{served.ports[0].getHost().port}")
    idle.send(get("/small.mp4"))
    await idle.answer()
    busy.transport.pauseProducing()
    busy.send(get("/huge.mp4") + get("/small.mp4"))
    idle.send(get("/small.mp4"))
    await idle.answer()
    served.site.drain()
    await idle.until_closed()
    busy.transport.resumeProducing()
    await busy.until_closed()
    assert bytes(busy.data).endswith(BODY)
    assert len(busy.data) > 8 * len(BODY)
