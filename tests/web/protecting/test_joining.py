"""Who asks for the same thing at the same time waits for one piece of work."""

from __future__ import annotations

import pytest
from twisted.internet.defer import CancelledError, Deferred

from hls_mp4.web.protecting.joining import Joined


def results(deferred: Deferred[object]) -> list[object]:
    """Return where the result of a Deferred will be."""
    found: list[object] = []
    deferred.addBoth(found.append)
    return found


def test_it_is_done_once() -> None:
    """Two callers get the result of one piece of work, and the next one a fresh one."""
    joined, begun = Joined(), []

    def work() -> Deferred[object]:
        begun.append(Deferred())
        return begun[-1]

    first, second, other = (results(joined.do(key, work)) for key in ("a", "a", "b"))
    assert len(begun) == len(joined) == 2
    begun[0].callback("done")
    assert (first, second, other) == (["done"], ["done"], [])
    assert "a" not in joined
    results(joined.do("a", work))
    assert len(begun) == 3


def test_who_gives_up_disturbs_nobody() -> None:
    """A viewer who goes away does not take the result from the others."""
    joined: Joined = Joined()
    working: Deferred[object] = Deferred()
    gone = joined.do("a", lambda: working)
    stays = results(joined.do("a", lambda: working))
    lost = results(gone)
    gone.cancel()
    assert lost[0].check(CancelledError)  # type: ignore[attr-defined]
    working.callback(1)
    assert stays == [1]


@pytest.mark.parametrize("at_once", [True, False])
def test_a_failure_reaches_everybody(at_once: bool) -> None:
    """Work that fails, also before it began, fails for all who wait, and is tried again afterwards."""
    joined: Joined = Joined()
    working: Deferred[object] = Deferred()

    def work() -> Deferred[object]:
        if at_once:
            raise KeyError("gone")
        return working

    first = results(joined.do("a", work))
    if not at_once:
        second = results(joined.do("a", work))
        working.errback(KeyError("gone"))
        assert second[0].check(KeyError)  # type: ignore[attr-defined]
    assert first[0].check(KeyError)  # type: ignore[attr-defined]
    assert len(joined) == 0
