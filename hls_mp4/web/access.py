"""allow and deny: the first rule that speaks of a client's address decides.

Nothing but addresses is understood: names of hosts are refused when the configuration is read, as in nginx.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import TYPE_CHECKING, Any

from hls_mp4.directives import ANYWHERE, LIMIT_EXCEPT, Parsed, directive
from hls_mp4.web.refusal import Refusal

if TYPE_CHECKING:
    from hls_mp4.web.request import StreamingRequest

_EVERYONE, _UNIX, _NOBODY = 0, 1, 2  # families beside 4 and 6


@dataclass(frozen=True, slots=True)
class Rule:
    """One allow or deny.

    Args:
        allow: what it says.
        network: of whom; None for everyone.
        unix: speaks of clients of unix sockets only.
    """

    allow: bool
    network: IPv4Network | IPv6Network | None = None
    unix: bool = False
    # What is compared with for each request: looking an address up in a network object costs four times as much.
    family: int = field(init=False, repr=False, compare=False)
    mask: int = field(init=False, repr=False, compare=False, default=0)
    base: int = field(init=False, repr=False, compare=False, default=0)

    def __post_init__(self) -> None:
        """Turn the network into numbers."""
        network = self.network
        if network is None:
            object.__setattr__(self, "family", _UNIX if self.unix else _EVERYONE)
        else:
            object.__setattr__(self, "family", network.version)
            object.__setattr__(self, "mask", int(network.netmask))
            object.__setattr__(self, "base", int(network.network_address))


def read_rule(args: Sequence[str]) -> Rule:
    """Return the rule of `allow | deny` and `address | CIDR | unix: | all`."""
    name, *words = args
    if len(words) != 1:
        raise ValueError("invalid number of arguments")
    word = words[0]
    allow = name == "allow"
    if word == "all":
        return Rule(allow)
    if word == "unix:":
        return Rule(allow, unix=True)
    try:
        return Rule(allow, ip_network(word, strict=False))
    except ValueError:
        raise ValueError(f'invalid parameter "{word}"') from None


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessSettings:
    """Who may ask."""

    rules: tuple[Rule, ...] = directive(
        "allow",
        ANYWHERE | LIMIT_EXCEPT,
        Parsed("address | CIDR | unix: | all", read_rule),
        default=(),
        repeated=True,
        group=("allow", "deny"),
        doc="Lets clients in, or with deny keeps them out (403); the first rule that names a client decides.",
    )


@lru_cache(maxsize=4096)
def _address(client: str) -> tuple[int, int]:
    """Return the family and the number of a client's address."""
    if client == "unix:":
        return _UNIX, 0
    try:
        address = ip_address(client.partition("%")[0])
    except ValueError:
        return _NOBODY, 0
    # A client of an IPv4 address that came through an IPv6 socket.
    address = getattr(address, "ipv4_mapped", None) or address
    return address.version, int(address)


def allowed(settings: AccessSettings, client: str) -> bool | None:
    """Tell whether a client may ask, None when no rule speaks of it.

    Args:
        settings: the rules.
        client: its address, or "unix:".
    """
    family, number = _address(client)
    for rule in settings.rules:
        if (rule.family == family and number & rule.mask == rule.base) or not rule.family:
            return rule.allow
    return None


def prepare(settings: AccessSettings, shared: Any) -> Callable[[StreamingRequest], bool | None] | None:
    """Return the vote of a location, None when it has no rules; see `phases`."""
    if not settings.rules:
        return None

    def vote(request: StreamingRequest) -> bool | None:
        may = allowed(settings, request.remote_addr)
        if may is False:
            raise Refusal(403, "access forbidden by rule")
        return may

    return vote


def methods_of(words: Sequence[str]) -> frozenset[str]:
    """Return the methods that `limit_except` leaves alone; GET brings HEAD."""
    methods = {word.upper() for word in words}
    return frozenset(methods | {"HEAD"} if "GET" in methods else methods)
