"""One stream of an HTTP/2 connection: what an HTTP/1 channel is to its request, and the body of the answer.

A body is taken from its plan when the connection asks for it, and no more of it than may be sent at once: whatever the
client's windows, what is in memory of an answer is one turn's worth.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from twisted.internet.defer import Deferred
from twisted.internet.error import ConnectionLost
from twisted.python.failure import Failure

from hls_mp4.plan import Plan
from hls_mp4.web.head import Head
from hls_mp4.web.pacing import Pace
from hls_mp4.web.unreadable import give_up, refuse
from hls_mp4.web.walk import Buffer, PlanWalker

if TYPE_CHECKING:
    from hls_mp4.web.answer import Answer
    from hls_mp4.web.http2.connection import Http2Connection
    from hls_mp4.web.request import StreamingRequest
    from hls_mp4.web.tls.connection import TlsConnection

Pairs = list[tuple[bytes, bytes]]

_OF_CONNECTIONS = frozenset(("connection", "keep-alive", "transfer-encoding", "upgrade"))


class Http2Stream:
    """A request and its answer.

    Args:
        connection: it came on.
        number: of the stream.
    """

    deadline = 0.0
    wheel_slot = -1
    pipelined = False
    transport: Any = None  # Twisted's requests ask for it
    plain_on_tls = False
    buffered = False

    def __init__(self, connection: Http2Connection, number: int) -> None:
        self.connection = connection
        self.number = number
        self.site = connection.site
        self.tls: TlsConnection | None = connection.tls
        self.served = connection.served
        self.began = connection.began
        self.complete = False
        """Whether the client has said all."""
        self.sent = 0
        self._head_size = 0
        self._refused = False
        self._walker: PlanWalker | None = None
        self._pace: Pace | None = None
        self._progress: Callable[[], None] = _nothing
        self._left: list[Buffer] = []
        self._done: Deferred[None] | None = None
        self._timer: Any = None
        channel: Any = self  # as far as a request asks
        self.request: StreamingRequest = connection.site.requestFactory(channel, False)

    # -- the request --

    def begin(self, head: Head, *, ended: bool) -> None:
        """Take the head of the request; answer when that is all of it."""
        request = self.request
        request.method, request.uri, request.clientproto = head.method, head.target, head.version
        request.conditional = head.conditional
        request.received_length = self._head_size = head.size
        for name, value in head.headers:
            request.requestHeaders.addRawHeader(name, value)
        if head.ignored:
            shown = head.ignored[0].decode("latin-1")
            request.report(f'client sent invalid header line: "{shown}"', level="info")
        if ended:
            self.end()
        else:
            request.gotLength(None if head.length < 0 else head.length)
            self._wait()

    def body(self, data: bytes) -> None:
        """Take a piece of the request's body."""
        if not self._refused:
            self.request.received_length += len(data)
            self._wait()
            self.request.handleContentChunk(data)

    def end(self) -> None:
        """Answer: the request is complete."""
        self.complete = True
        self.site.wheel.forget(self)
        if not self._refused:
            request = self.request
            request.requestReceived(request.method, request.uri, request.clientproto)

    def _wait(self) -> None:
        if not self._refused and self.request.body_seconds:
            self.site.wheel.set(self, self.request.body_seconds)

    def deadline_passed(self) -> None:
        """Give up on a request whose body does not come."""
        self._refused = True
        give_up(self.request, 408, "client timed out while reading client request body")
        self.abortConnection()

    def refuse(self, status: int, reason: str = "", headers: tuple[tuple[str, str], ...] = ()) -> None:
        """Answer a request that is not read to its end."""
        if not self._refused:
            self._refused = True
            self.site.wheel.forget(self)
            refuse(self.request, status, reason, list(headers))

    def say(self, found: Answer) -> None:
        """Send the page of a request that is not read to its end."""
        request = self.request
        sending = request.send_on_stream(found, Plan(()) if request.method == b"HEAD" else found.plan)
        if sending is None:
            request.finish()
        else:
            sending.addCallbacks(lambda _: request.finish(), lambda _: None)

    def gone(self, reason: Failure) -> None:
        """Forget the request: the client reset the stream, or the connection is lost."""
        self._stop()
        self._refused = True
        self.request.connectionLost(reason)

    # -- the answer --

    def answer(
        self,
        status: int,
        headers: list[tuple[str, str]],
        plan: Plan,
        pace: Pace | None,
        progress: Callable[[], None],
    ) -> tuple[int, Deferred[None] | None]:
        """Send the head of the answer and begin with its body.

        Args:
            status: of the answer.
            headers: of the answer; those of connections are left out.
            plan: the body.
            pace: None for as fast as the client takes it.
            progress: called whenever bytes went on their way.

        Returns:
            The size of the head, and a Deferred of the body's end; None when there is no body.
        """
        pairs: Pairs = [(b":status", b"%d" % status)]
        for name, value in headers:
            lower = name.lower()
            if lower not in _OF_CONNECTIONS:
                clean = value.replace("\r", " ").replace("\n", " ").replace("\0", " ")
                pairs.append((lower.encode("latin-1", "replace"), clean.encode("latin-1", "replace")))
        self.connection.send_head(self, pairs, ended=not plan.length)
        size = sum(len(name) + len(value) + 4 for name, value in pairs)
        if not plan.length:
            return size, None
        self._walker = PlanWalker(plan, direct=False)
        self._pace = pace
        self._progress = progress
        self._done = Deferred(lambda _: self._stop())
        self.connection.ready(self)
        return size, self._done

    def take(self, most: int, now: float) -> tuple[list[Buffer], bool] | None:
        """Return bytes of the body that may be sent now, and whether they are its last.

        Args:
            most: that the connection takes.
            now: reactor seconds.

        Returns:
            None when something has to be waited for; the connection hears when it has come.
        """
        walker = self._walker
        if walker is None:
            return None
        if self._pace is not None:
            allowed = self._pace.allowed(self.sent, now)
            if allowed <= 0:
                self._timer = self.site.shared.reactor.callLater(self._pace.wait(self.sent, now), self._wake)
                return None
            most = min(most, allowed)
        taken, self._left = self._left, []
        if not taken:
            try:
                found = walker.take(most)
            except Exception:
                self._fail(Failure())
                return None
            if isinstance(found, Deferred):
                self._wait_for(found)
                return None
            taken = found
        taken, self._left = _split(taken, most)
        self.sent += sum(map(len, taken))
        return taken, walker.at_end and not self._left

    def went(self, *, last: bool) -> None:
        """Hear that what was taken is on its way."""
        self.request.sentLength = self.sent
        if not last:
            self._progress()
            return
        done = self._done
        self._stop()
        if done is not None:
            done.callback(None)

    def _wait_for(self, ready: Deferred[Any]) -> None:
        """Go on when a source has what it was asked for."""

        def arrived(_: Any) -> None:
            if self._walker is not None:
                self._timer = self.site.shared.reactor.callLater(0, self._wake)

        ready.addCallbacks(arrived, self._fail)

    def _wake(self) -> None:
        self._timer = None
        self._progress()  # held back by us: the client is not to blame
        self.connection.ready(self)

    def _fail(self, reason: Failure) -> None:
        done = self._done
        self._stop()
        if done is not None:
            done.errback(reason)

    def _stop(self) -> None:
        """Forget what is unsent."""
        self.site.wheel.forget(self)
        self._walker = self._done = None
        self._left = []
        self._progress = _nothing
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    # -- what a request asks of its channel --

    def requestDone(self, request: StreamingRequest) -> None:
        """Forget the request: it is answered."""
        self._stop()
        self.connection.answered(self)

    def linger(self, request: StreamingRequest) -> None:
        """Let the rest of a refused request come; it is not ours any more."""

    def abortConnection(self) -> None:
        """End the stream now; the client sees that the answer is not whole."""
        self.connection.abort(self)
        self.gone(Failure(ConnectionLost("stream was reset")))

    def drop(self) -> None:
        """End the stream, or its whole connection: the client took nothing for too long."""
        self.connection.drop(self)
        self.gone(Failure(ConnectionLost("client took nothing")))

    @property
    def bare(self) -> Any:
        """The transport whose socket tells what the client has not taken; or None."""
        return self.tls.bare if self.tls is not None else None

    def isSecure(self) -> bool:
        """Tell whether the connection is encrypted."""
        return self.tls is not None

    def getPeer(self) -> Any:
        """Return the client's address."""
        return self.connection.peer

    def getHost(self) -> Any:
        """Return the address that the client connected to."""
        return self.connection.host


def _nothing() -> None:
    """Ignore progress."""


def _split(buffers: list[Buffer], most: int) -> tuple[list[Buffer], list[Buffer]]:
    """Return as many bytes of buffers as may be sent, and the rest: made parts come in pieces of their own size."""
    for position, buffer in enumerate(buffers):
        if len(buffer) > most:
            view = memoryview(buffer)
            return [*buffers[:position], view[:most]], [view[most:], *buffers[position + 1 :]]
        most -= len(buffer)
    return buffers, []
