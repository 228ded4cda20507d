"""Requests over HTTP/2 are answered as those over HTTP/1 are."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest
import pytest_twisted
from h2.errors import ErrorCodes
from twisted.logger import capturedLogs

from tests.secure import Reply, away
from tests.web.conftest import BODY, SMALL
from tests.web.http2.conftest import Serve2, Speak


async def got(speak: Speak, path: str, **headers: str) -> Reply:
    """Return the answer to a request on a connection of its own."""

    def get() -> Reply:
        with speak() as client:
            return client.get(path, **headers)

    found: Reply = await away(get)
    return found


@pytest_twisted.ensureDeferred
async def test_ranges_conditions_and_heads(serve2: Serve2) -> None:
    """With the same headers, but those that speak of the connection."""
    _, speak = serve2()
    whole = await got(speak, "/small.mp4")
    assert bytes(whole.body) == SMALL
    assert whole.headers["content-length"] == str(len(SMALL))
    assert "connection" not in whole.headers
    part = await got(speak, "/small.mp4", range="bytes=5-9")
    assert (part.status, bytes(part.body)) == (206, SMALL[5:10])
    assert (await got(speak, "/small.mp4", if_none_match=whole.headers["etag"])).status == 304

    def head() -> Reply:
        with speak() as client:
            usual = [(":method", "HEAD"), (":scheme", "https"), (":authority", "a"), (":path", "/small.mp4")]
            stream = client.begin("", headers=usual)
            client.until(lambda: client.replies[stream].ended)
            return client.replies[stream]

    reply = await away(head)
    assert (reply.status, reply.headers["content-length"], bytes(reply.body)) == (200, str(len(SMALL)), b"")


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({":method": "TRACE"}, 405),
        ({":method": "get"}, 400),
        ({":path": "/../x"}, 400),
        ({":path": "/%zz"}, 400),
        ({":path": "*"}, 400),
        ({":authority": "a b"}, 400),
        ({":authority": "-"}, 400),
        ({":scheme": "gopher"}, 400),
        ({"connection": "close"}, 400),
        ({"X-Upper": "x"}, 400),
        ({"host": "b"}, 400),
        ({"content-length": "5"}, 400),
    ],
)
@pytest_twisted.ensureDeferred
async def test_malformed_requests_get_a_page_and_the_connection_goes_on(
    serve2: Serve2, changes: dict[str, str], status: int
) -> None:
    """Each with a line in the logs."""
    _, speak = serve2()

    def ask() -> tuple[Reply, int]:
        with speak() as client:
            fields = {":method": "GET", ":scheme": "https", ":authority": "a", ":path": "/small.mp4", **changes}
            stream = client.begin("", headers=list(fields.items()))
            client.until(lambda: client.replies[stream].ended)
            return client.replies[stream], client.get("/small.mp4").status

    reply, after = await away(ask)
    assert reply.status == status
    assert str(status).encode() in reply.body
    assert after == 200


@pytest_twisted.ensureDeferred
async def test_bodies_of_requests_are_bounded(serve2: Serve2) -> None:
    """client_max_body_size holds, announced or not; the rest of the body is not waited for."""
    _, speak = serve2("client_max_body_size 10k;")

    def post(length: int | None, size: int) -> Reply:
        with speak() as client:
            more = {} if length is None else {"content_length": str(length)}
            stream = client.begin("/small.mp4", ended=False, **more)
            for _ in range(size // 1000):
                client.protocol.send_data(stream, bytes(1000))
            reply = client.replies[stream]
            if 0 < size < 10_000:
                client.protocol.end_stream(stream)
            client.until(lambda: reply.ended)
            assert client.get("/small.mp4").status == 200
            return reply

    assert (await away(post, 5000, 5000)).status == 200
    assert (await away(post, None, 5000)).status == 200
    assert (await away(post, 50_000, 0)).status == 413
    refused = await away(post, None, 30_000)
    assert (refused.status, refused.reset) == (413, ErrorCodes.NO_ERROR)


@pytest_twisted.ensureDeferred
async def test_a_body_that_does_not_come_is_not_waited_for(serve2: Serve2) -> None:
    """client_body_timeout holds; the logs have a line with 408. Takes that second and one of resolution."""
    _, speak = serve2("client_body_timeout 1s;")

    def post() -> Reply:
        with speak() as client:
            stream = client.begin("/small.mp4", ended=False)
            client.until(lambda: client.replies[stream].reset is not None)
            return client.replies[stream]

    with capturedLogs() as events:
        await away(post)
    assert any("timed out while reading client request body" in str(event.get("reason")) for event in events)


@pytest_twisted.ensureDeferred
async def test_the_rate_is_limited(serve2: Serve2) -> None:
    """limit_rate holds a body back, and no other one; takes the second that it should."""
    _, speak = serve2("limit_rate 15k;")

    def get() -> tuple[float, bytes]:
        with speak() as client:
            started = time.monotonic()
            body = bytes(client.get("/small.mp4").body)
            return time.monotonic() - started, body

    took, body = await away(get)
    assert body == SMALL
    assert took > 0.2


@pytest_twisted.ensureDeferred
async def test_a_client_may_change_its_mind(serve2: Serve2, root: Path) -> None:
    """A stream that it resets is forgotten at once, the others go on; the access log tells of what was sent."""
    (root / "huge.mp4").write_bytes(BODY * 8)
    served, speak = serve2(http=f"log_format l '$request $status $body_bytes_sent'; access_log {root}/log l;")

    def seek() -> bytes:
        with speak() as client:
            for _ in range(20):
                stream = client.begin("/huge.mp4")
                client.until(lambda stream=stream: len(client.replies[stream].body) > 0)  # type: ignore[misc]
                client.protocol.reset_stream(stream, ErrorCodes.CANCEL)
            return bytes(client.get("/large.mp4").body)

    assert await away(seek) == BODY
    await served.until(lambda: not served.site.channels)
    lines = (root / "log").read_text().splitlines()
    assert len(lines) == 21
    assert all(line.startswith("GET /huge.mp4 HTTP/2.0 200 ") for line in lines[:20])
    assert lines[20] == f"GET /large.mp4 HTTP/2.0 200 {len(BODY)}"


@pytest_twisted.ensureDeferred
async def test_a_film_that_changes_while_it_is_sent_ends_its_stream(serve2: Serve2, root: Path) -> None:
    """The client sees that the body is short, and the log says why; the connection goes on."""
    film = root / "huge.mp4"
    film.write_bytes(BODY * 8)
    os.utime(film, (1_000_000_000, 1_000_000_000))
    _, speak = serve2()

    def get() -> tuple[int | None, int]:
        with speak(window=False) as client:
            stream = client.begin("/huge.mp4")
            reply = client.replies[stream]
            client.until(lambda: len(reply.body) == 65_535)
            os.truncate(film, 1000)
            client.protocol.increment_flow_control_window(1 << 20, stream)
            client.protocol.increment_flow_control_window(1 << 20)
            client.until(lambda: reply.reset is not None)
            return reply.reset, client.get("/small.mp4").status

    with capturedLogs() as events:
        assert await away(get) == (ErrorCodes.INTERNAL_ERROR, 200)
    assert any("truncated or replaced" in str(event.get("reason")) for event in events)


@pytest_twisted.ensureDeferred
async def test_headers_cannot_be_split(serve2: Serve2) -> None:
    """A line end that came with a request is a blank in the answer."""
    _, speak = serve2("add_header X $arg_x; location / { rewrite ^ /small.mp4 break; }")
    assert "x" in (await got(speak, "/y?x=a")).headers


@pytest_twisted.ensureDeferred
async def test_a_cold_film_is_whole(serve2: Serve2, root: Path) -> None:
    """What the page cache does not have is waited for without stopping the others."""
    with (root / "large.mp4").open("rb") as film:
        os.fsync(film.fileno())
        os.posix_fadvise(film.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
    _, speak = serve2()
    assert bytes((await got(speak, "/large.mp4")).body) == BODY
