"""Addresses and parameters of listen."""

from __future__ import annotations

import pytest

from hls_mp4.config.listen import DEFAULT_BACKLOG, Listen, parse_listen


def listen(*args: str) -> Listen:
    """Return what a directive says."""
    return parse_listen(args, lambda path: path if path.startswith("/") else f"/srv/{path}")[0]


@pytest.mark.parametrize(
    ("text", "address", "host", "port", "ipv6"),
    [
        ("8080", "0.0.0.0:8080", "", 8080, False),
        ("*:8080", "0.0.0.0:8080", "", 8080, False),
        ("0.0.0.0:8080", "0.0.0.0:8080", "", 8080, False),
        ("*", "0.0.0.0:80", "", 80, False),
        ("127.0.0.1", "127.0.0.1:80", "127.0.0.1", 80, False),
        ("127.0.0.1:0", "127.0.0.1:0", "127.0.0.1", 0, False),
        ("localhost:81", "localhost:81", "localhost", 81, False),
        ("my-host.example.com", "my-host.example.com:80", "my-host.example.com", 80, False),
        ("[::]:8080", "[::]:8080", "", 8080, True),
        ("[::0]", "[::]:80", "", 80, True),
        ("[::1]", "[::1]:80", "::1", 80, True),
        ("[2001:DB8:0::1]:443", "[2001:db8::1]:443", "2001:db8::1", 443, True),
        ("unix:/run/a.sock", "unix:/run/a.sock", "", None, False),
        ("unix:a.sock", "unix:/srv/a.sock", "", None, False),
    ],
)
def test_every_form_of_address_is_understood(text: str, address: str, host: str, port: int | None, ipv6: bool) -> None:
    """Ports, addresses of both families, names and unix sockets; two spellings of one address are one address."""
    found = listen(text)
    assert (found.text, found.address, found.host, found.port, found.ipv6) == (text, address, host, port, ipv6)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", 'no host in ""'),
        (":80", 'no host in ":80"'),
        ("a:", 'invalid port in "a:"'),
        ("a:99999", 'invalid port in "a:99999"'),
        ("a:8x", 'invalid port in "a:8x"'),
        ("99999", 'invalid port in "99999"'),
        ("1.2.3:80", 'invalid host in "1.2.3:80"'),
        ("1.2.3.256", 'invalid host in "1.2.3.256"'),
        ("a b:80", 'invalid host in "a b:80"'),
        ("[::1:80", r'invalid host in "\[::1:80"'),
        ("[::1]80", r'invalid host in "\[::1\]80"'),
        ("[::g]:80", r'invalid IPv6 address in "\[::g\]:80"'),
        ("[::1]:", r'invalid port in "\[::1\]:"'),
        ("unix:", 'no path in the unix domain socket in "unix:"'),
        ("unix:/" + "x" * 107, "too long path in the unix domain socket"),
    ],
)
def test_what_is_no_address_is_refused(text: str, reason: str) -> None:
    """In nginx's words, with the text."""
    with pytest.raises(ValueError, match=reason):
        listen(text)


def test_parameters_that_have_an_effect_are_kept() -> None:
    """What the service needs to open the socket is there."""
    assert listen("80") == Listen("80", backlog=DEFAULT_BACKLOG, ipv6only=True, so_keepalive=None)
    assert listen("80", "default_server", "backlog=5", "reuseport", "bind") == Listen(
        "80", default_server=True, backlog=5, reuseport=True
    )
    assert listen("80", "default", "ipv6only=off", "so_keepalive=on") == Listen(
        "80", default_server=True, ipv6only=False, so_keepalive=True
    )
    assert listen("80", "so_keepalive=off", "ipv6only=on") == Listen("80", so_keepalive=False)


def test_parameters_without_effect_are_told() -> None:
    """A person who asks for HTTP/2 without TLS learns that there is none."""
    words = ("80", "http2", "rcvbuf=8k", "deferred", "so_keepalive=30m::10")
    found, without_effect = parse_listen(words, str)
    assert sorted(without_effect) == sorted(words[1:]) and found.so_keepalive is True


def test_encryption_is_asked_for_by_parameters() -> None:
    """`ssl` makes a port encrypt, and `http2` lets clients choose HTTP/2 there."""
    assert listen("443", "ssl") == Listen("443", port=443, ssl=True)
    assert parse_listen(("443", "ssl", "http2"), str) == (Listen("443", port=443, ssl=True, http2=True), ())


@pytest.mark.parametrize(
    ("parameter", "reason"),
    [
        ("foo", 'invalid parameter "foo"'),
        ("quic", 'parameter "quic" is not supported: HTTP/3 is not spoken here'),
        ("proxy_protocol", 'parameter "proxy_protocol" is not supported: clients would be answered with 400'),
        ("backlog", 'invalid parameter "backlog"'),
        ("rcvbuf", 'invalid parameter "rcvbuf"'),
        ("backlog=0", 'invalid backlog "backlog=0"'),
        ("backlog=x", 'invalid backlog "backlog=x"'),
        ("ipv6only=1", 'invalid ipv6only flags "1"'),
        ("so_keepalive=maybe", 'invalid so_keepalive value: "maybe"'),
        ("so_keepalive=::", 'invalid so_keepalive value: "::"'),
    ],
)
def test_a_wrong_parameter_is_refused(parameter: str, reason: str) -> None:
    """A slip of the pen does not silently change how a socket is opened."""
    with pytest.raises(ValueError, match=reason):
        listen("80", parameter)


def test_an_address_is_needed() -> None:
    """listen alone says nothing."""
    with pytest.raises(ValueError, match="invalid number of arguments"):
        parse_listen([], str)
