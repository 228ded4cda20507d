"""A coroutine runs to its end, whether it waits or not."""

import pytest
from twisted.internet.defer import CancelledError, Deferred, succeed

from hls_mp4.web.driving import drive


def test_what_does_not_wait_is_over_at_once() -> None:
    """A request that is answered from memory needs no Deferred."""
    done: list[int] = []

    async def answer() -> None:
        done.append(await succeed(1))

    assert drive(answer()) is None
    assert done == [1]


def test_what_waits_goes_on() -> None:
    """Results and failures reach the coroutine, in order."""
    first: Deferred[int] = Deferred()
    second: Deferred[int] = Deferred()

    async def answer() -> int:
        got = await first
        try:
            await second
        except ValueError:
            got += 1
        return got

    driven = drive(answer())
    assert driven is not None
    ended: list[int] = []
    driven.addCallback(ended.append)
    first.callback(41)
    assert not ended
    second.errback(ValueError())
    assert ended == [42]


def test_failures_come_out() -> None:
    """What goes wrong is the failure of the Deferred, or is raised when nothing was waited for."""
    gate: Deferred[None] = Deferred()

    async def late() -> None:
        await gate
        raise KeyError

    async def at_once() -> None:
        raise KeyError

    failed: list[object] = []
    driven = drive(late())
    assert driven is not None
    driven.addErrback(lambda reason: failed.append(reason.trap(KeyError)))
    gate.callback(None)
    assert failed
    with pytest.raises(KeyError):
        drive(at_once())


def test_cancelling_reaches_what_is_waited_for() -> None:
    """A client that leaves ends the coroutine, which can clean up."""
    gate: Deferred[None] = Deferred()
    cleaned: list[bool] = []

    async def answer() -> None:
        try:
            await gate
        finally:
            cleaned.append(True)

    driven = drive(answer())
    assert driven is not None
    driven.addErrback(lambda reason: reason.trap(CancelledError))
    driven.cancel()
    assert cleaned == [True]
