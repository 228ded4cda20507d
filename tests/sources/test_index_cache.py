"""The index of a film is built once, however many ask, and memory stays bounded."""

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st
from twisted.internet.defer import CancelledError, Deferred, fail, succeed

from hls_mp4.sources.index_cache import IndexCache


@dataclass
class Index:
    weight: int


def result(deferred: "Deferred[object]") -> object:
    box: list[object] = []
    deferred.addBoth(box.append)
    return box[0]


def test_many_askers_one_build() -> None:
    """A thousand viewers of a new film cost one parse of it."""
    cache = IndexCache(100)
    made: list[Deferred[Index]] = []

    def make() -> "Deferred[Index]":
        made.append(Deferred())
        return made[-1]

    waiting = [cache.build("film", make) for _ in range(1000)]
    assert len(made) == 1
    index = Index(10)
    made[0].callback(index)
    assert all(result(one) is index for one in waiting)
    assert cache.find("film") is index


def test_one_who_leaves_does_not_stop_the_others() -> None:
    """A viewer who closes the page while a film is indexed takes nothing from those who wait."""
    cache = IndexCache(100)
    making: Deferred[Index] = Deferred()
    first, second = cache.build("film", lambda: making), cache.build("film", lambda: making)
    first.addErrback(lambda reason: reason.trap(CancelledError))
    first.cancel()
    making.callback(Index(1))
    assert result(second) == Index(1)


def test_a_failure_reaches_all_and_is_not_kept() -> None:
    """A broken film is an error for each who asks, and works once it is mended."""
    cache = IndexCache(100)
    making: Deferred[Index] = Deferred()
    waiting = [cache.build("film", lambda: making) for _ in range(2)]
    making.errback(ValueError("broken"))
    assert all(result(one).check(ValueError) for one in waiting)  # type: ignore[attr-defined]
    assert result(cache.build("film", lambda: succeed(Index(1)))) == Index(1)


def test_a_build_that_cannot_start_is_a_failure_too() -> None:
    """No exception escapes to the reactor."""
    cache = IndexCache(100)

    def make() -> "Deferred[Index]":
        raise OSError("no threads")

    assert result(cache.build("film", make)).check(OSError)  # type: ignore[attr-defined]


@given(st.lists(st.tuples(st.integers(0, 20), st.integers(1, 60)), max_size=60), st.integers(0, 100))
def test_memory_is_bounded(asked: list[tuple[int, int]], capacity: int) -> None:
    """However many films are asked for, no more is held than mp4_index_cache allows."""
    cache = IndexCache(capacity)
    for key, weight in asked:
        if cache.find(key) is None:
            assert result(cache.build(key, lambda weight=weight: succeed(Index(weight)))) == Index(weight)  # type: ignore[misc]
        assert cache.weight <= capacity
    assert cache.weight == sum(entry[1] for entry in cache._entries.values())


def test_the_least_recently_used_goes_first() -> None:
    """The film everyone watches stays."""
    cache = IndexCache(2)
    for key in "ab":
        cache.build(key, lambda: succeed(Index(1)))
    assert cache.find("a")
    cache.build("c", lambda: succeed(Index(1)))
    assert cache.find("a")
    assert cache.find("b") is None
    assert cache.counts.evictions == 1


def test_tables_that_grow_are_weighed_again() -> None:
    """Sums that a film makes when it is first sought count."""
    cache = IndexCache(10)
    growing = Index(1)
    cache.build("a", lambda: succeed(growing))
    cache.build("b", lambda: succeed(Index(1)))
    growing.weight = 10
    cache.find("a")
    assert cache.weight <= 10


@pytest.mark.parametrize("deferred", [fail(ValueError("x"))])
def test_counts(deferred: "Deferred[Index]") -> None:
    """Hits and misses are counted for the status page."""
    cache = IndexCache(10)
    cache.build("a", lambda: deferred).addErrback(lambda _: None)
    cache.build("a", lambda: succeed(Index(1)))
    cache.find("a")
    cache.find("z")
    assert (cache.counts.hits, cache.counts.misses) == (1, 2)
