"""A player on another site's page can fetch, seek and read what it needs; others cannot."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import pytest_twisted
from hypothesis import given
from hypothesis import strategies as st

from hls_mp4.config.loader import ConfigErrors, load_from_text
from hls_mp4.service.settings_classes import settings_classes
from hls_mp4.web.cors import CorsSettings, allowed_origin
from tests.web.conftest import SMALL
from tests.web.harness import Served

Serve = Callable[..., Served]
Headers = list[tuple[str, str]]

PAGE = "https://player.example"
PREFLIGHT = ("Access-Control-Request-Method: GET", "Access-Control-Request-Headers: range")


def settings(text: str) -> CorsSettings:
    """Return what a configuration says."""
    return load_from_text(f"http {{ {text} }}", settings_classes()).http[CorsSettings]


async def ask(served: Served, path: str, *headers: str, method: str = "GET") -> tuple[int, Headers, bytes]:
    """Return status, every header line in lower case, and body."""
    client = await served.connect()
    head = "\r\n".join([f"{method} {path} HTTP/1.1", "Host: a", "Connection: close", *headers])
    client.send(head.encode() + b"\r\n\r\n")
    await client.until_closed()
    head, _, body = bytes(client.data).partition(b"\r\n\r\n")  # type: ignore[assignment]
    first, *lines = head.decode("latin-1").split("\r\n")  # type: ignore[attr-defined]
    found = [(name.lower(), value) for name, _, value in (line.partition(": ") for line in lines)]
    return int(first.split()[1]), found, body


def cors(headers: Headers) -> Headers:
    """Return what concerns other sites."""
    return sorted(each for each in headers if each[0].startswith("access-control") or each[0] == "vary")


def values(headers: Headers, name: str) -> list[str]:
    """Return the values of one header."""
    return [value for found, value in headers if found == name]


@pytest_twisted.ensureDeferred
async def test_a_preflight_is_answered(serve: Serve) -> None:
    """A browser that asks whether a script may send Range is told so, with 204 and nothing else."""
    served = serve("cors on;")
    status, headers, body = await ask(served, "/small.mp4", f"Origin: {PAGE}", *PREFLIGHT, method="OPTIONS")
    assert (status, body) == (204, b"")
    assert values(headers, "access-control-allow-origin") == ["*"]
    assert values(headers, "access-control-allow-methods") == ["GET, HEAD"]
    (allowed,) = values(headers, "access-control-allow-headers")
    assert {"Range", "If-Range", "If-None-Match", "Authorization"} <= set(allowed.split(", "))
    assert values(headers, "access-control-max-age") == ["86400"]
    assert not values(headers, "content-length") and not values(headers, "content-type")


@pytest_twisted.ensureDeferred
async def test_a_preflight_comes_without_a_password(serve: Serve) -> None:
    """Browsers ask before anybody is asked who they are: a closed location answers the preflight, and nothing else."""
    served = serve("cors on; deny all;")
    preflight = (f"Origin: {PAGE}", *PREFLIGHT)
    assert (await ask(served, "/small.mp4", *preflight, method="OPTIONS"))[0] == 204
    status, headers, _ = await ask(served, "/small.mp4", f"Origin: {PAGE}")
    assert (status, values(headers, "access-control-allow-origin")) == (403, ["*"])


@pytest.mark.parametrize(
    ("text", "headers"),
    [
        ("cors off;", [f"Origin: {PAGE}", *PREFLIGHT]),
        ("", [f"Origin: {PAGE}", *PREFLIGHT]),
        ("cors on;", [f"Origin: {PAGE}"]),
        ("cors on;", [*PREFLIGHT]),
        ("cors on;", []),
    ],
)
@pytest_twisted.ensureDeferred
async def test_what_is_no_preflight(serve: Serve, text: str, headers: list[str]) -> None:
    """Without `cors on`, and without what makes a preflight, OPTIONS is a method that is not allowed."""
    status, got, _ = await ask(serve(text), "/small.mp4", *headers, method="OPTIONS")
    assert status == 405
    assert values(got, "allow") == ["GET, HEAD"]
    assert not values(got, "access-control-allow-methods")


@pytest.mark.parametrize(
    ("path", "headers", "expected"),
    [
        ("/small.mp4", [], 200),
        ("/small.mp4", ["Range: bytes=0-9"], 206),
        ("/small.mp4", ["If-Modified-Since: Sun, 09 Sep 2001 01:46:40 GMT"], 304),
        ("/small.mp4", ["Range: bytes=99999999-"], 416),
        ("/small.mp4", ["If-Match: x"], 412),
        ("/none.mp4", [], 404),
        ("/folder", [], 301),
        ("/moved", [], 302),
        ("/folder/", [], 403),
    ],
)
@pytest_twisted.ensureDeferred
async def test_every_answer_can_be_read(serve: Serve, path: str, headers: list[str], expected: int) -> None:
    """Whatever comes of a request, the script may read it, once said and no more."""
    served = serve("cors on; location = /moved { return 302 /small.mp4; }")
    status, got, _ = await ask(served, path, f"Origin: {PAGE}", *headers)
    assert status == expected
    assert values(got, "access-control-allow-origin") == ["*"]
    (exposed,) = values(got, "access-control-expose-headers")
    named = {"Content-Length", "Content-Range", "Accept-Ranges", "Date", "X-Clip-Start", "X-Content-Duration"}
    assert named <= set(exposed.split(", "))
    assert not values(got, "vary")


@pytest_twisted.ensureDeferred
async def test_named_origins(serve: Serve) -> None:
    """Named sites are named back, others are not, and caches are told that it depends on who asks."""
    served = serve("cors on; cors_origin https://player.example https://*.films.example;")
    for origin, told in [
        (PAGE, [PAGE]),
        ("https://tv.films.example", ["https://tv.films.example"]),
        ("https://evil.example", []),
        ("http://player.example", []),
        ("null", []),
    ]:
        status, headers, body = await ask(served, "/small.mp4", f"Origin: {origin}")
        assert (status, body) == (200, SMALL)
        assert values(headers, "access-control-allow-origin") == told
        assert len(values(headers, "access-control-expose-headers")) == len(told)
        assert values(headers, "vary") == ["Origin"]
    status, headers, _ = await ask(served, "/small.mp4", "Origin: https://evil.example", *PREFLIGHT, method="OPTIONS")
    assert (status, values(headers, "access-control-allow-origin")) == (204, [])
    _, headers, _ = await ask(served, "/small.mp4")
    assert cors(headers) == [("vary", "Origin")]


@pytest_twisted.ensureDeferred
async def test_credentials(serve: Serve) -> None:
    """Scripts of named sites may send what the viewer is known by, where that is said."""
    served = serve(f"cors on; cors_origin {PAGE}; cors_credentials on;")
    for method, headers in (("GET", ()), ("OPTIONS", PREFLIGHT)):
        _, got, _ = await ask(served, "/small.mp4", f"Origin: {PAGE}", *headers, method=method)
        assert values(got, "access-control-allow-credentials") == ["true"]
        assert values(got, "access-control-allow-origin") == [PAGE]
    _, got, _ = await ask(served, "/small.mp4", "Origin: https://evil.example")
    assert not values(got, "access-control-allow-credentials")


@pytest.mark.parametrize(("method", "expected"), [("GET", 200), ("OPTIONS", 204)])
@pytest_twisted.ensureDeferred
async def test_headers_that_are_there_already(serve: Serve, method: str, expected: int) -> None:
    """What add_header says holds, and is not said twice: a browser refuses two."""
    served = serve(
        "cors on; cors_origin https://player.example;"
        " add_header Access-Control-Allow-Origin * always; add_header Vary 'Accept, origin' always;"
        " add_header Access-Control-Allow-Headers Range always;"
    )
    status, headers, _ = await ask(served, "/small.mp4", f"Origin: {PAGE}", *PREFLIGHT, method=method)
    assert status == expected
    assert values(headers, "access-control-allow-origin") == ["*"]
    assert values(headers, "access-control-allow-headers") == ["Range"]
    assert values(headers, "vary") == ["Accept, origin"]


@pytest_twisted.ensureDeferred
async def test_what_depends_on_two_things(serve: Serve) -> None:
    """A compressed listing depends on the coding and on the origin."""
    served = serve(f"cors on; cors_origin {PAGE}; gzip on; autoindex on;")
    _, headers, _ = await ask(served, "/", f"Origin: {PAGE}", "Accept-Encoding: gzip")
    assert values(headers, "vary") == ["Accept-Encoding", "Origin"]


@pytest_twisted.ensureDeferred
async def test_lists_of_ones_own(serve: Serve) -> None:
    """Headers and the time that a browser remembers are those of the configuration."""
    served = serve("cors on; cors_allow X-Token; cors_expose X-Left; cors_max_age 90s;")
    _, headers, _ = await ask(served, "/small.mp4", f"Origin: {PAGE}", *PREFLIGHT, method="OPTIONS")
    assert cors(headers) == [
        ("access-control-allow-headers", "X-Token"),
        ("access-control-allow-methods", "GET, HEAD"),
        ("access-control-allow-origin", "*"),
        ("access-control-expose-headers", "X-Left"),
        ("access-control-max-age", "90"),
    ]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("cors_origin;", "invalid number of arguments"),
        ("cors_origin * https://a.example;", '"\\*" is any origin'),
        ("cors_origin player.example;", 'invalid origin "player.example"'),
        ("cors_origin https://player.example/;", "invalid origin"),
        ("cors_origin https://a.*.example;", "invalid origin"),
        ("cors_allow 'a b';", 'invalid header name "a b"'),
        ("cors_expose;", "invalid number of arguments"),
        ("cors on; cors_credentials on;", "needs the origins to be named"),
        ("cors on; cors_credentials on; cors_origin *;", "needs the origins to be named"),
    ],
)
def test_mistakes(text: str, reason: str) -> None:
    """A mistake, and what would open a password's content to every page, are named when the configuration is read."""
    with pytest.raises(ConfigErrors, match=reason):
        settings(text)


