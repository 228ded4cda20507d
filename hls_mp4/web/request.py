"""One request, from its last byte to the last byte of its answer.

`hls_mp4.web.content` says what to answer; here is how: the response's header, the drive that suits the connection, the
deadline of a client that takes nothing, and the lines in the logs.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from twisted.internet.address import UNIXAddress
from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.error import ConnectionDone, ConnectionLost
from twisted.logger import Logger
from twisted.python.failure import Failure
from twisted.web import http

from hls_mp4.interfaces import TruncatedSource
from hls_mp4.plan import Plan
from hls_mp4.web.answer import Answer, error_answer, head_bytes
from hls_mp4.web.compressing import compressed
from hls_mp4.web.connections import unread_output
from hls_mp4.web.cors import with_cors
from hls_mp4.web.direct import DirectSender
from hls_mp4.web.discarded import Discarded
from hls_mp4.web.driving import drive
from hls_mp4.web.engine import answer, body_limit
from hls_mp4.web.facts import RequestFacts
from hls_mp4.web.finding.error_page import CLOSED
from hls_mp4.web.phases import COMPUTED
from hls_mp4.web.sender import PlanProducer

if TYPE_CHECKING:
    from collections.abc import Callable

    from hls_mp4.web.http2.stream import Http2Stream
    from hls_mp4.web.locations import VirtualServer
    from hls_mp4.web.pacing import Pace
    from hls_mp4.web.rules import LocationRules
    from hls_mp4.web.site import StreamingSite
    from hls_mp4.web.tls.connection import TlsConnection

_DISCARD_STATUSES = (204, 304)
_NEAREST = {"notice": "info", "crit": "critical", "alert": "critical", "emerg": "critical"}
"""Twisted's levels for those that only nginx has."""


