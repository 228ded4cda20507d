"""Sockets are bound before anything else is promised."""

from __future__ import annotations

import os
import socket
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
import pytest_twisted
from twisted.internet import reactor
from twisted.internet.defer import Deferred
from twisted.internet.protocol import Factory, Protocol, connectionDone
from twisted.python.failure import Failure

from hls_mp4.config.listen import Listen, parse_listen
from hls_mp4.service.listeners import Bound, ByLocalAddress, CannotListen, Wanted, bind_all, close_all


def wanted(*texts: str) -> list[Wanted]:
    """Return `listen` directives, as lines of a configuration."""
    return [
        Wanted(parse_listen(text.split(), lambda path: path)[0], f"a.conf:{line}")
        for line, text in enumerate(texts, start=1)
    ]


@pytest.fixture
def made() -> Iterator[list[Bound]]:
    """Collect what a test binds, and close it."""
    bound: list[Bound] = []
    yield bound
    close_all(bound)


@pytest.fixture
def taken() -> Iterator[int]:
    """Return a port that somebody else listens on."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        yield other.getsockname()[1]


def free_port() -> int:
    """Return a port that nobody listens on now."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        return int(other.getsockname()[1])


def test_a_bound_address_takes_connections_at_once(made: list[Bound]) -> None:
    """Whoever waits for readiness may connect before the reactor turns for the first time."""
    made += bind_all(wanted("127.0.0.1:0"))
    assert made[0].address.port
    socket.create_connection(("127.0.0.1", made[0].address.port), timeout=5).close()


def test_busy_ports_are_all_told_with_their_lines(taken: int) -> None:
    """One look at the message shows each line to change, and nothing stays bound."""
    free = free_port()
    with pytest.raises(CannotListen) as refused:
        bind_all(wanted(f"127.0.0.1:{taken}", f"127.0.0.1:{free}", f"127.0.0.1:{taken} backlog=5", "192.0.2.1:80"))
    assert refused.value.reasons == [
        f"a.conf:1: bind() to 127.0.0.1:{taken} failed (98: Address already in use)",
        "a.conf:4: bind() to 192.0.2.1:80 failed (99: Cannot assign requested address)",
    ]
    socket.create_server(("127.0.0.1", free)).close()


def test_an_unknown_host_is_told() -> None:
    """A name that means nothing is a line of the configuration, not a traceback."""
    with pytest.raises(CannotListen, match=r'^a\.conf:1: host not found in "no\.such\.host\.invalid:80"$'):
        bind_all(wanted("no.such.host.invalid:80"))


def test_servers_of_one_address_share_a_socket(made: list[Bound]) -> None:
    """Two servers with the same listen are told apart by name, not by socket."""
    port = free_port()
    made += bind_all(wanted(f"127.0.0.1:{port}", f"127.0.0.1:{port}"))
    assert [[one.where for one in made[0].wanted[""]]] == [["a.conf:1", "a.conf:2"]]
    assert len(made) == 1


def test_a_wildcard_takes_its_addresses_along(made: list[Bound]) -> None:
    """`listen 80;` beside `listen 127.0.0.1:80;` works, as it does in nginx."""
    port = free_port()
    made += bind_all(wanted(f"127.0.0.1:{port}", f"{port}"))
    (bound,) = made
    assert bound.address.host == "0.0.0.0"
    assert {host: [one.where for one in group] for host, group in bound.wanted.items()} == {
        "": ["a.conf:2"],
        "127.0.0.1": ["a.conf:1"],
    }


@pytest.mark.skipif(not socket.has_dualstack_ipv6(), reason="no IPv6 here")
def test_both_families_listen_side_by_side(made: list[Bound]) -> None:
    """`listen 80; listen [::]:80;` are two sockets: the second one does not take the first one's connections."""
    port = free_port()
    made += bind_all(wanted(f"{port}", f"[::]:{port}"))
    assert [bound.address.family for bound in made] == [socket.AF_INET, socket.AF_INET6]
    assert made[1].socket.getsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY)


