"""The fake source; that it keeps the contract is tested in test_sources."""

from __future__ import annotations

from twisted.internet.defer import Deferred

from hls_mp4.testing import MemorySource


def fired(deferred: Deferred[bytes]) -> list[bytes]:
    """Return what a Deferred has fired with so far."""
    results: list[bytes] = []
    deferred.addCallback(results.append)
    return results


def test_a_slow_source_answers_when_told() -> None:
    """A test decides which read comes back when, in order."""
    source = MemorySource(b"0123456789", slow=True)
    first, second = fired(source.read_at(0, 2)), fired(source.read_at(5, 3))
    assert (first, second, source.resident(0, 1)) == ([], [], False)
    source.release_one()
    assert (first, second) == ([b"01"], [])
    source.release_one()
    assert second == [b"567"]


def test_it_remembers_what_was_done_with_it() -> None:
    """Reads and users can be looked at afterwards, and the bytes can be declared changed."""
    source = MemorySource(b"0123456789")
    fired(source.read_at(3, 4))
    source.retain()
    assert (source.reads, source.holders, source.unchanged()) == ([(3, 4)], 2, True)
    source.good = False
    source.release()
    assert (source.holders, source.unchanged(), source.lend(0, 1)) == (1, False, None)
