"""Deadlines of ten thousand connections for the price of one timer.

A reactor timer that is cancelled and set again for each request costs more than parsing the request. Here moving a
deadline is one attribute; every second the connections whose second has come are looked at, and those that were moved
meanwhile are put where they belong.
"""

from __future__ import annotations

from typing import Any, Protocol


class Expiring(Protocol):
    """What can be given a deadline."""

    deadline: float
    """Reactor seconds; 0 for none. Moved freely by its owner."""

    wheel_slot: int
    """Where the wheel keeps this; -1 while it does not. Only the wheel writes it."""

    def deadline_passed(self) -> None:
        """Called once the deadline lies in the past; the wheel has let go of this before."""


class DeadlineWheel:
    """Watches deadlines with a resolution of one second; never early.

    Args:
        clock: an IReactorTime.
    """

    def __init__(self, clock: Any) -> None:
        self._clock = clock
        self._slots: dict[int, set[Any]] = {}
        self._tick: Any = None

    def __len__(self) -> int:
        """Return how many are watched."""
        return sum(map(len, self._slots.values()))

    def set(self, expiring: Expiring, seconds: float) -> None:
        """Move a deadline to `seconds` from now."""
        deadline = self._clock.seconds() + seconds
        expiring.deadline = deadline
        # A later deadline stays in its earlier slot and is moved when that comes up; an earlier one moves now.
        if expiring.wheel_slot < 0:
            self._put(expiring, int(deadline) + 1)
        elif expiring.wheel_slot > int(deadline) + 1:
            self._take(expiring)
            self._put(expiring, int(deadline) + 1)

    @staticmethod
    def clear(expiring: Expiring) -> None:
        """Take a deadline away; the wheel forgets the owner when its slot comes up."""
        expiring.deadline = 0.0

    def forget(self, expiring: Expiring) -> None:
        """Let go of an owner that is gone."""
        expiring.deadline = 0.0
        if expiring.wheel_slot >= 0:
            self._take(expiring)

    def stop(self) -> None:
        """Stop watching."""
        if self._tick is not None:
            self._tick.cancel()
            self._tick = None
        self._slots.clear()

    def _put(self, expiring: Expiring, slot: int) -> None:
        expiring.wheel_slot = slot
        self._slots.setdefault(slot, set()).add(expiring)
        if self._tick is None:
            self._tick = self._clock.callLater(1, self._turn)

    def _take(self, expiring: Expiring) -> None:
        # The slot is gone already when this happens inside its own turn.
        self._slots.get(expiring.wheel_slot, set()).discard(expiring)
        expiring.wheel_slot = -1

    def _turn(self) -> None:
        self._tick = None
        now = self._clock.seconds()
        for slot in [slot for slot in self._slots if slot <= now]:
            for expiring in self._slots.pop(slot):
                expiring.wheel_slot = -1
                if not expiring.deadline:
                    continue
                if expiring.deadline <= now:
                    expiring.deadline = 0.0
                    expiring.deadline_passed()
                else:
                    self._put(expiring, int(expiring.deadline) + 1)
        if self._slots and self._tick is None:
            self._tick = self._clock.callLater(1, self._turn)
