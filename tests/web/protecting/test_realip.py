"""Behind a proxy everything speaks of the client, and nobody but a trusted proxy has a say in who that is."""

from __future__ import annotations

from collections.abc import Callable
from ipaddress import IPv4Address, IPv6Address, ip_address
from pathlib import Path

import pytest
import pytest_twisted
from hypothesis import given
from hypothesis import strategies as st
from twisted.logger import capturedLogs

from hls_mp4.config import ConfigErrors, load_from_text
from hls_mp4.web.protecting.realip import RealIpSettings, Trusted, client_of, is_trusted, parse_address, read_trusted
from tests.web.harness import Served
from tests.web.test_channel import get

Serve = Callable[..., Served]
FORMAT = "log_format r '$remote_addr:$remote_port|$realip_remote_addr|$status';"


def trusted(*words: str) -> tuple[Trusted, ...]:
    return tuple(read_trusted([word]) for word in words)


PROXIES = trusted("127.0.0.1", "10.0.0.0/8", "2001:db8::/32", "unix:")


@pytest.mark.parametrize(
    ("fields", "once", "recursive"),
    [
        (["192.0.2.1"], "192.0.2.1", "192.0.2.1"),
        (["192.0.2.1, 10.0.0.5"], "10.0.0.5", "192.0.2.1"),
        (["192.0.2.1,10.0.0.5 ,  10.1.1.1"], "10.1.1.1", "192.0.2.1"),
        (["198.51.100.9, 192.0.2.1, 10.0.0.5"], "10.0.0.5", "192.0.2.1"),
        (["192.0.2.1", "10.0.0.5"], "10.0.0.5", "192.0.2.1"),
        (["192.0.2.1", "198.51.100.9, 10.0.0.5"], "10.0.0.5", "198.51.100.9"),
        (["10.0.0.1, 10.0.0.2"], "10.0.0.2", "10.0.0.1"),
        (["garbage, 10.0.0.2"], "10.0.0.2", "10.0.0.2"),
        (["garbage"], None, None),
        ([""], None, None),
        (["192.0.2.1, , "], "192.0.2.1", "192.0.2.1"),
        (["2001:db8::5"], "2001:db8::5", "2001:db8::5"),
        (["192.0.2.1 2001:DB8::5"], "2001:db8::5", "192.0.2.1"),
        (["unix:"], None, None),
        (["192.0.2.1, example.org"], None, None),
    ],
)
def test_what_proxies_say(fields: list[str], once: str | None, recursive: str | None) -> None:
    """The last address counts, or with real_ip_recursive the last that is no proxy's, over all fields."""
    expected = [(address, 0) if address else None for address in (once, recursive)]
    found = [client_of("127.0.0.1", fields, PROXIES, recursive=deep) for deep in (False, True)]
    assert found == expected


@pytest.mark.parametrize("peer", ["192.0.2.7", "::1", "2001:db9::1"])
def test_a_stranger_is_not_believed(peer: str) -> None:
    """Who is no trusted proxy cannot claim to be somebody else."""
    assert client_of(peer, ["192.0.2.1"], PROXIES, recursive=True) is None


@pytest.mark.parametrize("peer", ["unix:", "::ffff:10.1.2.3", "2001:db8::1%eth0"])
def test_proxies_of_every_kind(peer: str) -> None:
    """Unix sockets, IPv4 through IPv6 sockets and scoped addresses can be trusted."""
    assert client_of(peer, ["192.0.2.1"], PROXIES, recursive=False) == ("192.0.2.1", 0)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("192.0.2.1", ("192.0.2.1", 0)),
        ("192.0.2.1:80", ("192.0.2.1", 80)),
        ("192.0.2.1:0", None),
        ("192.0.2.1:65536", None),
        ("192.0.2.1:", None),
        ("[2001:DB8::1]:443", ("2001:db8::1", 443)),
        ("[2001:db8::1]", None),
        ("[192.0.2.1", None),
        ("2001:db8::1", ("2001:db8::1", 0)),
        ("fe80::1%eth0", None),
        ("::ffff:192.0.2.1", ("::ffff:192.0.2.1", 0)),
        ("192.0.2", None),
        ("192.0.2.1.5", None),
        ("localhost", None),
        ("", None),
    ],
)
def test_addresses(text: str, expected: tuple[str, int] | None) -> None:
    """An address may have a port, one of IPv6 in brackets then; nothing else is one."""
    assert parse_address(text) == expected


