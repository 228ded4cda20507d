"""Whatever clients send, in whatever pieces: each request gets one answer, in order, and no connection hangs.

A rule-based state machine opens raw sockets, sends whole, damaged, smuggled and pipelined requests cut at any byte,
closes one side, hangs up, and lets time pass. What the bytes mean is asked of the pure reader, which has tests of its
own: so what is tested here is that channel, request and sender make of it what they should.

`MP4STREAM_FUZZ=5000 pytest tests/web/test_edge_fuzz.py` looks for longer.
"""

from __future__ import annotations

import contextlib
import os
import re
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, ClassVar

import pytest_twisted
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, rule, run_state_machine_as_test
from twisted.internet import task
from twisted.internet.threads import blockingCallFromThread, deferToThread

from hls_mp4.web.deadlines import DeadlineWheel
from hls_mp4.web.head import Head, HeadRules, Malformed
from hls_mp4.web.http1 import END, RequestReader
from tests.web.harness import Served

EXAMPLES = int(os.environ.get("MP4STREAM_FUZZ", "60"))
PATIENCE = 20.0
LIMIT = 1 << 20
"""client_max_body_size."""

HOST = b"Host: a\r\n"


def request(line: bytes, *headers: bytes, body: bytes = b"") -> bytes:
    """Return a request as bytes."""
    return b"\r\n".join([line + b" HTTP/1.1", b"Host: a", *headers, b"", body])


CHUNKS = b"5;x=y\r\nhello\r\n0\r\nX: y\r\n\r\n"

GOOD: tuple[tuple[bytes, int], ...] = (
    (request(b"GET /small.mp4"), 200),
    (request(b"HEAD /small.mp4"), 200),
    (request(b"GET /large.mp4"), 200),
    (request(b"GET /small.mp4", b"Range: bytes=1-5"), 206),
    (request(b"GET /small.mp4", b"Content-Length: 5", body=b"hello"), 200),
    (request(b"GET /small.mp4", b"Transfer-Encoding: chunked", body=CHUNKS), 200),
    (request(b"GET /folder/../small.mp4?x", b"X-Y: z", b"Cookie: " + b"c" * 500), 200),
    (request(b"GET http://a/small.mp4"), 200),
    (request(b"GET /small.mp4").replace(b"\r", b""), 200),
    (b"\r\n\n" + request(b"GET /small.mp4"), 200),
    (request(b"GET /folder"), 301),
    (request(b"GET /folder/"), 403),
    (request(b"HEAD /nothing"), 404),
    (request(b"GET /small.mp4?start=1"), 500),
    (request(b"OPTIONS *"), 204),
    (request(b"POST /small.mp4", b"Content-Length: 5", body=b"GET /"), 405),
    (request(b"PUT /nothing", b"Transfer-Encoding: chunked", body=CHUNKS), 405),
)
"""Requests after which a connection goes on, with their statuses."""

ENDING: tuple[tuple[bytes, int], ...] = (
    (request(b"GET /small.mp4", b"Connection: close"), 200),
    (b"GET /large.mp4 HTTP/1.0\r\n\r\n", 200),
    (request(b"GET /../small.mp4"), 400),
    (request(b"GET /%00"), 400),
    (request(b"GET /", b"Host: b"), 400),
    (b"GET / HTTP/1.1\r\n\r\n", 400),
    (b"nonsense\r\n", 400),
    (b"\x16\x03\x01\x02", 400),
    (b"GET /\r\n", 400),
    (request(b"GET /", b" folded: x"), 400),
    (request(b"GET /", b"X : y"), 400),
    (request(b"GET /", b"X: " + b"y" * 9000), 400),
    (request(b"GET /" + b"x" * 9000), 414),
    (request(b"CONNECT a:80"), 405),
    (b"GET / HTTP/2.0\r\n", 505),
    (request(b"POST /", b"Transfer-Encoding: gzip"), 501),
    (request(b"POST /", b"Content-Length: 5", b"Content-Length: 6", body=b"hello"), 400),
    (request(b"POST /", b"Content-Length: 5", b"Transfer-Encoding: chunked", body=CHUNKS), 400),
    (request(b"POST /", b"Transfer-Encoding: chunked", body=b"5\nhello\n0\n\n"), 400),
    (request(b"POST /", b"Transfer-Encoding: chunked", body=b"5\r\nhello0\r\n\r\n"), 400),
    (request(b"POST /", b"Transfer-Encoding: chunked", body=b"fffffff\r\n"), 413),
    (request(b"POST /", b"Content-Length: 99999999", b"Expect: 100-continue"), 413),
    (request(b"GET /small.mp4", b"Expect: tea"), 417),
)
"""Requests that are the last of their connection."""

