"""Sockets: all of them bound before the daemon says that it is ready, or one line for each that cannot be.

They are bound while the configuration is being put to use, before twistd leaves the terminal, so that a busy port is
told to the person who started the daemon. Equal addresses of several servers share a socket. On Linux a wildcard and
one of its addresses cannot both listen on one port: as nginx does, only the wildcard is bound, and the address that a
connection came to decides which servers it meets (`ByLocalAddress`).
"""

from __future__ import annotations

import errno
import os
import socket
import stat
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from twisted.internet.interfaces import IProtocol
from twisted.internet.protocol import Factory, Protocol

from hls_mp4.config.listen import Listen

SOCKET_MODE = 0o666
"""Of unix sockets, as nginx makes them: whoever may enter the folder may connect."""

_WILDCARDS = {socket.AF_INET: "0.0.0.0", socket.AF_INET6: "::"}


@dataclass(frozen=True, slots=True)
class Wanted:
    """A `listen` directive, where it stands and who it stands for.

    Args:
        listen: what it says.
        where: "file:line"; empty when nobody wrote it.
        owner: the server.
    """

    listen: Listen
    where: str = ""
    owner: Any = None


@dataclass(frozen=True, slots=True)
class Address:
    """Something that can be bound.

    Args:
        family: AF_INET, AF_INET6 or AF_UNIX.
        host: IP address; empty for a unix socket.
        port: TCP port; 0 for a unix socket.
        path: of a unix socket.
    """

    family: int
    host: str = ""
    port: int = 0
    path: str = ""

    @property
    def is_wildcard(self) -> bool:
        """Whether it stands for every address of its family."""
        return _WILDCARDS.get(socket.AddressFamily(self.family)) == self.host

    @property
    def wildcard(self) -> Address:
        """The wildcard of its family and port."""
        return Address(self.family, _WILDCARDS[socket.AddressFamily(self.family)], self.port)

    def __str__(self) -> str:
        if self.family == socket.AF_UNIX:
            return f"unix:{self.path}"
        return f"[{self.host}]:{self.port}" if self.family == socket.AF_INET6 else f"{self.host}:{self.port}"


@dataclass(slots=True)
class Bound:
    """A socket that listens.

    Args:
        socket: the socket; close it once the reactor has adopted it.
        address: what it is bound to; the port is the real one.
        wanted: for each local address connections can come to, which directives lead there; "" is every other one.
    """

    socket: socket.socket
    address: Address
    wanted: dict[str, list[Wanted]] = field(default_factory=dict)


class CannotListen(Exception):
    """At least one address cannot be bound.

    Args:
        reasons: a line for each.
    """

    def __init__(self, reasons: list[str]) -> None:
        super().__init__("\n".join(reasons))
        self.reasons = reasons


