"""auth_basic over a socket: who has a name and a password gets the film, and everybody else is asked for one."""

from __future__ import annotations

import os
from base64 import b64encode
from collections.abc import Callable
from pathlib import Path

import bcrypt
import pytest
import pytest_twisted
from hypothesis import given
from hypothesis import strategies as st

from hls_mp4.web.protecting.auth_basic import credentials
from tests.web.conftest import SMALL
from tests.web.harness import Client, Served

Serve = Callable[..., Served]
PROTECTED = 'location / { auth_basic "closed site"; auth_basic_user_file users; }'


def basic(text: str | bytes) -> str:
    """Return the credentials of `user:password`."""
    return "Basic " + b64encode(text.encode() if isinstance(text, str) else text).decode()


async def ask(
    client: Client, authorization: str | None = None, path: str = "/small.mp4", *more: str
) -> tuple[int, dict[str, str], bytes]:
    lines = [f"GET {path} HTTP/1.1", "Host: a", *more]
    if authorization is not None:
        lines.append(f"Authorization: {authorization}")
    client.send(("\r\n".join(lines) + "\r\n\r\n").encode("latin-1"))
    return await client.answer()


@pytest.fixture
def users(root: Path) -> Path:
    path = root / "users"
    ann = bcrypt.hashpw(b"secret", bcrypt.gensalt(4)).decode()
    path.write_text(f"# who may come in\nann:{ann}:a remark\nbob:{{PLAIN}}b:c\nbroken\n")
    return path


@pytest.mark.usefixtures("users")
@pytest_twisted.ensureDeferred
async def test_who_may_come_in(serve: Serve) -> None:
    """The right name and password are let in, again and again, in any spelling of the scheme."""
    client = await serve(PROTECTED).connect()
    for sent in (
        basic("ann:secret"),
        basic("ann:secret"),
        basic("ann:secret").replace("Basic ", "bAsIc   "),
        basic("bob:b"),
    ):
        status, _, body = await ask(client, sent)
        assert (status, body) == (200, SMALL)


@pytest.mark.usefixtures("users")
@pytest_twisted.ensureDeferred
async def test_everybody_else_is_asked(serve: Serve) -> None:
    """401 with the realm for whoever has no password, a wrong one, or no name that is known; nothing of the film."""
    client = await serve(PROTECTED).connect()
    for sent in (
        None,
        "",
        "Basic",
        "Basic ",
        basic("ann:wrong"),
        basic("ann:"),
        basic("eve:secret"),
        basic("Ann:secret"),
        "Bearer abc",
        basic(":secret"),
        basic("ann"),
        basic("ann:secret\0"),
        basic("broken:"),
    ):
        status, headers, body = await ask(client, sent)
        assert status == 401, sent
        assert headers["www-authenticate"] == 'Basic realm="closed site"'
        assert len(body) < 1000


@pytest.mark.usefixtures("users")
@pytest_twisted.ensureDeferred
async def test_a_seek_and_a_range_are_protected_too(serve: Serve) -> None:
    """A player sends its password with each range, and without it gets none."""
    client = await serve(PROTECTED).connect()
    status, _, body = await ask(client, basic("ann:secret"), "/small.mp4", "Range: bytes=5-9")
    assert (status, body) == (206, SMALL[5:10])
    assert (await ask(client, None, "/small.mp4", "Range: bytes=5-9"))[0] == 401


@pytest.mark.parametrize(
    "authorization",
    [
        "Basic " + "A" * 7000,
        "Basic \xff\xfe",
        "Basic ====",
        "Basic A",
        basic(b"\0" * 3000),
        basic(b"ann:" + b"x" * 4000),
        basic(b"\xff\xfe:\xff"),
        basic("ann\r\nX-Evil: 1:x"),
    ],
)
@pytest.mark.usefixtures("users")
@pytest_twisted.ensureDeferred
async def test_malformed_credentials(serve: Serve, authorization: str) -> None:
    """Nonsense is no password, and the next request of the connection is answered."""
    client = await serve(PROTECTED).connect()
    assert (await ask(client, authorization))[0] == 401
    assert (await ask(client, basic("ann:secret")))[0] == 200


@pytest.mark.usefixtures("users")
@pytest_twisted.ensureDeferred
async def test_two_headers_are_refused(serve: Serve) -> None:
    """A request that says who it is of twice is no request, as in nginx."""
    client = await serve(PROTECTED).connect()
    status, _, _ = await ask(client, basic("ann:secret"), "/small.mp4", f"Authorization: {basic('eve:x')}")
    assert status == 400


