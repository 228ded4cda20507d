"""Who asks too often waits or is refused, as the location says; `test_leaky_bucket` has the arithmetic."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import pytest_twisted
from twisted.logger import capturedLogs

from tests.web.harness import Served
from tests.web.test_channel import get

Serve = Callable[..., Served]
LOG = "log_format l '$status $limit_req_status'; access_log {log} l;"


def zone(rate: str = "1r/m", key: str = "$binary_remote_addr") -> str:
    return f"limit_req_zone {key} zone=one:1m rate={rate};"


async def statuses(served: Served, *paths: str) -> list[int]:
    """Return the statuses of requests on one connection."""
    client = await served.connect()
    found = []
    for path in paths:
        client.send(get(path))
        found.append((await client.answer())[0])
    return found


def told(events: Any) -> list[tuple[str, str]]:
    """Return level and reason of what the limits logged."""
    return [
        (event["severity"], event["reason"])
        for event in events
        if "requests" in str(event.get("reason")) or "delaying" in str(event.get("reason"))
    ]


@pytest_twisted.ensureDeferred
async def test_a_burst_passes_and_no_more(serve: Serve, tmp_path: Path) -> None:
    """With nodelay a burst is answered at once; what is above it gets the status, a line each, and its variable."""
    log = tmp_path / "a.log"
    served = serve(
        "limit_req zone=one burst=2 nodelay; limit_req_status 429; location / { mp4; }",
        http=zone() + LOG.format(log=log),
    )
    with capturedLogs() as events:
        assert await statuses(served, *["/small.mp4"] * 5) == [200, 200, 200, 429, 429]
    assert log.read_text().split("\n")[:-1] == ["200 PASSED"] * 3 + ["429 REJECTED"] * 2
    for level, reason in told(events):
        assert level == "error"
        assert reason.startswith("limiting requests, excess: 2.") or reason.startswith(
            "limiting requests, excess: 3.000"
        )
        assert reason.endswith(' by zone "one"')
    assert len(told(events)) == 2


def turns(served: Served) -> list[Any]:
    """Return the calls that let requests go on which wait for their turn at a rate of one in a minute."""
    now = served.reactor.seconds()
    return [
        call
        for call in served.reactor.getDelayedCalls()
        if 25 < call.getTime() - now < 130 and "Deferred.callback" in str(call)
    ]


@pytest_twisted.ensureDeferred
async def test_what_comes_too_early_waits(serve: Serve, tmp_path: Path) -> None:
    """A request of the burst is answered late, says so in the log one level less bad, and is not lost."""
    log = tmp_path / "a.log"
    served = serve("limit_req zone=one burst=5; location / { }", http=zone() + LOG.format(log=log))
    assert await statuses(served, "/small.mp4") == [200]
    client = await served.connect()
    with capturedLogs() as events:
        for place in (1, 2):
            client.send(get("/small.mp4"))
            await served.until(lambda: len(turns(served)) == 1)
            (turn,) = turns(served)
            assert place * 62.5 - 20 < turn.getTime() - served.reactor.seconds() <= place * 62.5  # 0.016 in a second
            assert not client.data
            turn.reset(0)
            assert (await client.answer())[0] == 200
    assert log.read_text() == "200 PASSED\n200 DELAYED\n200 DELAYED\n"
    assert [level for level, _ in told(events)] == ["warn", "warn"]
    for _, reason in told(events):
        assert re.fullmatch(r'delaying request, excess: [0-2]\.\d{3}, by zone "one"', reason)


@pytest_twisted.ensureDeferred
async def test_a_client_that_leaves_does_not_wait_on(serve: Serve) -> None:
    """Nothing of a request that waited is left when its client is gone, its timer least of all."""
    served = serve("limit_req zone=one burst=5;", http=zone() + "access_log off;")
    assert await statuses(served, "/small.mp4") == [200]  # its connection stays
    before = {id(call) for call in served.reactor.getDelayedCalls()}
    client = await served.connect()
    client.send(get("/small.mp4"))

    def waits() -> list[Any]:
        now = served.reactor.seconds()
        return [
            call for call in served.reactor.getDelayedCalls() if id(call) not in before and call.getTime() - now > 25
        ]

    await served.until(lambda: len(waits()) == 1)
    assert not client.data
    client.transport.abortConnection()  # type: ignore[union-attr]
    await served.until(lambda: waits() == [])
    assert len(served.site.channels) == 1


@pytest_twisted.ensureDeferred
async def test_a_dry_run_refuses_nobody(serve: Serve, tmp_path: Path) -> None:
    """limit_req_dry_run shows in log and variable what would happen, and lets it pass."""
    log = tmp_path / "a.log"
    served = serve(
        "limit_req zone=one burst=1; limit_req_dry_run on; limit_req_log_level info;",
        http=zone() + LOG.format(log=log),
    )
    with capturedLogs() as events:
        assert await statuses(served, *["/small.mp4"] * 3) == [200] * 3
    assert log.read_text() == "200 PASSED\n200 DELAYED_DRY_RUN\n200 REJECTED_DRY_RUN\n"
    (delayed, refused) = told(events)
    assert delayed[0] == refused[0] == "info"
    assert delayed[1].startswith("delaying request, dry run, excess: ")
    assert refused[1].startswith("limiting requests, dry run, excess: ")


@pytest_twisted.ensureDeferred
async def test_keys(serve: Serve, tmp_path: Path) -> None:
    """Each value of the key has its own count, over all locations; a request without one is not counted."""
    log = tmp_path / "a.log"
    served = serve(
        "limit_req zone=one; location / { } location /folder/ { root {root}/..; }".replace("{root}", str(tmp_path)),
        http=zone(key="$arg_who") + LOG.format(log=log),
    )
    paths = ["/small.mp4?who=a", "/small.mp4?who=b", "/folder/x?who=a", "/small.mp4", "/small.mp4"]
    assert await statuses(served, *paths) == [200, 200, 503, 200, 200]
    assert log.read_text().splitlines() == ["200 PASSED", "200 PASSED", "503 REJECTED", "200 -", "200 -"]


@pytest_twisted.ensureDeferred
async def test_a_location_has_its_own_or_the_outer_ones(serve: Serve) -> None:
    """A location with a limit of its own is free of the server's, one without has them."""
    served = serve(
        "limit_req zone=one; location /large.mp4 { limit_req zone=two burst=9 nodelay; } location / { }",
        http="access_log off;" + zone() + "limit_req_zone $binary_remote_addr zone=two:1m rate=1r/m;",
    )
    assert await statuses(served, *["/small.mp4"] * 2) == [200, 503]
    assert await statuses(served, *["/large.mp4"] * 3) == [200, 200, 200]


@pytest_twisted.ensureDeferred
async def test_a_key_that_is_too_long(serve: Serve) -> None:
    """A key that cannot be kept is told of, and the request passes uncounted, as in nginx."""
    long = "$arg_a" * 10
    served = serve("limit_req zone=one;", http=f"access_log off; limit_req_zone {long} zone=one:1m rate=1r/m;")
    with capturedLogs() as events:
        assert await statuses(served, *[f"/small.mp4?a={'x' * 7000}"] * 2) == [200, 200]
    reasons = [str(event.get("reason")) for event in events]
    assert sum(f'the value of the "{long}" key is more than 65535 bytes' in reason for reason in reasons) == 2


@pytest.mark.parametrize("level", ["info", "notice", "warn", "error"])
@pytest_twisted.ensureDeferred
async def test_log_levels(serve: Serve, level: str) -> None:
    """A refusal is as bad as limit_req_log_level says."""
    served = serve(f"limit_req zone=one; limit_req_log_level {level};", http="access_log off;" + zone())
    with capturedLogs() as events:
        await statuses(served, *["/small.mp4"] * 2)
    assert [found for found, _ in told(events)] == [level]
