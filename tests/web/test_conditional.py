"""Caches and players that hold a clip already are told so, and only then."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hls_mp4.web.conditional import evaluate, last_modified, make_etag, matches, parse_date

ETAG = make_etag("5f-10", "5000-7000")
MTIME = 784111777  # Sun, 06 Nov 1994 08:49:37 GMT
DATE = "Sun, 06 Nov 1994 08:49:37 GMT"
EARLIER = "Sun, 06 Nov 1994 08:49:36 GMT"
LATER = "Sun, 06 Nov 1994 08:49:38 GMT"


def outcome(compared: str = "before", **headers: str) -> tuple[int, bool]:
    raw = {name.replace("_", "-").encode(): [value.encode()] for name, value in headers.items()}
    found = evaluate(raw.get, ETAG, MTIME, compared)
    return found.status, found.ranges


def test_different_clips_have_different_tags() -> None:
    """Two clips of one film are never taken for each other, nor for the film."""
    assert len({make_etag("v", ""), make_etag("v", "0-5000"), make_etag("v", "0-5001"), make_etag("w", "")}) == 4
    assert make_etag("v", "x") == '"v-x"'


@given(st.text(max_size=10), st.text(max_size=10))
def test_any_variant_makes_a_tag(one: str, other: str) -> None:
    """Whatever a delivery module calls its variants, tags are well formed, different, and found in a list."""
    tags = [make_etag("v", one), make_etag("v", other)]
    assert all(re.fullmatch(r'"[\x21\x23-\x2b\x2d-\x7e]+"', tag) for tag in tags)
    assert (tags[0] == tags[1]) == (one == other)
    assert matches(f'"x", {tags[1]}', tags[1], weak=False)


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({}, (200, True)),
        ({"if_none_match": ETAG}, (304, False)),
        ({"if_none_match": f'"x", W/{ETAG}'}, (304, False)),
        ({"if_none_match": "*"}, (304, False)),
        ({"if_none_match": '"x"'}, (200, True)),
        ({"if_none_match": '"x"', "if_modified_since": DATE}, (200, True)),
        ({"if_modified_since": DATE}, (304, False)),
        ({"if_modified_since": LATER}, (304, False)),
        ({"if_modified_since": EARLIER}, (200, True)),
        ({"if_modified_since": "Sunday, 06-Nov-94 08:49:37 GMT"}, (304, False)),
        ({"if_modified_since": "Sun Nov  6 08:49:37 1994"}, (304, False)),
        ({"if_modified_since": "yesterday"}, (200, True)),
        ({"if_match": ETAG}, (200, True)),
        ({"if_match": "*"}, (200, True)),
        ({"if_match": f"W/{ETAG}"}, (412, False)),
        ({"if_match": '"x"'}, (412, False)),
        ({"if_match": ETAG, "if_unmodified_since": EARLIER}, (200, True)),
        ({"if_unmodified_since": EARLIER}, (412, False)),
        ({"if_unmodified_since": DATE}, (200, True)),
        ({"if_match": '"x"', "if_none_match": ETAG}, (412, False)),
        ({"if_none_match": f"x, {ETAG}"}, (304, False)),
        ({"if_none_match": f'"x" {ETAG}'}, (200, True)),
        ({"if_none_match": f"{ETAG}x"}, (200, True)),
        ({"if_none_match": f"w/{ETAG}"}, (200, True)),
        ({"if_none_match": '*, "x"'}, (200, True)),
        ({"if_none_match": ""}, (200, True)),
        ({"if_none_match": ETAG, "if_modified_since": EARLIER}, (304, False)),
        ({"if_match": ""}, (412, False)),
        ({"if_unmodified_since": "yesterday"}, (200, True)),
        ({"if_range": f'{ETAG}, "x"'}, (200, False)),
        ({"if_range": "*"}, (200, False)),
        ({"if_range": ETAG}, (200, True)),
        ({"if_range": '"x"'}, (200, False)),
        ({"if_range": f"W/{ETAG}"}, (200, False)),
        ({"if_range": DATE}, (200, True)),
        ({"if_range": LATER}, (200, False)),
        ({"if_range": "nonsense"}, (200, False)),
    ],
)
def test_preconditions(headers: dict[str, str], expected: tuple[int, bool]) -> None:
    """304, 412 and ranges follow RFC 9110 13.2.2."""
    assert outcome(**headers) == expected


def test_without_a_tag_dates_count() -> None:
    """`etag off` leaves Last-Modified."""
    assert evaluate({b"if-modified-since": [DATE.encode()]}.get, None, MTIME).status == 304
    assert evaluate({b"if-none-match": [b'"x"']}.get, None, MTIME).status == 200


@pytest.mark.parametrize("text", ["", "x", "Sun, 99 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 99999 08:49:37 GMT", "0"])
def test_no_date(text: str) -> None:
    """What is no date is no condition."""
    assert parse_date(text) is None


@given(st.integers(0, 4_000_000_000))
def test_dates_come_back(moment: int) -> None:
    """The date we send is the date we compare with."""
    assert parse_date(last_modified(moment)) == moment


@given(st.text(st.characters(codec="latin-1"), max_size=30))
def test_no_header_breaks_it(text: str) -> None:
    """Any list of tags, however broken, is read to its end."""
    raw = [text.encode("latin-1")]
    for names in ((b"if-match", b"if-range"), (b"if-none-match",), (b"if-modified-since", b"if-unmodified-since")):
        assert evaluate(dict.fromkeys(names, raw).get, ETAG, MTIME).status in (200, 304, 412)


@given(st.lists(st.sampled_from(['"a"', 'W/"b"', '"c,d"', "", " "]), max_size=5), st.integers(0, 5))
def test_a_tag_is_found_wherever_it_stands(others: list[str], at: int) -> None:
    """Order and spacing of a list do not matter."""
    assert matches(" , ".join([*others[:at], ETAG, *others[at:]]), ETAG, weak=False)


@pytest.mark.parametrize(
    ("compared", "statuses"), [("off", [200, 200, 200]), ("exact", [200, 304, 200]), ("before", [200, 304, 304])]
)
def test_dates_are_compared_as_configured(compared: str, statuses: list[int]) -> None:
    """`if_modified_since` decides what an earlier, the very and a later date mean; a tag that is known is known."""
    assert [outcome(compared, if_modified_since=date)[0] for date in (EARLIER, DATE, LATER)] == statuses
    assert outcome(compared, if_modified_since=EARLIER, if_none_match=ETAG)[0] == 304
    assert outcome(compared, if_modified_since=DATE, if_none_match='"x"')[0] == 200