@pytest.mark.skipif(not socket.has_dualstack_ipv6(), reason="no IPv6 here")
def test_one_socket_can_serve_both_families(made: list[Bound]) -> None:
    """`ipv6only=off` takes IPv4 connections too."""
    made += bind_all(wanted(f"[::]:{free_port()} ipv6only=off"))
    socket.create_connection(("127.0.0.1", made[0].address.port), timeout=5).close()


def test_a_unix_socket_is_open_to_who_reaches_it(tmp_path: Path, made: list[Bound]) -> None:
    """A front server of another user can connect; the folder's rights decide."""
    path = tmp_path / "a.sock"
    made += bind_all(wanted(f"unix:{path}"))
    assert stat.S_IMODE(path.stat().st_mode) == 0o666
    with socket.socket(socket.AF_UNIX) as client:
        client.connect(str(path))


def test_a_killed_daemons_unix_socket_is_no_obstacle(tmp_path: Path, made: list[Bound]) -> None:
    """After a crash the daemon starts again without anybody cleaning up."""
    path = tmp_path / "a.sock"
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(path))
    made += bind_all(wanted(f"unix:{path}"))
    with socket.socket(socket.AF_UNIX) as client:
        client.connect(str(path))


def test_a_live_unix_socket_is_not_taken_away(tmp_path: Path, made: list[Bound]) -> None:
    """A second daemon says that the address is in use, and the first one goes on."""
    path = tmp_path / "a.sock"
    made += bind_all(wanted(f"unix:{path}"))
    with pytest.raises(CannotListen, match=r"failed \(98: Address already in use\)$"):
        bind_all(wanted(f"unix:{path}"))
    assert path.exists()


def test_a_file_is_never_removed_for_a_socket(tmp_path: Path) -> None:
    """A slip in a `listen unix:` line costs nobody a file."""
    path = tmp_path / "film.mp4"
    path.write_bytes(b"precious")
    with pytest.raises(CannotListen):
        bind_all(wanted(f"unix:{path}"))
    assert path.read_bytes() == b"precious"


def test_closing_removes_unix_paths(tmp_path: Path) -> None:
    """A start that fails later leaves no socket file behind."""
    path = tmp_path / "a.sock"
    close_all(bind_all(wanted(f"unix:{path}")))
    assert not path.exists()


class Named(Factory):
    """Answers each connection with its name."""

    noisy = False

    def __init__(self, name: bytes) -> None:
        self.name = name

    def buildProtocol(self, addr: object) -> Protocol:
        """Return a protocol that says the name and closes."""
        name = self.name

        class Say(Protocol):
            def connectionMade(self) -> None:
                self.transport.write(name)
                self.transport.loseConnection()

        return Say()


class Hear(Protocol):
    def __init__(self) -> None:
        self.heard = b""
        self.ended: Deferred[bytes] = Deferred()

    def dataReceived(self, data: bytes) -> None:
        self.heard += data

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        self.ended.callback(self.heard)


@pytest_twisted.ensureDeferred
async def test_the_address_a_client_came_to_decides() -> None:
    """Behind one wildcard socket each address still has its own servers."""
    from twisted.internet.endpoints import HostnameEndpoint, connectProtocol

    (bound,) = bind_all([Wanted(Listen("0", port=0))])
    sites = ByLocalAddress({"": Named(b"any"), "127.0.0.1": Named(b"loopback")})
    port = reactor.adoptStreamPort(bound.socket.fileno(), bound.address.family, sites)
    bound.socket.close()
    try:
        for host, name in (("127.0.0.1", b"loopback"), ("127.0.0.2", b"any")):
            client = await connectProtocol(HostnameEndpoint(reactor, host, bound.address.port), Hear())
            assert await client.ended == name
    finally:
        await port.stopListening()


def test_nothing_leaks_when_binding_fails(taken: int) -> None:
    """A refused start holds no descriptor."""
    before = len(os.listdir("/proc/self/fd"))
    with pytest.raises(CannotListen):
        bind_all(wanted("127.0.0.1:0", f"127.0.0.1:{taken}"))
    assert len(os.listdir("/proc/self/fd")) == before