@given(st.lists(st.text(alphabet="0123456789abf.:, []%unix\xff", max_size=30), max_size=4), st.booleans())
def test_nothing_but_addresses_comes_out(fields: list[str], recursive: bool) -> None:
    """Whatever stands in a field, the client has an address of IP and a port, or stays who it was."""
    found = client_of("127.0.0.1", fields, PROXIES, recursive=recursive)
    if found is not None:
        ip_address(found[0])
        assert 0 <= found[1] <= 65535


@given(st.lists(st.ip_addresses(), min_size=1, max_size=6), st.integers(1, 3))
def test_recursion_stops_at_the_last_stranger(chain: list[IPv4Address | IPv6Address], several: int) -> None:
    """The client is the last address of the chain that is not trusted, or the first when all are."""
    texts = [str(address) for address in chain]
    fields = [", ".join(texts[at : at + several]) for at in range(0, len(texts), several)]
    found = client_of("127.0.0.1", fields, PROXIES, recursive=True)
    strangers = [text for text in texts if not is_trusted(text, PROXIES)]
    assert found is not None
    assert ip_address(found[0]) == ip_address(strangers[-1] if strangers else texts[0])


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("set_real_ip_from example.org;", '"example.org" is neither an address nor a network'),
        ("set_real_ip_from 10.0.0.0/33;", '"10.0.0.0/33" is neither an address nor a network'),
        ("set_real_ip_from unix:/x;", '"unix:/x" is neither an address nor a network'),
        ("real_ip_header proxy_protocol;", '"proxy_protocol" is not supported'),
        ('real_ip_header "a b";', '"a b" is no name of a field'),
        ("real_ip_recursive 1;", 'invalid value "1", it must be "on" or "off"'),
    ],
)
def test_mistakes(line: str, reason: str) -> None:
    """What would leave the wrong address standing is an error."""
    with pytest.raises(ConfigErrors, match=reason):
        load_from_text(f"http {{ server {{ location / {{ {line} }} }} }}", (RealIpSettings,))


@pytest_twisted.ensureDeferred
async def test_rules_limits_and_logs_know_the_client(serve: Serve, tmp_path: Path) -> None:
    """allow and deny, keys and lines of both logs have the address that the proxy names."""
    log = tmp_path / "a.log"
    served = serve(
        f"set_real_ip_from 127.0.0.1; access_log {log} r; deny 192.0.2.1; limit_req zone=one;",
        http=FORMAT + "limit_req_zone $remote_addr zone=one:1m rate=1r/m;",
    )
    client = await served.connect()
    with capturedLogs() as events:
        found = []
        for address in ("192.0.2.1", "192.0.2.2:1234", "192.0.2.2", "192.0.2.3"):
            client.send(get("/small.mp4", f"X-Real-IP: {address}"))
            found.append((await client.answer())[0])
    assert found == [403, 200, 503, 200]
    assert log.read_text().splitlines() == [
        "192.0.2.1:|127.0.0.1|403",
        "192.0.2.2:1234|127.0.0.1|200",
        "192.0.2.2:|127.0.0.1|503",
        "192.0.2.3:|127.0.0.1|200",
    ]
    assert [event["client"] for event in events if "client" in event] == ["192.0.2.1", "192.0.2.2"]


@pytest_twisted.ensureDeferred
async def test_the_next_request_is_not_the_same_client(serve: Serve, tmp_path: Path) -> None:
    """A proxy sends many clients' requests over one connection: without the field it speaks for itself."""
    log = tmp_path / "a.log"
    served = serve(f"set_real_ip_from 127.0.0.0/8; access_log {log} r;", http=FORMAT)
    client = await served.connect()
    port = client.transport.getHost().port  # type: ignore[union-attr]
    for fields in (["X-Real-IP: 192.0.2.1"], [], ["X-Real-IP: nobody"]):
        client.send(get("/small.mp4", *fields))
        await client.answer()
    assert log.read_text().splitlines() == [
        "192.0.2.1:|127.0.0.1|200",
        f"127.0.0.1:{port}|127.0.0.1|200",
        f"127.0.0.1:{port}|127.0.0.1|200",
    ]


@pytest_twisted.ensureDeferred
async def test_a_location_may_trust_on_its_own(serve: Serve) -> None:
    """A location's directives hold where the server's found nobody, and a field of any name will do."""
    served = serve(
        "location /large.mp4 { set_real_ip_from 127.0.0.1; real_ip_header X-Client; allow 192.0.2.1; deny all; }"
        " location / { allow 192.0.2.1; deny all; }"
    )
    client = await served.connect()
    for path, status in (("/large.mp4", 200), ("/small.mp4", 403)):
        client.send(get(path, "X-Client: 192.0.2.1", "Range: bytes=0-9"))
        got = (await client.answer())[0]
        assert got in (status, 206 if status == 200 else status)
