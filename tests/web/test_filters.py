"""What is found is told of with validators, cut to what was asked for, and dressed with headers."""

from collections.abc import Callable

import pytest
import pytest_twisted

from tests.web.conftest import SMALL
from tests.web.harness import Served
from tests.web.test_channel import get
from tests.web.test_content import ask

Serve = Callable[..., Served]


@pytest_twisted.ensureDeferred
async def test_conditions(serve: Serve) -> None:
    """A cache that has the file is told so, and one that has another gets it."""
    served = serve()
    _, headers, _ = await ask(served, "/small.mp4")
    etag = headers["etag"]
    status, headers, body = await ask(served, "/small.mp4", f"If-None-Match: {etag}")
    assert (status, headers["etag"], body) == (304, etag, b"")
    assert "content-length" not in headers
    assert (await ask(served, "/small.mp4", 'If-Match: "other"'))[0] == 412
    assert (await ask(served, "/small.mp4", "Range: bytes=0-9", f"If-Range: {etag}"))[0] == 206
    assert (await ask(served, "/small.mp4", "Range: bytes=0-9", 'If-Range: "other"'))[0] == 200


@pytest_twisted.ensureDeferred
async def test_ranges_are_of_get(serve: Serve) -> None:
    """416 tells the length; HEAD has no ranges (RFC 9110 14.2)."""
    served = serve()
    status, headers, _ = await ask(served, "/small.mp4", "Range: bytes=20000-")
    assert (status, headers["content-range"]) == (416, "bytes */20000")
    status, headers, _ = await ask(served, "/small.mp4", "Range: bytes=0-9", method="HEAD")
    assert (status, headers["content-length"]) == (200, "20000")


@pytest_twisted.ensureDeferred
async def test_ranges_can_be_turned_off(serve: Serve) -> None:
    """`max_ranges 0` neither offers nor gives ranges."""
    status, headers, _ = await ask(serve("max_ranges 0;"), "/small.mp4", "Range: bytes=0-9")
    assert status == 200
    assert "accept-ranges" not in headers


@pytest_twisted.ensureDeferred
async def test_etag_off(serve: Serve) -> None:
    """Without tags the date remains."""
    _, headers, _ = await ask(serve("etag off;"), "/small.mp4")
    assert "etag" not in headers
    assert "last-modified" in headers


@pytest_twisted.ensureDeferred
async def test_added_headers(serve: Serve) -> None:
    """expires and add_header reach films, and errors only with `always`; values cannot add lines."""
    served = serve("expires 1h; add_header X-A $arg_a; add_header X-B b always;")
    _, headers, _ = await ask(served, "/small.mp4?a=1")
    assert (headers["x-a"], headers["x-b"], headers["cache-control"]) == ("1", "b", "max-age=3600")
    _, headers, _ = await ask(served, "/nothing?a=1")
    assert "x-a" not in headers
    assert headers["x-b"] == "b"


@pytest_twisted.ensureDeferred
async def test_a_validator_of_the_administrator_replaces_ours(serve: Serve) -> None:
    """`add_header ETag` leaves one ETag, not two."""
    served = serve("""add_header ETag '"mine"';""")
    client = await served.connect()
    client.send(get("/small.mp4"))
    await client.until(lambda: b"\r\n\r\n" in client.data)
    assert client.data.lower().count(b"\r\netag:") == 1
    assert (await client.answer())[1]["etag"] == '"mine"'


@pytest_twisted.ensureDeferred
async def test_a_body_with_a_status_of_its_own_is_whole(serve: Serve) -> None:
    """A page for an error has no parts and no conditions, and its headers are those of the error."""
    served = serve("add_header X x; add_header Y y always; error_page 404 /small.mp4;")
    status, headers, body = await ask(served, "/nothing", "Range: bytes=0-9", "If-Modified-Since: Sun, 09 Sep 2001")
    assert (status, body) == (404, SMALL)
    assert "x" not in headers and headers["y"] == "y" and "accept-ranges" not in headers


@pytest.mark.parametrize("rate", ["100k", "0"])
@pytest_twisted.ensureDeferred
async def test_a_rate_that_was_set(serve: Serve, rate: str) -> None:
    """$limit_rate is the rate of this response, whatever its location says; 0 is none."""
    served = serve(f"limit_rate 1; location / {{ set $limit_rate {rate}; add_header X $limit_rate; }}")
    _, headers, body = await ask(served, "/small.mp4")
    assert (headers["x"], len(body)) == ({"100k": "102400"}.get(rate, "0"), len(SMALL))
