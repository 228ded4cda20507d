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
import select
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, ClassVar

import pytest_twisted
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, initialize, rule, run_state_machine_as_test
from twisted.internet import task
from twisted.internet.threads import blockingCallFromThread, deferToThread

from hls_mp4.web.deadlines import DeadlineWheel
from hls_mp4.web.head import Head, HeadRules, Malformed
from hls_mp4.web.http1 import END, RequestReader
from tests.web.harness import Served

EXAMPLES = int(os.environ.get("MP4STREAM_FUZZ", "150"))
PATIENCE = 90.0
LIMIT = 1 << 20
"""client_max_body_size."""


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

SNIPPETS = st.sampled_from(
    [b"\r\n", b"\n", b"\r", b"\0", b" ", b":", b"\t", b"\xff", b"0", b"9", b"Content-Length: 5\r\n", b"\r\n\r\n",
     b"Transfer-Encoding: chunked\r\n", b"GET / HTTP/1.1\r\n", b"Host: a\r\n", b"Connection: close\r\n", b"/../"]
)  # fmt: skip


@dataclass(frozen=True)
class Item:
    """Something to send.

    Args:
        data: the bytes.
        statuses: of the answers; None for something damaged.
        last: whether the connection ends with it.
    """

    data: bytes
    statuses: tuple[int, ...] | None
    last: bool = False

    def __repr__(self) -> str:
        return f"<{self.data[:60]!r}{'...' if len(self.data) > 60 else ''} {self.statuses}>"


def damaged(item: Item, where: float, cut: int, snippet: bytes) -> Item:
    """Return a request in which something is missing, and something else is too much."""
    at = int(where * len(item.data))
    return Item(item.data[:at] + snippet + item.data[at + cut :], None)


WELL = st.sampled_from([Item(data, (status,)) for data, status in GOOD])
LARGE = st.just(Item(GOOD[2][0], (200,)))
LAST = st.sampled_from([Item(data, (status,), True) for data, status in ENDING])
# Whether an announced body is waited for depends on what came with the head: such requests are not damaged.
WHOLE_ONES = st.one_of(WELL, LAST).filter(lambda item: b"Expect" not in item.data)
ODD = st.builds(damaged, WHOLE_ONES, st.floats(0, 1), st.integers(0, 9), SNIPPETS)
OTHER = st.sampled_from(
    [
        Item(request(b"GET /small.mp4", b"Content-Length: 3", b"Expect: 100-continue", body=b"abc"), (200,)),
        Item(GOOD[2][0] + (GOOD[6][0] + GOOD[1][0]) * 60 + GOOD[2][0], (200,) * 122),
    ]
)
"""A body that is announced, and more requests than are read at once."""

ITEMS = st.lists(st.one_of(WELL, LARGE, LAST, ODD, OTHER), min_size=1, max_size=4)

