"""allow and deny: the first rule that speaks of a client's address decides."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from hls_mp4.directives import ANYWHERE, LIMIT_EXCEPT, Parsed, directive


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
def _address(text: str) -> IPv4Address | IPv6Address | None:
    try:
        address = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    # A client of an IPv4 address that came through an IPv6 socket.
    return getattr(address, "ipv4_mapped", None) or address


def allowed(settings: AccessSettings, client: str) -> bool:
    """Tell whether a client may ask.

    Args:
        settings: the rules.
        client: its address, or "unix:".
    """
    address = None if client == "unix:" else _address(client)
    for rule in settings.rules:
        if rule.unix:
            if client == "unix:":
                return rule.allow
        elif rule.network is None or (
            address is not None and address.version == rule.network.version and address in rule.network
        ):
            return rule.allow
    return True


def methods_of(words: Sequence[str]) -> frozenset[str]:
    """Return the methods that `limit_except` leaves alone; GET brings HEAD."""
    methods = {word.upper() for word in words}
    return frozenset(methods | {"HEAD"} if "GET" in methods else methods)
