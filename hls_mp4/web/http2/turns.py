"""Whose turn it is to send on an HTTP/2 connection, and how much.

Streams that have something to send share the connection in pieces of 64 KiB, within the client's windows (RFC 9113 5.2)
and the room of the socket; after 256 KiB other connections get their turn. What the protocol says by itself waits with
the rest while the socket is full, up to a bound.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from h2.connection import H2Connection
from h2.exceptions import NoSuchStreamError, StreamClosedError

if TYPE_CHECKING:
    from hls_mp4.web.http2.stream import Http2Stream

TURN = 256 * 1024
SHARE = 64 * 1024
MOST_UNSENT = 64 * 1024
"""Bytes of answers to PING, SETTINGS and the like that a client may leave unread."""


class Turns:
    """Sends what the streams of a connection have.

    Args:
        protocol: keeps the state of the connection.
        clock: an IReactorTime.
        write: sends bytes.
        sent: is told how many bytes of bodies were sent.
    """

    def __init__(
        self, protocol: H2Connection, clock: Any, write: Callable[[bytes], None], sent: Callable[[int], None]
    ) -> None:
        self.paused = False
        self._h2 = protocol
        self._clock = clock
        self._write = write
        self._sent = sent
        self._ready: deque[Http2Stream] = deque()
        self._blocked: dict[int, Http2Stream] = {}
        self._unsent = bytearray()
        self._held = False
        self._later: Any = None
        self._over = False

    @property
    def overfull(self) -> bool:
        """Whether more than enough waits for a client that does not read."""
        return len(self._unsent) > MOST_UNSENT

    def add(self, stream: Http2Stream) -> None:
        """Let a stream send, soon."""
        self._ready.append(stream)
        self.soon()

    def remove(self, stream: Http2Stream) -> None:
        """Forget a stream; when its turn comes it has nothing to send."""
        self._blocked.pop(stream.number, None)

    def unblock(self, number: int) -> None:
        """Let streams send again that wait for a window: one, or all of them for 0."""
        if number:
            stream = self._blocked.pop(number, None)
            self._ready.extend([stream] if stream is not None else [])
        else:
            self._ready.extend(self._blocked.values())
            self._blocked.clear()

    def hold(self) -> None:
        """Send nothing until `send` is called: there is more to come in this turn of the reactor."""
        self._held = True

    def soon(self) -> None:
        """Send in the next turn of the reactor, unless it is done in this one."""
        if self._later is None and not self._held and not self._over:
            self._later = self._clock.callLater(0, self._turn)

    def _turn(self) -> None:
        self._later = None
        self.send()

    def send(self) -> None:
        """Send what there is, until the windows or the socket are full or the turn is over."""
        if self._over:
            return
        self._held = True
        left = TURN
        while self._ready and left > 0 and not self.paused and not self._over:
            left -= self._share(self._ready.popleft(), left)
        self.flush()
        self._held = False
        if self._ready and not self.paused:
            self.soon()

    def _share(self, stream: Http2Stream, left: int) -> int:
        """Send a stream's share; return how many bytes that were."""
        try:
            window = self._h2.local_flow_control_window(stream.number)
        except (StreamClosedError, NoSuchStreamError):
            return 0
        if window <= 0:
            self._blocked[stream.number] = stream
            return 0
        taken = stream.take(min(window, SHARE, left), self._clock.seconds())
        if taken is None:
            return 0
        buffers, last = taken
        data = memoryview(buffers[0] if len(buffers) == 1 else b"".join(buffers))
        frame = self._h2.max_outbound_frame_size
        for at in range(0, len(data), frame):
            self._h2.send_data(stream.number, data[at : at + frame], end_stream=last and at + frame >= len(data))
        self._sent(len(data))
        self.flush()
        if not last:
            self._ready.append(stream)
        stream.went(last=last)
        return len(data)

    def flush(self, more: bytes = b"") -> None:
        """Send what the protocol has to say, or keep it while the socket is full."""
        self._unsent += self._h2.data_to_send() + more
        if self._unsent and not self.paused:
            data, self._unsent = bytes(self._unsent), bytearray()
            self._write(data)

    def stop(self) -> None:
        """Send what the protocol still has to say, and nothing after it."""
        self.paused = False
        self.flush()
        self._over = True
        self._ready.clear()
        self._blocked.clear()
        if self._later is not None:
            self._later.cancel()
            self._later = None
