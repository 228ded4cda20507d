"""One request, from its last byte to the last byte of its answer.

`hls_mp4.web.content` says what to answer; here is how: the response's header, the drive that suits the connection, the
deadline of a client that takes nothing. `hls_mp4.web.state` has what is known of it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.error import ConnectionDone, ConnectionLost
from twisted.python.failure import Failure

from hls_mp4.errors import StreamingError
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
from hls_mp4.web.finding.error_page import CLOSED
from hls_mp4.web.sender import PlanProducer
from hls_mp4.web.state import RequestState

if TYPE_CHECKING:
    from hls_mp4.web.http2.stream import Http2Stream
    from hls_mp4.web.pacing import Pace

_DISCARD_STATUSES = (204, 304)


class StreamingRequest(RequestState):
    """A request to the site; see the module."""

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
        if isinstance(problem, (TruncatedSource, OSError, StreamingError)):
            self.report(f'"{self.filename}" {problem}', level="error")
        else:
            self.log.failure("while sending {uri}", uri=self.uri)
        self.abort()
