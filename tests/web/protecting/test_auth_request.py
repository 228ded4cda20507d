"""auth_request: a location says who may come in, and what it knows of them can be used."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import pytest_twisted

from hls_mp4.config import ConfigErrors
from tests.web.conftest import SMALL
from tests.web.harness import Served
from tests.web.protecting.test_auth_basic import ask, basic
from tests.web.proxying.backends import Backend, Question

Serve = Callable[..., Served]


@pytest.mark.parametrize(
    ("answering", "status"),
    [
        ("return 204;", 200),
        ("return 200 yes;", 200),
        ("return 403;", 403),
        ("return 401;", 401),
        ("return 404;", 500),
        ("return 302 /login;", 500),
        ("alias folder/yes;", 200),
        ("alias folder/no;", 500),
        ("deny all; return 204;", 200),
        ("if ($http_x_pass = open) { return 204; } return 403;", 403),
    ],
)
@pytest_twisted.ensureDeferred
async def test_what_a_location_says(serve: Serve, root: Path, answering: str, status: int) -> None:
    """2xx lets in, 401 and 403 keep out, anything else is an error of ours; addresses do not matter in there."""
    (root / "folder" / "yes").write_text("yes")
    client = await serve(f"location / {{ auth_request /auth; }} location = /auth {{ internal; {answering} }}").connect()
    got, _, body = await ask(client)
    assert got == status
    assert (body == SMALL) == (status == 200)


@pytest_twisted.ensureDeferred
async def test_scripts_see_the_client(serve: Serve) -> None:
    """The location reads the header of the client's request, which has no arguments there."""
    client = await serve(
        "location / { auth_request /auth; add_header X-Seen $seen always; } location = /auth { internal;"
        ' set $seen "$request_method $uri $request_uri [$args]"; if ($http_x_pass = open) { return 204; } return 403; }'
    ).connect()
    status, headers, _ = await ask(client, None, "/small.mp4?a=1", "X-Pass: open", "Range: bytes=0-0")
    assert (status, headers["x-seen"]) == (206, "GET /auth /small.mp4?a=1 []")
    assert (await ask(client, None, "/small.mp4?a=1", "X-Pass: shut"))[0] == 403


@pytest_twisted.ensureDeferred
async def test_the_backend_says_how_to_come_in(serve: Serve, backend: Backend) -> None:
    """WWW-Authenticate of a 401 reaches the client, each of several; that of a 403 does not."""
    client = await serve(
        f"location / {{ auth_request /auth; }} location = /auth {{ proxy_pass http://127.0.0.1:{backend.listen()}; }}"
    ).connect()
    backend.authority.sent = [("WWW-Authenticate", 'Bearer realm="films"'), ("X-Secret", "kept")]
    backend.authority.status = 401
    status, headers, _ = await ask(client)
    assert (status, headers["www-authenticate"]) == (401, 'Bearer realm="films"')
    assert "x-secret" not in headers
    backend.authority.status = 403
    status, headers, _ = await ask(client)
    assert status == 403
    assert "www-authenticate" not in headers


@pytest_twisted.ensureDeferred
async def test_what_the_backend_knows(serve: Serve, backend: Backend) -> None:
    """auth_request_set keeps headers and status of the answer; outside of it there is no upstream."""
    backend.authority.sent = [("X-User", "ann"), ("X-Group", "a"), ("X-Group", "b")]
    port = backend.listen()
    client = await serve(
        "location / { auth_request /auth; auth_request_set $user $upstream_http_x_user;"
        " auth_request_set $told '$upstream_status $upstream_addr $sent_http_x_group $upstream_http_nothing.';"
        " auth_request_set $took $upstream_response_time; add_header X-User $user always;"
        " add_header X-Told $told always; add_header X-Took $took always;"
        " add_header X-Upstream '[$upstream_status$upstream_http_x_user]' always; }"
        f" location = /auth {{ proxy_pass http://127.0.0.1:{port}; }}"
    ).connect()
    _, headers, _ = await ask(client)
    assert headers["x-user"] == "ann"
    assert headers["x-told"] == f"200 127.0.0.1:{port} a, b ."
    assert 0 <= float(headers["x-took"]) < 20
    assert headers["x-upstream"] == "[]"
    backend.authority.status = 403
    status, headers, _ = await ask(client)
    assert (status, headers["x-user"]) == (403, "ann")


