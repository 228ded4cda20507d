"""Nobody has more under way than allowed, and nothing stays counted that has ended, however it ended."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import pytest_twisted
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from twisted.internet.defer import Deferred
from twisted.logger import capturedLogs

from hls_mp4.web.protecting.limit_conn import CountZone, read_zone
from tests.certificates import issue
from tests.secure import Http2, away, connect, context
from tests.web.harness import Client, Served
from tests.web.proxying.backends import Backend
from tests.web.test_channel import get

Serve = Callable[..., Served]
ZONE = "limit_conn_zone $binary_remote_addr zone=one:1m; log_format l '$status $limit_conn_status';"


def counts(served: Served) -> CountZone:
    """Return the numbers of the zone that is called one."""

    def absent() -> CountZone:
        raise AssertionError("no location made the zone")

    found: CountZone = served.site.shared.once(("limit_conn_zone", "one"), absent)
    return found


async def hold(served: Served) -> Client:
    """Ask for a film that takes long, and return once it comes."""
    client = await served.connect()
    client.send(get("/huge.mp4"))
    await client.until(lambda: len(client.data) > 1000)
    return client


@pytest.fixture(autouse=True)
def huge(root: Path) -> None:
    """A film that no socket's buffers take whole."""
    (root / "huge.mp4").touch()
    with open(root / "huge.mp4", "r+b") as film:
        film.truncate(200_000_000)


@pytest_twisted.ensureDeferred
async def test_one_film_at_a_time(serve: Serve, tmp_path: Path) -> None:
    """While a film is under way another one is refused; when it was broken off the next one is served."""
    log = tmp_path / "a.log"
    served = serve(f"limit_conn one 1; access_log {log} l;", http=ZONE)
    first = await hold(served)
    second = await served.connect()
    with capturedLogs() as events:
        second.send(get("/small.mp4"))
        assert (await second.answer())[0] == 503
    (event,) = [event for event in events if "limiting" in str(event.get("reason"))]
    assert (event["severity"], event["reason"]) == ("error", 'limiting connections by zone "one"')
    first.transport.abortConnection()  # type: ignore[union-attr]
    await served.until(lambda: len(counts(served)) == 0)
    second.send(get("/small.mp4"))
    assert (await second.answer())[0] == 200
    assert log.read_text() == "503 REJECTED\n200 PASSED\n200 PASSED\n"
    assert len(counts(served)) == 0


@pytest_twisted.ensureDeferred
async def test_an_idle_connection_counts_nothing(serve: Serve) -> None:
    """A kept connection between two requests is not counted, as in nginx."""
    served = serve("limit_conn one 1;", http="access_log off;" + ZONE)
    clients = [await served.connect() for _ in range(3)]
    for client in clients * 2:
        client.send(get("/small.mp4"))
        assert (await client.answer())[0] == 200


@pytest_twisted.ensureDeferred
async def test_every_request_of_http2_counts(serve: Serve, root: Path) -> None:
    """On one connection of HTTP/2 films under way count each for itself, until they end or are given up."""
    files = issue("a").write(root, "a")
    served = serve(f"{files} limit_conn one 2;", http="access_log off;" + ZONE, parameters=" ssl http2")
    port = served.listen()

    def play() -> list[int]:
        with connect(port, how=context("h2")) as socket:
            client = Http2(socket, window=False)  # so that no film comes to its end

            def status(path: str) -> int:
                reply = client.replies[client.begin(path)]
                client.until(lambda: reply.status > 0)
                return reply.status

            found = [status("/huge.mp4"), status("/huge.mp4"), status("/small.mp4")]
            client.protocol.reset_stream(1)
            return [*found, status("/small.mp4")]

    assert await away(play) == [200, 200, 503, 200]
    await served.until(lambda: len(counts(served)) == 0)


@pytest_twisted.ensureDeferred
async def test_a_dry_run_refuses_nobody(serve: Serve, tmp_path: Path) -> None:
    """limit_conn_dry_run tells what would be refused; what would be is not counted either, as in nginx."""
    log = tmp_path / "a.log"
    served = serve(
        f"limit_conn one 1; limit_conn_dry_run on; limit_conn_log_level notice; access_log {log} l;", http=ZONE
    )
    first = await hold(served)
    with capturedLogs() as events:
        second = await served.connect()
        second.send(get("/small.mp4"))
        assert (await second.answer())[0] == 200
    (event,) = [event for event in events if "limiting" in str(event.get("reason"))]
    assert (event["severity"], event["reason"]) == ("notice", 'limiting connections, dry run, by zone "one"')
    assert log.read_text() == "200 REJECTED_DRY_RUN\n"
    assert counts(served).count("\x7f\0\0\1") == 1
    first.transport.abortConnection()  # type: ignore[union-attr]
    await served.until(lambda: len(counts(served)) == 0)


