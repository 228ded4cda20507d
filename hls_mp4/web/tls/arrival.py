"""From a new connection on a TLS port to the protocol that answers on it.

A client that says nothing, or never finishes its handshake, is dropped after `client_header_timeout`. One that speaks
plain HTTP gets a page that says so (nginx's 497). Then the handshake decides: HTTP/2 where the server has it and the
client wants it, else HTTP/1.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from OpenSSL import SSL
from twisted.internet.protocol import Protocol, ServerFactory, connectionDone
from twisted.logger import Logger
from twisted.python.failure import Failure

from hls_mp4.web.tls.connection import Terms, TlsConnection
from hls_mp4.web.tls.hello import LONGEST, read_hello
from hls_mp4.web.uri import BadTarget, parse_host

if TYPE_CHECKING:
    from hls_mp4.web.locations import VirtualServer
    from hls_mp4.web.site import StreamingSite

_UNRECOGNIZED_NAME = bytes.fromhex("15 0301 0002 0270")
"""A fatal alert (RFC 6066 3), which needs no encryption: nginx's answer where it rejects handshakes."""


class TlsSite(ServerFactory):
    """Factory of the connections of a TLS port.

    Args:
        site: what answers on them.
        terms: what the servers of the site agree to; servers without a certificate are not in it.
    """

    noisy = False

    def __init__(self, site: StreamingSite, terms: dict[VirtualServer, Terms]) -> None:
        self.site = site
        self.terms = terms

    def buildProtocol(self, addr: Any) -> Arrival:
        """Return the protocol of a new connection."""
        return Arrival(self, addr)

    def doStart(self) -> None:
        """Nothing to open."""

    def doStop(self) -> None:
        """Nothing to close."""

    def terms_for(self, server_name: bytes) -> tuple[Terms, str]:
        """Return what holds for a client, and the host it named when that is one.

        A server without a certificate of its own shows the default server's, as in nginx.
        """
        servers = self.site.servers
        server, name = servers.default, ""
        if server_name:
            try:
                name = parse_host(server_name)
                server, _ = servers.find(name)
            except BadTarget:
                pass
        default = self.terms.get(servers.default, Terms(None))
        return self.terms.get(server, default), name


class Arrival(Protocol):
    """A connection that nobody has said enough on yet; one of the site's, so that it can be drained and ended.

    Args:
        factory: of the port.
        peer: the client's address.
    """

    log = Logger()

    deadline = 0.0
    wheel_slot = -1
    busy = False
    transport: Any

    def __init__(self, factory: TlsSite, peer: Any) -> None:
        self.site = factory.site
        self._tls_site = factory
        self._address = peer
        self._data = b""

    def connectionMade(self) -> None:
        """Give the client its time."""
        if self in self.site.channels:
            return  # made before: this is the same connection, encrypted
        self.site.channels.add(self)
        if self.site.head_seconds:
            self.site.wheel.set(self, self.site.head_seconds)

    def dataReceived(self, data: bytes) -> None:
        """Wait for the whole first message, then let the connection be what it says."""
        self._data += data
        hello = read_hello(self._data)
        if hello is None:
            return
        data, self._data = self._data[: LONGEST + len(data)], b""
        if not hello.tls:
            self._become(self.site.plain_on_tls(), data)
            return
        terms, name = self._tls_site.terms_for(hello.server_name)
        if terms.context is None:
            self.log.info("{reason}", reason="handshake rejected while SSL handshaking", **self._whom())
            self.transport.write(_UNRECOGNIZED_NAME)
            self.transport.loseConnection()
            return
        # Still ours until hands are shaken, with the time that is left.
        encrypted = TlsConnection(terms, name, self)
        transport, transport.protocol = self.transport, encrypted
        encrypted.makeConnection(transport)
        encrypted.dataReceived(data)

    def handshake_completed(self) -> None:
        """Hand the connection over to the protocol that was agreed on."""
        encrypted: Any = self.transport
        self._leave()
        encrypted.hand_over(self.site.encrypted(encrypted))

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        """Leave the site's connections; say why when a handshake failed."""
        self._leave()
        problem = reason.value
        if isinstance(problem, SSL.Error):
            errors = problem.args[0] if problem.args else ()
            words = ", ".join(str(error[-1]) for error in errors) or "unexpected end"
            self.log.info(
                "{reason}", reason=f"SSL_do_handshake() failed ({words}) while SSL handshaking", **self._whom()
            )

    def deadline_passed(self) -> None:
        """Drop a client that keeps us waiting."""
        self.log.info("{reason}", reason="client timed out while SSL handshaking", **self._whom())
        self.transport.abortConnection()

    def drain(self) -> None:
        """End: nothing was asked for yet."""
        self.transport.abortConnection()

    def _become(self, protocol: Any, data: bytes) -> None:
        """Give the connection to another protocol, and what came of it."""
        transport: Any = self.transport
        self._leave()
        transport.protocol = protocol
        protocol.makeConnection(transport)
        protocol.dataReceived(data)

    def _leave(self) -> None:
        self.site.channels.discard(self)
        self.site.wheel.forget(self)

    def _whom(self) -> dict[str, str]:
        return {"client": getattr(self._address, "host", "unix:"), "server": self.site.servers.default.name}
