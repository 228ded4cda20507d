"""proxy_pass: what a backend is asked for, and what its answer means for the client."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import pytest_twisted

from hls_mp4.config import ConfigErrors
from tests.acceptance.daemon import free_port
from tests.web.harness import Served
from tests.web.protecting.test_auth_basic import ask
from tests.web.proxying.backends import Backend, Saying

Serve = Callable[..., Served]

DOCUMENTED = """
location / {{
    auth_request /auth;
}}

location = /auth {{
    proxy_pass http://127.0.0.1:{port};
    proxy_pass_request_body off;
    proxy_set_header Content-Length "";
    proxy_set_header X-Original-URI $request_uri;
}}
"""
"""The example of nginx's documentation, with a backend in the place of its dots."""


@pytest_twisted.ensureDeferred
async def test_the_example_of_the_documentation(serve: Serve, backend: Backend) -> None:
    """Each request, a range and a seek too, is asked for, with the client's cookies and what it wanted."""
    client = await serve(DOCUMENTED.format(port=backend.listen())).connect()
    assert (await ask(client, None, "/small.mp4?start=5", "Cookie: a=b", "Range: bytes=0-3"))[0] == 206
    backend.authority.status = 403
    assert (await ask(client, "Bearer x", "/small.mp4", "Content-Length: 0"))[0] == 403
    first, second = backend.authority.asked
    assert (first.method, first.uri, first.headers["x-original-uri"]) == ("GET", "/auth", "/small.mp4?start=5")
    assert (first.headers["cookie"], second.headers["authorization"]) == ("a=b", "Bearer x")
    assert "content-length" not in second.headers


@pytest.mark.parametrize(
    ("location", "url", "uri"),
    [
        ("= /auth", "http://127.0.0.1:{}", "/auth"),
        ("= /auth", "http://127.0.0.1:{}/", "/"),
        ("= /auth", "http://127.0.0.1:{}/check/me", "/check/me"),
        ("/au", "http://127.0.0.1:{}/check?me=", "/check?me=th"),
        ("= /auth", "http://127.0.0.1:{}?x=1", "/?x=1"),
        ("= /auth", "http://127.0.0.1:{}/$kept/$remote_addr", "/%20x/127.0.0.1"),
        ("= /auth", "http://127.0.0.1:{}$request_uri", "/small.mp4?a=%20x"),
        ("= /auth", "http://127.0.0.1:{}$arg_none", "/auth"),
        ("~ ^/auth$", "http://127.0.0.1:{}", "/auth"),
        ("~ ^/(?<what>a.*)$", "http://127.0.0.1:{}/x/$what", "/x/auth"),
    ],
)
@pytest_twisted.ensureDeferred
async def test_what_is_asked_for(serve: Serve, backend: Backend, location: str, url: str, uri: str) -> None:
    """A URI in the URL takes the place of the location's prefix; with variables it is the URI."""
    client = await serve(
        "location / { set $kept $arg_a; auth_request /auth; }"
        f" location {location} {{ internal; proxy_pass {url.format(backend.listen())}; }}"
    ).connect()
    assert (await ask(client, None, "/small.mp4?a=%20x"))[0] == 200
    assert [asked.uri for asked in backend.authority.asked] == [uri]


@pytest_twisted.ensureDeferred
async def test_escapes_and_methods(serve: Serve, backend: Backend) -> None:
    """What was decoded to find the location is escaped again, and proxy_method says what else is asked than GET."""
    client = await serve(
        "location / { auth_request '/a b/é%?'; }"
        f" location '/a b' {{ internal; proxy_method post; proxy_pass http://127.0.0.1:{backend.listen()}; }}"
    ).connect()
    assert (await ask(client))[0] == 200
    (asked,) = backend.authority.asked
    assert (asked.method, asked.uri) == ("POST", "/a%20b/%C3%A9%25%3F")


@pytest_twisted.ensureDeferred
async def test_clients_do_not_come_to_the_backend(serve: Serve, backend: Backend) -> None:
    """Films are not passed on: the location is not there for whoever asks for it by name."""
    client = await serve(DOCUMENTED.format(port=backend.listen())).connect()
    assert (await ask(client, None, "/auth"))[0] == 404
    assert len(backend.authority.asked) == 0


@pytest_twisted.ensureDeferred
async def test_backends_that_fail(serve: Serve, backend: Backend) -> None:
    """Nobody comes in while the backend is down, says nothing, or breaks: 500, and the next request asks again."""
    port = free_port()
    client = await serve(
        f"proxy_read_timeout 50ms; location / {{ auth_request /auth; }}"
        f" location = /auth {{ proxy_pass http://127.0.0.1:{port}; }}"
    ).connect()
    assert (await ask(client))[0] == 500
    backend.ports.append(backend.reactor.listenTCP(port, backend.factory, interface="127.0.0.1"))
    backend.authority.silent = True
    assert (await ask(client))[0] == 500
    backend.authority.silent = False
    for status, expected in ((200, 200), (299, 200), (302, 500), (404, 500), (503, 500)):
        backend.authority.status = status
        assert (await ask(client))[0] == expected


@pytest_twisted.ensureDeferred
async def test_an_answer_that_is_none(serve: Serve, backend: Backend) -> None:
    """Garbage lets nobody in."""
    other = Backend(Saying(b"hello\r\n\r\n"))
    client = await serve(DOCUMENTED.format(port=other.listen())).connect()
    assert (await ask(client))[0] == 500
    await other.stop()


@pytest_twisted.ensureDeferred
async def test_an_error_page_of_the_location(serve: Serve) -> None:
    """A site may say what happens while the backend is away."""
    client = await serve(
        f"location / {{ auth_request /auth; }} location = /open {{ internal; return 204; }} location = /auth {{"
        f" internal; error_page 502 =200 /open; proxy_pass http://127.0.0.1:{free_port()}; }}"
    ).connect()
    assert (await ask(client))[0] == 200


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("location /films/ { proxy_pass http://a; }", r"5: .*proxy_pass serves auth_request subrequests only, so its"),
        ("location / { auth_request /a; } location /b { proxy_pass http://a; }", "has to be internal"),
        ("location / { proxy_pass ftp://a; }", "invalid URL prefix"),
        ("location / { proxy_pass http://; }", "invalid URL"),
        ("location ~ x { internal; proxy_pass http://a/x; }", "cannot have URI part in location given by regular"),
        ("location / { internal; proxy_method 'a b'; }", "invalid method"),
        ("proxy_pass http://a;", "not allowed here"),
    ],
)
def test_mistakes(serve: Serve, text: str, reason: str) -> None:
    """What cannot work, or would do something else than in nginx, is told with its line."""
    with pytest.raises(ConfigErrors, match=reason.removeprefix("5: ")):
        serve(text)
