"""Logs tell which connection a request came on, and whether it got its answer."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest_twisted

from tests.web.harness import Served
from tests.web.test_channel import get

Serve = Callable[..., Served]
FORMAT = "log_format c '$connection $connection_requests $connection_time [$request_completion] $status';"


def lines(path: Path) -> list[list[str]]:
    return [line.split() for line in path.read_text().splitlines()]


@pytest_twisted.ensureDeferred
async def test_requests_are_counted_on_each_connection(serve: Serve, tmp_path: Path) -> None:
    """Connections have numbers of their own, and requests theirs on each, refused ones too."""
    log = tmp_path / "a.log"
    served = serve(f"access_log {log} c;", http=FORMAT)
    one, other = await served.connect(), await served.connect()
    for client in (one, other, one):
        client.send(get("/small.mp4"))
        await client.answer()
    one.send(b"broken\r\n\r\n")
    await one.answer()
    numbers = [line[0] for line in lines(log)]
    assert numbers[0] == numbers[2] == numbers[3] != numbers[1]
    assert [line[1] for line in lines(log)] == ["1", "1", "2", "3"]
    assert [line[3] for line in lines(log)] == ["[OK]"] * 4
    times = [float(line[2]) for line in lines(log)]
    assert 0 <= times[0] <= times[2] <= times[3] < 20


@pytest_twisted.ensureDeferred
async def test_a_viewer_who_left_did_not_get_it_all(serve: Serve, root: Path, tmp_path: Path) -> None:
    """$request_completion is empty for an answer that was broken off, and while it is not out yet."""
    (root / "huge.mp4").write_bytes(bytes(40_000_000))
    log = tmp_path / "a.log"
    served = serve(f"access_log {log} c; add_header Done [$request_completion];", http=FORMAT)
    client = await served.connect()
    client.send(get("/huge.mp4"))
    await client.until(lambda: len(client.data) > 100_000)
    assert b"Done: []" in client.data
    client.transport.abortConnection()  # type: ignore[union-attr]
    await served.until(lambda: not served.site.channels)
    assert [line[3] for line in lines(log)] == ["[]"]
