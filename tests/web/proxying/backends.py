"""Servers that are asked who may come in, real ones on real sockets, and what they were asked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from twisted.internet import protocol
from twisted.internet.defer import Deferred, maybeDeferred
from twisted.web.resource import Resource
from twisted.web.server import NOT_DONE_YET, Request, Site


@dataclass
class Question:
    """One request that a backend got."""

    method: str
    uri: str
    headers: dict[str, str]
    peer: int


@dataclass
class Authority(Resource):  # type: ignore[misc]
    """Answers as a test says, and remembers what it was asked."""

    isLeaf = True
    status: int = 200
    sent: list[tuple[str, str]] = field(default_factory=list)
    body: bytes = b"fine"
    asked: list[Question] = field(default_factory=list)
    decide: Callable[[Question], int] | None = None
    silent: bool = False

    def __post_init__(self) -> None:
        super().__init__()

    def render(self, request: Request) -> Any:
        headers = {
            name.decode().lower(): ", ".join(value.decode("latin-1") for value in values)
            for name, values in request.requestHeaders.getAllRawHeaders()
        }
        peer = getattr(request.transport.getPeer(), "port", 0)
        question = Question(request.method.decode(), request.uri.decode(), headers, peer)
        self.asked.append(question)
        if self.silent:
            return NOT_DONE_YET
        request.setResponseCode(self.decide(question) if self.decide is not None else self.status)
        for name, value in self.sent:
            request.responseHeaders.addRawHeader(name.encode(), value.encode("latin-1"))
        return self.body


class Backend:
    """Listens, with an Authority or with a protocol that speaks as a test wants.

    Args:
        factory: of the protocol; None for an Authority over HTTP.
    """

    def __init__(self, factory: Any = None) -> None:
        from twisted.internet import reactor

        self.reactor: Any = reactor
        self.authority = Authority()
        self.factory = factory or Site(self.authority)
        self.ports: list[Any] = []

    def listen(self) -> int:
        """Return the port."""
        self.ports.append(self.reactor.listenTCP(0, self.factory, interface="127.0.0.1"))
        return int(self.ports[-1].getHost().port)

    def listen_tls(self, options: Any) -> int:
        """Return the port of an encrypted one."""
        self.ports.append(self.reactor.listenSSL(0, self.factory, options, interface="127.0.0.1"))
        return int(self.ports[-1].getHost().port)

    def listen_unix(self, path: str) -> None:
        """Listen on a socket in the file system."""
        self.ports.append(self.reactor.listenUNIX(path, self.factory))

    async def stop(self) -> None:
        """Close the listening sockets."""
        for port in self.ports:
            await maybeDeferred(port.stopListening)


class Speaking(protocol.Protocol):
    """Says the same to everybody, whatever is asked."""

    def dataReceived(self, data: bytes) -> None:
        self.factory.asked += 1  # type: ignore[union-attr]
        said = self.factory.said  # type: ignore[union-attr]
        if said is not None:
            self.transport.write(said)  # type: ignore[union-attr]
            if self.factory.closes:  # type: ignore[union-attr]
                self.transport.loseConnection()  # type: ignore[union-attr]

    def connectionLost(self, reason: Any = None) -> None:
        self.factory.lost += 1  # type: ignore[union-attr]


class Saying(protocol.ServerFactory):
    """A server that says bytes.

    Args:
        said: to each piece that comes; None for nothing.
        closes: whether the connection ends with it.
    """

    protocol = Speaking
    noisy = False

    def __init__(self, said: bytes | None, *, closes: bool = True) -> None:
        self.said = said
        self.closes = closes
        self.asked = 0
        self.lost = 0


def turn(reactor: Any, seconds: float = 0.005) -> Deferred[None]:
    """Return a Deferred of a later turn of the reactor."""
    deferred: Deferred[None] = Deferred()
    reactor.callLater(seconds, deferred.callback, None)
    return deferred