def addresses_of(listen: Listen) -> list[Address]:
    """Return what a directive means; a host name may mean several addresses.

    Raises:
        OSError: the name is not known.
    """
    if listen.path:
        return [Address(socket.AF_UNIX, path=listen.path)]
    family = socket.AF_INET6 if listen.ipv6 else socket.AF_INET
    port = listen.port or 0
    if not listen.host:
        return [Address(family, _WILDCARDS[family], port)]
    if listen.ipv6 or listen.host.replace(".", "").isdigit():
        return [Address(family, listen.host, port)]
    try:
        found = socket.getaddrinfo(listen.host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except socket.gaierror as unknown:
        raise OSError(unknown.errno, f'host not found in "{listen.text}"') from None
    return list(dict.fromkeys(Address(int(family), str(place[0]), port) for family, *_, place in found))


def bind_all(wanted: Iterable[Wanted]) -> list[Bound]:
    """Bind everything, or nothing.

    Args:
        wanted: every `listen` of every server.

    Raises:
        CannotListen: with a line for each address that cannot be bound.
    """
    reasons: list[str] = []
    groups: dict[Address, list[Wanted]] = {}
    for one in wanted:
        try:
            for address in addresses_of(one.listen):
                groups.setdefault(address, []).append(one)
        except OSError as unknown:
            reasons.append(_at(one, unknown.strerror or str(unknown)))
    bound: list[Bound] = []
    for address, group in groups.items():
        if address.family != socket.AF_UNIX and not address.is_wildcard and address.port and address.wildcard in groups:
            continue
        try:
            made = Bound(*_listening(address, group[0].listen), {"": group})
        except OSError as failed:
            reasons.append(
                _at(group[0], f"bind() to {address} failed ({failed.errno}: {os.strerror(failed.errno or 0)})")
            )
            continue
        if address.is_wildcard:
            same_port = (other for other in groups if other.port and other != address)
            made.wanted |= {other.host: groups[other] for other in same_port if other.wildcard == address}
        bound.append(made)
    if reasons:
        close_all(bound)
        raise CannotListen(reasons)
    return bound


def close_all(bound: Iterable[Bound]) -> None:
    """Give sockets up that no reactor has adopted, and remove the paths of unix ones."""
    for one in bound:
        one.socket.close()
        if one.address.path:
            Path(one.address.path).unlink(missing_ok=True)


def _at(wanted: Wanted, reason: str) -> str:
    return f"{wanted.where}: {reason}" if wanted.where else reason


def _listening(address: Address, listen: Listen) -> tuple[socket.socket, Address]:
    """Return a socket that listens, and its address with the port it really has."""
    made = socket.socket(address.family, socket.SOCK_STREAM | socket.SOCK_NONBLOCK | socket.SOCK_CLOEXEC)
    try:
        if address.family == socket.AF_UNIX:
            _remove_stale(address.path)
            made.bind(address.path)
            Path(address.path).chmod(SOCKET_MODE)
        else:
            made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if listen.reuseport:
                made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
            if listen.so_keepalive is not None:
                made.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, listen.so_keepalive)
            if address.family == socket.AF_INET6:
                made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, listen.ipv6only)
            made.bind((address.host, address.port))
            address = Address(address.family, address.host, made.getsockname()[1])
        made.listen(listen.backlog)
    except BaseException:
        made.close()
        raise
    return made, address


def _remove_stale(path: str) -> None:
    """Remove the socket that a killed daemon left behind; one that somebody listens on is left alone.

    Raises:
        OSError: EADDRINUSE when it is in use, or is not a socket at all.
    """
    try:
        mode = Path(path).stat().st_mode
    except FileNotFoundError:
        return
    if stat.S_ISSOCK(mode):
        with socket.socket(socket.AF_UNIX) as probe:
            probe.settimeout(1)
            try:
                probe.connect(path)
            except ConnectionRefusedError:
                Path(path).unlink()
                return
    raise OSError(errno.EADDRINUSE, os.strerror(errno.EADDRINUSE), path)


class ByLocalAddress(Factory):
    """Shares one wildcard socket between the servers of its addresses.

    Args:
        sites: factory for each local address; "" for all others.
    """

    noisy = False

    def __init__(self, sites: dict[str, Any]) -> None:
        self.sites = sites

    def doStart(self) -> None:
        """Start every site with the port."""
        for site in self.sites.values():
            site.doStart()

    def doStop(self) -> None:
        """Stop every site with the port."""
        for site in self.sites.values():
            site.doStop()

    def buildProtocol(self, addr: Any) -> Protocol:
        """Return a protocol that is replaced as soon as the connection can be asked where it came to."""
        return _Arrived(self.sites, addr)


class _Arrived(Protocol):
    """Hands a new connection to the site of the address it came to."""

    def __init__(self, sites: dict[str, Any], peer: Any) -> None:
        self._sites = sites
        self._peer = peer

    def makeConnection(self, transport: Any) -> None:
        """Give the transport the protocol it should have."""
        site = self._sites.get(transport.getHost().host, self._sites[""])
        protocol: IProtocol = site.buildProtocol(self._peer)
        transport.protocol = protocol
        protocol.makeConnection(transport)