@pytest_twisted.ensureDeferred
async def test_a_client_cannot_set_what_the_backend_sets(serve: Serve, backend: Backend) -> None:
    """Forged headers reach the backend and nothing else: the variable is what it answered."""
    client = await serve(
        "location / { auth_request /auth; auth_request_set $user $upstream_http_x_user; add_header X-User '[$user]'; }"
        f" location = /auth {{ proxy_pass http://127.0.0.1:{backend.listen()}; }}"
    ).connect()
    _, headers, _ = await ask(client, None, "/small.mp4?user=eve", "X-User: eve", "Upstream-Http-X-User: eve")
    assert headers["x-user"] == "[]"


@pytest_twisted.ensureDeferred
async def test_the_pace_a_backend_allows(serve: Serve, backend: Backend) -> None:
    """$limit_rate may be set, so that a backend says how fast its viewer is served."""
    backend.authority.sent = [("X-Rate", "100k")]
    client = await serve(
        "location / { auth_request /auth; auth_request_set $limit_rate $upstream_http_x_rate;"
        " add_header X-Rate $limit_rate; }"
        f" location = /auth {{ proxy_pass http://127.0.0.1:{backend.listen()}; }}"
    ).connect()
    _, headers, _ = await ask(client)
    assert headers["x-rate"] == str(100 << 10)


@pytest_twisted.ensureDeferred
async def test_any_of_password_and_backend(serve: Serve, root: Path, backend: Backend) -> None:
    """satisfy any: a password spares the backend the question; without one the backend decides."""
    (root / "users").write_text("ann:{PLAIN}secret\n")
    backend.authority.decide = lambda asked: 200 if asked.headers.get("cookie") == "a=b" else 403
    client = await serve(
        "location / { satisfy any; auth_basic x; auth_basic_user_file users; auth_request /auth; }"
        f" location = /auth {{ proxy_pass http://127.0.0.1:{backend.listen()}; }}"
    ).connect()
    assert (await ask(client, basic("ann:secret")))[0] == 200
    assert backend.authority.asked == []
    assert (await ask(client, None, "/small.mp4", "Cookie: a=b"))[0] == 200
    status, headers, _ = await ask(client)
    assert (status, headers["www-authenticate"]) == (401, 'Basic realm="x"')


@pytest_twisted.ensureDeferred
async def test_off_in_a_part_of_a_site(serve: Serve) -> None:
    """A server that asks for everything may leave a folder open, and the asked location asks nobody."""
    client = await serve(
        "auth_request /auth; location /small { auth_request off; } location = /auth { internal; return 403; }"
    ).connect()
    assert (await ask(client))[0] == 200
    assert (await ask(client, None, "/large.mp4"))[0] == 403


@pytest_twisted.ensureDeferred
async def test_a_client_that_leaves(serve: Serve, backend: Backend) -> None:
    """Who hangs up while the backend thinks ends the question, and nobody else's."""
    left: list[Question] = []
    backend.authority.silent = True
    served = serve(
        f"location / {{ auth_request /auth; }} location = /auth {{ proxy_pass http://127.0.0.1:{backend.listen()}; }}"
    )
    client = await served.connect()
    client.send(b"GET /small.mp4 HTTP/1.1\r\nHost: a\r\n\r\n")
    await served.until(lambda: bool(backend.authority.asked))
    client.transport.abortConnection()  # type: ignore[union-attr]
    await served.until(lambda: not served.site.channels)
    backend.authority.silent = False
    assert (await ask(await served.connect()))[0] == 200
    assert left == []


@pytest.mark.parametrize(
    "line",
    [
        "auth_request auth;",
        "auth_request;",
        "auth_request_set x y;",
        "auth_request_set $uri y;",
        "auth_request_set $x;",
    ],
)
def test_mistakes(serve: Serve, line: str) -> None:
    """A URI without its slash, and what is no variable or one of nginx's own, is told when the daemon starts."""
    with pytest.raises(ConfigErrors, match=r"invalid|duplicate"):
        serve(f"location / {{ {line} }}")
