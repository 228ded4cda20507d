"""limit_rate holds a response to its rate."""

from hypothesis import given
from hypothesis import strategies as st

from hls_mp4.web.pacing import Pace


@given(rate=st.integers(1, 10**9), after=st.integers(0, 10**9), seconds=st.floats(0, 3600))
def test_never_more_than_the_rate_and_one_second_ahead(rate: int, after: int, seconds: float) -> None:
    """After t seconds at most `after + rate x (t + 1)` bytes have gone."""
    pace = Pace(rate, after, started=100.0)
    assert pace.allowed(0, 100.0 + seconds) <= after + rate * (seconds + 1) + 1


@given(rate=st.integers(10, 10**9), sent=st.integers(0, 10**10))
def test_waiting_is_enough(rate: int, sent: int) -> None:
    """Who waits as long as told may send again."""
    pace = Pace(rate, 0, started=0.0)
    wait = pace.wait(sent, 0.0)
    assert wait >= 0
    assert pace.allowed(sent, wait + 1e-6 + wait * 1e-9) > 0


def test_the_free_bytes_go_at_once() -> None:
    """limit_rate_after 1m sends the first mebibyte unthrottled."""
    pace = Pace(1000, 1 << 20, started=0.0)
    assert pace.allowed(0, 0.0) == (1 << 20) + 1000


@given(rate=st.integers(1, 10**9), seconds=st.floats(0, 3600))
def test_nobody_runs_dry_between_two_pieces(rate: int, seconds: float) -> None:
    """Who has all that is allowed gets the next piece before the clock has caught up with it."""
    pace = Pace(rate, 0, started=0.0)
    sent = pace.allowed(0, seconds)
    assert pace.wait(sent, seconds) <= 1 + 1 / rate
    assert sent >= rate * (seconds + 1) - 1


def test_pieces_are_worth_a_wakeup() -> None:
    """A slow body goes in pieces of a second, a fast one in halves: each piece costs the daemon the same."""
    slow, fast = Pace(10_000, 0, started=0.0), Pace(10_000_000, 0, started=0.0)
    assert 0.99 < slow.wait(slow.allowed(0, 0.0), 0.0) <= 1
    assert 0.49 < fast.wait(fast.allowed(0, 0.0), 0.0) <= 0.5
