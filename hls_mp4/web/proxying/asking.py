"""One question to a backend: a connection of the pool or a new one, the request, the header of the answer.

Only the header counts. The body is read and thrown away while the answer is used already, so that the connection can
serve the next question; one with a long or slow body is closed instead. This is Twisted's own client, on which treq is
built: treq keeps cookies, and those of one viewer must not be sent for another.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from OpenSSL.SSL import Error as TlsError
from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.endpoints import HostnameEndpoint, UNIXClientEndpoint, wrapClientTLS
from twisted.internet.error import ConnectError, ConnectionAborted, ConnectionClosed, DNSLookupError
from twisted.internet.error import TimeoutError as ConnectTimeout
from twisted.internet.interfaces import IStreamClientEndpoint
from twisted.internet.protocol import Protocol
from twisted.protocols.policies import ProtocolWrapper, WrappingFactory
from twisted.python.failure import Failure
from twisted.web.client import Agent, HTTPConnectionPool
from twisted.web.http_headers import Headers
from twisted.web.iweb import IAgentEndpointFactory
from zope.interface import implementer

from hls_mp4.web.proxying.backend import Backend

MOST_IDLE = 32
"""Connections to one backend that wait for the next question."""

IDLE_SECONDS = 60
LONGEST_ANSWER = 128 << 10
"""Bytes of an answer, header and body; a connection that brings more is closed."""

_NEXT_ADDRESS_SECONDS = 0.05
_CONNECTING = "connecting to upstream"
_READING = "reading response header from upstream"


class BackendFailed(Exception):
    """No answer of a backend that could be used.

    Args:
        status: 504 when it took too long, else 502.
        reason: in nginx's words.
    """

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a backend may take, in seconds.

    Args:
        connect: until it takes the connection.
        read: until the header of its answer is there, and for each piece of the body.
    """

    connect: float
    read: float


@dataclass(frozen=True, slots=True)
class Reply:
    """The header of an answer.

    Args:
        status: of it.
        headers: names as they came, values latin-1.
    """

    status: int
    headers: tuple[tuple[str, str], ...]


class Backends:
    """Connections to backends, those that wait for the next question among them.

    Args:
        reactor: the reactor.
        tls: makes the encrypted connection to a name; None for what the machine trusts.
    """

    def __init__(self, reactor: Any, tls: Any = None) -> None:
        self.reactor = reactor
        self.tls = tls
        self._pool = HTTPConnectionPool(reactor)
        self._pool.maxPersistentPerHost = MOST_IDLE
        self._pool.cachedConnectionTimeout = IDLE_SECONDS

    async def ask(
        self, backend: Backend, method: str, target: str, headers: Sequence[tuple[str, str]], patience: Patience
    ) -> Reply:
        """Return the header of an answer.

        Args:
            backend: who is asked.
            method: of the request.
            target: path and query, escaped.
            headers: of the request, latin-1.
            patience: how long it may take.

        Raises:
            BackendFailed: there was none.
        """
        question = _Question(self.reactor, backend, patience, self.tls)
        # A kept connection may have ended meanwhile: only what may be asked twice is asked over one.
        pool = self._pool if method in ("GET", "HEAD") else None
        agent = Agent.usingEndpointFactory(self.reactor, question, pool)
        # The pool tells backends apart by scheme, host and port.
        named = f"{backend.socket.encode().hex()}.unix" if backend.socket else backend.address
        sent = Headers()
        for name, value in headers:
            sent.addRawHeader(name.encode("latin-1"), value.encode("latin-1", "replace"))
        uri = f"{backend.scheme}://{named}{target}".encode("latin-1")
        try:
            response = await question.answered(agent.request(method.encode("latin-1"), uri, sent))
        except Exception as problem:
            if question.late:
                late = f"upstream timed out (110: Connection timed out) while {question.doing}"
                raise BackendFailed(504, late) from None
            if isinstance(problem, CancelledError):
                raise
            raise _failed(problem, question.doing) from None
        finally:
            question.stop()
        response.deliverBody(_Rest(self.reactor, patience.read))
        pairs = response.headers.getAllRawHeaders()
        return Reply(
            int(response.code),
            tuple((name.decode("latin-1"), value.decode("latin-1")) for name, values in pairs for value in values),
        )

    def close(self) -> Deferred[None]:
        """Close the connections that wait."""
        closing: Deferred[None] = self._pool.closeCachedConnections()
        return closing


