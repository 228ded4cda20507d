"""The sender: the project's IBodyProducer. It walks a plan and hands each part over in the cheapest correct way.

Two drives:

- `hls_mp4.web.direct`, onto a bare TCP connection: writes to the socket itself, memory with sendmsg and files with
  sendfile, whenever the reactor says that there is room. Nothing passes through Twisted's buffers.
- `PlanProducer`, onto anything else (TLS, HTTP/2, unix sockets, a request of treq): a push producer that reads pieces
  and writes them until it is paused.

Only transports of an exact class get the first: a TLS transport *claims* every interface of the one it wraps and lends
its file descriptor, so a probe with hasattr would put the file's plain text on the wire.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from twisted.internet import tcp
from twisted.internet.defer import Deferred
from twisted.internet.interfaces import ISSLTransport
from twisted.python.failure import Failure
from twisted.web.iweb import IBodyProducer
from zope.interface import implementer

from hls_mp4.plan import Plan
from hls_mp4.web.pacing import Pace
from hls_mp4.web.walk import PlanWalker

_PIECE = 64 * 1024  # what one write through a Twisted buffer carries; transports pause a producer at this


def takes_direct(transport: Any) -> bool:
    """Tell whether file descriptors may be sent to this transport: plain TCP, by exact class, without TLS."""
    return type(transport) is tcp.Server and not transport.TLS and not ISSLTransport.providedBy(transport)


def _nothing() -> None:
    """Ignore progress."""


@implementer(IBodyProducer)
class PlanProducer:
    """Sends a plan to any consumer that takes push producers, reading what lies in files.

    Args:
        plan: the body.
        clock: an IReactorTime.
        pace: None for as fast as the consumer takes it.
        progress: called whenever bytes went on their way.
    """

    def __init__(
        self, plan: Plan, clock: Any, pace: Pace | None = None, progress: Callable[[], None] = _nothing
    ) -> None:
        self.length = plan.length
        self.sent = 0
        self._walker = PlanWalker(plan, direct=False)
        self._clock = clock
        self._pace = pace
        self._progress = progress
        self._consumer: Any = None
        self._done: Deferred[None] | None = None
        self._paused = False
        self._busy = False
        self._timer: Any = None

    def startProducing(self, consumer: Any) -> Deferred[None]:
        """Begin to write to a consumer; the Deferred fires when it took the last byte, and fails with the reason."""
        self._consumer = consumer
        done: Deferred[None] = Deferred(lambda _: self.stopProducing())
        self._done = done
        consumer.registerProducer(self, True)
        self._run()
        return done

    def pauseProducing(self) -> None:
        """Stop writing; the consumer's buffer is full."""
        self._paused = True

    def resumeProducing(self) -> None:
        """Go on; the consumer's buffer was emptied."""
        self._paused = False
        self._progress()
        self._run()

    def stopProducing(self) -> None:
        """Forget the rest; the consumer is gone."""
        self._done = None
        self._consumer = None
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _run(self) -> None:
        # write() may pause us and a paused consumer may resume us from within write(): one loop at a time.
        if self._busy or self._timer is not None:
            return
        self._busy = True
        try:
            while self._consumer is not None and not self._paused:
                if self._walker.at_end:
                    self._finish()
                    return
                limit = _PIECE
                if self._pace is not None:
                    now = self._clock.seconds()
                    limit = min(limit, self._pace.allowed(self.sent, now))
                    if limit <= 0:
                        self._timer = self._clock.callLater(self._pace.wait(self.sent, now), self._wake)
                        return
                taken = self._walker.take(limit)
                if isinstance(taken, Deferred):
                    if not self._waits_for(taken):
                        continue
                    return
                data = taken[0] if len(taken) == 1 else b"".join(taken)
                self.sent += len(data)
                self._consumer.write(data if type(data) is bytes else bytes(data))
                if not self._paused:
                    self._progress()
            self._busy = False
        except Exception:
            self._fail(Failure())

    def _waits_for(self, ready: Deferred[None]) -> bool:
        """Go on when a source is ready; False when it was at once, which is no reason to recurse.

        Busy stays set until then: a resume meanwhile must not start a second read.
        """
        waiting = False
        fired = False

        def arrived(_: None) -> None:
            nonlocal fired
            fired = True
            if waiting:
                self._busy = False
                self._run()

        ready.addCallbacks(arrived, self._fail)
        waiting = not fired
        return waiting

    def _wake(self) -> None:
        self._timer = None
        self._busy = False
        self._progress()  # held back by us: the client is not to blame
        self._run()

    def _finish(self) -> None:
        done, consumer = self._done, self._consumer
        self.stopProducing()
        if consumer is not None:
            consumer.unregisterProducer()
        if done is not None:
            done.callback(None)

    def _fail(self, reason: Failure) -> None:
        done, consumer = self._done, self._consumer
        self.stopProducing()
        if consumer is not None:
            consumer.unregisterProducer()
        if done is not None:
            done.errback(reason)
