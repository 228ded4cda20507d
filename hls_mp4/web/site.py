"""The site: what all connections of one listening address share."""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable
from typing import Any
from wsgiref.handlers import format_date_time

from twisted.web import http

from hls_mp4.sources.disk import DiskThreads
from hls_mp4.sources.index_cache import IndexCache
from hls_mp4.sources.local import LocalFiles
from hls_mp4.web.channel import READ_SECONDS, StreamingChannel, negotiating
from hls_mp4.web.deadlines import DeadlineWheel
from hls_mp4.web.locations import ServerTable
from hls_mp4.web.request import StreamingRequest


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
        http2: whether TLS may negotiate HTTP/2.
    """

    noisy = False
    requestFactory = StreamingRequest

    def __init__(self, servers: ServerTable, shared: SharedParts, *, http2: bool = False) -> None:
        super().__init__(timeout=READ_SECONDS, reactor=shared.reactor)
        self.servers = servers
        self.shared = shared
        self.wheel = shared.wheel
        self.http2 = http2
        self.channels: set[StreamingChannel] = set()

    def buildProtocol(self, addr: Any) -> Any:
        """Return the protocol of a new connection."""
        channel = StreamingChannel()
        channel.site = channel.factory = self
        channel.requestFactory = StreamingRequest
        channel.timeOut = self.timeOut
        channel.callLater = self.shared.reactor.callLater
        if not self.http2:
            return channel
        protocol = negotiating(channel)
        protocol.requestFactory = StreamingRequest
        protocol.factory = protocol.site = self
        protocol.timeOut = self.timeOut
        protocol.callLater = self.shared.reactor.callLater
        return protocol

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