@implementer(IAgentEndpointFactory, IStreamClientEndpoint)
class _Question:
    """The time that one question takes, and how it gets a connection when the pool has none."""

    def __init__(self, reactor: Any, backend: Backend, patience: Patience, tls: Any) -> None:
        self.doing = _READING
        self.late = False
        self._reactor = reactor
        self._backend = backend
        self._patience = patience
        self._tls = tls
        self._asking: Deferred[Any] | None = None
        self._timer: Any = None

    def answered(self, asking: Deferred[Any]) -> Deferred[Any]:
        """Return a Deferred of the answer, which ends as soon as nobody waits for it."""
        gone = False

        def give_up(_: Deferred[Any]) -> None:
            nonlocal gone
            gone = True
            asking.cancel()

        waiting: Deferred[Any] = Deferred(give_up)

        def tell(result: Any) -> None:
            if not gone and not waiting.called:
                waiting.callback(result)

        self._asking = asking
        if not asking.called:
            self._wait()
        asking.addBoth(tell)
        return waiting

    def stop(self) -> None:
        """Look at the time no more."""
        if self._timer is not None and self._timer.active():
            self._timer.cancel()

    def _wait(self) -> None:
        self.stop()
        seconds = self._patience.connect if self.doing == _CONNECTING else self._patience.read
        self._timer = self._reactor.callLater(seconds, self._give_up)

    def _give_up(self) -> None:
        self.late = True
        if self._asking is not None:
            self._asking.cancel()

    def endpointForURI(self, uri: Any) -> Any:
        """Return this: it connects to the one backend that it asks."""
        return self

    def connect(self, factory: Any) -> Deferred[Any]:
        """Return a Deferred of a new connection."""
        backend = self._backend
        # Our own clock is the one that counts.
        never = self._patience.connect + 3600
        if backend.socket:
            endpoint: Any = UNIXClientEndpoint(self._reactor, backend.socket, timeout=never)
        else:
            endpoint = HostnameEndpoint(self._reactor, backend.host, backend.port, never, None, _NEXT_ADDRESS_SECONDS)
        if backend.scheme == "https":
            endpoint = wrapClientTLS(self._tls(backend.host), endpoint)
        self.doing = _CONNECTING
        if self._asking is not None:
            self._wait()

        def connected(bounded: Any) -> Any:
            self.doing = _READING
            if self._asking is not None:
                self._wait()
            return bounded.wrappedProtocol

        bounding = WrappingFactory(factory)
        bounding.protocol = _Bounded
        bounding.noisy = factory.noisy = False
        connecting: Deferred[Any] = endpoint.connect(bounding)
        return connecting.addCallback(connected)


class _Bounded(ProtocolWrapper):
    """A connection that ends when an answer is too long."""

    _received = 0

    def write(self, data: bytes) -> None:
        """Send of a request."""
        self._received = 0
        super().write(data)

    def writeSequence(self, data: Any) -> None:
        """Send of a request."""
        self._received = 0
        super().writeSequence(data)

    def dataReceived(self, data: bytes) -> None:
        """Take a piece of an answer."""
        self._received += len(data)
        if self._received > LONGEST_ANSWER:
            self.abortConnection()
        else:
            super().dataReceived(data)


class _Rest(Protocol):
    """Reads a body to nowhere, as long as it keeps coming."""

    def __init__(self, reactor: Any, seconds: float) -> None:
        self._seconds = seconds
        self._timer = reactor.callLater(seconds, self._close)

    def dataReceived(self, data: bytes) -> None:
        """Drop a piece."""
        if self._timer.active():
            self._timer.reset(self._seconds)

    def connectionLost(self, reason: Failure | None = None) -> None:
        """Know that it is over."""
        if self._timer.active():
            self._timer.cancel()

    def _close(self) -> None:
        if self.transport is not None:
            self.transport.loseConnection()


def _failed(problem: Exception, doing: str) -> BackendFailed:
    """Return what went wrong in nginx's words."""
    if isinstance(problem, ConnectTimeout):
        return BackendFailed(504, f"upstream timed out (110: Connection timed out) while {doing}")
    reasons = [reason.value for reason in getattr(problem, "reasons", ())] or [problem]
    told = "; ".join(dict.fromkeys(_told(reason) for reason in reasons))
    return BackendFailed(502, f"{told} while {doing}")


def _told(reason: BaseException) -> str:
    if isinstance(reason, DNSLookupError):
        return f"host not found ({reason})"
    if isinstance(reason, ConnectError):
        return (
            f"connect() failed ({reason.osError}: {reason.args[0]})"
            if reason.osError
            else f"connect() failed ({reason})"
        )
    if isinstance(reason, ConnectionAborted):
        return "upstream sent too big header"
    if isinstance(reason, TlsError):
        return f"SSL_do_handshake() failed ({_tls_reason(reason)})"
    if isinstance(reason, ConnectionClosed | OSError):
        return "upstream prematurely closed connection"
    return f"upstream sent invalid header ({reason.args[0] if reason.args else reason})"


def _tls_reason(reason: BaseException) -> str:
    """Return what OpenSSL says, which comes as a list of tuples."""
    told = reason.args[0] if reason.args else []
    return "; ".join(str(one[-1]) for one in told if one) or "no reason given"
