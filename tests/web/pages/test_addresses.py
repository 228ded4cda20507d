"""What is asked of a page, and what of it is carried on."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hls_mp4.web.pages.addresses import (
    argument,
    arguments,
    decoded,
    joined,
    page_number,
    player_query,
    query_of,
)


@pytest.mark.parametrize(
    "query", [b"player", b"player=", b"a=1&player", b"player&a=1", b"a&player=&b", b"player&player"]
)
def test_the_page_is_asked_for(query: bytes) -> None:
    """`?player`, alone or among others, and as a form sends it."""
    assert player_query(query) is not None


@pytest.mark.parametrize("query", [b"", b"player=jw", b"start=5", b"players", b"myplayer", b"a=player", b"PLAYER"])
def test_other_arguments_are_not_the_page(query: bytes) -> None:
    """A site that has an argument of this name for itself keeps it."""
    assert player_query(query) is None


def test_times_of_a_page() -> None:
    """From and to are as people write them, escaped by a form; what is no time is none."""
    asked = player_query(b"player=&from=1%3A30&to=2%3A00.5")
    assert asked is not None
    assert (asked.from_ms, asked.to_ms) == (90_000, 120_500)
    for query in (b"player&from=x&to=-1", b"player&to=0", b"player&from=%zz"):
        asked = player_query(query)
        assert asked is not None
        assert (asked.from_ms, asked.to_ms) == (None, None)
    backwards = player_query(b"player&from=2:00&to=1:00")
    assert backwards is not None
    assert (backwards.from_ms, backwards.to_ms) == (120_000, None)


def test_a_token_is_carried_on() -> None:
    """A signature and its time, as they are, are in every address that a page is made of; the page's own are not."""
    asked = player_query(b"md5=a%2Fb%3D&player&expires=99&from=5&to=7&flag")
    assert asked is not None
    assert asked.carried == "md5=a%2Fb%3D&expires=99&flag"
    assert asked.page(60_000) == "?md5=a%2Fb%3D&expires=99&flag&player&from=1:00"
    assert asked.page(0, 1500) == "?md5=a%2Fb%3D&expires=99&flag&player&from=0:00&to=0:01.5"


@given(st.binary(max_size=60))
def test_any_query(query: bytes) -> None:
    """Whatever bytes a client sends, what is carried on is one line of visible ASCII, and says the same."""
    asked = player_query(query + b"&player")
    assert asked is not None
    assert asked.carried.isascii()
    assert asked.carried.isprintable()
    assert " " not in asked.carried
    assert "#" not in urlsplit(joined(asked.carried)).path
    for name, value in asked.kept:
        decoded(name)
        decoded(value or b"")
    page_number(query)


@given(st.lists(st.tuples(st.text("ab=", max_size=3), st.text("xy&", max_size=3)), max_size=4))
def test_arguments_keep_their_order(pairs: list[tuple[str, str]]) -> None:
    """What is taken apart and put together again is the same query."""
    query = "&".join(f"{name.replace('=', '')}={value.replace('&', '')}" for name, value in pairs)
    assert query_of(arguments(query.encode())) == query
    assert len(parse_qsl(query, keep_blank_values=True)) == len(arguments(query.encode()))


def test_an_argument_by_its_name() -> None:
    """In any case, the first one counts, as nginx has it."""
    assert argument(b"a=1&PAGE=2&page=3", b"page") == b"2"
    assert argument(b"page", b"page") == b""
    assert argument(b"pages=2", b"page") is None


@pytest.mark.parametrize(
    ("query", "number"),
    [(b"", 1), (b"page=2", 2), (b"page=0", 1), (b"page=-1", 1), (b"page=x", 1), (b"page=" + b"9" * 30, 1)],
)
def test_pages_of_a_listing(query: bytes, number: int) -> None:
    """What is no number is the first page."""
    assert page_number(query) == number