class StreamingRequest(http.Request):
    """A request to the site; see the module."""

    log = Logger()

    channel: Any
    # Looked up on the class until they change: a request is made thousands of times a second.
    deadline = 0.0
    wheel_slot = -1
    conditional = True
    query = b""
    refused_line = b""
    location_path = ""
    host_name = ""
    filename = ""
    server: VirtualServer | None = None
    rules: LocationRules | None = None
    pairs: list[tuple[str, str]] = []
    captures: dict[str, str] = {}
    values: dict[str, str | None] = {}
    internal = False
    subrequest = False
    asked_method = b""
    uri_changes = 0
    error_status = 0
    error_page_taken = False
    uri_rewritten = False
    uri_added = False
    limit_rate: int | None = None
    client_address = ""
    client_port = 0
    ordinal = 1
    completed = False
    _endings: list[Callable[[], None]] = []
    head_length = 0
    received_length = 0
    body_seconds = 60.0
    started = 0.0
    _began = 0.0
    _identity = ""
    _answering: Deferred[None] | None = None
    _logged = False
    most_body = 1 << 62
    _aborted = False
    _unread = 0
    _sender: DirectSender | Http2Stream | None = None

    @property
    def site(self) -> StreamingSite:
        """The site of the connection."""
        site: StreamingSite = self.channel.site
        return site

    @property
    def secure(self) -> bool:
        """Whether the connection is encrypted."""
        return bool(self.channel is not None and self.channel.isSecure())

    @property
    def tls(self) -> TlsConnection | None:
        """The encrypted connection, None on a plain one."""
        return getattr(self.channel, "tls", None)

    @property
    def remote_addr(self) -> str:
        """The client's address, `unix:` for a unix socket; with `real_ip_header` the one that a trusted proxy names."""
        return self.client_address or self.peer_addr

    @property
    def peer_addr(self) -> str:
        """The address that the connection comes from, `unix:` for a unix socket."""
        return "unix:" if isinstance(self.client, UNIXAddress) else str(self.client.host)

    @property
    def remote_port(self) -> int:
        """The client's port, that which a trusted proxy names with its address; 0 for none."""
        return self.client_port if self.client_address else self.peer_port

    @property
    def peer_port(self) -> int:
        """The port that the connection comes from, 0 for a unix socket."""
        return int(getattr(self.client, "port", 0))

    @property
    def pipelined(self) -> bool:
        """Whether more of the connection's input had arrived before this was answered."""
        return bool(getattr(self.channel, "pipelined", False))

    def elapsed(self) -> float:
        """Return the seconds since the request was complete."""
        return float(self.shared.reactor.seconds()) - self._began if self._began else 0.0

    def identify(self) -> str:
        """Return the request's random id, made when first asked for."""
        if not self._identity:
            self._identity = os.urandom(16).hex()
        return self._identity

    # -- what phases leave for each other --

    def facts(self) -> RequestFacts:
        """Return what texts with variables read of this request."""
        return RequestFacts(self)

    def read_with_get(self) -> None:
        """Let an error page be read with GET, whatever the method of the request was (HEAD stays); logs keep it."""
        if self.method not in (b"GET", b"HEAD"):
            self.refused_line = self.refused_line or b"%b %b %b" % (self.method, self.uri, self.clientproto)
            self.method = b"GET"

    def value(self, name: str) -> str | None:
        """Return a variable that a phase set or a module computes, None when it has no value."""
        if name in self.values:
            return self.values[name]
        compute = COMPUTED.get(name) or self.shared.defined.get(name)
        return compute(self) if compute is not None else None

    def set_value(self, name: str, value: str | None) -> None:
        """Give a variable its value for the rest of the request."""
        self.values = {**self.values, name: value}

    def at_end(self, call: Callable[[], None]) -> None:
        """Call something once when the request is over, however it ends; after its lines were logged."""
        self._endings = [*self._endings, call]

    # -- Twisted's calls --

    def parseCookies(self) -> None:
        """Not before somebody asks."""

    def gotLength(self, length: int | None) -> None:
        """Learn the length of the body, None for chunked; its bytes are counted and dropped.

        A body that is announced, or grows, above the location's limit is refused before it is read.
        """
        self.content: Any = Discarded()
        if length != 0 and hasattr(self.channel, "refuse"):
            self.most_body = body_limit(self, self.uri)
            if self.rules is not None:
                self.body_seconds = self.rules.body.timeout / 1000
            if length is not None and length > self.most_body:
                self.channel.refuse(413, f"client intended to send too large body: {length} bytes")

    def handleContentChunk(self, data: bytes) -> None:
        """Count bytes of the body."""
        self.content.write(data)
        if self.content.length > self.most_body:
            self.channel.refuse(413, "client intended to send too large chunked body")

    def requestReceived(self, command: bytes, path: bytes, version: bytes) -> None:
        """Answer: the request is complete."""
        self.method = command
        self.uri = path
        self.clientproto = version
        self.begin()
        self._answering = drive(self._answer())

    def begin(self) -> None:
        """Note when this was read, as far as it was."""
        self.shared = self.site.shared
        self._began = self.shared.reactor.seconds()
        self.ordinal = self.channel.served + 1
        self.started = self.shared.wall_clock()

    def connectionLost(self, reason: Failure) -> None:
        """Stop: nobody waits for the answer any more."""
        self._aborted = True
        self.site.wheel.forget(self)
        answering, self._answering = self._answering, None
        if answering is not None:
            answering.cancel()
        self.ended()
        super().connectionLost(reason)

    # -- answering --

    async def _answer(self) -> None:
        """Find the answer and send it; whatever happens, the client hears of it and the connection stays right."""
        found: Answer | None = None
        try:
            try:
                found = await answer(self)
                if found.compression is not None:
                    found = await compressed(self, found)
            except CancelledError:
                return
            except Exception:
                self.log.failure("while answering {uri}", uri=self.uri)
                found = error_answer(self, 500)
            if self._aborted:
                return
            if found.status == CLOSED:
                self.code = found.status
                self._hang_up()
                return
            sending = self._send(found)
            if sending is not None:
                await sending
            self.finish()
        except CancelledError:
            pass
        except Exception as problem:
            self._break_off(problem)
        finally:
            if found is not None and found.held is not None:
                found.held.release()

    def _send(self, found: Answer) -> Deferred[None] | None:
        """Begin to send; None when all of it went at once, else a Deferred of the end."""
        self.code = found.status
        self.pairs = found.headers = with_cors(self, found.status, found.headers)
        plan = found.plan
        channel = self.channel
        bodyless = self.method == b"HEAD" or found.status in _DISCARD_STATUSES
        if bodyless:
            plan = Plan(())
        if not hasattr(channel, "direct"):
            return self.send_on_stream(found, plan)
        if found.close or not self._may_persist():
            channel.persistent = False
        head = head_bytes(found, bool(channel.persistent))
        self.head_length = len(head)
        self.startedWriting = 1
        send = found.rules.send if found.rules is not None else None
        pace = found.pace
        bare, tls = channel.bare, channel.tls
        if bare is None:
            channel.write(head)
            return self._produce(plan, pace)
        sender = DirectSender(
            bare,
            head,
            plan,
            self.shared.reactor,
            channel,
            sendfile=send is None or send.sendfile,
            chunk=(send.chunk if send is not None else 0) or 1 << 40,
            pace=pace,
            progress=self._progressed,
            tls=tls,
        )
        self._sender = sender
        buffered, channel.buffered = channel.buffered, False
        if tls is not None:
            buffered, tls.buffered = tls.buffered, False
        if not buffered and sender.send_now():
            return None
        self._progressed()
        return sender.send_rest(after_buffer=buffered)

    def _produce(self, plan: Plan, pace: Pace | None) -> Deferred[None] | None:
        if not plan.length:
            return None
        self._progressed()
        producer = PlanProducer(plan, self.shared.reactor, pace, self._progressed)
        return producer.startProducing(self)

    def send_on_stream(self, found: Answer, plan: Plan) -> Deferred[None] | None:
        """Begin to send over HTTP/2; None when that was all, else a Deferred of the end."""
        self.startedWriting = 1
        self._sender = self.channel
        stream: Http2Stream = self.channel
        self.head_length, sending = stream.answer(found.status, found.headers, plan, found.pace, self._progressed)
        if sending is not None:
            self._progressed()
        return sending

    def _may_persist(self) -> bool:
        """Tell whether the connection may serve another request, and set how long it may be idle until then."""
        channel = self.channel
        channel.served += 1
        keepalive = (self.rules or self.site.servers.default.payload).keepalive
        if not keepalive.timeout or channel.served >= keepalive.requests:
            return False
        if keepalive.time and self._began - channel.began >= keepalive.time / 1000:
            return False
        channel.keep_alive_for(keepalive.timeout / 1000)
        return bool(channel.persistent)

    def _progressed(self) -> None:
        """Give the client its time again: it took something."""
        self._unread = self._unread_bytes()
        rules = self.rules
        seconds = rules.send.timeout / 1000 if rules is not None else 60.0
        if seconds:
            self.site.wheel.set(self, seconds)

    def deadline_passed(self) -> None:
        """Drop a client that took nothing for too long.

        The socket has room only after a third of its megabytes went: a client that reads slowly, and does read, shows
        in what the kernel still holds.
        """
        if self._unread_bytes() < self._unread:
            self._progressed()
            return
        self.report("client timed out while sending to client", level="info")
        if self.channel is not None and hasattr(self.channel, "drop"):
            self.channel.drop()
        else:
            self.abort()

    def _unread_bytes(self) -> int:
        """Return how many bytes the client has not acknowledged, 0 where that cannot be known."""
        bare = self.channel.bare if self.channel is not None else None
        return unread_output(bare) if bare is not None else 0

    def finish(self) -> None:
        """End the response; the connection goes on with the next request."""
        if self._aborted:
            return
        self.site.wheel.forget(self)
        self.completed = True
        self.ended()
        self._answering = None
        super().finish()

    def abort(self) -> None:
        """End the connection now; the client sees that the body is short."""
        channel = self.channel
        if channel is None:
            return
        if hasattr(channel, "direct"):
            channel.transport.abortConnection()
        else:
            channel.abortConnection()

    def _hang_up(self) -> None:
        """Close the connection as if there were nothing to say."""
        channel = self.channel
        if channel is not None and hasattr(channel, "direct"):
            channel.transport.loseConnection()
        else:
            self.abort()

    def _break_off(self, problem: Exception) -> None:
        """End a response that cannot be completed: its length was promised, so the connection ends with it."""
        if isinstance(problem, (ConnectionDone, ConnectionLost)) or self._aborted:
            return
        if isinstance(problem, (TruncatedSource, OSError)):
            self.report(f'"{self.filename}" {problem}', level="error")
        else:
            self.log.failure("while sending {uri}", uri=self.uri)
        self.abort()

    # -- logs --

    def report(self, reason: str, *, level: str = "error") -> None:
        """Write one line to the error log, with what nginx says of the request."""
        facts = RequestFacts(self)
        getattr(self.log, _NEAREST.get(level, level))(
            "{reason}",
            reason=reason,
            severity=level,
            client=facts.remote_addr,
            server=facts.server_name,
            request=facts.request_line,
            host=facts.request_header("host") or "",
            target=self.rules.errors if self.rules is not None else None,
        )

    def ended(self) -> None:
        """Write the lines of the access logs, and call those who wait for the end."""
        self._write_access_log()
        endings, self._endings = self._endings, []
        for call in endings:
            call()

    def _write_access_log(self) -> None:
        if self._logged or not self._began:
            return
        self._logged = True
        if self._sender is not None:
            self.sentLength = self._sender.sent
        rules = self.rules or self.site.servers.default.payload
        for access_log in rules.logs:
            access_log.write(RequestFacts(self))
