"""Silent clients are dropped in time, and never early."""

from hypothesis import given
from hypothesis import strategies as st
from twisted.internet.task import Clock

from hls_mp4.web.deadlines import DeadlineWheel


class Client:
    """A connection with a deadline."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.deadline = 0.0
        self.wheel_slot = -1
        self.dropped: list[float] = []

    def deadline_passed(self) -> None:
        self.dropped.append(self.clock.seconds())


def run(clock: Clock, seconds: int) -> None:
    for _ in range(seconds * 4):
        clock.advance(0.25)


@given(st.floats(0.1, 30))
def test_a_silent_client_is_dropped_once_within_two_seconds_of_its_deadline(seconds: float) -> None:
    """A timeout of N seconds drops after N and before N + 2 seconds, once."""
    clock = Clock()
    wheel, client = DeadlineWheel(clock), Client(clock)
    wheel.set(client, seconds)
    run(clock, 40)
    assert len(client.dropped) == 1
    assert seconds <= client.dropped[0] <= seconds + 2.25


def test_progress_moves_the_deadline() -> None:
    """A client that takes a little every three seconds outlives a timeout of five."""
    clock = Clock()
    wheel, client = DeadlineWheel(clock), Client(clock)
    for _ in range(10):
        wheel.set(client, 5)
        run(clock, 3)
    assert not client.dropped
    run(clock, 7)
    assert len(client.dropped) == 1


def test_an_earlier_deadline_wins() -> None:
    """A connection with a minute for its request is closed after a second of lingering."""
    clock = Clock()
    wheel, client = DeadlineWheel(clock), Client(clock)
    wheel.set(client, 60)
    wheel.set(client, 1)
    run(clock, 4)
    assert len(client.dropped) == 1


def test_a_cleared_deadline_never_comes() -> None:
    """While an answer is made, the client may be silent."""
    clock = Clock()
    wheel, client = DeadlineWheel(clock), Client(clock)
    wheel.set(client, 2)
    wheel.clear(client)
    run(clock, 5)
    assert not client.dropped
    wheel.set(client, 2)
    run(clock, 5)
    assert len(client.dropped) == 1


def test_one_may_forget_another_while_both_are_due() -> None:
    """Dropping a connection takes its request with it, in the same second."""
    clock = Clock()
    wheel = DeadlineWheel(clock)
    clients = [Client(clock), Client(clock)]

    class Killer(Client):
        def deadline_passed(self) -> None:
            super().deadline_passed()
            for other in clients:
                wheel.forget(other)

    killers = [Killer(clock), Killer(clock)]
    for everyone in [*clients, *killers]:
        wheel.set(everyone, 1)
    run(clock, 5)
    assert all(len(killer.dropped) == 1 for killer in killers)
    assert all(client.wheel_slot == -1 for client in clients)


def test_nothing_ticks_when_nobody_waits() -> None:
    """An idle daemon sleeps."""
    clock = Clock()
    wheel, client = DeadlineWheel(clock), Client(clock)
    wheel.set(client, 1)
    run(clock, 5)
    assert not clock.getDelayedCalls()
    wheel.set(client, 1)
    wheel.stop()
    assert not clock.getDelayedCalls()


def test_who_is_watched_is_counted() -> None:
    """A daemon can tell whether any connection is still waited for."""
    clock = Clock()
    wheel, client = DeadlineWheel(clock), Client(clock)
    assert len(wheel) == 0
    wheel.set(client, 5)
    assert len(wheel) == 1
    wheel.forget(client)
    assert len(wheel) == 0
