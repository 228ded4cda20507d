"""The indexes of recently asked films, bounded in bytes, each built once however many ask.

Keyed by the version of the file, so an entry can be stale for nobody; what no one asks for any more is the first to go.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Any

from twisted.internet.defer import Deferred, fail
from twisted.python.failure import Failure


@dataclass(slots=True)
class CacheCounts:
    """What the cache did since it was made."""

    hits: int = 0
    misses: int = 0
    evictions: int = 0


class IndexCache:
    """Least-recently-used indexes up to a number of bytes, with single-flight building.

    Args:
        capacity: bytes of index held; 0 keeps nothing (still one build at a time for each key).
    """

    def __init__(self, capacity: int) -> None:
        self.capacity = capacity
        self.counts = CacheCounts()
        self.weight = 0
        self._entries: OrderedDict[Hashable, tuple[Any, int]] = OrderedDict()
        self._building: dict[Hashable, list[Deferred[Any]]] = {}

    def __len__(self) -> int:
        return len(self._entries)

    def find(self, key: Hashable) -> Any | None:
        """Return the index kept for a key, or None."""
        entry = self._entries.get(key)
        if entry is None:
            return None
        self._entries.move_to_end(key)
        self.counts.hits += 1
        # Tables sum themselves up when first used: weigh again, so that the bound holds for what is held now.
        index, counted = entry
        weight = index.weight
        if weight != counted:
            self._entries[key] = (index, weight)
            self.weight += weight - counted
            self._evict()
        return index

    def build(self, key: Hashable, make: Callable[[], Deferred[Any]]) -> Deferred[Any]:
        """Return a Deferred of the index for a key; `make` runs once however many wait.

        A caller that loses interest cancels its own Deferred; the build goes on for the others, and for the cache.
        """
        mine: Deferred[Any] = Deferred()
        waiting = self._building.get(key)
        if waiting is not None:
            waiting.append(mine)
            return mine
        self.counts.misses += 1
        self._building[key] = [mine]
        try:
            building = make()
        except Exception:
            building = fail()
        building.addCallbacks(self._keep, callbackArgs=(key,)).addBoth(self._tell, key)
        return mine

    def _keep(self, index: Any, key: Hashable) -> Any:
        weight = index.weight
        # An index above the whole capacity is used once and not kept: it would push out everything else.
        if weight <= self.capacity:
            self._entries[key] = (index, weight)
            self.weight += weight
            self._evict()
        return index

    def _tell(self, result: Any, key: Hashable) -> None:
        for waiting in self._building.pop(key):
            if not waiting.called:
                if isinstance(result, Failure):
                    waiting.errback(result)
                else:
                    waiting.callback(result)

    def _evict(self) -> None:
        while self.weight > self.capacity:
            _, (_, weight) = self._entries.popitem(last=False)
            self.weight -= weight
            self.counts.evictions += 1
