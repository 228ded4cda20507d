"""absolute_redirect, server_name_in_redirect and port_in_redirect shape the Location of redirects."""

from collections.abc import Callable

import pytest
import pytest_twisted

from tests.web.harness import Served
from tests.web.test_content import ask

Serve = Callable[..., Served]


@pytest.mark.parametrize(
    ("switches", "expected"),
    [
        ("", "http://a:PORT"),
        ("port_in_redirect off;", "http://a"),
        ("server_name_in_redirect on; server_name films.example other;", "http://films.example:PORT"),
        ("absolute_redirect off;", ""),
    ],
)
@pytest_twisted.ensureDeferred
async def test_redirects_of_our_own(serve: Serve, switches: str, expected: str) -> None:
    """Folders, return, rewrite and error_page do as they are told."""
    served = serve(
        f"{switches} location /r {{ return 301 /folder/; }} location /w {{ rewrite ^ /folder/ redirect; }}"
        " location /e { error_page 404 =302 folder/; }"
    )
    for path in ("/folder", "/r", "/w"):
        _, headers, _ = await ask(served, path)
        port = str(served.ports[-1].getHost().port)
        assert headers["location"] == expected.replace("PORT", port) + "/folder/", path
    assert (await ask(served, "/e"))[1]["location"] == "folder/"


@pytest_twisted.ensureDeferred
async def test_a_host_of_many_colons(serve: Serve) -> None:
    """Without a Host the address is named, an IPv6 one in brackets as the client wrote it."""
    client = await serve("port_in_redirect off; location / { return 301 /x; }").connect()
    client.send(b"GET / HTTP/1.0\r\n\r\n")
    assert (await client.answer())[1]["location"] == "http://127.0.0.1/x"
    client = await serve("port_in_redirect off; location / { return 301 /x; }").connect()
    client.send(b"GET / HTTP/1.1\r\nHost: [::1]:8080\r\n\r\n")
    assert (await client.answer())[1]["location"] == "http://[::1]/x"
