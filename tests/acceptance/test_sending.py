"""Clients that are slow, gone or greedy, and films that change while they are sent."""

from __future__ import annotations

import os
import socket
import struct
import threading
import time
from pathlib import Path

import pytest

from tests.acceptance.conftest import Start
from tests.acceptance.daemon import Daemon, Replies, everything, until

SERVE = """
pid mp4stream.pid;
error_log stderr notice;
error_log error.log info;
http {{
    access_log access.log;
    {more}
    server {{ listen 127.0.0.1:{port}; root {folder}; }}
}}
"""
BIG = 64 << 20


def big_file(folder: Path) -> bytes:
    """Put a file into a folder that no socket buffer holds; return one of its blocks of 16 bytes for every offset."""
    path = folder / "big.bin"
    with path.open("wb") as file:
        for block in range(0, BIG, 1 << 20):
            file.write(struct.pack(">Q", block) * (1 << 17))
    return path.name.encode()


def slow_client(daemon: Daemon, name: bytes) -> socket.socket:
    """Return a connection that has asked for a file and read only its first bytes."""
    client = socket.socket()
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    client.settimeout(30)
    client.connect(("127.0.0.1", daemon.port))
    client.sendall(b"GET /%s HTTP/1.1\r\nHost: a\r\n\r\n" % name)
    assert client.recv(100).startswith(b"HTTP/1.1 200 ")
    return client


