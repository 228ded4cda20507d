"""Questions to backends: answers, connections that are kept, and everything that can go wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import pytest_twisted
from twisted.internet.defer import CancelledError, Deferred

from hls_mp4.web.proxying.asking import LONGEST_ANSWER, MOST_IDLE, BackendFailed, Backends, Patience, Reply
from hls_mp4.web.proxying.backend import parse_backend
from tests.acceptance.daemon import free_port
from tests.web.proxying.backends import Backend, Saying, turn

Start = Callable[[Any], Backend]
LONG, SHORT = Patience(20, 20), Patience(20, 0.05)


@pytest.fixture
def backends() -> Iterator[Backends]:
    from twisted.internet import reactor

    made = Backends(reactor)
    yield made
    pytest_twisted.blockon(made.close())


async def ask(backends: Backends, url: str, patience: Patience = LONG) -> Reply:
    return await backends.ask(parse_backend(url), "GET", "/x", [("Host", "h"), ("X-Who", "ann")], patience)


async def failure(backends: Backends, url: str, patience: Patience = LONG) -> tuple[int, str]:
    """Return status and reason of a question that fails."""
    with pytest.raises(BackendFailed) as failed:
        await ask(backends, url, patience)
    return failed.value.status, failed.value.reason


@pytest_twisted.ensureDeferred
async def test_an_answer(backends: Backends, backend: Backend) -> None:
    """Method, path and headers reach the backend, status and headers come back."""
    backend.authority.status, backend.authority.sent = 418, [("X-User", "ann"), ("X-User", "bob")]
    reply = await ask(backends, f"http://127.0.0.1:{backend.listen()}")
    assert reply.status == 418
    assert [value for name, value in reply.headers if name == "X-User"] == ["ann", "bob"]
    (asked,) = backend.authority.asked
    assert (asked.method, asked.uri, asked.headers["host"], asked.headers["x-who"]) == ("GET", "/x", "h", "ann")
    assert "cookie" not in asked.headers


@pytest_twisted.ensureDeferred
async def test_a_connection_serves_many_questions(backends: Backends, backend: Backend) -> None:
    """A backend is not made to accept a connection for each range of each viewer."""
    url = f"http://127.0.0.1:{backend.listen()}"
    for _ in range(10):
        await ask(backends, url)
        await turn(backend.reactor)
    assert len({asked.peer for asked in backend.authority.asked}) == 1
    assert backends._pool.maxPersistentPerHost == MOST_IDLE


@pytest_twisted.ensureDeferred
async def test_cookies_of_one_viewer_stay_with_it(backends: Backends, backend: Backend) -> None:
    """What a backend tells one client to remember is not sent for the next one."""
    backend.authority.sent = [("Set-Cookie", "session=ann")]
    url = f"http://127.0.0.1:{backend.listen()}"
    await ask(backends, url)
    await ask(backends, url)
    assert all("cookie" not in asked.headers for asked in backend.authority.asked)


@pytest_twisted.ensureDeferred
async def test_a_connection_that_the_backend_closed_is_made_anew(backends: Backends, backend: Backend) -> None:
    """A backend may close a kept connection at any time; nobody is turned away for it."""
    backend.factory.timeOut = 0.02
    url = f"http://127.0.0.1:{backend.listen()}"
    for _ in range(3):
        assert (await ask(backends, url)).status == 200
        await turn(backend.reactor, 0.03)
    assert len({asked.peer for asked in backend.authority.asked}) == 3


@pytest_twisted.ensureDeferred
async def test_what_may_not_be_asked_twice(backends: Backends, backend: Backend) -> None:
    """A POST goes over a connection of its own, which cannot have ended meanwhile."""
    there = parse_backend(f"http://127.0.0.1:{backend.listen()}")
    for method in ("GET", "POST", "POST", "GET"):
        assert (await backends.ask(there, method, "/", [("Host", "h")], LONG)).status == 200
        await turn(backend.reactor)
    peers = [asked.peer for asked in backend.authority.asked]
    assert peers[0] == peers[3]
    assert len(set(peers)) == 3


@pytest_twisted.ensureDeferred
async def test_unix_sockets(backends: Backends, backend: Backend, tmp_path: Any) -> None:
    """A backend on the same machine needs no port, and two of them are not mixed up."""
    other = Backend()
    other.authority.status = 403
    backend.listen_unix(str(tmp_path / "a.sock"))
    other.listen_unix(str(tmp_path / "b.sock"))
    for _ in range(2):
        assert (await ask(backends, f"http://unix:{tmp_path}/a.sock")).status == 200
        assert (await ask(backends, f"http://unix:{tmp_path}/b.sock")).status == 403
    await other.stop()
    status, reason = await failure(backends, f"http://unix:{tmp_path}/none.sock")
    assert status == 502
    assert reason.startswith("connect() failed (2: ")


@pytest_twisted.ensureDeferred
async def test_nobody_there(backends: Backends) -> None:
    """A backend that is down is told by the system's own words."""
    status, reason = await failure(backends, f"http://127.0.0.1:{free_port()}")
    assert (status, reason) == (502, "connect() failed (111: Connection refused) while connecting to upstream")


