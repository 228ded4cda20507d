"""One HTTP/2 connection (RFC 9113): h2 keeps the protocol's state, here is what happens for it.

Nothing is read of a film before the client's windows and the socket have room for it. The priorities of RFC 7540 are
read and not followed, as RFC 9113 5.3.2 advises. Twisted's own HTTP/2 sends one frame in each turn of the reactor, has
no GOAWAY after which answers come to their end, and no bound for what a client sends in vain.

A connection ends in three ways: when its client says nothing for too long, with GOAWAY and the last answer (`drain`,
keepalive_requests, keepalive_time), and at once when its client breaks the protocol, floods it, or says GOAWAY itself,
after which h2 lets nothing more be sent.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.errors import ErrorCodes
from h2.events import (
    ConnectionTerminated,
    DataReceived,
    Event,
    RemoteSettingsChanged,
    RequestReceived,
    StreamEnded,
    StreamReset,
    WindowUpdated,
)
from h2.exceptions import NoSuchStreamError, ProtocolError, StreamClosedError
from h2.settings import SettingCodes, Settings
from hyperframe.frame import GoAwayFrame
from twisted.internet.error import ConnectionDone, ConnectionLost
from twisted.internet.interfaces import IPushProducer
from twisted.internet.protocol import Protocol, connectionDone
from twisted.logger import Logger
from twisted.python.failure import Failure
from zope.interface import implementer

from hls_mp4.web.head import Malformed
from hls_mp4.web.http2.allowance import ConnectionAllowance
from hls_mp4.web.http2.head import build_head, first_line, size_of
from hls_mp4.web.http2.settings import Http2Settings
from hls_mp4.web.http2.stream import Http2Stream, Pairs
from hls_mp4.web.http2.turns import Turns

if TYPE_CHECKING:
    from hls_mp4.web.settings import KeepaliveSettings
    from hls_mp4.web.site import StreamingSite
    from hls_mp4.web.tls.connection import TlsConnection

_PATIENCE = 5.0  # for what is unsent when a connection is closed


@implementer(IPushProducer)
class Http2Connection(Protocol):
    """A connection of the site; see the module.

    Args:
        site: what it belongs to.
    """

    log = Logger()

    tls: TlsConnection | None = None
    deadline = 0.0
    wheel_slot = -1
    transport: Any
    peer: Any = None
    host: Any = None

    def __init__(self, site: StreamingSite) -> None:
        self.site = site
        self._clock = site.shared.reactor
        self.began: float = self._clock.seconds()
        self.streams: dict[int, Http2Stream] = {}
        self.served = 0
        self._leaving = False
        self._closing = False
        self._idle_seconds = site.head_seconds
        self._allowance = ConnectionAllowance(self.began)
        self._h2 = _protocol(site)
        self._turns = Turns(self._h2, self._clock, self._write, self._allowance.answered)

    @property
    def busy(self) -> bool:
        """Whether a request is being read or answered."""
        return bool(self.streams)

    # -- the transport's calls --

    def connectionMade(self) -> None:
        """Join the site's connections, say how we speak, and give the client time for its first request."""
        self.site.channels.add(self)
        self.peer, self.host = self.transport.getPeer(), self.transport.getHost()
        self.transport.setTcpNoDelay(True)
        self.transport.registerProducer(self, True)
        self._wait_idle()
        self._h2.initiate_connection()
        self._turns.flush()

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        """Forget all requests."""
        self._closing = True
        self._turns.paused = True
        self._turns.stop()
        self.site.channels.discard(self)
        self.site.wheel.forget(self)
        self._forget_all(reason)

    def pauseProducing(self) -> None:
        """Stop for a while: the transport's buffer is full."""
        self._turns.paused = True

    def resumeProducing(self) -> None:
        """Go on: the transport's buffer is empty."""
        self._turns.paused = False
        self._turns.send()

    def stopProducing(self) -> None:
        """Stop for good; connectionLost follows."""
        self._turns.paused = True

    def _write(self, data: bytes) -> None:
        if self.transport.connected:
            self.transport.write(data)

    def dataReceived(self, data: bytes) -> None:
        """Do what frames say."""
        if self._closing:
            return
        self._turns.hold()
        try:
            events = self._h2.receive_data(data)
        except ProtocolError as problem:
            self._break_off(f"client violated HTTP/2: {problem or type(problem).__name__}")
            return
        # What was reset at once is not worth a beginning.
        undone = {event.stream_id or 0 for event in events if isinstance(event, StreamReset)}
        for event in events:
            self._heed(event, undone)
            if self._closing:
                return
        if not self._allowance.received(len(data), self._clock.seconds()):
            self._break_off("client floods the connection with frames", ErrorCodes.ENHANCE_YOUR_CALM)
            return
        self._turns.send()
        if self._turns.overfull:
            self._break_off("client asks and does not read")

    def _heed(self, event: Event, undone: set[int]) -> None:
        if isinstance(event, RequestReceived):
            self._request_came(event, event.stream_id in undone)
        elif isinstance(event, DataReceived):
            self._allowance.useful(event.flow_controlled_length)
            self._h2.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
            stream = self.streams.get(event.stream_id)
            if stream is not None:
                stream.body(event.data)
        elif isinstance(event, StreamEnded):
            stream = self.streams.get(event.stream_id)
            if stream is not None and not stream.complete:
                stream.end()
        elif isinstance(event, StreamReset):
            self._reset_came(event)
        elif isinstance(event, WindowUpdated):
            self._turns.unblock(event.stream_id or 0)
        elif isinstance(event, RemoteSettingsChanged):
            self._turns.unblock(0)
        elif isinstance(event, ConnectionTerminated):
            self._close()
            self._forget_all(Failure(ConnectionDone()))

    def _request_came(self, event: RequestReceived, undone: bool) -> None:
        number = event.stream_id
        fields: list[tuple[bytes, bytes]] = list(event.headers)  # type: ignore[arg-type]
        self._allowance.useful(size_of(fields))
        if self._leaving or undone:
            self._reset(number, ErrorCodes.REFUSED_STREAM)
            return
        self.site.wheel.clear(self)
        stream = self.streams[number] = Http2Stream(self, number)
        ended = event.stream_ended is not None
        try:
            head = build_head(fields, self.site.head_rules, ended=ended)
        except Malformed as problem:
            request = stream.request
            request.method, request.uri = first_line(fields)
            request.clientproto = b"HTTP/2.0"
            stream.complete = ended
            stream.refuse(problem.status, problem.reason)
            return
        stream.begin(head, ended=ended)

    def _reset_came(self, event: StreamReset) -> None:
        stream = self.streams.get(event.stream_id or 0)
        if stream is not None:
            self._forget(stream)
            stream.gone(Failure(ConnectionLost("client reset the stream")))
            self._end_if_done()
        if not self._allowance.reset(self._clock.seconds()):
            self._break_off("client resets streams too often", ErrorCodes.ENHANCE_YOUR_CALM)

    # -- answers --

    def send_head(self, stream: Http2Stream, pairs: Pairs, *, ended: bool) -> None:
        """Send the head of an answer."""
        try:
            self._h2.send_headers(stream.number, pairs, end_stream=ended)
        except (StreamClosedError, NoSuchStreamError):
            return  # the client has reset it, and we hear of that in a moment
        self._turns.soon()

    def ready(self, stream: Http2Stream) -> None:
        """Hear that a stream has something to send."""
        self._turns.add(stream)

    def answered(self, stream: Http2Stream) -> None:
        """Hear that a request is answered."""
        if stream.number not in self.streams:
            return
        rules = stream.request.rules or self.site.servers.default.payload
        self._count(rules.keepalive)
        self._forget(stream)
        if not stream.complete:
            self._reset(stream.number, ErrorCodes.NO_ERROR)  # RFC 9113 8.1: we read no further
        self._turns.soon()
        self._end_if_done()

    def abort(self, stream: Http2Stream) -> None:
        """End a stream whose answer cannot be completed."""
        if stream.number in self.streams:
            self._forget(stream)
            self._reset(stream.number, ErrorCodes.INTERNAL_ERROR)
            self._turns.soon()
            self._end_if_done()

    def drop(self, stream: Http2Stream) -> None:
        """End a stream whose client took nothing for too long, or the connection when that is what is full."""
        if self._turns.paused:
            self.transport.abortConnection()
        else:
            self.abort(stream)

    def _reset(self, number: int, code: ErrorCodes) -> None:
        try:
            self._h2.reset_stream(number, code)
        except (StreamClosedError, NoSuchStreamError):
            pass

    def _forget(self, stream: Http2Stream) -> None:
        del self.streams[stream.number]
        self._turns.remove(stream)
        if not self.streams:
            self._wait_idle()

    def _forget_all(self, reason: Failure) -> None:
        streams, self.streams = self.streams, {}
        for stream in streams.values():
            stream.gone(reason)

    # -- the end --

    def _wait_idle(self) -> None:
        if not self._closing and self._idle_seconds:
            self.site.wheel.set(self, self._idle_seconds)

    def _count(self, keepalive: KeepaliveSettings) -> None:
        """Count a request, and say goodbye when it was the last (nginx: keepalive_requests, _time, _timeout 0)."""
        self.served += 1
        self._idle_seconds = keepalive.timeout / 1000
        old = keepalive.time and self._clock.seconds() - self.began >= keepalive.time / 1000
        if old or not keepalive.timeout or self.served >= keepalive.requests:
            self.drain()

    def drain(self) -> None:
        """Take no further requests, and end after the answers under way."""
        if not self._leaving and not self._closing:
            self._leaving = True
            # h2 has no GOAWAY after which anything may be sent.
            last = self._h2.highest_inbound_stream_id
            self._turns.flush(GoAwayFrame(0, last_stream_id=last, error_code=ErrorCodes.NO_ERROR).serialize())
        self._end_if_done()

    def _end_if_done(self) -> None:
        if self._leaving and not self.streams and not self._closing:
            self._close()

    def deadline_passed(self) -> None:
        """Close: no request came for too long, or the client does not take the last of what was sent."""
        if self._closing:
            self.transport.abortConnection()
        else:
            self.drain()

    def _break_off(self, reason: str, code: ErrorCodes | None = None) -> None:
        """End a connection whose client does what it must not."""
        client = str(getattr(self.peer, "host", "unix:"))
        self.log.info("{reason}", reason=reason, client=client, server=self.site.servers.default.name)
        if code is not None:
            self._h2.close_connection(code)
        self._close()
        self._forget_all(Failure(ConnectionDone()))

    def _close(self) -> None:
        self._closing = True
        self._turns.stop()
        self.transport.unregisterProducer()
        self.transport.loseConnection()
        self.site.wheel.set(self, _PATIENCE)


def _protocol(site: StreamingSite) -> H2Connection:
    """Return what keeps the state of a connection, with the bounds that we tell clients."""
    protocol = H2Connection(
        H2Configuration(
            client_side=False,
            header_encoding=None,
            # `head` judges: a request that is malformed is answered, and its connection goes on.
            validate_inbound_headers=False,
            normalize_inbound_headers=False,
            validate_outbound_headers=False,
            normalize_outbound_headers=False,
        )
    )
    settings = site.servers.default.payload.of.get(Http2Settings) or Http2Settings()
    largest = site.head_rules.head
    bounds = {SettingCodes.MAX_CONCURRENT_STREAMS: settings.streams, SettingCodes.MAX_HEADER_LIST_SIZE: largest}
    protocol.local_settings = Settings(client=False, initial_values=bounds)
    protocol.decoder.max_header_list_size = largest
    return protocol
