"""Passwords are checked in threads, once for all who bring the same, and what was right is remembered for a while."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
import pytest_twisted
from twisted.internet.defer import CancelledError, Deferred, gatherResults

from hls_mp4.web.protecting.checking import MOST_REMEMBERED, MOST_WAITING, REMEMBERED_SECONDS, PasswordChecks, TooMany
from hls_mp4.web.protecting.passwords import Stored


class Clock:
    """The reactor's threads, and a clock that a test moves."""

    def __init__(self, reactor: Any) -> None:
        self._reactor = reactor
        self.now = 1000.0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._reactor, name)

    def seconds(self) -> float:
        return self.now


class Lock:
    """A stored password that takes until the test lets it go."""

    def __init__(self, right: bytes = b"right", text: str = "x") -> None:
        self.tried = 0
        self.open = threading.Event()
        self.where: set[str] = set()
        self._right = right
        self.stored = Stored(text, True, self._compare)

    def _compare(self, password: bytes) -> bool:
        self.open.wait(20)
        self.tried += 1
        self.where.add(threading.current_thread().name)
        return password == self._right


@pytest.fixture
def clock() -> Clock:
    from twisted.internet import reactor

    return Clock(reactor)


@pytest.fixture
def checks(clock: Clock) -> Iterator[PasswordChecks]:
    made = PasswordChecks(clock)
    yield made
    made.stop()


async def checked(checks: PasswordChecks, password: bytes, stored: Stored, user: str = "ann", **more: bool) -> bool:
    got = checks.check(user, password, stored, **more)
    return await got if isinstance(got, Deferred) else got


@pytest_twisted.ensureDeferred
async def test_a_player_is_checked_once(checks: PasswordChecks, clock: Clock) -> None:
    """Hundreds of ranged requests cost one check, until its time is over."""
    lock = Lock()
    lock.open.set()
    assert await checked(checks, b"right", lock.stored)
    for _ in range(100):
        assert checks.check("ann", b"right", lock.stored) is True
    assert lock.tried == 1
    clock.now += REMEMBERED_SECONDS
    assert await checked(checks, b"right", lock.stored)
    assert lock.tried == 2


@pytest_twisted.ensureDeferred
async def test_only_this_user_with_this_password_and_this_line(checks: PasswordChecks) -> None:
    """What was right for one is no way in for another user, another password, or after the file has changed."""
    lock, changed = Lock(), Lock(b"new", "y")
    for one in (lock, changed):
        one.open.set()
    assert await checked(checks, b"right", lock.stored)
    assert not await checked(checks, b"wrong", lock.stored)
    assert not await checked(checks, b"right", changed.stored)
    before = lock.tried
    assert await checked(checks, b"right", lock.stored, "bob")
    assert lock.tried == before + 1


@pytest_twisted.ensureDeferred
async def test_a_wrong_password_is_tried_each_time(checks: PasswordChecks) -> None:
    """Guessing costs the guesser the same for every guess."""
    lock = Lock()
    lock.open.set()
    for _ in range(3):
        assert not await checked(checks, b"wrong", lock.stored)
    assert lock.tried == 3


@pytest_twisted.ensureDeferred
async def test_nobody_takes_as_long_as_somebody(checks: PasswordChecks) -> None:
    """A name that is not there is checked just so, and no password is right for it, remembered or not."""
    lock = Lock()
    lock.open.set()
    assert await checked(checks, b"right", lock.stored)
    for _ in range(2):
        assert not await checked(checks, b"right", lock.stored, nobody=True)
    assert lock.tried == 3
    assert checks.check("ann", b"a", Stored("{PLAIN}a", False, lambda password: True), nobody=True) is False


@pytest_twisted.ensureDeferred
async def test_checks_run_in_threads_of_their_own(checks: PasswordChecks) -> None:
    """Requests that come together wait for one check, the reactor for none, and disk threads go on."""
    lock = Lock()
    waiting = [checks.check("ann", b"right", lock.stored) for _ in range(10)]
    assert all(isinstance(one, Deferred) for one in waiting)
    lock.open.set()
    assert await gatherResults(waiting) == [True] * 10  # type: ignore[arg-type]
    assert lock.tried == 1
    (where,) = lock.where
    assert "mp4stream-passwords" in where


@pytest_twisted.ensureDeferred
async def test_a_flood_is_turned_away(checks: PasswordChecks) -> None:
    """A botnet that guesses cannot pile up work; who is known already comes in all the time."""
    known, lock = Lock(), Lock()
    known.open.set()
    assert await checked(checks, b"right", known.stored)
    waiting: list[Any] = [checks.check("ann", b"%d" % number, lock.stored) for number in range(MOST_WAITING)]
    with pytest.raises(TooMany):
        checks.check("ann", b"one more", lock.stored)
    waiting.append(checks.check("ann", b"0", lock.stored))  # the same guess costs nothing more
    assert checks.check("ann", b"right", known.stored) is True
    lock.open.set()
    assert await gatherResults(waiting) == [False] * (MOST_WAITING + 1)
    assert not await checked(checks, b"one more", lock.stored)


@pytest_twisted.ensureDeferred
async def test_nothing_is_checked_for_who_has_gone(checks: PasswordChecks) -> None:
    """Guesses of clients that hung up in the queue cost nothing; who comes back in time is answered all the same."""
    first, gone, back = (Lock(text=text) for text in ("1", "2", "3"))
    for lock in (gone, back):
        lock.open.set()
    waiting: list[Any] = [
        checks.check("ann", b"right", replace(lock.stored, alone=True)) for lock in (first, gone, back)
    ]
    for one in waiting[1:]:
        one.addErrback(lambda failure: failure.trap(CancelledError))
        one.cancel()
    again: Any = checks.check("ann", b"right", replace(back.stored, alone=True))
    first.open.set()
    assert await waiting[0]
    assert await again
    assert (gone.tried, back.tried) == (0, 1)


@pytest_twisted.ensureDeferred
async def test_hashes_that_slow_others_down_go_one_by_one(checks: PasswordChecks) -> None:
    """While one of them is checked the next one waits, and the others that disturb nobody are checked beside it."""
    first, second, other = Lock(text="1"), Lock(text="2"), Lock(text="3")
    waiting: list[Any] = [checks.check("ann", b"right", replace(lock.stored, alone=True)) for lock in (first, second)]
    second.open.set()
    other.open.set()
    assert await checked(checks, b"right", other.stored)
    assert second.tried == 0
    first.open.set()
    assert await gatherResults(waiting) == [True, True]


def test_what_is_remembered_is_bounded(checks: PasswordChecks) -> None:
    """However many viewers there are, the memory for their passwords is not more than so much."""
    for number in range(MOST_REMEMBERED + 10):
        checks._remember(True, b"%d" % number)
    assert len(checks._right) == MOST_REMEMBERED
    assert b"9" not in checks._right
