"""Sending a plan onto a TCP connection: sendmsg for memory, sendfile for files, no copy and no Twisted buffer.

The first attempt is made at once, before anything is registered: a response that fits the socket's buffer costs no
timer, no producer and no turn of the reactor. What does not fit goes on as a pull producer of the transport, which is
called exactly when the kernel has room. Public Twisted API only: getHandle, registerProducer, startWriting, doWrite.

Over TLS it is the same socket, and what goes there is sealed before, in pieces of what is read.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from typing import Any

from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IPullProducer
from twisted.python.failure import Failure
from zope.interface import implementer

from hls_mp4.interfaces import TruncatedSource
from hls_mp4.plan import Plan
from hls_mp4.web.pacing import Pace
from hls_mp4.web.tls.connection import TlsConnection
from hls_mp4.web.walk import Buffer, PlanWalker

_WINDOW = 1024 * 1024  # looked at in the page cache, and fetched in one go when it is not there
_MEMORY = 256 * 1024  # most that is gathered in memory at a time
_SEALED = 64 * 1024  # the same over TLS, of a client that is slower than we are: it waits there in memory


@implementer(IPullProducer)
class DirectSender:
    """Sends a head and a plan to the socket of a transport.

    Args:
        transport: a transport for which `takes_direct` holds, or the one below an encrypted connection; its buffer is
            empty when `send_now` is called.
        head: bytes that go before the plan and do not count as sent: the response's header.
        plan: the body.
        clock: an IReactorTime.
        owner: the transport's own producer, registered again at the end.
        sendfile: False to read and copy instead.
        chunk: most bytes sent before other connections get their turn.
        pace: None for as fast as the client reads.
        progress: called whenever bytes went on their way.
        tls: seals what is sent; None on a plain connection.
    """

    def __init__(
        self,
        transport: Any,
        head: bytes,
        plan: Plan,
        clock: Any,
        owner: Any,
        *,
        sendfile: bool,
        chunk: int,
        pace: Pace | None,
        progress: Callable[[], None],
        tls: TlsConnection | None = None,
    ) -> None:
        self.sent = 0
        self._moved = 0
        self._tls = tls
        self._memory = _MEMORY if tls is None else _SEALED
        self._transport = transport
        self._socket: socket.socket = transport.getHandle()
        self._pending: list[Buffer] = [head] if tls is None else []
        self._unsealed = b"" if tls is None else head
        self._head_left = len(head) if tls is None else 0
        self._walker = PlanWalker(plan, direct=sendfile and tls is None)
        self._clock = clock
        self._owner = owner
        self._chunk = chunk
        self._pace = pace
        self._progress = progress
        self._untouched = True
        self._registered = False
        self._skip = False
        self._waiting = False
        self._timer: Any = None
        self._done: Deferred[None] | None = None

    def send_now(self) -> bool:
        """Send what the socket takes at once; True when that was everything.

        Raises:
            TruncatedSource: the file is not what was planned with.
            OSError: the file cannot be read.
        """
        return self._pump()

    def send_rest(self, *, after_buffer: bool = False) -> Deferred[None]:
        """Go on whenever there is room; the Deferred fires at the end and fails with the reason why there is none.

        Args:
            after_buffer: the transport's own buffer may not be empty, and goes first.
        """
        done: Deferred[None] = Deferred()
        self._done = done
        if self._tls is not None:
            # What OpenSSL says by itself is numbered like all that is sealed: it goes in its turn.
            self._tls.queue = self._interject
        self._register(after_buffer)
        return done

    def resumeProducing(self) -> None:
        """Send more; the transport's buffer is empty and the socket has room."""
        if self._skip or self._waiting or self._timer is not None:
            # The first call is made by registerProducer itself: an earlier answer may still be in the buffer.
            return
        self._transport.doWrite = self._has_room
        self._go_on()

    def _has_room(self) -> None:
        """Send more; called by the reactor in place of the transport's doWrite, which would find its buffer empty.

        That saves two epoll_ctl and a send of nothing each time the socket has room: a tenth of what a 700 KB clip
        costs, 607 against 546 us.
        """
        self._go_on()

    def stopProducing(self) -> None:
        """Forget the rest; the connection is gone."""
        if self._transport is not None and self._transport.__dict__.get("doWrite") == self._has_room:
            del self._transport.doWrite
        self._pending = []
        self._done = None
        self._transport = None
        if self._tls is not None:
            self._tls.queue = None
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _register(self, after_buffer: bool) -> None:
        transport = self._transport
        transport.unregisterProducer()
        self._registered = True
        self._skip = True
        transport.registerProducer(self, False)
        self._skip = False
        if self._transport is None:
            return
        if not after_buffer:
            transport.doWrite = self._has_room
        if not self._waiting and self._timer is None:
            transport.startWriting()

    def _go_on(self) -> None:
        if self._transport is None:
            return
        try:
            if self._pump():
                self._finish(None)
            elif self._transport is None:
                return
            elif self._waiting or self._timer is not None:
                self._transport.stopWriting()
            else:
                self._transport.startWriting()
        except Exception:
            self._finish(Failure())

    def _finish(self, reason: Failure | None) -> None:
        done, transport = self._done, self._transport
        self.stopProducing()
        if transport is not None and self._registered:
            transport.stopWriting()
            transport.unregisterProducer()
            transport.registerProducer(self._owner, True)
        if done is not None:
            if reason is None:
                done.callback(None)
            else:
                done.errback(reason)

    def _pump(self) -> bool:
        """Send until the socket is full, the turn is over, the pace or a disk has to be waited for, or all is sent."""
        before, moved = self.sent, self._moved
        budget = self._chunk
        walker = self._walker
        checked: Any = None
        if self._untouched:
            self._untouched = False
            if self._pace is None and not walker.at_end and walker.extent() is None:
                # A small body leaves together with its header: one system call, one packet.
                taken = walker.take(self._memory)
                if isinstance(taken, Deferred):
                    self._wait_for(taken)
                    return False
                self._pending += self._ready(taken)
        try:
            while True:
                if self._pending:
                    if not self._send_memory(more=not walker.at_end):
                        return False
                    continue
                if self._unsealed:
                    self._pending = self._ready([])
                    continue
                if walker.at_end:
                    return True
                budget = min(budget, self._chunk - (self.sent - before))
                if budget <= 0:
                    return False
                limit = budget
                if self._pace is not None:
                    now = self._clock.seconds()
                    limit = min(limit, self._pace.allowed(self.sent, now))
                    if limit <= 0:
                        self._timer = self._clock.callLater(self._pace.wait(self.sent, now), self._wake)
                        return False
                extent = walker.extent()
                if extent is None:
                    taken = walker.take(min(limit, self._memory))
                    if isinstance(taken, Deferred):
                        self._wait_for(taken)
                        return False
                    self._pending = self._ready(taken)
                    continue
                source, offset, length = extent
                if checked is not source:
                    if not source.unchanged():
                        raise TruncatedSource("file truncated or replaced while it was sent")
                    checked = source
                if not self._send_file(source, offset, min(length, limit, _WINDOW)):
                    return False
        finally:
            # Before send_rest nobody waits yet: a body that fits the socket needs no deadline at all.
            if self._done is not None and self._moved != moved:
                self._progress()

    def _ready(self, taken: list[Buffer]) -> list[Buffer]:
        """Return buffers as they go to the socket; what is sealed counts as sent."""
        if self._tls is None:
            return taken
        head, self._unsealed = self._unsealed, b""
        self.sent += sum(map(len, taken))
        whole = [head, *taken] if head else taken
        return list(self._tls.sealed(whole[0] if len(whole) == 1 else b"".join(whole)))

    def _interject(self, data: bytes) -> None:
        """Send what is sealed and none of ours, in its turn."""
        self._pending.append(data)

    def _send_memory(self, *, more: bool) -> bool:
        """Send the pending buffers; True when all of them went."""
        pending = self._pending
        flags = socket.MSG_MORE if more else 0
        try:
            if len(pending) == 1:
                count = self._socket.send(pending[0], flags)
            else:
                count = self._socket.sendmsg(pending, (), flags)
        except BlockingIOError:
            return False
        except OSError:
            self._lost()
            return False
        self._moved += count
        if self._tls is None:
            head = min(count, self._head_left)
            self._head_left -= head
            self.sent += count - head
        for position, buffer in enumerate(pending):
            if count < len(buffer):
                self._memory = _MEMORY if self._tls is None else _SEALED
                rest = memoryview(buffer)[count:]
                self._pending = [rest, *pending[position + 1 :]]
                return False
            count -= len(buffer)
        self._pending = []
        self._memory = _MEMORY
        return True

    def _send_file(self, source: Any, offset: int, length: int) -> bool:
        """Send a window of a file; True when all of it went."""
        if not source.resident(offset, length):
            self._wait_for(source.fetch(offset, length))
            return False
        fd, offset = source.lend(offset, length)
        try:
            count = os.sendfile(self._socket.fileno(), fd, offset, length)
        except BlockingIOError:
            return False
        except (BrokenPipeError, ConnectionError):
            self._lost()
            return False
        if not count:
            raise TruncatedSource("file truncated while it was sent")
        self._walker.advance(count)
        self.sent += count
        self._moved += count
        return count == length

    def _wait_for(self, ready: Deferred[Any]) -> None:
        self._waiting = True
        at_once = True

        def arrived(_: Any) -> None:
            self._waiting = False
            if at_once:  # a source that answers from memory: not from within our own loop
                self._timer = self._clock.callLater(0, self._wake)
            else:
                self._go_on()

        def failed(reason: Failure) -> None:
            self._waiting = False
            self._finish(reason)

        ready.addCallbacks(arrived, failed)
        at_once = False

    def _wake(self) -> None:
        self._timer = None
        self._progress()  # held back by us: the client is not to blame
        self._go_on()

    def _lost(self) -> None:
        """Let the reactor find out in its own time what the socket knows already."""
        self._transport.abortConnection()
