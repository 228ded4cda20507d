"""syslog: as the place of access_log and error_log: datagrams of RFC 3164, to a unix socket or over UDP.

    <190>Nov 20 23:37:46 host tag: line

What cannot be delivered at once is lost, with a complaint now and then: a logging server that is away stops nobody.
Names of hosts are looked up once, at start.
"""

from __future__ import annotations

import re
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

FACILITIES = (
    *("kern", "user", "mail", "daemon", "auth", "intern", "lpr", "news", "uucp", "clock", "authpriv", "ftp", "ntp"),
    *("audit", "alert", "cron", "local0", "local1", "local2", "local3", "local4", "local5", "local6", "local7"),
)
SEVERITIES = ("emerg", "alert", "crit", "error", "warn", "notice", "info", "debug")
_QUIET_SECONDS = 60  # between complaints
_LONGEST_TAG = 32
_LONGEST_PATH = 107  # sun_path with its NUL, unix(7)
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_SERVER = re.compile(r"(?:\[([0-9A-Fa-f:.]+)\]|([^\[\]:]+))(?::([0-9]{1,5}))?")


@dataclass(frozen=True, slots=True)
class SyslogServer:
    """Where a log goes, and under which name.

    Args:
        host: address or name; empty for a unix socket.
        port: of UDP.
        path: of a unix socket.
        facility: its code.
        severity: its code, for lines that have none of their own.
        tag: names the program.
        hostname: whether lines name this machine.
    """

    host: str = ""
    port: int = 514
    path: str = ""
    facility: int = FACILITIES.index("local7")
    severity: int = SEVERITIES.index("info")
    tag: str = "mp4stream"
    hostname: bool = True

    @property
    def address(self) -> str:
        """The address as it is written."""
        return f"unix:{self.path}" if self.path else f"{self.host}:{self.port}"


def read_syslog(text: str) -> SyslogServer:
    """Return the server of `syslog:server=address[,facility=f][,severity=s][,tag=t][,nohostname]`.

    Raises:
        ValueError: with the reason in nginx's words.
    """
    found: dict[str, str] = {}
    hostname = True
    for parameter in text.removeprefix("syslog:").split(","):
        name, equals, value = parameter.partition("=")
        if parameter == "nohostname":
            hostname = False
        elif not equals or name not in ("server", "facility", "severity", "tag"):
            raise ValueError(f'unknown syslog parameter "{parameter}"')
        elif name in found:
            raise ValueError(f'duplicate syslog "{name}"')
        else:
            found[name] = value
    if "server" not in found:
        raise ValueError("no syslog server specified")
    host, port, path = _address(found["server"])
    tag = found.get("tag", "mp4stream")
    if len(tag) > _LONGEST_TAG:
        raise ValueError(f"syslog tag length exceeds {_LONGEST_TAG}")
    if not re.fullmatch("[0-9A-Za-z_]*", tag):
        raise ValueError('syslog "tag" only allows alphanumeric characters and underscore')
    facility, severity = found.get("facility", "local7"), found.get("severity", "info")
    if facility not in FACILITIES:
        raise ValueError(f'unknown syslog facility "{facility}"')
    if severity not in SEVERITIES:
        raise ValueError(f'unknown syslog severity "{severity}"')
    return SyslogServer(host, port, path, FACILITIES.index(facility), SEVERITIES.index(severity), tag, hostname)


def _address(text: str) -> tuple[str, int, str]:
    """Return host, port and path of an address; raises ValueError."""
    if text.startswith("unix:"):
        path = text.removeprefix("unix:")
        if not path:
            raise ValueError(f'no path in the unix domain socket in syslog server "{text}"')
        if len(path.encode("utf-8", "surrogateescape")) > _LONGEST_PATH:
            raise ValueError(f'too long path in the unix domain socket in syslog server "{text}"')
        return "", 0, path
    if not text or text.startswith(":"):
        raise ValueError(f'no host in syslog server "{text}"')
    found = _SERVER.fullmatch(text)
    if not found:
        raise ValueError(f'invalid host in syslog server "{text}"')
    port = int(found[3] or 514)
    if not 1 <= port <= 65535:
        raise ValueError(f'invalid port in syslog server "{text}"')
    return found[1] or found[2], port, ""


@dataclass(slots=True)
class _Stamp:
    """The time as RFC 3164 writes it, made once a second."""

    second: int = -1
    text: str = ""

    def at(self, now: float) -> str:
        """Return the text of a moment."""
        if int(now) != self.second:
            self.second = int(now)
            local = time.localtime(self.second)
            clock = f"{local.tm_hour:02d}:{local.tm_min:02d}:{local.tm_sec:02d}"
            self.text = f"{_MONTHS[local.tm_mon - 1]} {local.tm_mday:2d} {clock}"
        return self.text


class SyslogSender:
    """Sends lines to a server.

    Args:
        server: where.
        complain: is told, now and then, when lines are lost.
        wall_clock: returns seconds since the epoch.

    Raises:
        OSError: the host's name is not known.
    """

    def __init__(self, server: SyslogServer, complain: Callable[[str], None], wall_clock: Callable[[], float]) -> None:
        self.server = server
        self._complain = complain
        self._wall_clock = wall_clock
        self._stamp = _Stamp()
        self._name = f"{socket.gethostname().lower()} " if server.hostname else ""
        self._quiet_until = 0.0
        family, self._address = _looked_up(server)
        self._socket = socket.socket(family, socket.SOCK_DGRAM)
        self._socket.setblocking(False)

    def send(self, line: bytes, severity: int | None = None) -> None:
        """Send a line without its end.

        Args:
            line: its text.
            severity: a code; None for the server's own.
        """
        server = self.server
        priority = server.facility * 8 + (server.severity if severity is None else severity)
        head = f"<{priority}>{self._stamp.at(self._wall_clock())} {self._name}{server.tag}: "
        try:
            # Not connected: a server that comes back is found, and no answer of its host is taken for ours.
            self._socket.sendto(head.encode() + line, self._address)
        except OSError as problem:
            now = self._wall_clock()
            if now >= self._quiet_until:
                self._quiet_until = now + _QUIET_SECONDS
                self._complain(f"send() to syslog server {server.address} failed ({problem}), lines are lost")

    def close(self) -> None:
        """Give the socket up."""
        self._socket.close()


def _looked_up(server: SyslogServer) -> tuple[int, Any]:
    """Return family and address of a server's socket; raises OSError."""
    if server.path:
        return socket.AF_UNIX, server.path
    try:
        family, _, _, _, address = socket.getaddrinfo(server.host, server.port, type=socket.SOCK_DGRAM)[0]
    except OSError:
        raise OSError(f'host not found in syslog server "{server.host}"') from None
    return family, address