ASKING = request(b"GET /small.mp4", b"Content-Length: 3", b"Expect: 100-continue", body=b"abc")

SNIPPETS = st.sampled_from(
    [b"\r\n", b"\n", b"\r", b"\0", b" ", b":", b"\t", b"\xff", b"0", b"9", b"Content-Length: 5\r\n", b"\r\n\r\n",
     b"Transfer-Encoding: chunked\r\n", b"GET / HTTP/1.1\r\n", HOST, b"Connection: close\r\n", b"0\r\n\r\n", b"/../"]
)  # fmt: skip


def requests_in(data: bytes) -> list[bytes]:
    """Return the method of each request in some bytes that is to be answered; empty for one that is none."""
    reader = RequestReader(HeadRules())
    reader.feed(data)
    methods: list[bytes] = []
    head: Head | None = None
    try:
        while (event := reader.next()) is not None:
            if isinstance(event, Head):
                head = event
                last = head.method in (b"CONNECT", b"TRACE") or head.expectation not in (b"", b"100-continue")
                if last or head.length > LIMIT:
                    return [*methods, head.method]
                if not head.length:
                    methods.append(head.method)
            elif event is END and head is not None:
                methods.append(head.method)
        if head is not None and reader.announced > LIMIT:
            methods.append(head.method)
    except Malformed:
        methods.append(reader.first[0] if reader.first else head.method if reader.in_body and head else b"")
    return methods


@dataclass
class Answers:
    """What a server has said.

    Args:
        statuses: of the answers that are complete.
        last: whether the connection ends after them.
        rest: whether there is an answer of which a part is missing.
    """

    statuses: list[int]
    last: bool
    rest: bool


STATUS = re.compile(rb"HTTP/1\.1 ([1-5][0-9]{2}) [A-Za-z -]+")


def answers_in(data: bytes, methods: list[bytes]) -> Answers:
    """Read answers, strictly."""
    found = Answers([], False, False)
    at = 0
    while at < len(data):
        end = data.find(b"\r\n\r\n", at)
        if end < 0:
            found.rest = True
            return found
        first, *lines = data[at:end].split(b"\r\n")
        at = end + 4
        status = STATUS.fullmatch(first)
        assert status is not None, first
        if status[1] == b"100":
            assert not lines
            continue
        assert not found.last, "an answer after the last"
        headers = {name.lower(): value for name, _, value in (line.partition(b": ") for line in lines)}
        assert len(headers) == len(lines), lines
        assert len(found.statuses) < len(methods), "an answer to nothing"
        bodyless = methods[len(found.statuses)] == b"HEAD" or status[1] in (b"204", b"304")
        length = 0 if bodyless else int(headers[b"content-length"])
        if len(data) < at + length:
            found.rest = True
            return found
        at += length
        found.statuses.append(int(status[1]))
        found.last = headers[b"connection"] == b"close"
    return found