@pytest_twisted.ensureDeferred
async def test_missing_and_unreadable_files(serve: Serve, root: Path) -> None:
    """Without the file nobody comes in: 403 as in nginx, and 500 when it cannot be read or is no list of users."""
    client = await serve(PROTECTED).connect()
    assert (await ask(client, basic("ann:secret")))[0] == 403
    (root / "users").mkdir()
    assert (await ask(client, basic("ann:secret")))[0] == 500
    (root / "users").rmdir()
    (root / "users").write_bytes(os.urandom(5000))
    assert (await ask(client, basic("ann:secret")))[0] == 401
    (root / "users").write_text("ann:{PLAIN}secret\n")
    assert (await ask(client, basic("ann:secret")))[0] == 200


@pytest_twisted.ensureDeferred
async def test_no_file_named(serve: Serve) -> None:
    """A forgotten auth_basic_user_file leaves nothing open."""
    client = await serve("location / { auth_basic x; }").connect()
    assert (await ask(client, basic("ann:secret")))[0] == 403
    assert (await ask(client))[0] == 403


@pytest.mark.usefixtures("users")
@pytest_twisted.ensureDeferred
async def test_variables_and_inheritance(serve: Serve, root: Path) -> None:
    """The realm and the file may depend on the request; `off` opens a folder in a closed site, also from a variable."""
    (root / "users-b").write_text("bea:{PLAIN}b\n")
    (root / "folder" / "small.mp4").write_bytes(SMALL)
    client = await serve(
        'auth_basic "realm of \\"$arg_who\\""; auth_basic_user_file users$arg_file;'
        " location /own/ { alias folder/; auth_basic_user_file $arg_users; }"
        " location /folder/ { auth_basic off; } location /either/ { alias folder/; auth_basic $arg_realm; }"
    ).connect()
    _, headers, _ = await ask(client, None, "/small.mp4?who=ann")
    assert headers["www-authenticate"] == 'Basic realm="realm of \\"ann\\""'
    assert (await ask(client, basic("bea:b"), "/small.mp4?file=-b"))[0] == 200
    assert (await ask(client, basic("bea:b"), "/small.mp4"))[0] == 401
    assert (await ask(client, basic("ann:secret"), "/own/small.mp4?users=users"))[0] == 200
    assert (await ask(client, basic("ann:secret"), "/own/small.mp4?users=none"))[0] == 403
    assert (await ask(client, None, "/folder/small.mp4"))[0] == 200
    assert (await ask(client, None, "/either/small.mp4?realm=off"))[0] == 200
    assert (await ask(client, None, "/either/small.mp4?realm=on"))[0] == 401


@pytest.mark.usefixtures("users")
@pytest_twisted.ensureDeferred
async def test_only_some_methods(serve: Serve) -> None:
    """limit_except asks for a password where the others need none."""
    client = await serve("location / { limit_except GET { auth_basic x; auth_basic_user_file users; } }").connect()
    assert (await ask(client))[0] == 200
    client.send(b"DELETE /small.mp4 HTTP/1.1\r\nHost: a\r\n\r\n")
    assert (await client.answer())[0] == 401


@pytest.mark.usefixtures("users")
@pytest_twisted.ensureDeferred
async def test_a_client_that_leaves_while_its_password_is_checked(serve: Serve) -> None:
    """Hanging up in between disturbs nobody."""
    served = serve(PROTECTED)
    client = await served.connect()
    for _ in range(20):
        client.send(f"GET /small.mp4 HTTP/1.1\r\nHost: a\r\nAuthorization: {basic('ann:secret')}\r\n\r\n".encode())
    client.transport.abortConnection()  # type: ignore[union-attr]
    other = await served.connect()
    assert (await ask(other, basic("ann:secret")))[0] == 200


@given(st.text(st.characters(max_codepoint=255, exclude_characters=":"), min_size=1), st.binary())
def test_credentials_are_read(user: str, password: bytes) -> None:
    """Every name without a colon and every password, colons included, comes back."""
    text = b64encode(user.encode("latin-1") + b":" + password).decode()
    assert credentials("Basic " + text) == (user, password)


@given(st.text(st.characters(max_codepoint=255), max_size=100))
def test_any_header_is_credentials_or_none(header: str) -> None:
    """Nothing that a client sends is more than a missing password."""
    for sent in (header, "Basic " + header):
        found = credentials(sent)
        assert found is None or found[0]
