"""Lines reach a syslog server, over UDP and through a unix socket, and one that is away stops nobody."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from hls_mp4.web.logs.syslog import FACILITIES, SyslogSender, SyslogServer, read_syslog

NOON = 1_795_217_866.0  # in November


def sender(words: str, complaints: list[str], seconds: list[float] | None = None) -> SyslogSender:
    now = seconds or [NOON]
    return SyslogSender(read_syslog(words), complaints.append, lambda: now[0])


def test_over_udp() -> None:
    """A line is a datagram with priority, time, this machine's name, the tag and the text, as nginx sends it."""
    complaints: list[str] = []
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", 0))
        server.settimeout(20)
        port = server.getsockname()[1]
        sending = sender(f"syslog:server=127.0.0.1:{port},facility=local0,severity=notice,tag=films", complaints)
        sending.send(b"GET /\xff")
        sending.send(b"worse", 3)
        first, second = server.recv(1000), server.recv(1000)
        sending.close()
    head, _, text = first.partition(b" films: ")
    stamp, _, name = head.rpartition(b" ")
    assert stamp.startswith(f"<{FACILITIES.index('local0') * 8 + 5}>Nov ".encode())
    assert (name.decode(), text) == (socket.gethostname().lower(), b"GET /\xff")
    assert second.startswith(b"<131>")
    assert complaints == []


def test_a_server_that_is_away_and_comes_back(tmp_path: Path) -> None:
    """Lines are lost with one complaint a minute, and arrive as soon as somebody listens."""
    complaints: list[str] = []
    seconds = [NOON]
    path = tmp_path / "log"
    sending = sender(f"syslog:server=unix:{path},nohostname", complaints, seconds)
    sending.send(b"one")
    sending.send(b"two")
    assert len(complaints) == 1 and str(path) in complaints[0]
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as server:
        server.bind(str(path))
        sending.send(b"three")
        assert server.recv(1000).endswith(b" mp4stream: three")
    seconds[0] += 61
    sending.send(b"four")
    assert len(complaints) == 2
    sending.close()


def test_a_server_that_does_not_read_stops_nobody(tmp_path: Path) -> None:
    """A full queue costs lines, never time."""
    complaints: list[str] = []
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as server:
        server.bind(str(tmp_path / "log"))
        sending = sender(f"syslog:server=unix:{tmp_path / 'log'}", complaints)
        while not complaints:
            sending.send(b"x" * 1000)
        sending.close()
    assert "lines are lost" in complaints[0]


def test_what_holds_without_parameters() -> None:
    """Facility local7 and severity info are nginx's; the tag is ours."""
    assert read_syslog("syslog:server=logs.example") == SyslogServer("logs.example", 514, "", 23, 6, "mp4stream", True)
    assert read_syslog("syslog:server=[::1]:5140,nohostname").address == "::1:5140"
    assert read_syslog("syslog:server=unix:/dev/log,tag=").address == "unix:/dev/log"


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        ("", 'unknown syslog parameter ""'),
        ("server", 'unknown syslog parameter "server"'),
        ("server=", 'no host in syslog server ""'),
        ("facility=local7", "no syslog server specified"),
        ("server=127.0.0.1,facility=x", 'unknown syslog facility "x"'),
        ("server=127.0.0.1,severity=x", 'unknown syslog severity "x"'),
        ("server=127.0.0.1,tag=a-b", 'syslog "tag" only allows alphanumeric characters and underscore'),
        ("server=127.0.0.1,tag=" + "a" * 33, "syslog tag length exceeds 32"),
        ("server=127.0.0.1,nohostname,x=1", 'unknown syslog parameter "x=1"'),
        ("server=127.0.0.1,server=127.0.0.2", 'duplicate syslog "server"'),
        ("server=127.0.0.1:99999", 'invalid port in syslog server "127.0.0.1:99999"'),
        ("server=1:2:3", 'invalid host in syslog server "1:2:3"'),
        ("server=unix:", 'no path in the unix domain socket in syslog server "unix:"'),
        ("server=unix:/" + "a" * 107, "too long path in the unix domain socket"),
    ],
)
def test_mistakes_are_named_in_nginx_words(words: str, reason: str) -> None:
    """What cannot be meant is refused when the configuration is read."""
    with pytest.raises(ValueError) as raised:
        read_syslog(f"syslog:{words}")
    assert str(raised.value).startswith(reason)


def test_an_unknown_host() -> None:
    """A name that nobody knows is an error at start, not lines that go nowhere."""
    with pytest.raises(OSError, match="host not found in syslog server"):
        sender("syslog:server=nonesuch.invalid", [])
