"""The administrator decides what the server tells of itself."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import pytest_twisted

from hls_mp4 import __version__
from tests.web.harness import Served
from tests.web.test_content import ask

Serve = Callable[..., Served]


@pytest.mark.parametrize(
    ("text", "header", "page"),
    [
        ("", f"mp4stream/{__version__}", f"<p>mp4stream/{__version__}</p>"),
        ("server_tokens on;", f"mp4stream/{__version__}", f"<p>mp4stream/{__version__}</p>"),
        ("server_tokens build;", f"mp4stream/{__version__}", f"<p>mp4stream/{__version__}</p>"),
        ("server_tokens off;", "mp4stream", "<p>mp4stream</p>"),
        ("server_tokens 'Films <1>';", "Films <1>", "<p>Films &lt;1&gt;</p>"),
        ("server_tokens '';", None, "</h1></body>"),
        ("server_tokens 'at $server_port for $arg_x';", "at %PORT for <b>", "</h1></body>"),
    ],
)
@pytest_twisted.ensureDeferred
async def test_what_is_told(serve: Serve, text: str, header: str | None, page: str) -> None:
    """The header and the page of an error say what is configured; a page never what came with the request."""
    served = serve(text)
    for path in ("/small.mp4?x=<b>", "/none?x=<b>"):
        _, headers, body = await ask(served, path)
        port = str(served.ports[-1].getHost().port)
        assert headers.get("server") == (header.replace("%PORT", port) if header is not None else None)
    assert page in body.decode()
    assert b"<b>" not in body


@pytest_twisted.ensureDeferred
async def test_a_request_that_cannot_be_read(serve: Serve) -> None:
    """What is refused before a location is known is answered as the server says."""
    client = await serve("server_tokens off;").connect()
    client.send(b"GET / HTTP/1.1\r\nno colon\r\n\r\n")
    status, headers, _ = await client.answer()
    assert (status, headers["server"]) == (400, "mp4stream")
