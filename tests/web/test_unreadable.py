"""Requests that are not read to their end leave an answer or none, and always a line."""

from collections.abc import Callable
from pathlib import Path

import pytest
import pytest_twisted
from twisted.logger import capturedLogs

from tests.web.harness import Served

Serve = Callable[..., Served]


@pytest.mark.parametrize(
    ("sent", "status", "reason"),
    [
        (b"\x16\x03\x01\x00\xff\x01", "400", "TLS handshake"),
        (b"GET /\r\n", "400", "HTTP/0.9"),
        (b"GET / HTTP/2.0\r\n", "505", "invalid version"),
        (b"GET / HTTP/1.1\r\nbad\r\n", "400", 'invalid header line: "bad"'),
        (b"GET / HTTP/1.1\r\nX: " + b"y" * 9000, "400", "too long header line"),
        (b"CONNECT a:443 HTTP/1.1\r\nHost: a\r\n\r\n", "405", "CONNECT method"),
        (b"PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n\r\n", "501", "unknown"),
        (b"PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 10000000\r\n\r\n", "413", "10000000 bytes"),
    ],
)
@pytest_twisted.ensureDeferred
async def test_a_refused_request_is_told_of(
    serve: Serve, tmp_path: Path, sent: bytes, status: str, reason: str
) -> None:
    """A client that is refused gets a page, and the logs what it sent and why that was no request."""
    log = tmp_path / "log"
    client = await serve(f"access_log {log} lines;", http="log_format lines '$status $request_length';").connect()
    with capturedLogs() as events:
        client.send(sent)
        got, headers, body = await client.answer()
    assert (str(got), headers["connection"]) == (status, "close")
    assert status.encode() in body
    assert [event for event in events if reason in str(event.get("reason"))]
    assert log.read_text().startswith(status + " ")


@pytest_twisted.ensureDeferred
async def test_too_large_a_head_is_a_bad_request_of_its_own_kind(serve: Serve) -> None:
    """Who sends too many cookies is told so."""
    client = await serve().connect()
    client.send(b"GET / HTTP/1.1\r\nCookie: " + b"x" * 9000)
    status, _, body = await client.answer()
    assert status == 400
    assert b"Request Header Or Cookie Too Large" in body


@pytest_twisted.ensureDeferred
async def test_a_refused_head_has_no_body(serve: Serve) -> None:
    """HEAD gets a head, also when it is refused."""
    client = await serve().connect()
    client.send(b"HEAD / HTTP/1.1\r\nHost: a\r\nX\r\n\r\n")
    await client.until(lambda: b"\r\n\r\n" in client.data)
    client.transport.loseWriteConnection()
    await client.until_closed()
    assert client.data.endswith(b"\r\n\r\n")


@pytest.mark.parametrize(
    ("sent", "logged"),
    [
        (b"TRACE / HTTP/1.1\r\nHost: b.example\r\n\r\n", "405"),
        (b"GET / HTTP/1.1\r\nbad\r\n", "400"),
    ],
)
@pytest_twisted.ensureDeferred
async def test_a_refused_request_is_the_default_servers(serve: Serve, tmp_path: Path, sent: bytes, logged: str) -> None:
    """A request that is refused before its host counts is logged, and told of, with the name of the default server."""
    log = tmp_path / "log"
    served = serve(
        f"server_name a.example; access_log {log} names;", http="log_format names '$status $host $server_name';"
    )
    client = await served.connect()
    with capturedLogs() as events:
        client.send(sent)
        await client.answer()
    assert log.read_text() == f"{logged} a.example a.example\n"
    assert [event["server"] for event in events if "client sent" in str(event.get("reason"))] == ["a.example"]
