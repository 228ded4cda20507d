"""Who is kept out stays out."""

from ipaddress import IPv4Address, IPv6Address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hls_mp4.web.access import AccessSettings, allowed, methods_of, read_rule


def rules(*lines: str) -> AccessSettings:
    return AccessSettings(rules=tuple(read_rule(line.split()) for line in lines))


DOCUMENTED = rules("deny 192.168.1.1", "allow 192.168.1.0/24", "allow 10.1.1.0/16", "allow 2001:0db8::/32", "deny all")


@pytest.mark.parametrize(
    ("client", "expected"),
    [
        ("192.168.1.1", False),
        ("192.168.1.2", True),
        ("10.1.77.1", True),
        ("10.2.0.1", False),
        ("2001:db8::1", True),
        ("2001:db9::1", False),
        ("::ffff:192.168.1.2", True),
        ("fe80::1%eth0", False),
        ("unix:", False),
        ("garbage", False),
    ],
)
def test_the_example_of_nginx_documentation(client: str, expected: bool) -> None:
    """The first rule that names a client decides."""
    assert allowed(DOCUMENTED, client) is expected


def test_without_rules_everyone_may() -> None:
    """Nobody is kept out by accident, and rules that do not name a client say nothing of it."""
    assert allowed(rules(), "192.0.2.1") is None
    assert allowed(rules("deny 192.0.2.1"), "192.0.2.2") is None


def test_unix_clients() -> None:
    """`unix:` speaks of local clients only."""
    assert allowed(rules("allow unix:", "deny all"), "unix:")
    assert not allowed(rules("allow unix:", "deny all"), "127.0.0.1")


@pytest.mark.parametrize("line", ["allow", "allow a b", "deny 1.2.3", "deny 1.2.3.4/33", "allow example.org"])
def test_wrong_rules(line: str) -> None:
    """What names no address is a mistake of the configuration."""
    with pytest.raises(ValueError, match=r"invalid"):
        read_rule(line.split())


@given(st.lists(st.tuples(st.booleans(), st.ip_addresses(), st.integers(0, 128)), max_size=6), st.ip_addresses())
def test_networks(
    written: list[tuple[bool, IPv4Address | IPv6Address, int]], client: IPv4Address | IPv6Address
) -> None:
    """A rule is of the addresses that its network has, and of no others."""
    networks = [
        (allow, ip_network((address, prefix % (address.max_prefixlen + 1)), strict=False))
        for allow, address, prefix in written
    ]
    settings = rules(*(f"{'allow' if allow else 'deny'} {network}" for allow, network in networks))
    client = getattr(client, "ipv4_mapped", None) or client
    expected = next((allow for allow, network in networks if client in network), None)
    assert allowed(settings, str(client)) is expected


@given(st.ip_addresses())
def test_deny_all_means_all(address: object) -> None:
    """No address gets past `deny all`."""
    assert not allowed(rules("deny all"), str(address))


def test_get_brings_head() -> None:
    """limit_except GET leaves HEAD alone too."""
    assert methods_of(["get"]) == {"GET", "HEAD"}
    assert methods_of(["POST"]) == {"POST"}