SMALL = st.lists(st.integers(1, 60), max_size=4)
PIECES = st.one_of(st.just([1 << 30]), SMALL, SMALL.map(lambda counts: [*counts, 1 << 30]))
"""How the beginning of what is to be sent is cut into packets; perhaps nothing is sent yet."""


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
    """A client's side of a connection.

    Args:
        wire: the socket.
        pending: what is to be sent.
        sent: what was sent.
        heard: what came back.
        known: statuses of the first answers.
        certain: whether what is sent next is answered as it would be on a connection of its own.
        ending: so many answers are all that there will be.
        half_closed: whether the client has said that it will ask no more.
        ended: whether the server has closed.
        read: how much of what was sent has been looked at, and what it means.
    """

    wire: socket.socket
    pending: bytes = b""
    sent: bytes = b""
    heard: bytes = b""
    known: list[int] = field(default_factory=list)
    certain: bool = True
    ending: int = 1 << 30
    half_closed: bool = False
    ended: bool = False
    read: tuple[int, list[bytes]] = (0, [])

    def prepare(self, item: Item) -> None:
        """Have something to send; what is sent after something damaged may mean anything."""
        self.pending += item.data
        if self.certain:
            self.known += item.statuses or ()
            if item.last:
                self.ending = len(self.known)
            self.certain = item.statuses is not None and not item.last

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

    def methods(self) -> list[bytes]:
        """Return the methods of the requests that were sent."""
        if self.read[0] != len(self.sent):
            self.read = len(self.sent), requests_in(self.sent)
        return self.read[1]

    def check(self) -> bool:
        """Check everything that was heard; tell whether all that was asked is answered."""
        methods = self.methods()
        found = answers_in(self.heard, methods)
        count = min(len(found.statuses), len(self.known))
        assert found.statuses[:count] == self.known[:count]
        assert len(found.statuses) < self.ending or (found.last and len(found.statuses) == self.ending), "not the last"
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

    @initialize(target=connections, items=ITEMS, pieces=PIECES)
    def begin(self, items: list[Item], pieces: list[int]) -> Connection:
        """A client comes and asks."""
        connection = self.connect_one()
        self.ask_for(connection, items, pieces)
        return connection

    @rule(target=connections)
    def connect(self) -> Connection:
        """A client comes."""
        return self.connect_one()

    @rule(connection=connections, items=ITEMS, pieces=PIECES)
    def ask(self, connection: Connection, items: list[Item], pieces: list[int]) -> None:
        """A client has requests, and sends the beginning of them, or all."""
        self.ask_for(connection, items, pieces)

    @rule(connection=connections, count=st.one_of(st.integers(1, 40), st.integers(41, 20_000)))
    def send(self, connection: Connection, count: int) -> None:
        """A client sends some bytes, which make a packet of their own."""
        self.send_pieces(connection, [count])

    @rule(connection=connections)
    def wait(self, connection: Connection) -> None:
        """A client sends all that it has and waits for the answers."""
        self.wait_for_all(connection)

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
        for _ in range(9):
            self.in_server(lambda: self.clock.pump([1] * 10))
        for connection in self.open:
            self.until(lambda connection=connection: self.ended(connection))  # type: ignore[misc]
            connection.check()

    # -- what must hold --

    def connect_one(self) -> Connection:
        """Return a new connection."""
        wire = socket.create_connection(("127.0.0.1", self.port))
        wire.setblocking(False)
        wire.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, True)
        self.open.append(Connection(wire))
        return self.open[-1]

    def ask_for(self, connection: Connection, items: list[Item], pieces: list[int]) -> None:
        """Have something to send, and send some of what there is, in packets of their own."""
        for item in items:
            connection.prepare(item)
        self.send_pieces(connection, pieces)

    def send_pieces(self, connection: Connection, pieces: list[int]) -> None:
        """Send some of what there is."""
        for count in pieces:
            connection.send(count)
            self.turn()

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
            select.select([one.wire for one in self.open if not one.ended], (), (), 0.005)

    def wait_for_all(self, connection: Connection) -> None:
        """Send all that there is, and wait for the answers."""
        self.until(lambda: self.sent_or_ended(connection))
        self.until(lambda: self.answered(connection))

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
        if done and answers_in(connection.heard, connection.methods()).last:
            return self.ended(connection)
        return done

    def ended(self, connection: Connection) -> bool:
        """Tell whether the server has closed."""
        connection.listen()
        return connection.ended

    def teardown(self) -> None:
        """All say that they will ask no more, get what they asked for, and leave nothing behind."""
        try:
            for number, connection in enumerate(self.open):
                self.until(lambda connection=connection: self.sent_or_ended(connection))  # type: ignore[misc]
                if number % 2:
                    self.wait_for_all(connection)
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
    # Answers take many turns, so that requests arrive in the midst of them.
    served = serve("sendfile_max_chunk 16k; location / { mp4; }")
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
        stateful_step_count=30,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate, Phase.shrink] if EXAMPLES > 1000 else [Phase.generate],
        database=None,
    )

    def clients() -> None:
        EdgeOfSite.descriptors = len(os.listdir("/proc/self/fd"))
        machine: Any = EdgeOfSite
        run_state_machine_as_test(machine, settings=look)  # type: ignore[no-untyped-call]

    # The server has its reactor; its clients are in a thread, as they would be elsewhere.
    await deferToThread(clients)
