"""Whose turn it is to send on an HTTP/2 connection, and how much.

Streams that have something to send share the connection in pieces of 64 KiB, within the client's windows (RFC 9113 5.2)
and the room of the socket; after 256 KiB other connections get their turn. What the protocol says by itself waits with
the rest while the socket is full, up to a bound.
"""

from __future__ import annotations

import struct
from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from h2.connection import H2Connection
from h2.exceptions import NoSuchStreamError, StreamClosedError

if TYPE_CHECKING:
    from hls_mp4.web.http2.stream import Http2Stream

_DATA_HEAD = struct.Struct(">HBBBI")  # length, type 0, no flags, the stream

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
        self._out: list[bytes | memoryview] = []
        self._unsent = 0
        self._held = False
        self._later: Any = None
        self._over = False

    @property
    def overfull(self) -> bool:
        """Whether more than enough waits for a client that does not read."""
        return self.paused and self._unsent > MOST_UNSENT

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
        self._send_data(stream.number, data, last)
        self._sent(len(data))
        if not last:
            self._ready.append(stream)
        stream.went(last=last)
        return len(data)

    def _send_data(self, number: int, data: memoryview, last: bool) -> None:
        """Send bytes of a body in frames that the client takes (RFC 9113 6.1).

        h2 makes a frame of 16 KiB in 25 microseconds, twice what encrypting and sending it takes together: all frames
        but the last are made here, and h2 is told what they took of the windows.
        """
        protocol = self._h2
        frame = protocol.max_outbound_frame_size
        end = (len(data) - 1) // frame * frame if last else len(data)
        if end:
            self._note()  # the head goes before
            for at in range(0, end, frame):
                piece = data[at : min(at + frame, end)]
                self._out += (_DATA_HEAD.pack(len(piece) >> 8, len(piece) & 255, 0, 0, number), piece)
            protocol.outbound_flow_control_window -= end
            protocol.streams[number].outbound_flow_control_window -= end
        if last:
            protocol.send_data(number, data[end:], end_stream=True)

    def _note(self) -> None:
        """Take what the protocol has to say."""
        said = self._h2.data_to_send()
        if said:
            self._out.append(said)
            self._unsent += len(said)

    def flush(self, more: bytes = b"") -> None:
        """Send what there is, or keep it while the socket is full: then it is what the protocol says, and no bodies.

        Args:
            more: to be said after what the protocol says.
        """
        self._note()
        if more:
            self._out.append(more)
        if self._out and not self.paused:
            data, self._out, self._unsent = b"".join(self._out), [], 0
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
