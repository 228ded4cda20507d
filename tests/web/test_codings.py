"""Accept-Encoding is read as RFC 9110 has it, whatever stands in it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hls_mp4.web.codings import takes_gzip

WEIGHTS = st.sampled_from(["", ";q=0", ";q=0.0", ";q=0.001", ";q=0.5", "; q=1", ";Q=1.000", " ;q=0.999"])
CODINGS = st.sampled_from(["gzip", "GZip", "x-gzip", "identity", "*", "br", "deflate", "zstd"])


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("gzip", True),
        ("gzip, deflate, br, zstd", True),
        ("br, GZIP;q=0.2", True),
        ("x-gzip", True),
        ("gzip;q=1.0, identity; q=0.5, *;q=0", True),
        ("gzip ; q=0.5", True),
        ("*", True),
        ("br, *;q=0.1", True),
        ("identity, gzip", True),
        ("", False),
        ("br", False),
        ("gzip;q=0", False),
        ("gzip;q=0.000", False),
        ("gzip;q=0, *", False),
        ("*;q=0", False),
        ("identity;q=1, gzip;q=0.5", False),
        ("gzip;q=2", False),
        ("gzip;q=-1", False),
        ("gzip;q=1.001", False),
        ("gzip;q=x", False),
        ("gzip;level=9", False),
        ("gzip, gzip;q=0", False),
        ("gzip deflate", False),
        ("ungzip", False),
    ],
)
def test_who_takes_gzip(header: str, expected: bool) -> None:
    """Who takes gzip, and does not like the plain text better, gets gzip; nobody else."""
    assert takes_gzip(header) is expected


@given(st.lists(st.tuples(CODINGS, WEIGHTS), max_size=6))
def test_a_refusal_holds(listed: list[tuple[str, str]]) -> None:
    """A client that excludes gzip never gets it, whatever else it lists and in whatever order."""
    others = [coding + weight for coding, weight in listed if "gzip" not in coding.lower()]
    for at in range(len(others) + 1):
        assert not takes_gzip(", ".join([*others[:at], "gzip;q=0", *others[at:]]))


@given(st.lists(st.tuples(CODINGS, WEIGHTS), max_size=6), st.randoms(use_true_random=False))
def test_order_does_not_count(listed: list[tuple[str, str]], random: object) -> None:
    """A list means the same in every order (RFC 9110 12.5.3)."""
    words = [coding + weight for coding, weight in listed]
    turned = list(words)
    random.shuffle(turned)  # type: ignore[attr-defined]
    assert takes_gzip(",".join(words)) == takes_gzip(" , ".join(turned))


@given(st.text(max_size=200))
def test_anything_may_stand_there(header: str) -> None:
    """No header makes trouble, and what does not name gzip or everything is never answered with gzip."""
    assert not takes_gzip(header) or "gzip" in header.lower() or "*" in header
