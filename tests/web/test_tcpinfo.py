"""Administrators see how far away their viewers are."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest_twisted

from tests.web.harness import Served
from tests.web.test_channel import get

Serve = Callable[..., Served]

FORM = "log_format tcp '$tcpinfo_rtt $tcpinfo_rttvar $tcpinfo_snd_cwnd $tcpinfo_rcv_space';"


@pytest_twisted.ensureDeferred
async def test_a_tcp_connection(serve: Serve, tmp_path: Path) -> None:
    """Round trips, window and buffer of a connection are in the log."""
    log = tmp_path / "log"
    client = await serve(f"access_log {log} tcp;", http=FORM).connect()
    client.send(get("/small.mp4"))
    await client.answer()
    rtt, rttvar, window, space = map(int, log.read_text().split())
    assert 0 < rtt < 10_000_000
    assert rttvar > 0
    assert 1 <= window < 100_000
    assert space > 1000


@pytest_twisted.ensureDeferred
async def test_what_is_no_tcp(serve: Serve, tmp_path: Path) -> None:
    """Over a unix socket nothing of that is known."""
    log = tmp_path / "log"
    served = serve(f"access_log {log} tcp;", http=FORM)
    served.listen_unix(tmp_path / "s")
    client = await served.client(f"unix:{tmp_path / 's'}")
    client.send(get("/small.mp4"))
    await client.answer()
    assert log.read_text() == "- - - -\n"