def cpu_seconds(daemon: Daemon) -> float:
    """Return the processor time a daemon has used."""
    fields = Path(f"/proc/{daemon.process.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@pytest.mark.parametrize("reset", ["on", "off"])
def test_a_reader_that_takes_nothing_is_dropped(start: Start, tmp_path: Path, reset: str) -> None:
    """After `send_timeout` without progress its connection and its file are given up, by a reset if wanted."""
    daemon = start(SERVE, more=f"send_timeout 1s; reset_timedout_connection {reset};")
    client = slow_client(daemon, big_file(tmp_path))
    assert "timed out" in daemon.logged("client timed out")
    if reset == "on":
        with pytest.raises(ConnectionResetError):
            everything(client)
    else:
        assert len(everything(client)) < BIG
    line = daemon.logged("big.bin", "access.log")
    assert int(line.split('" 200 ')[1].split()[0]) < BIG


def test_a_reader_that_takes_little_is_kept(start: Start, tmp_path: Path) -> None:
    """The time starts again with every byte taken: slow is not stalled."""
    daemon = start(SERVE, more="send_timeout 1s;")
    client = slow_client(daemon, big_file(tmp_path))
    received = 0
    pause = threading.Event()
    while received < 10 << 20:
        pause.wait(0.3)  # a client that takes its time is what this is about
        taken = received + (1 << 20)
        while received < taken:
            received += len(client.recv(1 << 16))
    while received < BIG:
        piece = client.recv(1 << 20)
        assert piece
        received += len(piece)
    client.close()


def test_others_are_served_while_one_reads_nothing(start: Start, tmp_path: Path) -> None:
    """A stalled client costs no processor time and delays nobody."""
    daemon = start(SERVE, more="")
    name = big_file(tmp_path)
    stalled = [slow_client(daemon, name) for _ in range(20)]
    before = cpu_seconds(daemon)
    begun = time.monotonic()
    for _ in range(50):
        reply = daemon.raw(b"GET /mp4stream.conf HTTP/1.0\r\n\r\n")
        assert reply.startswith(b"HTTP/1.1 200 ")
    assert time.monotonic() - begun < 5
    assert cpu_seconds(daemon) - before < 2
    for client in stalled:
        client.close()


def test_a_film_truncated_while_it_is_sent_breaks_the_connection(start: Start, tmp_path: Path) -> None:
    """The client sees that the body is short; the daemon neither spins nor makes bytes up, and says why."""
    daemon = start(SERVE, more="")
    client = slow_client(daemon, big_file(tmp_path))
    os.truncate(tmp_path / "big.bin", 8 << 20)
    received = 0
    with pytest.raises(ConnectionResetError):
        while piece := client.recv(1 << 20):
            received += len(piece)
        raise ConnectionResetError
    assert received < 9 << 20
    assert "big.bin" in daemon.logged("[error]")
    before = cpu_seconds(daemon)
    assert daemon.raw(b"GET /mp4stream.conf HTTP/1.0\r\n\r\n").startswith(b"HTTP/1.1 200 ")
    assert cpu_seconds(daemon) - before < 1


def test_a_film_replaced_while_it_is_sent_goes_on_as_it_was(start: Start, tmp_path: Path) -> None:
    """Whoever began to download gets the version he began with, to its end; the next one gets the new one."""
    daemon = start(SERVE, more="")
    client = slow_client(daemon, big_file(tmp_path))
    (tmp_path / "new.bin").write_bytes(b"new")
    (tmp_path / "new.bin").rename(tmp_path / "big.bin")
    tail = bytearray()
    received = 0
    while received < BIG - (1 << 20):
        piece = client.recv(1 << 20)
        assert piece
        received += len(piece)
        tail = (tail + piece)[-64:]
    assert b"new" not in tail
    client.close()
    assert daemon.raw(b"GET /big.bin HTTP/1.0\r\n\r\n").endswith(b"\r\n\r\nnew")


def test_a_client_that_leaves_costs_nothing(start: Start, tmp_path: Path) -> None:
    """A closed browser tab frees its file at once, and is no error."""
    daemon = start(SERVE, more="")
    name = big_file(tmp_path)
    held = Path(f"/proc/{daemon.process.pid}/fd")
    slow_client(daemon, name).close()

    def films_open() -> list[str]:
        found = []
        for entry in held.iterdir():
            try:
                found.append(os.readlink(entry))
            except FileNotFoundError:
                continue
        return [path for path in found if path.endswith("big.bin")]

    until(lambda: not films_open(), "the film's file is closed")
    assert not any("[error]" in line or "[crit]" in line for line in daemon.lines())


def test_a_rate_is_kept(start: Start, tmp_path: Path) -> None:
    """`limit_rate` after `limit_rate_after`: the first part and one second at once, the rest as allowed."""
    daemon = start(SERVE, more="limit_rate 1m; limit_rate_after 1m;")
    (tmp_path / "three.bin").write_bytes(os.urandom(3 << 20))
    begun = time.monotonic()
    with daemon.connect() as client:
        client.sendall(b"GET /three.bin HTTP/1.1\r\nHost: a\r\n\r\n")
        status, _, body = Replies(client).next()
    assert status == 200
    assert body == (tmp_path / "three.bin").read_bytes()
    assert 0.9 < time.monotonic() - begun < 6


def test_idle_connections_are_closed(start: Start) -> None:
    """`keepalive_timeout` and `keepalive_requests` bound a connection's life."""
    daemon = start(SERVE, more="keepalive_timeout 1s; keepalive_requests 3;")
    request = b"HEAD /mp4stream.conf HTTP/1.1\r\nHost: a\r\n\r\n"
    with daemon.connect() as client:
        client.sendall(request)
        assert Replies(client).next(head=True)[1]["connection"] == "keep-alive"
        assert everything(client) == b""
    with daemon.connect() as client:
        replies = Replies(client)
        kept = []
        for _ in range(3):
            client.sendall(request)
            kept.append(replies.next(head=True)[1]["connection"])
        assert kept == ["keep-alive", "keep-alive", "close"]
        assert everything(client) == b""


def test_symbolic_links_are_refused_where_they_should_be(start: Start, tmp_path: Path) -> None:
    """`disable_symlinks on` answers 403 for a link out of the folder; without it links are followed."""
    (tmp_path / "real.txt").write_text("real")
    (tmp_path / "link.txt").symlink_to("/etc/hostname")
    strict = start(SERVE, more="disable_symlinks on from=$document_root;")
    assert strict.raw(b"GET /real.txt HTTP/1.0\r\n\r\n").endswith(b"\r\n\r\nreal")
    assert strict.raw(b"GET /link.txt HTTP/1.0\r\n\r\n").startswith(b"HTTP/1.1 403 ")
