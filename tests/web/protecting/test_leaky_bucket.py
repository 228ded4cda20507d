"""Requests pass at the rate, and a burst above it, however they come."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from hls_mp4.web.protecting.leaky_bucket import NO_DELAY, Limit, RateZone, Verdict, judge
from hls_mp4.web.protecting.limit_req import read_zone

HOUR = 3_600_000


def zone(rate: str, size: str = "1m", name: str = "a") -> RateZone:
    return RateZone(read_zone(["$uri", f"zone={name}:{size}", f"rate={rate}"]))


def excesses(limit: Limit, times: list[int], key: str = "k") -> list[tuple[bool, int, int]]:
    """Return refused, excess and delay of requests at some milliseconds."""
    verdicts = (judge([limit], [key], HOUR + time) for time in times)
    return [(verdict.refused, verdict.excess, verdict.delay_ms) for verdict in verdicts]


def test_one_at_a_time() -> None:
    """Without a burst a request that comes too early is refused; its excess says by how much."""
    assert excesses(Limit(zone("1r/s"), 0, 0), [0, 1, 400, 1000, 1999, 2000]) == [
        (False, 0, 0),
        (True, 999, 0),
        (True, 600, 0),
        (False, 0, 0),
        (True, 1, 0),
        (False, 0, 0),
    ]


def test_a_burst_waits_its_turn() -> None:
    """Requests of a burst are delayed so that they leave at the rate; what is above it is refused."""
    limit = Limit(zone("10r/s"), 3000, 0)
    assert excesses(limit, [0] * 5) == [
        (False, 0, 0),
        (False, 1000, 100),
        (False, 2000, 200),
        (False, 3000, 300),
        (True, 4000, 0),
    ]
    assert excesses(limit, [150]) == [(False, 2500, 250)]


def test_the_first_of_a_burst_need_not_wait() -> None:
    """`delay=2` lets two go ahead at once and keeps the others to the rate, counted from there."""
    limit = Limit(zone("10r/s"), 5000, 2000)
    assert [delay for _, _, delay in excesses(limit, [0] * 6)] == [0, 0, 0, 100, 200, 300]
    assert [delay for _, _, delay in excesses(Limit(zone("10r/s"), 5000, NO_DELAY), [0] * 6)] == [0] * 6


def test_requests_per_minute() -> None:
    """30r/m is one every two seconds, in nginx's whole thousandths."""
    limit = Limit(zone("30r/m"), 0, 0)
    assert [refused for refused, _, _ in excesses(limit, [0, 1000, 2000, 3999, 4000])] == [
        False,
        True,
        False,
        True,
        False,
    ]


def test_everybody_has_a_bucket() -> None:
    """One client's haste costs no other anything, and who has no key is not counted."""
    limit = Limit(zone("1r/s"), 0, 0)
    assert [refused for refused, _, _ in excesses(limit, [0, 0], "a")] == [False, True]
    assert [refused for refused, _, _ in excesses(limit, [0, 0], "b")] == [False, True]
    assert [refused for refused, _, _ in excesses(limit, [0, 0], "")] == [False, False]


def test_the_strictest_delay_holds() -> None:
    """Of several limits the one that asks for the longest wait is kept to, and named."""
    slow, fast = Limit(zone("1r/s", name="slow"), 9000, 0), Limit(zone("10r/s", name="fast"), 9000, 0)
    for limits in ([slow, fast], [fast, slow]):
        judge(limits, ["k", "k"], 2 * HOUR)
        assert judge(limits, ["k", "k"], 2 * HOUR) == Verdict(1000, 1000, "slow")
        slow.zone.charge("k", 0, HOUR)
        fast.zone.charge("k", 0, HOUR)


def test_a_clock_that_is_set_back() -> None:
    """Nobody waits for a clock that was set back by hours, nor gains by one that was by seconds."""
    limit = Limit(zone("1r/s"), 0, 0)
    assert excesses(limit, [0, -30_000]) == [(False, 0, 0), (True, 1000, 0)]
    assert excesses(Limit(zone("1r/s"), 5000, 0), [0, -2 * HOUR, 1000 - 2 * HOUR]) == [
        (False, 0, 0),
        (False, 999, 999),
        (False, 999, 999),
    ]


