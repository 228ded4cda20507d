"""Limits, a proxy in front and the access log, of the real daemon."""

from __future__ import annotations

import gzip
import signal
import socket
from pathlib import Path

import pytest

from tests.acceptance.conftest import Start
from tests.acceptance.daemon import Daemon, Replies, everything, until

CONFIGURATION = """
error_log stderr notice;
error_log error.log info;
worker_shutdown_timeout 5s;
http {{
    log_format limits '$remote_addr $status $limit_req_status $limit_conn_status $request_completion $uri';
    access_log limits.log limits;
    access_log clips.log limits buffer=64k flush=1h if=$arg_start;
    access_log all.gz limits gzip flush=1h;
    limit_conn_zone $binary_remote_addr zone=viewers:1m;
    limit_req_zone $binary_remote_addr zone=asking:1m rate=2r/m;
    set_real_ip_from 127.0.0.1;
    server {{
        listen 127.0.0.1:{port};
        root {folder}/films;
        location / {{ }}
        location /one/ {{ alias {folder}/films/; limit_conn viewers 1; limit_conn_status 429; }}
        location /burst/ {{ alias {folder}/films/; limit_req zone=asking burst=3 nodelay; }}
        location /dry/ {{
            alias {folder}/films/;
            limit_req zone=asking;
            limit_req_dry_run on;
            limit_conn viewers 1;
            limit_conn_dry_run on;
        }}
    }}
}}
"""


@pytest.fixture
def daemon(start: Start, tmp_path: Path) -> Daemon:
    """A daemon with a small file and one that no socket takes whole."""
    films = tmp_path / "films"
    films.mkdir()
    (films / "small.mp4").write_bytes(b"x" * 1000)
    with open(films / "huge.mp4", "wb") as huge:
        huge.truncate(500_000_000)
    return start(CONFIGURATION)


def ask(path: str, *fields: str) -> bytes:
    return "\r\n".join((f"GET {path} HTTP/1.1", "Host: a", *fields, "", "")).encode()


def status(daemon: Daemon, path: str, *fields: str) -> int:
    return int(daemon.raw(ask(path, "Connection: close", *fields)).split(b" ")[1])


def hold(daemon: Daemon, path: str, *fields: str) -> socket.socket:
    """Return a connection on which a long answer has begun."""
    client = daemon.connect()
    client.sendall(ask(path, *fields))
    assert client.recv(12, socket.MSG_WAITALL)[9:] in (b"200", b"206")
    return client


def test_a_player_gets_one_range_at_a_time(daemon: Daemon) -> None:
    """With limit_conn 1 parallel ranges are refused while the first is under way, and not a moment longer."""
    first = hold(daemon, "/one/huge.mp4", "Range: bytes=1000-")
    for at in (0, 1_000_000):
        assert status(daemon, "/one/huge.mp4", f"Range: bytes={at}-{at + 9}") == 429
    assert status(daemon, "/one/small.mp4", "X-Real-IP: 192.0.2.1") == 200
    assert status(daemon, "/small.mp4") == 200
    first.close()
    until(lambda: status(daemon, "/one/huge.mp4", "Range: bytes=0-9") == 206, "a range after the first was broken off")
    assert 'limiting connections by zone "viewers", client: 127.0.0.1' in daemon.logged("limiting connections")
    assert daemon.logged(" 429 ", "limits.log") == "127.0.0.1 429 - REJECTED OK /one/huge.mp4"
    assert daemon.logged("192.0.2.1", "limits.log") == "192.0.2.1 200 - PASSED OK /one/small.mp4"
    assert any(line.startswith("127.0.0.1 206 - PASSED  /one") for line in daemon.lines("limits.log"))


def test_a_kept_connection_may_ask_again(daemon: Daemon) -> None:
    """A player that asks one thing after the other over one connection is never too many."""
    with daemon.connect() as client:
        replies = Replies(client)
        for _ in range(5):
            client.sendall(ask("/one/small.mp4"))
            assert replies.next()[0] == 200


def test_a_burst(daemon: Daemon) -> None:
    """A burst is let through at once, what is above it is refused, each client for itself."""
    with daemon.connect() as client:
        client.sendall(ask("/burst/small.mp4") * 5 + ask("/burst/small.mp4", "Connection: close"))
        got = everything(client)
    assert [int(part[:3]) for part in got.split(b"HTTP/1.1 ")[1:]] == [200] * 4 + [503] * 2
    assert status(daemon, "/burst/small.mp4", "X-Real-IP: 192.0.2.9") == 200
    assert "limiting requests, excess: 3." in daemon.logged("limiting requests") or (
        "limiting requests, excess: 4.000" in daemon.logged("limiting requests")
    )
    verdicts = [line.split()[2] for line in daemon.lines("limits.log") if line.startswith("127.0.0.1")]
    assert verdicts == ["PASSED"] * 4 + ["REJECTED"] * 2


def test_a_dry_run(daemon: Daemon) -> None:
    """Limits can be tried out on real clients: the logs tell what would have happened to them."""
    first = hold(daemon, "/dry/huge.mp4")
    assert status(daemon, "/dry/small.mp4") == 200
    first.close()
    told = daemon.logged("small.mp4", "limits.log")
    assert told == "127.0.0.1 200 REJECTED_DRY_RUN REJECTED_DRY_RUN OK /dry/small.mp4"
    assert "limiting requests, dry run, excess: " in daemon.logged("limiting requests")
    assert "limiting connections, dry run, by zone" in daemon.logged("limiting connections")


def test_no_line_is_lost(daemon: Daemon) -> None:
    """Lines that wait in a buffer are written when the logs are rotated, and when the daemon stops."""
    assert status(daemon, "/small.mp4") == 200
    assert status(daemon, "/small.mp4?start=1") == 200
    folder = daemon.folder
    assert daemon.lines("clips.log") == [] and (folder / "all.gz").read_bytes() == b""
    for name in ("clips.log", "all.gz"):
        (folder / name).rename(folder / f"{name}.1")
    daemon.process.send_signal(signal.SIGUSR1)
    until((folder / "all.gz").exists, "a log after the rotation")
    before = "127.0.0.1 200 - - OK /small.mp4"
    assert daemon.lines("clips.log.1") == [before]
    assert gzip.decompress((folder / "all.gz.1").read_bytes()).decode().splitlines() == [before] * 2
    under_way = hold(daemon, "/huge.mp4?start=2")
    daemon.process.send_signal(signal.SIGTERM)
    daemon.logged("waiting for 1 connections")
    under_way.close()
    assert daemon.stop(None) == 0
    after = "127.0.0.1 200 - -  /huge.mp4"
    assert daemon.lines("clips.log") == [after]
    assert gzip.decompress((folder / "all.gz").read_bytes()).decode().splitlines() == [after]
