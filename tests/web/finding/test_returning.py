"""return ends a request with what it says."""

import re
from collections.abc import Callable

import pytest
import pytest_twisted

from hls_mp4.web.finding.returning import read_return
from tests.web.harness import Served
from tests.web.test_channel import get
from tests.web.test_content import ask

Serve = Callable[..., Served]


@pytest.mark.parametrize(
    ("words", "status", "headers", "body"),
    [
        (
            "200 'you asked for $uri'",
            200,
            {"content-type": "text/plain", "content-length": "18"},
            b"you asked for /x.t",
        ),
        ("200", 200, {"content-length": "0"}, b""),
        ("404 gone", 404, {"content-type": "text/plain"}, b"gone"),
        ("404 $status", 404, {}, b"404"),
        ("299 odd", 299, {}, b"odd"),
        ("301 /y", 301, {"location": "http://a/y"}, None),
        ("302 other", 302, {"location": "other"}, None),
        ("303 https://b$request_uri", 303, {"location": "https://b/x.t?q"}, None),
        ("307 http://b/$args", 307, {"location": "http://b/q"}, None),
        ("308 /y", 308, {"location": "http://a/y"}, None),
        ("http://b/", 302, {"location": "http://b/"}, None),
        ("$scheme://b/", 302, {"location": "http://b/"}, None),
        ("403", 403, {"content-type": "text/html; charset=utf-8"}, None),
        ("204", 204, {}, b""),
    ],
)
@pytest_twisted.ensureDeferred
async def test_what_is_said(serve: Serve, words: str, status: int, headers: dict[str, str], body: bytes | None) -> None:
    """Status, text and URL reach the client, the text with the type that the URI's suffix has."""
    served = serve(f"port_in_redirect off; types {{ text/plain t; }} location / {{ return {words}; }}")
    found, got, text = await ask(served, "/x.t?q")
    assert found == status
    assert headers.items() <= got.items()
    assert body is None or text == body


@pytest_twisted.ensureDeferred
async def test_no_body_where_there_can_be_none(serve: Serve) -> None:
    """204 has neither length nor type, HEAD only tells of them."""
    served = serve("location / { return 204 text; } location /t { return 200 text; }")
    _, headers, _ = await ask(served, "/")
    assert "content-length" not in headers and "content-type" not in headers
    status, headers, body = await ask(served, "/t", method="HEAD")
    assert (status, headers["content-length"], body) == (200, "4", b"")


@pytest_twisted.ensureDeferred
async def test_any_method_is_answered(serve: Serve) -> None:
    """A health check may POST."""
    assert (await ask(serve("location / { return 200 alive; }"), "/", method="POST"))[2] == b"alive"


@pytest_twisted.ensureDeferred
async def test_a_line_end_in_a_variable_stays_in_its_header(serve: Serve) -> None:
    """A URL made of what a client sent adds no header: a decoded line end becomes a blank."""
    client = await serve("location ~ /(.*) { return 301 /$1; }").connect()
    client.send(get("/a%0d%0aX-Evil:%20y", "Connection: close"))
    await client.until_closed()
    assert b"\r\nX-Evil" not in client.data and client.data.count(b"\r\n\r\n") == 1


@pytest_twisted.ensureDeferred
async def test_a_connection_that_is_closed_without_a_word(serve: Serve) -> None:
    """444 sends nothing, and the end of the connection is a clean one."""
    client = await serve("location / { return 444; }").connect()
    client.send(get("/"))
    await client.until_closed()
    assert client.data == b"" and client.clean


@pytest.mark.parametrize(
    ("args", "reason"),
    [
        ([], "invalid number of arguments"),
        (["200", "a", "b"], "invalid number of arguments"),
        (["/x"], 'invalid return code "/x"'),
        (["http://x", "y"], 'invalid return code "http://x"'),
        (["1000"], 'invalid return code "1000"'),
        (["99"], 'invalid return code "99"'),
        (["²"], 'invalid return code "²"'),
        (["200", "$nothing"], 'unknown "nothing" variable'),
    ],
)
def test_mistakes(args: list[str], reason: str) -> None:
    """What is no status, and statuses that end no request, are refused."""
    with pytest.raises(ValueError, match=re.escape(reason)):
        read_return(args)