@pytest_twisted.ensureDeferred
async def test_no_such_name(backends: Backends) -> None:
    """A name that nobody has is told as such."""
    status, reason = await failure(backends, "http://no-such-name.invalid")
    assert status == 502
    assert reason.startswith("host not found (")


@pytest_twisted.ensureDeferred
async def test_a_backend_that_says_nothing(backends: Backends, backend: Backend) -> None:
    """After the time that was given it is 504."""
    backend.authority.silent = True
    status, reason = await failure(backends, f"http://127.0.0.1:{backend.listen()}", SHORT)
    assert status == 504
    assert reason == ("upstream timed out (110: Connection timed out) while reading response header from upstream")


@pytest_twisted.ensureDeferred
async def test_a_backend_that_takes_no_connection(backends: Backends) -> None:
    """The time to connect has an end of its own."""
    import socket

    with socket.socket() as full:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        held = [socket.socket() for _ in range(3)]
        for one in held:
            one.setblocking(False)
            one.connect_ex(full.getsockname())
        url = f"http://127.0.0.1:{full.getsockname()[1]}"
        status, reason = await failure(backends, url, Patience(0.05, 20))
        for one in held:
            one.close()
    assert (status, reason) == (504, "upstream timed out (110: Connection timed out) while connecting to upstream")


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (b"", "upstream prematurely closed connection"),
        (b"HTTP/1.1 200 OK\r\nX: y\r\n", "upstream prematurely closed connection"),
        (b"nonsense\r\n\r\n", "upstream sent invalid header ("),
        (b"HTTP/1.1 2x0 OK\r\n\r\n", "upstream sent invalid header ("),
        (b"HTTP/1.1 200 OK\r\n" + b"X: " + b"y" * LONGEST_ANSWER + b"\r\n\r\n", "upstream"),
        (b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * LONGEST_ANSWER + b"\r\n", "upstream sent too big header"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n", ""),
    ],
)
@pytest_twisted.ensureDeferred
async def test_backends_that_talk_nonsense(backends: Backends, speaking: Start, said: bytes, expected: str) -> None:
    """What is no answer is 502 with a reason, and a header without an end does not fill the memory."""
    port = speaking(Saying(said)).listen()
    status, reason = await failure(backends, f"http://127.0.0.1:{port}")
    assert status == 502
    assert expected in reason
    assert reason.endswith("while reading response header from upstream")


@pytest_twisted.ensureDeferred
async def test_a_body_is_not_waited_for(backends: Backends, speaking: Start) -> None:
    """The header decides at once; a connection whose body is long or never ends is given up."""
    endless = Saying(b"HTTP/1.1 204 No Content\r\n\r\n" + b"x" * 10, closes=False)
    long = Saying(b"HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\n" + b"x" * 2 * LONGEST_ANSWER, closes=False)
    slow = Saying(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc", closes=False)
    for factory, patience in ((endless, LONG), (long, LONG), (slow, SHORT)):
        backend = speaking(factory)
        url = f"http://127.0.0.1:{backend.listen()}"
        try:
            assert (await ask(backends, url, patience)).status in (200, 204)
        except BackendFailed as failed:
            assert factory is long, failed  # its header came together with too much of a body
        while not factory.lost and factory is not endless:
            await turn(backend.reactor)


@pytest_twisted.ensureDeferred
async def test_who_leaves_ends_the_question(backends: Backends, backend: Backend, speaking: Start) -> None:
    """A viewer that hangs up does not keep the backend busy."""
    factory = Saying(None)
    port = speaking(factory).listen()
    asking = Deferred.fromCoroutine(ask(backends, f"http://127.0.0.1:{port}"))
    while not factory.asked:
        await turn(backend.reactor)
    asking.cancel()
    with pytest.raises(CancelledError):
        await asking
    while not factory.lost:
        await turn(backend.reactor)


@pytest_twisted.ensureDeferred
async def test_what_is_no_request(backends: Backends, backend: Backend) -> None:
    """A target or a method that cannot be sent is refused before anything goes out."""
    there = parse_backend(f"http://127.0.0.1:{backend.listen()}")
    for method, target in (("GET X", "/"), ("GET", "/a b"), ("GET", "/\r\nX: y")):
        with pytest.raises(BackendFailed):
            await backends.ask(there, method, target, [("Host", "h")], LONG)
    assert backend.authority.asked == []
    await backends.ask(there, "GET", "/", [("Host", "h"), ("X-Uri", "/a\r\nX-Evil: 1")], LONG)
    assert "x-evil" not in backend.authority.asked[0].headers
