"""Whatever arrives, in whatever pieces, is the same requests; what is none is refused, and nothing after it is read."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from hls_mp4.web.head import Head, HeadRules, Malformed
from hls_mp4.web.http1 import END, Event, RequestReader

GET = b"GET /a HTTP/1.1\r\nHost: a\r\n\r\n"
POST = b"POST /b HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello"
CHUNKS = b"PUT /c HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n2;x\r\nhe\r\n3\r\nllo\r\n0\r\nX: y\r\n\r\n"
SMALL = HeadRules(line=60, head=150, headers=5)


def events(data: bytes, pieces: "list[int] | None" = None, rules: "HeadRules | None" = None) -> "list[Event | int]":
    """Return what a reader tells of input that arrives in pieces; bodies in one, the status of a refusal last."""
    reader = RequestReader(rules or HeadRules())
    told: list[Event | int] = []
    at = 0
    try:
        for length in [*(pieces or []), len(data)]:
            reader.feed(data[at : at + length])
            at += length
            while (event := reader.next()) is not None:
                if isinstance(event, bytes) and told and isinstance(told[-1], bytes):
                    told[-1] += event
                else:
                    told.append(event)
    except Malformed as refusal:
        told.append(refusal.status)
    return told


def targets(told: "list[Event | int]") -> list[bytes]:
    """Return what the requests asked for."""
    return [event.target for event in told if isinstance(event, Head)]


def test_requests_one_after_the_other() -> None:
    """Each request is told with its body and its end, and the next begins where it ended."""
    told = events(GET + POST + CHUNKS + GET)
    assert targets(told) == [b"/a", b"/b", b"/c", b"/a"]
    assert [event for event in told if not isinstance(event, Head)] == [b"hello", END, b"hello", END]
    assert [event.size for event in told if isinstance(event, Head)] == [
        len(GET), len(POST) - 5, CHUNKS.index(b"2;x"), len(GET)
    ]  # fmt: skip


def test_a_lone_line_feed_ends_a_line() -> None:
    """Heads typed by hand or made by scripts are understood (RFC 9112 2.2)."""
    for data in (GET.replace(b"\r", b""), b"GET /a HTTP/1.1\r\nHost: a\n\r\n", b"GET /a HTTP/1.1\nHost: a\r\n\n"):
        (head,) = events(data)
        assert isinstance(head, Head)
        assert (head.target, head.headers, head.size) == (b"/a", [(b"Host", b"a")], len(data))


def test_empty_lines_before_a_request() -> None:
    """A client that ends its last body with a line too many is understood, and such a line is no request."""
    told = events(b"\r\n\n" + GET + b"\r\n" * 100_000 + GET)
    assert targets(told) == [b"/a", b"/a"]
    assert told[1] == told[0]
    reader = RequestReader(SMALL)
    reader.feed(b"\r\n")
    assert reader.next() is None
    assert reader.idle


@pytest.mark.parametrize(
    ("data", "status"),
    [
        (b"GET /" + b"x" * 60, 414),
        (b"GET /" + b"x" * 60 + b" HTTP/1.1\r\n", 414),
        (b"\r\nGET /" + b"x" * 60, 414),
        (b"GET / HTTP/1.1\r\nA: " + b"x" * 60, 494),
        (b"GET / HTTP/1.1\r\nA: " + b"x" * 60 + b"\r\n", 494),
        (b"GET / HTTP/1.1\r\n" + b"A: %s\r\n" % (b"x" * 40) * 3, 494),
        (b"GET / HTTP/1.1\r\n" + b"A: x\r\n" * 6, 400),
        (b"GET / HTTP/2.0\r\n", 505),
        (b"GET / HTTP/1.1\r\nA b\r\n", 400),
        (b"GET / HTTP/1.1\r\nA: b\r\r\n", 400),
        (b"\r\r\n", 400),
        (b"\rGET / HTTP/1.1\r\n", 400),
        (b"GET / HTTP/1.1\rA: b\r\n", 400),
        (b"\x16\x03\x01", 400),
        (b"POST / HTTP/1.1\r\nTransfer-Encoding: gzip\r\n\r\n", 501),
        (b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz", 400),
    ],
)
def test_refusals(data: bytes, status: int) -> None:
    """What is no request, or too much of one, is refused as soon as that is certain."""
    assert events(data, rules=SMALL)[-1] == status


def test_a_line_may_be_as_long_as_is_allowed() -> None:
    """The longest line that is allowed is read, its end included."""
    line = b"GET /" + b"x" * 44 + b" HTTP/1.1\r\n"
    assert len(line) == SMALL.line
    assert targets(events(line + b"\r\n", rules=SMALL)) == [b"/" + b"x" * 44]
    assert events(line[:-1], rules=SMALL) == []


def test_logs_learn_what_came() -> None:
    """What was understood of a request is known when the rest is not, and its first bytes when nothing was."""
    reader = RequestReader(SMALL)
    reader.feed(b"GET /a HTTP/1.1\r\nbad\r\n\r\n")
    with pytest.raises(Malformed):
        reader.next()
    assert reader.first == (b"GET", b"/a", b"HTTP/1.1")
    assert not reader.idle
    reader = RequestReader(SMALL)
    reader.feed(b"GET /a")
    assert reader.next() is None
    assert (reader.first, reader.begun) == (None, b"GET /a")
    reader = RequestReader(SMALL)
    reader.feed(b"nonsense\r\n")
    with pytest.raises(Malformed):
        reader.next()
    assert (reader.first, reader.begun) == (None, b"nonsense")


SMUGGLED = st.sampled_from(
    [GET, POST, CHUNKS, b"\r\n", b"\n", b"\r", b" ", b"\0", b":", b"GET ", b"/", b" HTTP/1.1", b"Host: a\r\n", b"x",
     b"0\r\n\r\n", b"Content-Length: 5\r\n", b"Transfer-Encoding: chunked\r\n", b"5\r\n", b"hello", b";", b"\x80",
     b"POST /b HTTP/1.1\r\n", b" HTTP/1.0\r\n", b"Expect: 100-continue\r\n"]
)  # fmt: skip


@given(st.lists(SMUGGLED, max_size=8).map(b"".join), st.lists(st.integers(1, 40), max_size=20))
@example(POST * 2, [1] * 100)
@example(b"GET /" + b"x" * 100, [7] * 9)
def test_packets_make_no_difference(data: bytes, pieces: list[int]) -> None:
    """The same bytes are the same requests and the same refusal however they are cut into packets."""
    for rules in (HeadRules(), SMALL):
        whole, cut = events(data, rules=rules), events(data, pieces, rules)
        assert whole == cut


@given(st.binary(max_size=100))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    """Whatever arrives, a reader tells requests, waits, or refuses; it keeps no more than it was told to."""
    for status in events(data, rules=SMALL)[-1:]:
        assert not isinstance(status, int) or status in (400, 414, 494, 501, 505)
