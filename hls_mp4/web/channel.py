"""One HTTP/1 connection: Twisted's channel with nginx's manners.

What differs from `twisted.web.http.HTTPChannel`: the status line is HTTP/1.1 for everyone (RFC 9110 2.5), HTTP/1.0
clients may keep the connection, deadlines cost no reactor timer, oversize heads are refused with a page instead of a
closed connection, and a refused client is given time to read why.

Private names of Twisted are touched in this file only: `_handlingRequest`, `_savedTimeOut`, `_command`, `_path`,
`_version`, `_respondToBadRequestAndDisconnect`, `_send100Continue`, `_receivedHeaderSize`,
`_receivedHeaderCount`, `_GenericHTTPChannelProtocol`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from twisted.internet.interfaces import IHalfCloseableProtocol
from twisted.web import http
from zope.interface import implementer

from hls_mp4.web.head import ordinary_head
from hls_mp4.web.sender import takes_direct

if TYPE_CHECKING:
    from hls_mp4.web.site import StreamingSite

READ_SECONDS = 60.0  # nginx: client_header_timeout, client_body_timeout
_LINGER_SECONDS = 5.0  # nginx: lingering_timeout
_LATER_VERSION = re.compile(rb" HTTP/([2-9]|[1-9]\d+)\.\d+$")
_NOT_ASCII = re.compile(rb"[\x80-\xff]")


def _escaped(found: re.Match[bytes]) -> bytes:
    return b"%%%02X" % ord(found[0])


@implementer(IHalfCloseableProtocol)
class StreamingChannel(http.HTTPChannel):
    """A connection of the site; see the module."""

    # nginx: large_client_header_buffers 4 8k
    MAX_LENGTH = 8192
    totalHeadersSize = 32768
    maxHeaders = 1000

    site: StreamingSite
    factory: StreamingSite
    transport: Any
    timeOut: Any
    callLater: Any
    requests: list[Any]

    # One dictionary fewer to fill: these are looked up on the class until they change.
    deadline = 0.0
    wheel_slot = -1
    served = 0
    buffered = False
    _line = b""
    _command = b""  # empty until the first line of a request was understood
    _path = b""
    _version = b"HTTP/1.1"
    _refused = False
    _said_all = False
    _in_head = False
    _lingering = False

    direct = False
    """Whether file descriptors may be sent to this connection."""

    @property
    def busy(self) -> bool:
        """Whether a request is being read or answered."""
        return bool(self.requests)

    def connectionMade(self) -> None:
        """Join the site's connections and give the client time for its first request."""
        self.site.channels.add(self)
        # Asked for by every request: a system call each, 5 microseconds.
        self.direct = takes_direct(self.transport)
        self._peer = self.transport.getPeer()
        self._host = self.transport.getHost()
        super().connectionMade()

    def connectionLost(self, reason: Any = None) -> None:
        """Leave the site's connections."""
        self.site.channels.discard(self)
        self.site.wheel.forget(self)
        super().connectionLost(reason)

    def getPeer(self) -> Any:
        """Return the client's address."""
        return self._peer

    def getHost(self) -> Any:
        """Return the address the client connected to."""
        return self._host

    def readConnectionLost(self) -> None:
        """The client has said all it will say: it still gets every answer to it, then the connection ends."""
        self._said_all = True
        if not self._handlingRequest:
            self.transport.loseConnection()

    def requestDone(self, request: Any) -> None:
        """Go on with the next request, and end when there will be none."""
        super().requestDone(request)
        if self._said_all and not self._handlingRequest and not self._buffer:
            self.transport.loseConnection()

    def writeConnectionLost(self) -> None:
        """We closed our side: what is left is to read and drop, see `linger`."""

    # -- deadlines: TimeoutMixin's names, on the site's wheel --

    def setTimeout(self, period: float | None) -> float | None:
        """Set how long the client may be silent; None for ever. Returns what held before."""
        previous: float | None = self.timeOut
        self.timeOut = period
        if period is None:
            self.site.wheel.clear(self)
        else:
            self.site.wheel.set(self, period)
        return previous

    def resetTimeout(self) -> None:
        """Give the client its time: once for a head, however slowly it trickles in, again for each piece of a body."""
        if self.timeOut is None:
            return
        if self.line_mode:
            if self._in_head:
                return
            self._in_head = True
        self.site.wheel.set(self, READ_SECONDS)

    def deadline_passed(self) -> None:
        """Close: the client was silent for too long."""
        if self._lingering:
            self.transport.abortConnection()
            return
        self.timeOut = None
        self.transport.loseConnection()
        # What is still unsent after that is not wanted any more.
        self._lingering = True
        self.site.wheel.set(self, _LINGER_SECONDS)

    def keep_alive_for(self, seconds: float) -> None:
        """Set the idle time after the current request (nginx: keepalive_timeout)."""
        self._savedTimeOut = seconds

    def drain(self) -> None:
        """End without cutting anything off: now when idle, else after the response under way."""
        if self.busy:
            self.persistent = False
        else:
            self.transport.loseConnection()

    # -- heads --

    def checkPersistence(self, request: Any, version: bytes) -> bool:
        """Tell whether the connection may stay open (RFC 9112 9.3), HTTP/1.0 clients included that ask for it."""
        values = request.requestHeaders.getRawHeaders(b"connection")
        if values is None:
            return version == b"HTTP/1.1"
        tokens = {token.strip().lower() for value in values for token in value.split(b",")}
        if b"close" in tokens:
            return False
        return version == b"HTTP/1.1" or b"keep-alive" in tokens

    def lineLengthExceeded(self, line: bytes) -> None:
        """Refuse a line above MAX_LENGTH: 414 for the request line, 400 for a header, as nginx."""
        if not self._command:
            self._line = line[: self.MAX_LENGTH]
        self.refuse(400 if self._command else 414)

    def lineReceived(self, line: bytes) -> None:
        """Take a line of the head, unless this client was refused already."""
        if self._refused:
            return
        self._line = line
        if not self._command:
            # Players and curl send names of files as they are; Twisted takes ASCII only.
            line = _NOT_ASCII.sub(_escaped, line)
        super().lineReceived(line)

    def rawDataReceived(self, data: bytes) -> None:
        """Take body bytes, unless this client was refused already."""
        if not self._refused:
            super().rawDataReceived(data)

    def allContentReceived(self) -> None:
        """Hand the request over, unless it was refused meanwhile."""
        self._in_head = False
        if not self._refused:
            request = self.requests[-1]
            # Twisted counts lines without their ends, and forgets the count when it hands the request over.
            request.received_length = (
                self._receivedHeaderSize + 2 * (self._receivedHeaderCount + 2) + request.content.length
            )
            super().allContentReceived()
            self._command = b""

    def target(self) -> bytes:
        """Return the target of the request whose head was just read."""
        return bytes(self._path)

    def _respondToBadRequestAndDisconnect(self) -> None:
        self.refuse(505 if not self._command and _LATER_VERSION.search(self._line) else 400)

    def refuse(self, status: int) -> None:
        """Answer a request that cannot be read to its end, and close without losing the answer.

        A socket closed with unread input is reset, and the client may never see the page: nginx's lingering close.
        """
        if self._refused:
            return
        self._refused = True
        request: Any = self.requests[-1] if self.requests else self.requestFactory(self, False)
        if not self.requests:
            self.requests.append(request)
        if self._command:
            request.refused(self._command, self._path, self._version, status, b"")
        else:
            request.refused(b"", b"", b"HTTP/1.1", status, self._line)

    def linger(self) -> None:
        """Close our side, read and drop what the client still sends, for a while."""
        if self.direct:
            self._lingering = True
            self.transport.loseWriteConnection()
            self.site.wheel.set(self, _LINGER_SECONDS)
        else:
            self.loseConnection()

    def dataReceived(self, data: bytes) -> None:
        """Read: ordinary heads in one go, all else line by line; drop what comes after a refusal."""
        if self._refused:
            return
        if self.requests or self._buffer or not self.line_mode or not self.persistent:
            super().dataReceived(data)
            return
        head = ordinary_head(data)
        if head is None:
            super().dataReceived(data)
            return
        self._command, self._path, self._version, headers, conditional = head
        request: Any = self.requestFactory(self, False)
        self.requests.append(request)
        request.conditional = conditional
        add = request.requestHeaders.addRawHeader
        for name, value in headers:
            add(name, value)
        self._receivedHeaderSize = len(data) - 2 * (len(headers) + 2)
        self._receivedHeaderCount = len(headers)
        self.persistent = self.checkPersistence(request, self._version)
        request.gotLength(0)
        self.allContentReceived()

    # -- what goes through Twisted's buffer has to be flushed before the socket is written directly --

    def write(self, data: bytes) -> None:
        """Write through the transport's buffer."""
        self.buffered = True
        self.transport.write(data)

    def _send100Continue(self) -> None:
        if not self._refused:
            self.buffered = True
            super()._send100Continue()


def negotiating(channel: StreamingChannel) -> Any:
    """Return a protocol that is this channel, or HTTP/2 when TLS negotiated that."""
    return _Negotiating(channel)


class _Negotiating(http._GenericHTTPChannelProtocol):
    """Twisted's switch between HTTP/1 and HTTP/2, which forgets the channel that it replaces."""

    def dataReceived(self, data: bytes) -> None:
        """Pass data on; the first bytes decide for one protocol."""
        before: Any = self._channel
        super().dataReceived(data)
        if self._channel is not before:
            before.site.channels.discard(before)
            before.site.wheel.forget(before)