@pytest.mark.parametrize(
    ("origins", "origin", "expected"),
    [
        ("*", None, "*"),
        ("https://a.example", "HTTPS://A.example", "HTTPS://A.example"),
        ("https://a.example", "https://a.example:8443", ""),
        ("https://a.example:8443", "https://a.example:8443", "https://a.example:8443"),
        ("http://[::1]:3000", "http://[::1]:3000", "http://[::1]:3000"),
        ("null", "null", "null"),
        ("https://*.a.example", "https://x.y.a.example", "https://x.y.a.example"),
        ("https://*.a.example", "https://a.example", ""),
        ("https://*.a.example", "https://xa.example", ""),
        ("https://*.a.example", "https://x.a.example.evil.example", ""),
        ("https://*.a.example", "https://evil.example/x.a.example", ""),
        ("capacitor://localhost", "capacitor://localhost", "capacitor://localhost"),
    ],
)
def test_origins(origins: str, origin: str | None, expected: str) -> None:
    """An origin is known by its scheme, its whole host and its port."""
    assert allowed_origin(settings(f"cors_origin {origins};"), origin) == expected


@given(st.text(max_size=60))
def test_no_text_gets_by(text: str) -> None:
    """Nothing that is not below the named site is taken for it."""
    known = settings("cors_origin https://*.a.example;")
    for origin in (text, f"https://{text}", f"{text}.a.example", f"https://x.a.example{text}"):
        shown = allowed_origin(known, origin)
        assert shown in ("", origin)
        assert not shown or (shown.lower().startswith("https://") and shown.lower().endswith(".a.example"))
