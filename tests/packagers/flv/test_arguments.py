"""start and end in a query string."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hls_mp4.packagers.flv.arguments import Asked, parse_offset, parse_times


@pytest.mark.parametrize(
    ("query", "start"),
    [
        (b"start=77", 77),
        (b"START=77", 77),
        (b"a=b&Start=77", 77),
        (b"&&start=77&", 77),
        (b"start=0000000000000000000000000077", 77),
        (b"start=5&start=7", 5),
        (b"start=77&end=99", 77),
        (b"start=9223372036854775807", 2**63 - 1),
    ],
)
def test_a_byte(query: bytes, start: int) -> None:
    """Digits, the first argument of the name in any case, as nginx reads them."""
    assert parse_offset(query, "start") == Asked(start)


@pytest.mark.parametrize(
    "query",
    [
        *(
            b"",
            b"start",
            b"start=",
            b"start=0",
            b"start=000",
            b"xstart=5",
            b"s=start=5",
            b"start==5",
            b"start=&start=5",
        ),
        *(b"start=5.0", b"start=-5", b"start=+5", b"start=5abc", b"start=%35", b"start=5;end=7", b"start=1e3"),
        *(b"start=9223372036854775808", b"start=" + b"9" * 7000, b"start=\xb2", b"start= 5"),
    ],
)
def test_what_is_no_byte(query: bytes) -> None:
    """The whole file is meant then, as in nginx."""
    assert parse_offset(query, "start") is None


@pytest.mark.parametrize(
    ("query", "asked"),
    [
        (b"start=5", Asked(5000)),
        (b"start=5.0259", Asked(5025)),
        (b"start=5&end=7.5", Asked(5000, 7500)),
        (b"END=7&START=5", Asked(5000, 7000)),
        (b"end=7", Asked(0, 7000)),
        (b"start=x&end=7", Asked(0, 7000)),
        (b"start=0", Asked(0)),
        (b"start=7&end=5", Asked(7000)),
        (b"start=7&end=7", Asked(7000)),
        (b"start=7&end=x", Asked(7000)),
        (b"start=x", None),
        (b"end=0", None),
        (b"", None),
    ],
)
def test_seconds(query: bytes, asked: Asked | None) -> None:
    """They are what they are for MP4."""
    assert parse_times(query, "start", "end") == asked


def test_other_names() -> None:
    """Players that call them otherwise are understood, letters that mean something to a pattern among them."""
    assert parse_offset(b"fs.x=9&start=7", "fs.x") == Asked(9)
    assert parse_offset(b"fsax=9", "fs.x") is None
    assert parse_times(b"from=1&to=2", "from", "to") == Asked(1000, 2000)


@given(st.binary(max_size=60), st.sampled_from([b"", b"start=", b"start=1&end="]))
def test_any_bytes(query: bytes, before: bytes) -> None:
    """Whatever a client sends is something or nothing."""
    for asked in (parse_offset(before + query, "start"), parse_times(before + query, "start", "end")):
        assert asked is None or 0 <= asked.start < 2**63
