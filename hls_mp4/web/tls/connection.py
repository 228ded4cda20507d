"""One encrypted connection: TLS between a TCP transport and the protocol that speaks HTTP.

OpenSSL works on memory (RFC 8446, RFC 5246); what it makes goes to the transport in the order in which it was made.
Twisted's own TLS protocol cuts what is written into records one call at a time and copies each four times; here bodies
are sealed in pieces of 64 KiB, which a sender may put on the socket itself (`hls_mp4.web.direct`).

Renegotiation and compression are off, see `hls_mp4.service.tls_contexts`. A client that ends the encryption ends the
connection.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from OpenSSL import SSL
from twisted.internet.interfaces import IConsumer, IPushProducer, ISSLTransport, ITCPTransport
from twisted.internet.protocol import Protocol, connectionDone
from twisted.python.failure import Failure
from zope.interface import implementer

from hls_mp4.web.sender import takes_direct
from hls_mp4.web.tls.client import ClientCertificate

SEALED = 64 * 1024
"""Most that is encrypted in one go. OpenSSL keeps a buffer of the largest piece for as long as the connection lives:
pieces of 256 KiB are five in a hundred faster, and cost idle connections four times the memory."""

_RECORD = 16 * 1024
_FLIGHT = 64 * 1024  # what OpenSSL says by itself is far less, chains of certificates included


@dataclass(frozen=True, slots=True)
class Terms:
    """What a server agrees to in a handshake.

    Args:
        context: OpenSSL's; None refuses the handshake.
        http2: whether HTTP/2 may be chosen.
        verify: the value of `ssl_verify_client`.
        record: most bytes of one record.
        owner: the settings that these terms are made of.
    """

    context: Any
    http2: bool = False
    verify: str = "off"
    record: int = 16 * 1024
    owner: Any = None


@implementer(ISSLTransport, IConsumer, IPushProducer)
class TlsConnection(Protocol):
    """The protocol of a TCP transport, and the transport of a protocol above.

    Args:
        terms: what was agreed on.
        server_name: the host that the client named in its hello.
        above: gets what is decrypted. Its `handshake_completed` is called when the handshake is over; it may put
            another one in its place, see `hand_over`.
    """

    disconnecting = False
    established = False
    buffered = False
    """Whether bytes were left to the transport below, which has to send them before anybody writes to its socket."""

    bare: Any = None
    """The transport below when a sender may write to its socket what `sealed` returns."""

    transport: Any

    def __init__(self, terms: Terms, server_name: str, above: Any) -> None:
        self.terms = terms
        self.server_name = server_name
        self.client = ClientCertificate()
        self.queue: Callable[[bytes], None] | None = None
        self._above = above
        self._producer: Any = None
        self._over = False
        self._reason: Failure | None = None
        self._tls: Any = SSL.Connection(terms.context)
        self._tls.set_app_data(self)
        self._tls.set_accept_state()

    # -- below: a protocol --

    def connectionMade(self) -> None:
        """Tell the protocol above that there is somebody."""
        if takes_direct(self.transport):
            self.bare = self.transport
        self._above.makeConnection(self)

    def hand_over(self, above: Any) -> None:
        """Give the connection to another protocol, from now on."""
        self._above = above
        above.makeConnection(self)

    def dataReceived(self, data: bytes) -> None:
        """Decrypt."""
        if self._over:
            return
        self._tls.bio_write(data)
        try:
            if not self.established:
                self._tls.do_handshake()
                self.established = True
                self._flush()
                if self.terms.verify != "off":
                    self.client.shown(self._tls.get_peer_certificate(as_cryptography=True))
                self._above.handshake_completed()
            while not self._over:
                self._above.dataReceived(self._tls.recv(_RECORD))
        except SSL.WantReadError:
            self._flush()
        except SSL.ZeroReturnError:
            self._end(None)
        except SSL.Error:
            self._end(Failure())

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        """Tell the protocol above, and forget what OpenSSL keeps."""
        self.connected = 0
        self._over = True
        above, self._above = self._above, None
        if above is not None:
            above.connectionLost(self._reason or reason)
        self._producer = None
        if self._tls is not None:
            self._tls.set_app_data(None)

    def _end(self, reason: Failure | None) -> None:
        """End the connection: the client ended the encryption, or something is wrong with it."""
        self._over = True
        self._reason = reason
        self.disconnecting = True
        if self.queue is not None:
            self.transport.abortConnection()
            return
        self._say_goodbye()
        # Nobody takes what a producer still makes; it hears so when the connection is gone.
        self.unregisterProducer()
        self.transport.loseConnection()

    def _flush(self) -> None:
        """Send what OpenSSL has to say by itself: the handshake, alerts, changes of keys."""
        try:
            data = self._tls.bio_read(_FLIGHT)
        except SSL.Error:
            return
        self._put(data)

    def _put(self, data: bytes) -> None:
        """Send what is sealed; behind what a sender that writes to the socket itself has sealed before."""
        if self.queue is not None:
            self.queue(data)
        else:
            self.buffered = True
            self.transport.write(data)

    def _say_goodbye(self) -> None:
        try:
            self._tls.shutdown()
        except SSL.Error:
            pass
        self._flush()

    # -- above: a transport --

    @property
    def protocol_chosen(self) -> bytes:
        """What the handshake chose to speak (ALPN), empty for nothing."""
        chosen: bytes = self._tls.get_alpn_proto_negotiated()
        return chosen

    @property
    def openssl(self) -> Any:
        """OpenSSL's connection, for what variables tell of it."""
        return self._tls

    def seal(self, data: bytes | memoryview) -> bytes:
        """Return bytes as they go over the wire.

        Args:
            data: not empty, and not longer than SEALED.

        Raises:
            OSError: the encryption is over.
        """
        record = self.terms.record
        try:
            if record >= _RECORD:
                self._tls.send(data)
            else:
                view = memoryview(data)
                for at in range(0, len(view), record):
                    self._tls.send(view[at : at + record])
            # A record has 22 bytes beside its content, and with the old ciphers of TLS 1.2 up to 150.
            sealed: bytes = self._tls.bio_read(len(data) + 1024 + 256 * (len(data) // min(record, _RECORD) + 1))
        except SSL.Error as broken:
            raise ConnectionAbortedError(f"encryption is over: {broken!r}") from None
        return sealed

    def sealed(self, data: bytes | memoryview) -> list[bytes]:
        """Return any number of bytes as they go over the wire, in pieces.

        Raises:
            OSError: the encryption is over.
        """
        if len(data) <= SEALED:
            return [self.seal(data)]
        view = memoryview(data)
        return [self.seal(view[at : at + SEALED]) for at in range(0, len(view), SEALED)]

    def write(self, data: bytes) -> None:
        """Encrypt and send; nothing after the connection was told to end, but what a producer still has."""
        if not data or self._over or (self.disconnecting and self._producer is None):
            return
        try:
            for piece in self.sealed(data):
                self._put(piece)
        except OSError:
            self.abortConnection()

    def writeSequence(self, data: Any) -> None:
        """Encrypt and send several pieces as one."""
        self.write(b"".join(data))

    def loseConnection(self) -> None:
        """End when everything has gone, with a word that this is the end; at once during a handshake."""
        if self.disconnecting:
            return
        if not self.established:
            self.abortConnection()
            return
        self.disconnecting = True
        if self._producer is None:
            self._close()

    def loseWriteConnection(self) -> None:
        """Say that nothing more comes, and close our side of the socket."""
        self._say_goodbye()
        self.disconnecting = True
        self.transport.loseWriteConnection()

    def _close(self) -> None:
        if not self._over:
            self._say_goodbye()
        self.transport.loseConnection()

    def abortConnection(self) -> None:
        """End now."""
        self.disconnecting = True
        self._over = True
        self.transport.abortConnection()

    def registerProducer(self, producer: Any, streaming: bool) -> None:
        """Let a producer be paused when the transport below is full; a pull producer is that one's affair."""
        self._producer = producer
        self.transport.registerProducer(producer, streaming)

    def unregisterProducer(self) -> None:
        """Forget the producer; end when the connection was told to."""
        if self._producer is None:
            return
        self._producer = None
        self.transport.unregisterProducer()
        if self.disconnecting and not self._over:
            self._close()

    def pauseProducing(self) -> None:
        """Read nothing."""
        self.transport.pauseProducing()

    def resumeProducing(self) -> None:
        """Read again."""
        self.transport.resumeProducing()

    def stopProducing(self) -> None:
        """End."""
        self.loseConnection()

    def getPeer(self) -> Any:
        """Return the client's address."""
        return self.transport.getPeer()

    def getHost(self) -> Any:
        """Return the address that the client connected to."""
        return self.transport.getHost()

    def getPeerCertificate(self) -> Any:
        """Return the client's certificate."""
        return self.client.certificate

    def setTcpNoDelay(self, enabled: bool) -> None:
        """Send small pieces at once; a unix socket does anyway."""
        if ITCPTransport.providedBy(self.transport):
            self.transport.setTcpNoDelay(enabled)

    def getTcpNoDelay(self) -> bool:
        """Tell whether small pieces are sent at once."""
        return not ITCPTransport.providedBy(self.transport) or bool(self.transport.getTcpNoDelay())

    def setTcpKeepAlive(self, enabled: bool) -> None:
        """Let the system look whether the other side is still there."""
        if ITCPTransport.providedBy(self.transport):
            self.transport.setTcpKeepAlive(enabled)

    def getTcpKeepAlive(self) -> bool:
        """Tell whether the system looks."""
        return ITCPTransport.providedBy(self.transport) and bool(self.transport.getTcpKeepAlive())