@pytest_twisted.ensureDeferred
async def test_several_limits(serve: Serve) -> None:
    """A request that one limit refuses is not counted by the others, and keys that are empty by none."""
    served = serve(
        "limit_conn one 5; limit_conn who 1; limit_conn_status 429;",
        http=f"access_log off; {ZONE} limit_conn_zone $arg_who zone=who:1m;",
    )
    client = await served.connect()
    client.send(get("/huge.mp4?who=a"))
    await client.until(lambda: len(client.data) > 1000)
    for query, status in (("who=a", 429), ("who=b", 200), ("", 200)):
        other = await served.connect()
        other.send(get(f"/small.mp4?{query}"))
        assert (await other.answer())[0] == status
        assert counts(served).count("\x7f\0\0\1") == 1
    client.transport.abortConnection()  # type: ignore[union-attr]
    await served.until(lambda: len(counts(served)) == 0)


@pytest_twisted.ensureDeferred
async def test_a_full_zone_refuses(serve: Serve) -> None:
    """When there is no room to count a request it is refused, with a critical line."""
    served = serve("limit_conn one 1;", http="access_log off; limit_conn_zone $arg_a zone=one:32k;")
    zone = counts(served)
    taken = 0
    while zone.enter(f"{taken:0100d}"):
        taken += 1
    client = await served.connect()
    with capturedLogs() as events:
        client.send(get("/small.mp4?a=" + "x" * 200))
        assert (await client.answer())[0] == 503
    (event,) = [event for event in events if "memory" in str(event.get("reason"))]
    assert (event["severity"], event["reason"]) == ("crit", 'no memory in limit_conn_zone "one"')


@pytest_twisted.ensureDeferred
async def test_a_client_that_leaves_while_somebody_is_asked_about_it(serve: Serve, backend: Backend) -> None:
    """What a location counts that auth_request asks is given back too when the client does not wait for it."""
    backend.authority.silent = True
    served = serve(
        "location / { auth_request /auth; }"
        f" location = /auth {{ limit_conn one 1; proxy_pass http://127.0.0.1:{backend.listen()}; }}",
        http="access_log off;" + ZONE,
    )
    client = await served.connect()
    client.send(get("/small.mp4"))
    await served.until(lambda: len(counts(served)) == 1)
    client.transport.abortConnection()  # type: ignore[union-attr]
    await served.until(lambda: len(counts(served)) == 0)


@given(st.lists(st.tuples(st.sampled_from("abc"), st.booleans())))
def test_numbers_are_those_of_who_is_there(steps: list[tuple[str, bool]]) -> None:
    """Whatever comes and goes, the zone knows how many of each are there, and holds nothing of those who left."""
    zone = CountZone(read_zone(["$uri", "zone=a:32k"]))
    there: Counter[str] = Counter()
    for key, comes in steps:
        if comes:
            assert zone.enter(key)
            there[key] += 1
        elif there[key]:
            zone.leave(key)
            there[key] -= 1
        assert [zone.count(each) for each in "abc"] == [there[each] for each in "abc"]
    assert len(zone) == len(+there)


actions = st.lists(
    st.sampled_from(["hold", "abort", "read", "missing", "broken", "head", "range", "half", "pipelined", "close"]),
    max_size=12,
)


@pytest.fixture
def counting(serve: Serve) -> Served:
    """A site where each client may have three films at a time."""
    return serve("limit_conn one 3; location / { mp4; }", http="access_log off;" + ZONE)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(actions)
def test_all_that_was_counted_is_given_back(counting: Served, steps: list[str]) -> Deferred[None]:
    """After any sequence of films, aborts, errors and refusals the count is what is under way, in the end nothing."""

    async def play() -> None:
        port = counting.listen()
        held: list[Client] = []
        for step in steps:
            client = await counting.client(f"tcp:127.0.0.1:{port}")
            await _act(step, client, held)
            await counting.until(lambda: counts(counting).count("\x7f\0\0\1") == len(held) <= 3)
        for client in held:
            client.transport.abortConnection()  # type: ignore[union-attr]
        await counting.until(lambda: len(counts(counting)) == 0)

    return Deferred.fromCoroutine(play())


async def _act(step: str, client: Client, held: list[Any]) -> None:
    """Do something with a fresh connection."""
    transport: Any = client.transport
    if step == "hold":
        client.send(get("/huge.mp4"))
        await client.until(lambda: len(client.data) > 10)
        if b" 200 " in client.data[:20]:
            held.append(client)
            return
    elif step == "abort":
        if held:
            held.pop().transport.abortConnection()
    elif step == "half":
        client.send(get("/small.mp4")[:-4])
    elif step == "pipelined":
        client.send(get("/small.mp4") * 3)
        for _ in range(3):
            await client.answer()
    else:
        paths = {"read": "/small.mp4", "missing": "/none", "broken": "/a b c", "range": "/small.mp4?start=1"}
        method = "HEAD" if step == "head" else "GET"
        client.send(get(paths.get(step, "/small.mp4"), "Connection: close").replace(b"GET", method.encode(), 1))
        await client.until_closed()
    transport.abortConnection()
    await client.until_closed()
