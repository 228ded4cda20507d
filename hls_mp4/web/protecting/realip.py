"""Who the client is when a proxy stands in front (nginx's ngx_http_realip_module, 1.22).

A trusted peer's word replaces the client's address, for everything that asks afterwards: allow and deny, keys of
limits, logs, variables. It is a field of the request, read from its end since every proxy appends. Addresses are read
as `address` or `address:port`, IPv6 with a port in brackets; from what is none, nothing follows. Names of hosts are
refused, for looking them up would make a configuration depend on the network.
"""

from __future__ import annotations

import re
import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import ip_address, ip_network
from typing import TYPE_CHECKING, Any

from hls_mp4.directives import ANYWHERE, Flag, Parsed, directive, one

if TYPE_CHECKING:
    from hls_mp4.web.request import StreamingRequest


@dataclass(frozen=True, slots=True)
class Trusted:
    """A network of proxies, as numbers that an address is compared with.

    Args:
        version: of IP; 0 for clients of unix sockets.
        mask: of the network.
        base: its lowest address.
    """

    version: int
    mask: int = 0
    base: int = 0


_PORT = re.compile("[0-9]{1,5}")


def read_trusted(args: Sequence[str]) -> Trusted:
    """Return whom `address | CIDR | unix:` trusts; raises ValueError."""
    word = one(args)
    if word == "unix:":
        return Trusted(0)
    try:
        network = ip_network(word, strict=False)
    except ValueError:
        raise ValueError(f'"{word}" is neither an address nor a network; names of hosts are not looked up') from None
    return Trusted(network.version, int(network.netmask), int(network.network_address))


def read_header(args: Sequence[str]) -> str:
    """Return the name of a field, in lower case; raises ValueError."""
    name = one(args)
    if name == "proxy_protocol":
        raise ValueError('"proxy_protocol" is not supported, name a field of the request')
    if not re.fullmatch(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+", name):
        raise ValueError(f'"{name}" is no name of a field')
    return name.lower()


@dataclass(frozen=True, slots=True, kw_only=True)
class RealIpSettings:
    """Who the client is behind a proxy."""

    trusted: tuple[Trusted, ...] = directive(
        "set_real_ip_from",
        ANYWHERE,
        Parsed("address | CIDR | unix:", read_trusted),
        default=(),
        repeated=True,
        doc="Proxies whose word about the client's address is taken: $remote_addr and $remote_port, and with them"
        " rules, limits and logs, are then the client's, and those of the proxy are $realip_remote_addr and"
        " $realip_remote_port.",
        differs="names of hosts are refused",
    )
    header: str = directive(
        "real_ip_header",
        ANYWHERE,
        Parsed("field", read_header),
        default="X-Real-IP",
        doc="The field in which a trusted proxy names the client. Its last address counts, and of several"
        " X-Forwarded-For the last field.",
        differs="proxy_protocol is refused",
    )
    recursive: bool = directive(
        "real_ip_recursive",
        ANYWHERE,
        Flag(),
        default="off",
        doc="Goes on from the end of the field to the last address that is not a trusted proxy's.",
    )


@lru_cache(maxsize=4096)
def _number(client: str) -> tuple[int, int]:
    """Return version and number of an address, that of IPv4 within IPv6 as IPv4; (0, 0) for a unix socket."""
    if client == "unix:":
        return 0, 0
    address: Any = ip_address(client.partition("%")[0])
    address = getattr(address, "ipv4_mapped", None) or address
    return address.version, int(address)


def is_trusted(client: str, trusted: Sequence[Trusted]) -> bool:
    """Tell whether an address is one of the proxies'."""
    version, number = _number(client)
    return any(each.version == version and number & each.mask == each.base for each in trusted)


@lru_cache(maxsize=4096)
def parse_address(text: str) -> tuple[str, int] | None:
    """Return the address and the port of `address[:port]`, port 0 for none; None for what is neither."""
    found = _canonical(text)
    if found:
        return found, 0
    host, colon, port = text.rpartition(":")
    if host.startswith("["):
        host = host[1:-1] if host.endswith("]") else ""
    elif ":" in host:
        return None
    found = _canonical(host)
    if not found or not colon or not _PORT.fullmatch(port) or not 1 <= int(port) <= 65535:
        return None
    return found, int(port)


def _canonical(text: str) -> str:
    """Return an address as nginx writes it, empty for none."""
    if "%" in text:
        return ""
    try:
        address = ip_address(text)
    except ValueError:
        return ""
    return socket.inet_ntop(socket.AF_INET if address.version == 4 else socket.AF_INET6, address.packed)


def client_of(
    peer: str, fields: Sequence[str], trusted: Sequence[Trusted], *, recursive: bool
) -> tuple[str, int] | None:
    """Return address and port of the client that proxies speak of.

    Args:
        peer: whom the connection comes from.
        fields: what they say, in the order of the request.
        trusted: the proxies.
        recursive: whether to go on past addresses that are proxies themselves.

    Returns:
        None when the peer is not trusted, or no address is named where it should be.
    """
    found = None
    speaker = peer
    for field in reversed(fields):
        rest = field
        while is_trusted(speaker, trusted):
            # As nginx, blanks and commas alike part the addresses.
            rest = rest.rstrip(" ,")
            cut = max(rest.rfind(" "), rest.rfind(","))
            named = parse_address(rest[cut + 1 :])
            if named is None:
                return found
            found = named
            speaker = named[0]
            if not recursive:
                return found
            rest = rest[: max(cut, 0)]
            if not rest.strip(" ,"):
                break
        else:
            return found
    return found


def remote_addr(request: StreamingRequest) -> str:
    """Return $realip_remote_addr: the address that the connection comes from."""
    return request.peer_addr


def remote_port(request: StreamingRequest) -> str:
    """Return $realip_remote_port: the port that the connection comes from, empty for none."""
    return str(request.peer_port or "")


def prepare(settings: RealIpSettings, shared: Any) -> Callable[[StreamingRequest], None] | None:
    """Return the check of a server or a location, None when it trusts nobody; see `phases`."""
    trusted, recursive = settings.trusted, settings.recursive
    name = settings.header.encode()
    several = settings.header == "x-forwarded-for"

    def check(request: StreamingRequest) -> None:
        if request.client_address:
            return  # the server's directives found it
        values = request.requestHeaders.getRawHeaders(name)
        if not values:
            return
        fields = [value.decode("latin-1") for value in (values if several else values[:1])]
        found = client_of(request.peer_addr, fields, trusted, recursive=recursive)
        if found is not None:
            request.client_address, request.client_port = found

    return check if trusted else None
