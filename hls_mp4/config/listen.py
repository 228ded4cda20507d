"""The `listen` directive: its addresses, its parameters, and which of them clash.

Accepted is what nginx accepts, and port 0 besides (any free port). A host name stays a name: looking it up would make
a configuration depend on the network. Parameters that are known and change nothing yet are returned for a warning.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from hls_mp4.config.paths import Absolute

DEFAULT_BACKLOG = 511
_LONGEST_UNIX_PATH = 107  # sun_path with its NUL, unix(7)
_HOST_NAME = re.compile(r"[A-Za-z0-9_]([A-Za-z0-9_.-]{0,252}[A-Za-z0-9_.])?")
_IGNORED = frozenset(("deferred",))
_OTHER_PROTOCOLS = {
    "quic": "HTTP/3 is not spoken here",
    "proxy_protocol": "clients would be answered with 400",
}
_IGNORED_WITH_VALUE = frozenset(("setfib", "fastopen", "accept_filter", "rcvbuf", "sndbuf"))


@dataclass(frozen=True, slots=True)
class Listen:
    """An address that a server accepts connections on.

    Args:
        text: the address as it is written.
        host: IP address or host name; "" for all of the family.
        port: TCP port, 0 for any free one; None for a unix socket.
        path: absolute path of a unix socket, "" for TCP.
        ipv6: the address is of IPv6.
        default_server: this server answers requests for unknown hosts.
        backlog: connections that may wait to be accepted.
        reuseport: several processes may each have a socket of this address.
        ipv6only: an IPv6 socket does not take IPv4 connections.
        so_keepalive: TCP keep-alive probes; None leaves it to the system.
        ssl: connections are encrypted.
        http2: HTTP/2 may be chosen where they are.
        where: "file:line"; empty when nobody wrote it.
    """

    text: str
    host: str = ""
    port: int | None = 80
    path: str = ""
    ipv6: bool = False
    default_server: bool = False
    backlog: int = DEFAULT_BACKLOG
    reuseport: bool = False
    ipv6only: bool = True
    so_keepalive: bool | None = None
    ssl: bool = False
    http2: bool = False
    where: str = field(default="", compare=False)

    @property
    def address(self) -> str:
        """The address in full: 0.0.0.0:80, [::]:80, unix:/run/x. Equal addresses have equal texts."""
        if self.path:
            return f"unix:{self.path}"
        if self.ipv6:
            return f"[{self.host or '::'}]:{self.port}"
        return f"{self.host or '0.0.0.0'}:{self.port}"


def parse_listen(args: Sequence[str], absolute: Absolute) -> tuple[Listen, tuple[str, ...]]:
    """Return what a `listen` directive says and the parameters that have no effect.

    Args:
        args: its arguments.
        absolute: makes the path of a unix socket absolute.

    Raises:
        ValueError: with the reason in nginx's words.
    """
    if not args:
        raise ValueError("invalid number of arguments")
    address = _address(args[0], absolute)
    options: dict[str, bool | int] = {}
    without_effect = []
    for parameter in args[1:]:
        name, equals, value = parameter.partition("=")
        if parameter in ("default_server", "default"):
            options["default_server"] = True
        elif parameter in ("reuseport", "ssl", "http2"):
            options[parameter] = True
        elif parameter == "bind":
            pass  # every address has a socket of its own here
        elif name == "backlog" and equals:
            if not re.fullmatch(r"[0-9]{1,9}", value) or not int(value):
                raise ValueError(f'invalid backlog "{parameter}"')
            options["backlog"] = int(value)
        elif name == "ipv6only" and equals:
            if value not in ("on", "off"):
                raise ValueError(f'invalid ipv6only flags "{value}"')
            options["ipv6only"] = value == "on"
        elif name == "so_keepalive" and equals:
            options["so_keepalive"] = _keepalive(value)
            if value not in ("on", "off"):
                without_effect.append(parameter)
        elif parameter in _OTHER_PROTOCOLS:
            raise ValueError(f'parameter "{parameter}" is not supported: {_OTHER_PROTOCOLS[parameter]}')
        elif parameter in _IGNORED or (name in _IGNORED_WITH_VALUE and equals):
            without_effect.append(parameter)
        else:
            raise ValueError(f'invalid parameter "{parameter}"')
    if "http2" in options and "ssl" not in options:
        without_effect.append("http2")
    return Listen(args[0], **address, **options), tuple(without_effect)  # type: ignore[arg-type]


def _address(text: str, absolute: Absolute) -> dict[str, str | int | bool | None]:
    """Return host, port, path and family of an address."""
    if text.startswith("unix:"):
        if text == "unix:":
            raise ValueError(f'no path in the unix domain socket in "{text}"')
        path = absolute(text.removeprefix("unix:"))
        if len(path.encode("utf-8", "surrogateescape")) > _LONGEST_UNIX_PATH:
            raise ValueError(f'too long path in the unix domain socket in "{text}"')
        return {"path": path, "port": None}
    if text.startswith("["):
        host, bracket, rest = text[1:].partition("]")
        if not bracket or (rest and not rest.startswith(":")):
            raise ValueError(f'invalid host in "{text}"')
        try:
            address = ipaddress.IPv6Address(host)
        except ValueError:
            raise ValueError(f'invalid IPv6 address in "{text}"') from None
        return {
            "host": "" if address.is_unspecified else str(address),
            "port": _port(rest[1:], text) if rest else 80,
            "ipv6": True,
        }
    host, colon, port = text.partition(":")
    if not colon and re.fullmatch(r"[0-9]+", host):
        return {"port": _port(host, text)}
    if not host:
        raise ValueError(f'no host in "{text}"')
    return {"host": _host(host, text), "port": _port(port, text) if colon else 80}


def _host(host: str, text: str) -> str:
    """Return an IPv4 address, a host name, or "" for all addresses."""
    if host in ("*", "0.0.0.0"):
        return ""
    if re.fullmatch(r"[0-9.]+", host):
        try:
            return str(ipaddress.IPv4Address(host))
        except ValueError:
            raise ValueError(f'invalid host in "{text}"') from None
    if not _HOST_NAME.fullmatch(host):
        raise ValueError(f'invalid host in "{text}"')
    return host


def _port(port: str, text: str) -> int:
    """Return a TCP port."""
    if not re.fullmatch(r"[0-9]{1,9}", port) or int(port) > 65535:
        raise ValueError(f'invalid port in "{text}"')
    return int(port)


def _keepalive(value: str) -> bool:
    """Return whether TCP keep-alive is on: on, off, or [idle]:[interval]:[count] of which one is given."""
    if value in ("on", "off"):
        return value == "on"
    if not re.fullmatch(r"([0-9]+[smhd]?)?:([0-9]+[smhd]?)?:[0-9]*", value) or value == "::":
        raise ValueError(f'invalid so_keepalive value: "{value}"')
    return True