@dataclass
class Connection:
    """A client's side of a connection, what is to be sent on it, what was, and what was heard."""

    wire: socket.socket
    pending: bytes = b""
    sent: bytes = b""
    heard: bytes = b""
    known: list[int] = field(default_factory=list)
    certain: bool = True
    half_closed: bool = False
    ended: bool = False

    def send(self, count: int) -> None:
        """Send as many bytes as the socket takes."""
        if self.half_closed or self.ended:
            return
        with contextlib.suppress(BlockingIOError, ConnectionError):
            count = self.wire.send(self.pending[:count])
            self.sent += self.pending[:count]
            self.pending = self.pending[count:]

    def listen(self) -> None:
        """Hear what there is to hear."""
        with contextlib.suppress(BlockingIOError):
            try:
                while not self.ended:
                    data = self.wire.recv(1 << 20)
                    self.heard += data
                    self.ended = not data
            except ConnectionError:
                self.ended = True

    def check(self) -> bool:
        """Check everything that was heard; tell whether all that was asked is answered."""
        methods = requests_in(self.sent)
        found = answers_in(self.heard, methods)
        count = min(len(found.statuses), len(self.known))
        assert found.statuses[:count] == self.known[:count]
        return len(found.statuses) == len(methods) or found.last


class Edge(RuleBasedStateMachine):
    """Clients of one site."""

    site: ClassVar[Served]
    port: ClassVar[int]
    clock: ClassVar[task.Clock]
    descriptors: ClassVar[int]

    connections: Bundle[Connection] = Bundle("connections")

    def __init__(self) -> None:
        super().__init__()
        self.open: list[Connection] = []

    # -- what clients do --

    @rule(target=connections)
    def connect(self) -> Connection:
        """A client comes."""
        wire = socket.create_connection(("127.0.0.1", self.port))
        wire.setblocking(False)
        wire.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, True)
        self.open.append(Connection(wire))
        return self.open[-1]

    def prepare(self, connection: Connection, data: bytes, status: int | None) -> None:
        """Let a client have something to send; what it means is not certain when `status` is None, or after that."""
        connection.pending += data
        connection.certain = connection.certain and status is not None
        if connection.certain and status is not None:
            connection.known.append(status)

    @rule(connection=connections, items=st.lists(st.sampled_from(GOOD), min_size=1, max_size=4))
    def ask(self, connection: Connection, items: list[tuple[bytes, int]]) -> None:
        """A client has requests, several perhaps."""
        for data, status in items:
            self.prepare(connection, data, status)

    @rule(connection=connections)
    def ask_for_much(self, connection: Connection) -> None:
        """A client has more requests than are read at once."""
        for data, status in (GOOD[2], *(GOOD[:2] * 60), GOOD[2]):
            self.prepare(connection, data, status)

    @rule(connection=connections, item=st.sampled_from(ENDING))
    def ask_last(self, connection: Connection, item: tuple[bytes, int]) -> None:
        """A client has a request that ends its connection."""
        self.prepare(connection, *item)
        connection.certain = False

    @rule(connection=connections)
    def ask_before_sending(self, connection: Connection) -> None:
        """A client that announces its body."""
        self.prepare(connection, ASKING, 200)

    @rule(
        connection=connections,
        item=st.sampled_from(GOOD + ENDING),
        where=st.floats(0, 1),
        cut=st.integers(0, 9),
        snippet=SNIPPETS,
    )
    def ask_damaged(
        self, connection: Connection, item: tuple[bytes, int], where: float, cut: int, snippet: bytes
    ) -> None:
        """A client has a request in which something is missing, and something else is too much."""
        data = item[0]
        if b"Expect" not in data:
            at = int(where * len(data))
            self.prepare(connection, data[:at] + snippet + data[at + cut :], None)

    @rule(connection=connections, count=st.one_of(st.integers(1, 40), st.integers(41, 20_000)))
    def send(self, connection: Connection, count: int) -> None:
        """A client sends some bytes, which make a packet of their own."""
        connection.send(count)
        self.turn()

    @rule(connection=connections)
    def wait(self, connection: Connection) -> None:
        """A client sends all that it has and waits for the answers."""
        self.until(lambda: self.sent_or_ended(connection))
        self.until(lambda: self.answered(connection))

    @rule(connection=connections)
    def half_close(self, connection: Connection) -> None:
        """A client says that it will ask no more."""
        if not connection.half_closed and not connection.ended:
            connection.half_closed = True
            with contextlib.suppress(OSError):
                connection.wire.shutdown(socket.SHUT_WR)

    @rule(connection=consumes(connections))
    def hang_up(self, connection: Connection) -> None:
        """A client is gone."""
        connection.wire.close()
        self.open.remove(connection)

    @rule()
    def silence(self) -> None:
        """All are silent for longer than any time-out: every connection ends, and nobody gets half a first line."""
        for connection in self.open:
            self.until(lambda connection=connection: self.answered(connection))  # type: ignore[misc]
        for _ in range(90):
            self.in_server(lambda: self.clock.advance(1))
        for connection in self.open:
            self.until(lambda connection=connection: self.ended(connection))  # type: ignore[misc]
            connection.check()

    # -- what must hold --

    def in_server(self, call: Callable[[], Any]) -> Any:
        """Return what a call returns that is made between two turns of the server's reactor."""
        return blockingCallFromThread(self.site.reactor, call)

    def turn(self) -> None:
        """Let the server read what was sent."""
        for _ in range(2):
            self.in_server(lambda: None)

    def until(self, condition: Callable[[], bool]) -> None:
        """Let the server work until a condition holds, which it must in the end."""
        end = time.monotonic() + PATIENCE
        while not condition():
            assert time.monotonic() < end, "a connection hangs"
            self.turn()

    def sent_or_ended(self, connection: Connection) -> bool:
        """Send; tell whether there is nothing left to send."""
        connection.send(1 << 20)
        connection.listen()
        return not connection.pending or connection.ended or connection.half_closed

    def answered(self, connection: Connection) -> bool:
        """Tell whether a client heard all that it will hear; check what it heard."""
        connection.listen()
        done = connection.check()
        assert done or not connection.ended or connection.half_closed, "closed without an answer"
        if done and answers_in(connection.heard, requests_in(connection.sent)).last:
            return self.ended(connection)
        return done

    def ended(self, connection: Connection) -> bool:
        """Tell whether the server has closed."""
        connection.listen()
        return connection.ended

    def teardown(self) -> None:
        """All say that they will ask no more, get what they asked for, and leave nothing behind."""
        try:
            for connection in self.open:
                self._say_all(connection)
                self.until(lambda connection=connection: self.ended(connection))  # type: ignore[misc]
                assert connection.check(), "not all was answered"
            for connection in self.open:
                connection.wire.close()
            self.until(lambda: bool(self.in_server(lambda: not self.site.site.channels)))
            assert self.in_server(lambda: len(self.site.site.wheel)) == 0, "a deadline is left"
            # A file that a thread was opening for a client that is gone is closed a little later.
            self.until(lambda: len(os.listdir("/proc/self/fd")) <= self.descriptors)
        finally:
            for connection in self.open:
                connection.wire.close()

    @staticmethod
    def _say_all(connection: Connection) -> None:
        with contextlib.suppress(OSError):
            connection.wire.shutdown(socket.SHUT_WR)


@pytest_twisted.ensureDeferred
async def test_whatever_clients_send(serve: Callable[..., Served]) -> None:
    """Every request gets one answer in its turn, nothing is read after a refusal, and nothing hangs or is left."""
    served = serve()
    clock = task.Clock()
    wheel = DeadlineWheel(clock)
    served.site.wheel.stop()
    served.site.wheel = served.site.shared.wheel = wheel

    class EdgeOfSite(Edge):
        site = served
        port = served.listen()

    EdgeOfSite.clock = clock
    look = settings(
        max_examples=EXAMPLES,
        stateful_step_count=20,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate, Phase.shrink],
        database=None,
    )

    def clients() -> None:
        EdgeOfSite.descriptors = len(os.listdir("/proc/self/fd"))
        machine: Any = EdgeOfSite
        run_state_machine_as_test(machine, settings=look)  # type: ignore[no-untyped-call]

    # The server has its reactor; its clients are in a thread, as they would be elsewhere.
    await deferToThread(clients)
