"""One HTTP/1 connection: Twisted's channel around a reader of our own, with nginx's manners.

`hls_mp4.web.http1` says what the bytes mean; here is what happens for it: requests one after the other, a page for
what is no request, 100 Continue only where a body is read, deadlines without reactor timers, back-pressure on a client
that asks faster than it reads, and an end that gives a client time to read its last answer. The status line is HTTP/1.1
for everyone (RFC 9110 2.5), and HTTP/1.0 clients may keep the connection.

Private names of Twisted are touched in this file only: `_handlingRequest`, `_networkProducer`, `_waitingForTransport`,
`_requestProducer`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from twisted.internet.interfaces import IHalfCloseableProtocol, ITCPTransport
from zope.interface import implementer

from hls_mp4.web.closing import ClosingChannel
from hls_mp4.web.head import CHUNKED, Head, Malformed, ordinary_head
from hls_mp4.web.http1 import END, RequestReader
from hls_mp4.web.sender import takes_direct
from hls_mp4.web.unreadable import give_up, refuse

if TYPE_CHECKING:
    from hls_mp4.web.site import StreamingSite

_MOST_KEPT = 16384  # input of later requests, above which no more is read until the answer is out
_BODY_IS_READ = (b"GET", b"HEAD")
_NEVER = (b"CONNECT", b"TRACE")
_TOO_LARGE = "client intended to send too large chunked body"


@implementer(IHalfCloseableProtocol)
class StreamingChannel(ClosingChannel):
    """A connection of the site; see the module."""

    factory: StreamingSite
    callLater: Any

    # One dictionary fewer to fill: these are looked up on the class until they change.
    buffered = False
    began = 0.0
    _reader: RequestReader | None = None
    _kept: tuple[bytes, ...] = ()
    _head_size = 0
    _most_body = 0
    _reading = False
    _in_head = True

    @property
    def busy(self) -> bool:
        """Whether a request is being read or answered."""
        return bool(self.requests) or self._reader is not None

    @property
    def pipelined(self) -> bool:
        """Whether more input had arrived before the request under way was answered."""
        return bool(self._kept) or (self._reader is not None and self._reader.waiting)

    def connectionMade(self) -> None:
        """Join the site's connections and give the client time for its first request."""
        site = self.site
        site.channels.add(self)
        # Asked for by every request: a system call each, 5 microseconds.
        self.direct = takes_direct(self.transport)
        self._peer = self.transport.getPeer()
        self._host = self.transport.getHost()
        self.began = site.shared.reactor.seconds()
        super().connectionMade()
        if not site.nodelay and ITCPTransport.providedBy(self.transport):
            self.transport.setTcpNoDelay(False)

    def connectionLost(self, reason: Any = None) -> None:
        """Leave the site's connections."""
        self.site.channels.discard(self)
        self.site.wheel.forget(self)
        self.forget_input()
        self._refused = True
        super().connectionLost(reason)

    def getPeer(self) -> Any:
        """Return the client's address."""
        return self._peer

    def getHost(self) -> Any:
        """Return the address the client connected to."""
        return self._host

    # -- what arrives --

    def dataReceived(self, data: bytes) -> None:
        """Read requests, or keep what comes before the last one is answered; drop what comes after a refusal."""
        if self._refused or self._lingering:
            self._drop()
        elif self._handlingRequest or self._reading:
            self._keep(data)
        else:
            self._take(data)

    def _take(self, data: bytes) -> None:
        """Read: an ordinary head in one go, all else through the reader."""
        reader = self._reader
        if reader is None:
            head = ordinary_head(data, self.site.head_rules)
            if head is not None and head.method not in _NEVER:
                self._begin(head)
                self._hand_over(head.size)
                return
            reader = self._reader = RequestReader(self.site.head_rules)
        reader.feed(data)
        self._read_on(reader)

    def _read_on(self, reader: RequestReader) -> None:
        """Go on reading until a request has to be waited for, or more input."""
        self._reading = True
        try:
            while not (self._handlingRequest or self._refused):
                event = reader.next()
                if event is None:
                    # A chunk that is too large is refused before it comes.
                    if reader.announced > self._most_body:
                        self.refuse(413, _TOO_LARGE)
                    break
                if isinstance(event, Head):
                    self._head_came(event, reader)
                elif event is END:
                    self._hand_over(self._head_size + reader.body_size)
                else:
                    self.requests[-1].handleContentChunk(event)
        except Malformed as problem:
            self.refuse(problem.status, problem.reason)
        finally:
            self._reading = False
        if self._refused or self._handlingRequest:
            return
        if reader.idle:
            self._reader = None
        if self._said_all:
            self.transport.loseConnection()
        elif reader.in_body:
            self._wait(self.requests[-1].body_seconds)
        elif not reader.idle and not self._in_head:
            self._in_head = True
            self._wait(self.site.head_seconds)

    def _keep(self, data: bytes) -> None:
        self._kept = (*self._kept, data)
        if sum(map(len, self._kept)) > _MOST_KEPT and not self._halted:
            self._halted = True
            self._networkProducer.pauseProducing()

    def _begin(self, head: Head) -> Any:
        """Make the request of a head."""
        request: Any = self.requestFactory(self, False)
        self.requests.append(request)
        request.method, request.uri, request.clientproto = head.method, head.target, head.version
        request.conditional = head.conditional
        add = request.requestHeaders.addRawHeader
        for name, value in head.headers:
            add(name, value)
        self.persistent = self.checkPersistence(request, head.version) and not self._draining
        return request

    def _head_came(self, head: Head, reader: RequestReader) -> None:
        request = self._begin(head)
        self._head_size = head.size
        if head.ignored:
            shown = head.ignored[0].decode("latin-1")
            request.report(f'client sent invalid header line: "{shown}"', level="info")
        if head.method in _NEVER:
            self.refuse(405, f"client sent {head.method.decode('ascii')} method", (("Allow", "GET, HEAD"),))
        elif head.expectation not in (b"", b"100-continue"):
            self.refuse(417, "client sent unknown expectation")
        elif not head.length:
            self._hand_over(head.size)
        else:
            request.gotLength(None if head.length == CHUNKED else head.length)
            self._most_body = request.most_body
            if head.expectation and not self._refused and not reader.waiting:
                self._continue(request)

    def _continue(self, request: Any) -> None:
        """Ask for the body that a client holds back, or answer without it (RFC 9110 10.1.1)."""
        if request.method in _BODY_IS_READ:
            self.write(b"HTTP/1.1 100 Continue\r\n\r\n")
            return
        # Nobody could tell a body that comes after all from the next request.
        self.persistent = False
        self._unwanted_body = True
        self._hand_over(self._head_size)

    def _hand_over(self, size: int) -> None:
        """Have the request answered that was read to its end."""
        request = self.requests[-1]
        request.received_length = size
        self._in_head = False
        self._handlingRequest = True
        self.deadline = 0.0  # the wheel looks here when our slot comes up
        request.requestReceived(request.method, request.uri, request.clientproto)

    def requestDone(self, request: Any) -> None:
        """Go on with the next request, and end when there will be none."""
        del self.requests[0]
        if not self.persistent:
            self.end(request)
            return
        self._handlingRequest = False
        self._wait(self._keepalive)
        if self._halted and not self._waitingForTransport:
            self._halted = False
            self._networkProducer.resumeProducing()
        if self._reading:
            return
        reader = self._reader
        if self._kept:
            data, self._kept = b"".join(self._kept), ()
            self._take(data)
        elif reader is not None:
            self._read_on(reader)
        elif self._said_all:
            self.transport.loseConnection()

    def readConnectionLost(self) -> None:
        """The client has said all it will say: it still gets every answer to it, then the connection ends."""
        self._said_all = True
        if self._lingering or not self._handlingRequest:
            self.transport.loseConnection()

    def writeConnectionLost(self) -> None:
        """We closed our side: what is left is to read and drop, see `linger`."""

    def checkPersistence(self, request: Any, version: bytes) -> bool:
        """Tell whether the connection may stay open (RFC 9112 9.3), HTTP/1.0 clients included that ask for it."""
        values = request.requestHeaders.getRawHeaders(b"connection")
        if values is None:
            return version != b"HTTP/1.0"
        tokens = {token.strip().lower() for value in values for token in value.split(b",")}
        if b"close" in tokens:
            return False
        return version != b"HTTP/1.0" or b"keep-alive" in tokens

    def timed_out(self) -> bool:
        """Log a request that never came to its end, if there is one; as nginx, say nothing to the client."""
        reader = self._reader
        if reader is None or self._handlingRequest:
            return False
        self._refused = True
        request: Any
        if self.requests:
            request, what = self.requests[-1], "body"
        else:
            request, what = self.requestFactory(self, False), "headers"
            request.method, request.uri, request.clientproto = reader.first or (b"-", b"", b"")
            request.refused_line = b"" if reader.first else reader.begun
        give_up(request, 408, f"client timed out while reading client request {what}")
        return True

    def forget_input(self) -> None:
        """Forget what was read and is not wanted any more."""
        self._kept = ()
        self._reader = None

    def refuse(self, status: int, reason: str = "", headers: tuple[tuple[str, str], ...] = ()) -> None:
        """Answer a request that cannot be read to its end, and close without losing the answer.

        Args:
            status: of the answer.
            reason: for the error log.
            headers: further headers of the answer.
        """
        if self._refused:
            return
        self._refused = True
        self.persistent = False
        reader = self._reader
        if not self.requests:
            request: Any = self.requestFactory(self, False)
            self.requests.append(request)
            first = reader.first if reader is not None else None
            request.method, request.uri, request.clientproto = first or (b"-", b"", b"")
            if reader is not None and first is None:
                request.refused_line = reader.begun
        refuse(self.requests[-1], status, reason, list(headers))

    # -- the transport --

    def pauseProducing(self) -> None:
        """Stop for a while: the transport's buffer is full."""
        self._waitingForTransport = True
        if self._requestProducer is not None:
            self._requestProducer.pauseProducing()
        if not self._handlingRequest:
            self._halted = True
            self._networkProducer.pauseProducing()

    def resumeProducing(self) -> None:
        """Go on: the transport's buffer is empty."""
        self._waitingForTransport = False
        if self._requestProducer is not None:
            self._requestProducer.resumeProducing()
        if self._halted and not self._handlingRequest:
            self._halted = False
            self._networkProducer.resumeProducing()

    def write(self, data: bytes) -> None:
        """Write through the transport's buffer, which has to be empty before the socket is written directly."""
        self.buffered = True
        self.transport.write(data)
