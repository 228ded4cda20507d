"""The sender gives a consumer the bytes of a plan, no faster than it takes them."""

import os
from typing import Any

import pytest
from twisted.internet import tcp
from twisted.internet.defer import CancelledError
from twisted.internet.task import Clock
from twisted.python.failure import Failure
from twisted.web.iweb import IBodyProducer
from zope.interface.verify import verifyObject

from hls_mp4.interfaces import TruncatedSource
from hls_mp4.plan import Extent, Literal, Plan
from hls_mp4.testing import MemorySource
from hls_mp4.web.pacing import Pace
from hls_mp4.web.sender import PlanProducer, takes_direct

FILM = os.urandom(1_000_000)


class Consumer:
    """A transport's buffer of `room` bytes: pauses when full, resumes when told it was sent."""

    def __init__(self, room: int = 64 * 1024) -> None:
        self.room = room
        self.buffered = 0
        self.got = bytearray()
        self.producer: Any = None

    def registerProducer(self, producer: Any, streaming: bool) -> None:
        assert streaming
        self.producer = producer

    def unregisterProducer(self) -> None:
        self.producer = None

    def write(self, data: bytes) -> None:
        self.got += data
        self.buffered += len(data)
        if self.buffered > self.room and self.producer is not None:
            self.producer.pauseProducing()

    def flush(self) -> None:
        self.buffered = 0
        if self.producer is not None:
            self.producer.resumeProducing()


def start(plan: Plan, consumer: Consumer, clock: Clock | None = None, pace: Pace | None = None) -> Any:
    producer = PlanProducer(plan, clock or Clock(), pace)
    ended: list[Any] = []
    producer.startProducing(consumer).addBoth(ended.append)
    return producer, ended


def test_it_is_a_body_producer() -> None:
    """treq and Twisted's agents can upload a plan."""
    producer = PlanProducer(Plan([Literal(b"abc")]), Clock())
    assert verifyObject(IBodyProducer, producer)
    assert producer.length == 3


def test_a_full_buffer_stops_it() -> None:
    """A slow client of a large film costs one buffer of memory."""
    consumer = Consumer()
    _, ended = start(Plan([Extent(MemorySource(FILM), 0, len(FILM))]), consumer)
    assert consumer.buffered <= 3 * consumer.room
    while not ended:
        before = len(consumer.got)
        consumer.flush()
        assert len(consumer.got) - before <= 3 * consumer.room
    assert bytes(consumer.got) == FILM
    assert ended == [None]
    assert consumer.producer is None


def test_it_ends_when_the_buffer_was_taken() -> None:
    """The response is over when the client has taken it, not when it was buffered."""
    consumer = Consumer(room=10)
    _, ended = start(Plan([Literal(bytes(100))]), consumer)
    assert not ended
    consumer.flush()
    assert ended == [None]


def test_slow_reads_are_waited_for() -> None:
    """While a disk is waited for nothing is written, and nothing is read twice."""
    source = MemorySource(FILM, slow=True)
    consumer = Consumer()
    _, ended = start(Plan([Extent(source, 10, 100_000)]), consumer)
    while not ended:
        consumer.flush()
        assert len(source.waiting) <= 1
        if source.waiting:
            source.release_one()
    assert bytes(consumer.got) == FILM[10:100_010]


def test_a_client_that_leaves_stops_it() -> None:
    """After the connection is gone nothing more is read."""
    source = MemorySource(FILM, slow=True)
    consumer = Consumer()
    producer, ended = start(Plan([Extent(source, 0, 500_000)]), consumer)
    producer.stopProducing()
    source.release_one()
    assert not source.waiting
    assert not ended
    assert not consumer.got


def test_cancelling_stops_it() -> None:
    """Who waits for the end may stop waiting."""
    producer = PlanProducer(Plan([Extent(MemorySource(FILM, slow=True), 0, 10)]), Clock())
    ended: list[Failure] = []
    waiting = producer.startProducing(Consumer())
    waiting.addErrback(ended.append)
    waiting.cancel()
    assert ended[0].check(CancelledError)


def test_a_truncated_file_is_a_failure() -> None:
    """The end of the response says that it is not complete."""
    source = MemorySource(FILM)
    consumer = Consumer()
    _, ended = start(Plan([Extent(source, 0, len(FILM))]), consumer)
    source.good = False
    while not ended:
        consumer.flush()
    assert ended[0].check(TruncatedSource)
    assert consumer.producer is None


def test_the_pace_is_held() -> None:
    """limit_rate 100k sends about 100 kB for each second, and one second ahead."""
    clock, consumer = Clock(), Consumer(room=1 << 30)
    _, ended = start(Plan([Extent(MemorySource(FILM), 0, 500_000)]), consumer, clock, Pace(100_000, 0, clock.seconds()))
    for _ in range(400):
        if ended:
            break
        assert len(consumer.got) <= 100_000 * (clock.seconds() + 1) + 1
        clock.advance(0.05)
    assert ended == [None]
    assert 3.8 <= clock.seconds() <= 4.5
    assert bytes(consumer.got) == FILM[:500_000]


def test_leaving_while_paced_leaves_no_timer() -> None:
    """A client that leaves a throttled film leaves nothing behind."""
    clock = Clock()
    producer, _ = start(Plan([Literal(bytes(1000))]), Consumer(), clock, Pace(10, 0, 0.0))
    assert clock.getDelayedCalls()
    producer.stopProducing()
    assert not clock.getDelayedCalls()


class _PretendsToBePlain(tcp.Server):
    """What a TLS wrapper looks like to isinstance and hasattr."""

    def __init__(self) -> None:
        """Nothing of a real connection is needed to be refused."""


@pytest.mark.parametrize("transport", [_PretendsToBePlain(), object(), None, Consumer()])
def test_only_a_bare_tcp_connection_gets_file_descriptors(transport: object) -> None:
    """Nothing that merely looks like TCP is ever given plain text past its encryption."""
    assert not takes_direct(transport)
