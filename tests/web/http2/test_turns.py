"""Whose turn it is to send: everybody's, as far as windows and the socket have room."""

from __future__ import annotations

from typing import Any

import h2.config
import h2.connection
import h2.events
import pytest
from hypothesis import given
from hypothesis import strategies as st
from twisted.internet.task import Clock

from hls_mp4.web.http2.turns import MOST_UNSENT, SHARE, TURN, Turns


class Body:
    """A stream that has bytes to send."""

    def __init__(self, number: int, data: bytes, piece: int = 1 << 30) -> None:
        self.number = number
        self.left = data
        self.piece = piece
        self.ended = False

    def take(self, most: int, now: float) -> tuple[list[bytes], bool] | None:
        size = min(most, self.piece)
        taken, self.left = self.left[:size], self.left[size:]
        return [taken], not self.left

    def went(self, *, last: bool) -> None:
        self.ended = last


class Pair:
    """Two ends of a connection, and what is on its way from the one to the other."""

    def __init__(self, window: int = 65_535, frame: int = 16_384) -> None:
        self.clock = Clock()
        self.client = h2.connection.H2Connection(h2.config.H2Configuration(client_side=True))
        self.server = h2.connection.H2Connection(h2.config.H2Configuration(client_side=False))
        self.client.initiate_connection()
        codes = h2.settings.SettingCodes
        self.client.update_settings({codes.INITIAL_WINDOW_SIZE: window, codes.MAX_FRAME_SIZE: frame})
        if window > 65_535:
            self.client.increment_flow_control_window(window - 65_535)
        self.server.initiate_connection()
        self.server.receive_data(self.client.data_to_send())
        self.client.receive_data(self.server.data_to_send())
        self.wire: list[bytes] = []
        self.sent = 0
        self.turns = Turns(self.server, self.clock, self.wire.append, self.count)
        self.received: dict[int, bytearray] = {}
        self.ended: set[int] = set()

    def count(self, size: int) -> None:
        self.sent += size

    def begin(self, number: int, data: bytes, piece: int = 1 << 30) -> Any:
        """Return a stream that is ready to send."""
        head = [(":method", "GET"), (":scheme", "https"), (":authority", "a"), (":path", "/")]
        self.client.send_headers(number, head, end_stream=True)
        self.server.receive_data(self.client.data_to_send())
        self.server.send_headers(number, [(":status", "200")])
        body: Any = Body(number, data, piece)
        self.turns.add(body)
        return body

    def arrive(self) -> None:
        """Let the client take what is on its way; h2 fails when a frame or a window is wrong."""
        for event in self.client.receive_data(b"".join(self.wire)):
            if isinstance(event, h2.events.DataReceived):
                self.received.setdefault(event.stream_id, bytearray()).extend(event.data)
            elif isinstance(event, h2.events.StreamEnded):
                self.ended.add(event.stream_id)
        self.wire.clear()


@given(
    st.lists(st.tuples(st.integers(1, 200_000), st.integers(1, 100_000)), min_size=1, max_size=4),
    st.sampled_from([16_384, 20_000, 1 << 20]),
)
def test_bodies_arrive_whole_whatever_their_pieces(bodies: list[tuple[int, int]], frame: int) -> None:
    """In frames that the client takes, and not a byte more than its windows allow."""
    pair = Pair(window=1 << 24, frame=frame)
    expected = {}
    for place, (size, piece) in enumerate(bodies):
        number = place * 2 + 1
        expected[number] = bytes([number]) * size
        pair.begin(number, expected[number], max(piece, size // 50 + 1))
    for _ in range(1000):
        pair.clock.advance(0.001)
        pair.arrive()
    assert {number: bytes(data) for number, data in pair.received.items()} == expected
    assert pair.ended == set(expected)
    assert pair.sent == sum(map(len, expected.values()))


def test_a_window_that_is_full_holds_its_stream_only() -> None:
    """Until it is opened."""
    pair = Pair(window=1000)
    first, second = pair.begin(1, b"a" * 3000), pair.begin(3, b"b" * 500)
    pair.clock.advance(0)
    pair.arrive()
    assert (len(pair.received[1]), len(pair.received[3]), second.ended, first.ended) == (1000, 500, True, False)
    pair.client.increment_flow_control_window(2000, 1)
    pair.server.receive_data(pair.client.data_to_send())
    pair.turns.unblock(3)
    pair.turns.send()
    assert not pair.wire
    pair.turns.unblock(1)
    pair.turns.send()
    pair.arrive()
    assert first.ended and bytes(pair.received[1]) == b"a" * 3000


def test_the_window_of_the_connection_holds_all() -> None:
    """And lets all go on when it is opened."""
    pair = Pair()
    bodies = [pair.begin(number, b"x" * 50_000) for number in (1, 3)]
    pair.clock.advance(0)
    pair.arrive()
    assert sum(map(len, pair.received.values())) == 65_535
    pair.client.increment_flow_control_window(1 << 20)
    pair.server.receive_data(pair.client.data_to_send())
    pair.turns.unblock(0)
    pair.turns.send()
    pair.arrive()
    assert all(body.ended for body in bodies)


def test_a_turn_has_an_end() -> None:
    """After it the next turn of the reactor goes on; each stream has had its share."""
    pair = Pair(window=1 << 24)
    for number in (1, 3):
        pair.begin(number, b"x" * TURN)
    pair.turns.send()
    pair.arrive()
    assert [len(pair.received[number]) for number in (1, 3)] == [TURN // 2] * 2
    assert TURN // 2 % SHARE == 0
    pair.clock.advance(0)
    pair.arrive()
    assert pair.ended == {1, 3}


def test_nothing_is_taken_while_the_socket_is_full() -> None:
    """What the protocol says waits, up to a bound."""
    pair = Pair(window=1 << 24)
    body = pair.begin(1, b"x" * 100)
    pair.turns.paused = True
    pair.turns.send()
    pair.turns.flush(b"")
    assert not pair.wire and len(body.left) == 100 and not pair.turns.overfull
    for _ in range(MOST_UNSENT // 17 + 1):
        pair.server.ping(b"12345678")
    pair.turns.flush()
    assert not pair.wire and pair.turns.overfull
    pair.turns.paused = False
    pair.turns.send()
    pair.arrive()
    assert pair.ended == {1} and not pair.turns.overfull


@pytest.mark.parametrize("how", ["reset", "removed"])
def test_a_stream_that_is_gone_has_no_turn(how: str) -> None:
    """Others have theirs."""
    pair = Pair(window=10)
    gone, body = pair.begin(1, b"x" * 100), pair.begin(3, b"y" * 10)
    if how == "reset":
        pair.server.reset_stream(1)
    pair.turns.send()
    pair.turns.remove(gone)
    pair.turns.unblock(0)
    pair.turns.send()
    pair.arrive()
    assert body.ended and not gone.ended


def test_after_the_end_nothing_is_sent() -> None:
    """But what was to be said before."""
    pair = Pair()
    pair.begin(1, b"x" * 100)
    pair.server.ping(b"12345678")
    pair.turns.stop()
    assert len(pair.wire) == 1
    pair.turns.soon()
    pair.turns.send()
    pair.clock.advance(1)
    assert len(pair.wire) == 1 and not pair.clock.getDelayedCalls()
