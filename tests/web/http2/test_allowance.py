"""What a client may send in vain."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from hls_mp4.web.http2.allowance import BYTES, RESETS, RESETS_PER_SECOND, Allowance, ConnectionAllowance


def test_an_allowance_grows_again_with_time() -> None:
    """Up to what it was."""
    allowance = Allowance(10, 2, 0.0)
    assert allowance.spend(10, 0.0)
    assert not allowance.spend(1, 0.0)
    assert allowance.spend(3, 2.0)
    assert allowance.spend(10, 1000.0)
    assert not allowance.spend(1, 1000.0)


def test_a_clock_that_is_set_back_costs_nothing() -> None:
    """And gives nothing."""
    allowance = Allowance(10, 2, 1000.0)
    assert allowance.spend(5, 0.0)
    assert allowance.spend(5, 0.0)


def test_frames_that_get_nothing_done_are_few() -> None:
    """Requests, bodies and answers that were taken fill the allowance again."""
    allowance = ConnectionAllowance(0.0)
    assert allowance.received(BYTES, 0.0)
    allowance.useful(1000)
    assert allowance.received(1000, 0.0)
    allowance.answered(64_000)
    assert allowance.received(1000, 0.0)
    assert not allowance.received(1, 0.0)


def test_a_viewer_who_seeks_is_no_attacker() -> None:
    """Some resets in a second for ever, many at once for a while."""
    allowance = ConnectionAllowance(0.0)
    assert all(allowance.reset(second / RESETS_PER_SECOND) for second in range(10_000))
    assert all(allowance.reset(1000.0) for _ in range(RESETS))
    assert not allowance.reset(1000.0)


@given(st.integers(1, 1 << 20))
def test_who_reads_may_open_windows(size: int) -> None:
    """Two frames of 13 bytes for each 16 KiB are paid for by the answer."""
    allowance = ConnectionAllowance(0.0)
    for _ in range(min(200, (1 << 24) // size)):
        allowance.answered(size)
        assert allowance.received(26 * (size // 16384), 0.0)
