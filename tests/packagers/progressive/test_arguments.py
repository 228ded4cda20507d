"""start and end are read by nginx's grammar."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hls_mp4.packagers.progressive.arguments import (
    MOST_MS,
    Interval,
    Window,
    parse_interval,
    parse_seconds,
    read_argument_name,
)

SECONDS = [
    (b"5", 5000),
    (b"5.0009", 5000),
    (b"5.9999", 5999),
    (b"5.12", 5120),
    (b".5", 500),
    (b"5.", 5000),
    (b".", 0),
    (b"0", 0),
    (b"007", 7000),
    (b"0" * 4000 + b"7", 7000),
    (b"1." + b"9" * 4000, 1999),
    (b"9223372036854775.807", MOST_MS),
    (b"9223372036854775.808", None),
    (b"9223372036854776", None),
    (b"9" * 5000, None),
    (b"", None),
    (b"-5", None),
    (b"+5", None),
    (b"5e1", None),
    (b"0x5", None),
    (b"5.1.2", None),
    (b"..", None),
    (b"5 ", None),
    (b"%35", None),
    (b"5\n", None),
    (b"\xd9\xa5", None),
    (b"nan", None),
]


@pytest.mark.parametrize(("text", "ms"), SECONDS)
def test_seconds_are_digits_with_one_dot(text: bytes, ms: int | None) -> None:
    """What nginx takes for a number is one, what it refuses is none; digits past milliseconds are cut off."""
    assert parse_seconds(text) == ms


QUERIES = [
    (b"", None),
    (b"start=5", Interval(5000, None)),
    (b"START=5", Interval(5000, None)),
    (b"StArT=5&eNd=7", Interval(5000, 7000)),
    (b"start=0", Interval(0, None)),
    (b"x=1&start=5&end=7&y", Interval(5000, 7000)),
    (b"start=5&start=6", Interval(5000, None)),
    (b"start=&start=5", None),
    (b"start=5;end=7", None),
    (b"start=%35", None),
    (b"xstart=5", None),
    (b"start5", None),
    (b"start", None),
    (b"start=", None),
    (b"restart=5&start=6", Interval(6000, None)),
    (b"end=5", Interval(0, 5000)),
    (b"start=abc&end=5", Interval(0, 5000)),
    (b"start=abc", None),
    (b"start=-5", None),
    (b"start=abc&end=0", None),
    (b"end=0", None),
    (b"end=abc", None),
    (b"start=5&end=abc", Interval(5000, None)),
    (b"start=5&end=0", Interval(5000, None)),
    (b"start=5&end=5", Interval(5000, None)),
    (b"start=5&end=3", Interval(5000, None)),
    (b"start=5&end=&end=7", Interval(5000, None)),
    (b"send=3&end=7", Interval(0, 7000)),
    (b"vbegin=60&vend=120&start=10&end=20", Interval(10_000, 20_000, window=Window(60_000, 120_000))),
    (b"start=10&VBEGIN=60", Interval(10_000, None, window=Window(60_000, None))),
    (b"vend=120", Interval(0, None, window=Window(0, 120_000))),
    (b"vbegin=60&vend=60", Interval(0, None, window=Window(60_000, None))),
    (b"vbegin=0&vend=0", None),
    (b"t=60-120&start=10", Interval(10_000, None, window=Window(60_000, 120_000))),
    (b"t=npt:60,", Interval(0, None, window=Window(60_000, None))),
    (b"t=,5%2C", None),
    (b"t=1763683200", None),
    (b"vbegin=5&t=60-120", Interval(0, None, window=Window(5000, None))),
    (b"vbegin=abc&vend=x&start=5", Interval(5000, None)),
]


@pytest.mark.parametrize(("query", "interval"), QUERIES)
def test_a_query_asks_for_what_it_would_ask_nginx_for(query: bytes, interval: Interval | None) -> None:
    """First match wins, names in any case, `&` alone separates; what is invalid is as if it were not there."""
    assert parse_interval(query) == interval


@given(st.binary(max_size=200))
def test_no_query_breaks_the_grammar(query: bytes) -> None:
    """Whatever a client sends, the end is after the start, and both are times."""
    interval = parse_interval(query)
    if interval is not None:
        assert 0 <= interval.start_ms <= MOST_MS
        assert interval.end_ms is None or interval.start_ms < interval.end_ms <= MOST_MS


@given(st.integers(0, 10**12))
def test_milliseconds_come_through(ms: int) -> None:
    """Every millisecond can be asked for."""
    assert parse_interval(b"start=%d.%03d" % divmod(ms, 1000)) == Interval(ms, None)


def test_a_hostile_query_costs_no_time() -> None:
    """Sixty thousand characters of almost a match are read in a moment."""
    began = time.perf_counter()
    parse_interval(b"&start" * 10_000)
    parse_interval(b"start=" + b"9" * 60_000)
    parse_interval(b"start=" + b"." * 60_000)
    assert time.perf_counter() - began < 0.05


def test_the_arguments_may_be_called_otherwise() -> None:
    """Players that say t and to, or begin.at, are understood; start and end then mean nothing."""
    assert parse_interval(b"t=5&TO=7&start=1", "t", "to") == Interval(5000, 7000)
    assert parse_interval(b"begin.at=5", "begin.at") == Interval(5000, None)
    assert parse_interval(b"beginxat=5", "begin.at") is None
    assert parse_interval(b"start=5", "from", "to") is None


@pytest.mark.parametrize("name", ["", "a b", "a=b", "a&b", "\u00e9", "a%20"])
def test_what_cannot_be_an_argument_is_refused(name: str) -> None:
    """A name that no query string has as it stands would never be found."""
    with pytest.raises(ValueError, match="invalid argument name"):
        read_argument_name([name])
