"""The site: what all connections of one listening address share."""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable
from itertools import count
from typing import Any
from wsgiref.handlers import format_date_time

from twisted.web import http

from hls_mp4.sources.disk import DiskThreads
from hls_mp4.sources.index_cache import IndexCache
from hls_mp4.sources.local import LocalFiles
from hls_mp4.web.channel import StreamingChannel
from hls_mp4.web.compressing import Compressor
from hls_mp4.web.connections import ReadSettings
from hls_mp4.web.deadlines import DeadlineWheel
from hls_mp4.web.http2.connection import Http2Connection
from hls_mp4.web.locations import ServerTable
from hls_mp4.web.request import StreamingRequest
from hls_mp4.web.settings import SendSettings
from hls_mp4.web.tls.connection import TlsConnection


class SharedParts:
    """What all sites of the daemon share: one set of disk threads, one index cache, one wheel.

    Args:
        reactor: the reactor.
        formats: IMediaFormat providers, in the order they probe.
        index_cache: bytes of index kept.
        wall_clock: returns seconds since the epoch, for dates and logs.
    """

    def __init__(
        self,
        reactor: Any,
        formats: tuple[Any, ...],
        index_cache: int,
        wall_clock: Callable[[], float] = time.time,  # noqa: TID251 - the edge is where the clock is read
    ) -> None:
        self.wall_clock = wall_clock
        self.reactor = reactor
        self.formats = formats
        self.threads = DiskThreads(reactor)
        self.files = LocalFiles(self.threads)
        self.indexes = IndexCache(index_cache)
        self.wheel = DeadlineWheel(reactor)
        self.compressor = Compressor(self.threads)
        self.encrypts = False
        """Whether an address of the daemon is encrypted; set before rules are prepared."""
        self.defined: dict[str, Callable[[StreamingRequest], str | None]] = {}
        """Variables that the configuration defines, by `map` or `set`."""
        self.serials = count(1)
        """Numbers of connections."""
        self._kept: dict[Hashable, Any] = {}
        self._second = -1
        self._date = ""

    def once(self, name: Hashable, make: Callable[[], Any]) -> Any:
        """Return what all locations share under a name, made when it is first asked for."""
        if name not in self._kept:
            self._kept[name] = make()
        return self._kept[name]

    def http_date(self, now: float) -> str:
        """Return the Date header's value for a moment; formatted once a second."""
        second = int(now)
        if second != self._second:
            self._second = second
            self._date = format_date_time(second)
        return self._date


class StreamingSite(http.HTTPFactory):
    """Factory of the connections of one listening address.

    Args:
        servers: the virtual servers that answer at this address.
        shared: what all sites share.
    """

    noisy = False
    requestFactory = StreamingRequest

    def __init__(self, servers: ServerTable, shared: SharedParts) -> None:
        # What has to be known before a request is understood is the default server's.
        of = servers.default.payload.of
        reading = of.get(ReadSettings) or ReadSettings()
        self.head_rules = reading.head_rules()
        self.head_seconds = reading.timeout / 1000
        self.nodelay = (of.get(SendSettings) or SendSettings()).nodelay
        super().__init__(timeout=self.head_seconds, reactor=shared.reactor)
        self.servers = servers
        self.shared = shared
        self.wheel = shared.wheel
        self.channels: set[Any] = set()

    def buildProtocol(self, addr: Any) -> Any:
        """Return the protocol of a new connection."""
        channel = StreamingChannel()
        channel.site = channel.factory = self
        channel.requestFactory = StreamingRequest
        channel.timeOut = self.timeOut
        channel.callLater = self.shared.reactor.callLater
        return channel

    def encrypted(self, connection: TlsConnection) -> Any:
        """Return what answers on a connection on which hands were shaken."""
        protocol: Any = Http2Connection(self) if connection.protocol_chosen == b"h2" else self.buildProtocol(None)
        protocol.tls = connection
        return protocol

    def plain_on_tls(self) -> Any:
        """Return what answers a client that speaks plain HTTP where encryption is expected."""
        channel = self.buildProtocol(None)
        channel.plain_on_tls = True
        return channel

    def startFactory(self) -> None:
        """Nothing to open: access logs belong to locations."""

    def stopFactory(self) -> None:
        """Nothing to close."""

    def log(self, request: Any) -> None:
        """Nothing: the request writes its own access log lines when its last byte went."""

    def drain(self) -> None:
        """Ask every connection to end after what it is doing."""
        for channel in list(self.channels):
            channel.drain()
