"""One piece of work for all who want its result at the same time."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any

from twisted.internet.defer import Deferred, fail
from twisted.python.failure import Failure


class Joined:
    """Work under way, by what it is about."""

    def __init__(self) -> None:
        self._waiting: dict[Hashable, list[Deferred[Any]]] = {}

    def __len__(self) -> int:
        return len(self._waiting)

    def __contains__(self, key: Hashable) -> bool:
        return key in self._waiting

    def wanted(self, key: Hashable) -> bool:
        """Tell whether anybody still waits for some work; also from another thread."""
        return any(not waiting.called for waiting in self._waiting.get(key, ()))

    def do(self, key: Hashable, work: Callable[[], Deferred[Any]]) -> Deferred[Any]:
        """Return a Deferred of the result; the work is done once however many wait.

        A caller that loses interest cancels its own Deferred; the work goes on for the others.
        """
        mine: Deferred[Any] = Deferred()
        waiting = self._waiting.get(key)
        if waiting is not None:
            waiting.append(mine)
            return mine
        self._waiting[key] = [mine]
        try:
            working = work()
        except Exception:
            working = fail()
        working.addBoth(self._tell, key)
        return mine

    def _tell(self, result: Any, key: Hashable) -> None:
        for waiting in self._waiting.pop(key):
            if waiting.called:
                continue
            if isinstance(result, Failure):
                waiting.errback(result)
            else:
                waiting.callback(result)
