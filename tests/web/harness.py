"""A site on a real socket, and a client that does exactly what a test says."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from twisted.internet import defer, endpoints, protocol, ssl
from twisted.internet.defer import Deferred

from hls_mp4.config.loader import load_from_text
from hls_mp4.service.build import SiteBuilder, wanted_addresses
from hls_mp4.service.listeners import Bound
from hls_mp4.service.plugins import discover
from hls_mp4.service.settings_classes import settings_classes
from hls_mp4.web.site import StreamingSite


class Client(protocol.Protocol):
    """Collects what the server sends."""

    def __init__(self) -> None:
        self.data = bytearray()
        self.closed = False
        self.clean = False
        self._waiting: list[tuple[Callable[[], bool], Deferred[None]]] = []

    def dataReceived(self, data: bytes) -> None:
        self.data += data
        self._tell()

    def connectionLost(self, reason: Any = None) -> None:
        from twisted.internet.error import ConnectionDone

        self.closed = True
        self.clean = reason is not None and reason.check(ConnectionDone) is not None
        self._tell()

    def _tell(self) -> None:
        for condition, deferred in list(self._waiting):
            if condition():
                self._waiting.remove((condition, deferred))
                deferred.callback(None)

    def until(self, condition: Callable[[], bool], seconds: float = 20) -> Deferred[None]:
        """Return a Deferred of the moment a condition holds; fails after a while."""
        from twisted.internet import reactor

        deferred: Deferred[None] = Deferred()
        self._waiting.append((condition, deferred))
        self._tell()
        return deferred.addTimeout(seconds, reactor)

    def until_closed(self) -> Deferred[None]:
        """Return a Deferred of the end of the connection."""
        return self.until(lambda: self.closed)

    def send(self, data: bytes) -> None:
        """Send bytes."""
        self.transport.write(data)  # type: ignore[union-attr]

    async def answer(self, head: bool = False) -> tuple[int, dict[str, str], bytes]:
        """Return the next response: status, headers, body."""
        await self.until(lambda: b"\r\n\r\n" in self.data or self.closed)
        top, _, _ = bytes(self.data).partition(b"\r\n\r\n")
        lines = top.decode("latin-1").split("\r\n")
        status = int(lines[0].split(" ")[1])
        headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines[1:])}
        length = 0 if head or status == 304 else int(headers.get("content-length", 0))
        start = len(top) + 4
        await self.until(lambda: len(self.data) >= start + length or self.closed)
        body = bytes(self.data[start : start + length])
        del self.data[: start + length]
        return status, headers, body


class Served:
    """A configuration that is being served.

    Args:
        text: lines of the server block.
        root: its root.
        http: further lines of the http block; a server in it is the default one.
        parameters: of the server's address.
        packagers: modules beside those that are installed.
    """

    def __init__(
        self, text: str, root: Path, http: str = "", parameters: str = "", packagers: tuple[Any, ...] = ()
    ) -> None:
        from twisted.internet import reactor

        self.reactor: Any = reactor
        found = discover()
        plugins = replace(found, packagers=(*found.packagers, *packagers))
        config = load_from_text(
            f"http {{ {http}\nserver {{ listen 127.0.0.1:0{parameters}; root {root}; {text}\n}} }}",
            settings_classes(plugins),
            prefix=str(root),
        )
        self.builder = SiteBuilder(config, plugins, reactor)
        wanted = list(wanted_addresses(config))
        bound = Bound(None, None, {"": wanted})  # type: ignore[arg-type]
        self.factory: Any = self.builder.factory(bound)
        self.site: StreamingSite = getattr(self.factory, "site", self.factory)
        self.ports: list[Any] = []

    def listen(self, site: Any = None) -> int:
        """Listen on TCP and return the port."""
        port = self.reactor.listenTCP(0, site or self.factory, interface="127.0.0.1")
        self.ports.append(port)
        return int(port.getHost().port)

    def listen_unix(self, path: Path) -> None:
        """Listen on a unix socket."""
        self.ports.append(self.reactor.listenUNIX(str(path), self.factory))

    async def client(self, where: str, factory: Callable[[], Client] = Client) -> Client:
        """Connect to an endpoint."""
        endpoint = endpoints.clientFromString(self.reactor, where)
        client: Client = await endpoints.connectProtocol(endpoint, factory())
        return client

    async def connect(self) -> Client:
        """Listen on plain TCP and connect."""
        return await self.client(f"tcp:127.0.0.1:{self.listen()}")

    async def until(self, condition: Callable[[], bool], seconds: float = 20) -> None:
        """Turn the reactor until a condition of the server holds; fails after a while."""
        deadline = self.reactor.seconds() + seconds
        while not condition():
            assert self.reactor.seconds() < deadline
            await _turn(self.reactor)

    async def stop(self) -> None:
        """Close everything, and check that nothing of any request is left."""
        for port in self.ports:
            await defer.maybeDeferred(port.stopListening)
        for channel in list(self.site.channels):
            channel.transport.abortConnection()
        await self.until(lambda: not self.site.channels)
        self.site.wheel.stop()
        self.site.shared.threads.stop()


def _turn(reactor: Any) -> Deferred[None]:
    deferred: Deferred[None] = Deferred()
    reactor.callLater(0.005, deferred.callback, None)
    return deferred


def certificate() -> Any:
    """Return TLS options with a fresh self-signed certificate."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    pem = made.public_bytes(serialization.Encoding.PEM) + key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return ssl.PrivateCertificate.loadPEM(pem)
