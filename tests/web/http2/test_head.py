"""Heads of HTTP/2 requests are judged as those of HTTP/1 requests are."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hls_mp4.web.head import HeadRules, Malformed
from hls_mp4.web.http2.head import UNKNOWN, build_head, first_line, size_of

USUAL = [(b":method", b"GET"), (b":scheme", b"https"), (b":authority", b"a"), (b":path", b"/x?y")]
RULES = HeadRules()


def test_an_ordinary_head() -> None:
    """The authority is the host, and cookies and conditions are where they were."""
    head = build_head([*USUAL, (b"if-range", b'"x"'), (b"cookie", b" a=b ")], RULES, ended=True)
    assert (head.method, head.target, head.version, head.length) == (b"GET", b"/x?y", b"HTTP/2.0", 0)
    assert head.headers == [(b"host", b"a"), (b"if-range", b'"x"'), (b"cookie", b"a=b")]
    assert head.conditional
    assert head.size == size_of([*USUAL, (b"if-range", b'"x"'), (b"cookie", b" a=b ")])


def test_a_host_may_stand_in_for_an_authority() -> None:
    """And beside it when it is the same (RFC 9113 8.3.1)."""
    without = [field for field in USUAL if field[0] != b":authority"]
    assert build_head([*without, (b"host", b"b")], RULES, ended=True).headers == [(b"host", b"b")]
    assert build_head([*USUAL, (b"host", b"A")], RULES, ended=True).headers == [(b"host", b"a")]


def test_how_long_a_body_is() -> None:
    """As it is said, or until it ends."""
    assert build_head(USUAL, RULES, ended=False).length == UNKNOWN
    assert build_head([*USUAL, (b"content-length", b"12")], RULES, ended=False).length == 12
    assert build_head([*USUAL, (b"content-length", b"0")], RULES, ended=True).length == 0


def test_strange_names_are_dropped_as_over_http_1() -> None:
    """Unless the configuration wants them."""
    fields = [*USUAL, (b"x_a", b"1"), (b"x!a", b"2"), (b"x-a", b"3")]
    head = build_head(fields, RULES, ended=True)
    assert head.headers == [(b"host", b"a"), (b"x-a", b"3")]
    assert head.ignored == (b"x_a: 1",)
    assert len(build_head(fields, HeadRules(ignore_invalid=False), ended=True).headers) == 4
    assert len(build_head(fields, HeadRules(underscores=True), ended=True).headers) == 3


def changed(name: bytes, value: bytes | None) -> list[tuple[bytes, bytes]]:
    """Return the usual head with one pseudo-header changed, or left out."""
    return [(each, value if each == name else old) for each, old in USUAL if each != name or value is not None]  # type: ignore[misc]


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        (changed(b":method", None), 'no ":method"'),
        (changed(b":method", b"get"), 'invalid ":method"'),
        (changed(b":path", None), 'no ":path"'),
        (changed(b":path", b"x"), 'invalid ":path"'),
        (changed(b":path", b"/a b"), 'invalid ":path"'),
        (changed(b":path", b""), 'no ":path"'),
        (changed(b":scheme", None), 'invalid ":scheme"'),
        (changed(b":scheme", b"ftp"), 'invalid ":scheme"'),
        (changed(b":authority", None), 'neither ":authority" nor "Host"'),
        ([*USUAL, (b"host", b"b")], "that differ"),
        ([*USUAL, (b"host", b"a"), (b"host", b"a")], 'duplicate header line: "Host"'),
        ([*USUAL, USUAL[0]], 'duplicate ":method"'),
        ([(b"x", b"y"), *USUAL], "after other headers"),
        ([*USUAL, (b":status", b"200")], "unknown pseudo-header"),
        ([*USUAL, (b"X", b"y")], "invalid header line"),
        ([*USUAL, (b"", b"y")], "invalid header line"),
        ([*USUAL, (b"x", b"a\r\nb: c")], "invalid header line"),
        ([*USUAL, (b"connection", b"close")], "no meaning in HTTP/2"),
        ([*USUAL, (b"transfer-encoding", b"chunked")], "no meaning in HTTP/2"),
        ([*USUAL, (b"te", b"gzip")], "no meaning in HTTP/2"),
        ([*USUAL, (b"content-length", b"1"), (b"content-length", b"1")], 'duplicate header line: "Content-Length"'),
        ([*USUAL, (b"content-length", b"-1")], 'invalid "Content-Length"'),
        ([*USUAL, (b"content-length", b"5")], "prematurely closed stream"),
        ([*USUAL, *[(b"x", b"y")] * 1001], "too many header lines"),
    ],
)
def test_what_is_no_request_is_refused(fields: list[tuple[bytes, bytes]], reason: str) -> None:
    """With 400 and the reason."""
    with pytest.raises(Malformed, match=reason) as caught:
        build_head(fields, RULES, ended=True)
    assert caught.value.status == 400


def test_trailers_may_be_asked_for() -> None:
    """The one thing that te may say."""
    assert build_head([*USUAL, (b"te", b"trailers")], RULES, ended=True).headers[-1] == (b"te", b"trailers")


def test_a_tunnel_has_no_path() -> None:
    """CONNECT is understood, to be refused as over HTTP/1."""
    head = build_head([(b":method", b"CONNECT"), (b":authority", b"a:443")], RULES, ended=True)
    assert (head.method, head.target) == (b"CONNECT", b"a:443")


@given(
    st.lists(
        st.tuples(
            st.sampled_from([b":method", b":path", b":scheme", b":authority", b"host", b"te", b"content-length"])
            | st.binary(max_size=10),
            st.sampled_from([b"GET", b"/", b"https", b"a", b"1"]) | st.binary(max_size=20),
        ),
        max_size=8,
    ),
    st.booleans(),
)
def test_no_head_is_a_surprise(fields: list[tuple[bytes, bytes]], ended: bool) -> None:
    """It is a request with one host and no byte that would end a line, or it is refused."""
    method, target = first_line(fields)
    assert b"\n" not in method + target
    try:
        head = build_head(fields, RULES, ended=ended)
    except Malformed:
        return
    assert [name for name, _ in head.headers].count(b"host") == 1
    assert not any(byte in value for _, value in head.headers for byte in b"\r\n\0")
