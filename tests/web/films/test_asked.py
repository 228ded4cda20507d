"""Parts of films in queries, and arguments that are carried on."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hls_mp4.errors import StreamingError
from hls_mp4.packagers.choosing.expression import BadFilter
from hls_mp4.packagers.elsewhere.vod import Parts
from hls_mp4.web.films.asked import MOST_FORWARDED, forwarded, wanted
from hls_mp4.web.films.settings import Forwarding

EVERY = Forwarding(every=True)


@pytest.mark.parametrize(
    ("query", "begin", "end", "carried"),
    [
        (b"", 0, None, ""),
        (b"vbegin=90&vend=120.5", 90_000, 120_500, "vbegin=90&vend=120.5"),
        (b"VBEGIN=1.25", 1250, None, "vbegin=1.25"),
        (b"vend=5", 0, 5000, "vend=5"),
        (b"vbegin=10&vend=5", 10_000, None, "vbegin=10"),
        (b"vbegin=x&vend=", 0, None, ""),
        (b"t=10-20", 10_000, 20_000, "vbegin=10&vend=20"),
        (b"t=10,20.5", 10_000, 20_500, "vbegin=10&vend=20.5"),
        (b"t=npt:10-", 10_000, None, "vbegin=10"),
        (b"t=1763683200", 0, None, ""),
        (b"t=,20", 0, 20_000, "vend=20"),
        (b"t=10%2C20", 10_000, 20_000, "vbegin=10&vend=20"),
        (b"t=1500000000-abc", 0, None, ""),
        (b"token=a&vbegin=1&vbegin=2", 1000, None, "vbegin=1"),
    ],
)
def test_a_part_is_named_in_seconds(query: bytes, begin: int, end: int | None, carried: str) -> None:
    """In two arguments or one; what makes no sense is not there. URLs in manifests name it in one way."""
    part = wanted(query, Parts())
    assert (part.begin_ms, part.end_ms, part.carried) == (begin, end, carried)
    assert part.everything == (not begin and end is None)


def test_a_part_of_a_part() -> None:
    """Seconds of a query count from where the path begins, and end no later than it ends."""
    part = wanted(b"vbegin=5&vend=50", Parts(10_000, 40_000, (("video", 1),)))
    assert (part.begin_ms, part.end_ms, part.tracks) == (15_000, 40_000, (("video", 1),))
    assert wanted(b"vend=5", Parts(10_000)).end_ms == 15_000
    assert wanted(b"", Parts(10_000)).carried == ""


@pytest.mark.parametrize(
    "query",
    [
        b'filter=(type=="audio"&&systemLanguage=="eng")&token=1',
        b"filter=%28type%3D%3D%22audio%22%26%26systemLanguage%3D%3D%22eng%22%29&token=1",
        b"token=1&filter=(type==%22audio%22%26%26systemLanguage==%22eng%22)",
        b'filter=type=="audio"&&systemLanguage=="eng"&token=1',
    ],
)
def test_a_filter_is_read_however_it_is_written(query: bytes) -> None:
    """Encoded or not; what follows it is an argument of its own, and manifests carry it on encoded."""
    part = wanted(query, Parts())
    assert part.filter is not None and not part.everything
    assert re.fullmatch(r"filter=[A-Za-z0-9%]+", part.carried)
    assert forwarded(query, EVERY) == "token=1"
    again = wanted(part.carried.encode(), Parts())
    assert again.key == part.key


def test_a_filter_that_makes_no_sense_is_refused() -> None:
    """Rather than sending what was not asked for."""
    for query in (b"filter=(type==", b"filter=nobody==1", b"filter=%ff%fe==1"):
        with pytest.raises(BadFilter):
            wanted(query, Parts())


@pytest.mark.parametrize(
    ("query", "forwarding", "carried"),
    [
        (b"token=a%2Fb&expires=5&x", Forwarding(), ""),
        (b"token=a%2Fb&expires=5&x", EVERY, "token=a%2Fb&expires=5&x"),
        (b"token=a&expires=5&x=1", Forwarding(names=frozenset(("token", "x"))), "token=a&x=1"),
        (b"vbegin=5&t=1&token=a&filter=type==audio", EVERY, "token=a"),
        (b"a=\"<'>&b=$Time$&c={x}&d=%zz&e=1%0d", EVERY, "a=%22%3C%27%3E&b=%24Time%24&c=%7Bx%7D&d=%25zz&e=1%0d"),
        (b"&&=1&a=", EVERY, "a"),
    ],
)
def test_arguments_are_carried_on(query: bytes, forwarding: Forwarding, carried: str) -> None:
    """Those that are to be; nothing in them means anything to a playlist, to XML or to a template."""
    assert forwarded(query, forwarding) == carried


def test_long_arguments_are_refused() -> None:
    """They would stand in each of thousands of lines."""
    with pytest.raises(ValueError, match="too long"):
        forwarded(b"a=" + b"x" * MOST_FORWARDED, EVERY)


@given(st.binary(max_size=120), st.sampled_from([b"", b"filter=", b"t=", b"vbegin=1&filter=("]))
def test_any_query_ends(noise: bytes, start: bytes) -> None:
    """Whatever is asked, only harmless characters are carried on."""
    query = start + noise
    try:
        part = wanted(query, Parts())
    except StreamingError:
        return
    assert re.fullmatch(r"[A-Za-z0-9!()*,;:@/?=+%\-._~&]*", f"{part.carried}{forwarded(query, EVERY)}")