def test_a_full_zone_forgets_who_came_least_recently() -> None:
    """A flood of new clients makes the zone forget the oldest, and no request fails for lack of room."""
    limit = Limit(zone("1r/m", "32k"), 0, 0)
    for number in range(1000):
        assert not judge([limit], [f"client{number}"], HOUR + number).refused
        assert judge([limit], ["often"], HOUR + number).refused is (number > 0)
    assert len(limit.zone) < 1000
    assert judge([limit], ["client999"], HOUR + 1000).refused
    assert not judge([limit], ["client0"], HOUR + 1000).refused


def test_who_was_not_seen_for_a_minute_is_forgotten() -> None:
    """States of clients that went away do not stay until the zone is full."""
    limit = Limit(zone("1r/s"), 0, 0)
    for number in range(10):
        judge([limit], [f"old{number}"], HOUR)
    for number in range(10):
        judge([limit], [f"new{number}"], HOUR + 60_000)
    assert len(limit.zone) == 10


def test_a_key_that_never_fits() -> None:
    """A key larger than the zone cannot be counted, and the request is refused."""
    limit = Limit(zone("1r/s", "32k"), 0, 0)
    assert judge([limit], ["x" * 60_000], HOUR) == Verdict(0, 0, "a", refused=True, full=True)


gaps = st.lists(st.integers(0, 3000) | st.sampled_from([0, 1, 60_000]), max_size=60)
rates = st.sampled_from(["1r/m", "30r/m", "1r/s", "7r/s", "333r/s", "5000r/s"])


def at_times(gaps: list[int]) -> list[int]:
    now, times = HOUR, []
    for gap in gaps:
        now += gap
        times.append(now)
    return times


@given(gaps, rates, st.integers(0, 5))
def test_never_more_than_the_rate_and_the_burst(gaps: list[int], rate: str, burst: int) -> None:
    """In any span of time no more requests pass than rate x time + burst + 1."""
    limit = Limit(zone(rate), burst * 1000, NO_DELAY)
    passed = [time for time in at_times(gaps) if not judge([limit], ["k"], time).refused]
    for first in range(len(passed)):
        for last in range(first, len(passed)):
            span = passed[last] - passed[first]
            assert (last - first) * 1_000_000 <= limit.zone.rate * span + burst * 1_000_000


@given(gaps, rates, st.integers(0, 5))
def test_what_waits_leaves_at_the_rate(gaps: list[int], rate: str, burst: int) -> None:
    """Without nodelay requests leave no closer to each other than the rate has it, to the millisecond."""
    limit = Limit(zone(rate), burst * 1000, 0)
    left = []
    for time in at_times(gaps):
        verdict = judge([limit], ["k"], time)
        if not verdict.refused:
            left.append(time + verdict.delay_ms)
    assert left == sorted(left)
    for first in range(len(left)):
        for last in range(first, len(left)):
            assert (last - first) * 1_000_000 <= limit.zone.rate * (left[last] - left[first] + 1)


@given(gaps, rates, rates, st.integers(0, 3), st.integers(0, 3))
def test_what_is_refused_is_charged_to_nobody(gaps: list[int], one: str, other: str, most: int, more: int) -> None:
    """A request that one limit refuses leaves the buckets of the others as they were."""
    limits = [Limit(zone(one), most * 1000, NO_DELAY), Limit(zone(other), more * 1000, NO_DELAY)]
    passed = [time for time in at_times(gaps) if not judge(limits, ["k", "k"], time).refused]
    for limit in limits:
        alone = Limit(RateZone(read_zone(["$uri", "zone=a:1m", "rate=1r/s"])), limit.burst, NO_DELAY)
        alone.zone.rate = limit.zone.rate
        for time in passed:
            assert not judge([alone], ["k"], time).refused
        end = HOUR + sum(gaps)
        assert alone.zone.excess("k", end) == limit.zone.excess("k", end)
