"""A head means one thing or is refused, and the shortcut for ordinary ones reads what is read line by line."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from hls_mp4.web.head import (
    CHUNKED,
    Head,
    HeadBuilder,
    HeadRules,
    Malformed,
    check_beginning,
    ordinary_head,
    parse_field,
    parse_request_line,
)

GOOD = b"GET /a.mp4?start=5 HTTP/1.1\r\nHost: example.org\r\nUser-Agent: \t x y \r\nRange: bytes=0-\r\n\r\n"
RULES = HeadRules()


def built(data: bytes, rules: HeadRules = RULES) -> Head:
    """Return the head of whole lines that end in CRLF."""
    first, *others = data.removesuffix(b"\r\n\r\n").split(b"\r\n")
    builder = HeadBuilder(rules, first)
    for line in others:
        builder.add(line)
    return builder.finish(len(data))


def length_of(*headers: bytes, version: bytes = b"HTTP/1.1") -> int:
    """Return the length of the body that headers announce."""
    return built(b"\r\n".join([b"POST / " + version, b"Host: a", *headers, b"", b""])).length


def test_an_ordinary_head_is_read() -> None:
    """What a player sends takes the shortcut."""
    assert ordinary_head(GOOD, RULES) == Head(
        b"GET",
        b"/a.mp4?start=5",
        b"HTTP/1.1",
        [(b"Host", b"example.org"), (b"User-Agent", b"x y"), (b"Range", b"bytes=0-")],
        False,
        len(GOOD),
    )


def test_conditions_are_noticed() -> None:
    """A request that depends on a validator is known for one, however the header is spelled."""
    data = GOOD.replace(b"Range", b"iF-rAnGe")
    for head in (ordinary_head(data, RULES), built(data)):
        assert head is not None
        assert head.conditional


@pytest.mark.parametrize(
    "data",
    [
        b"",
        GOOD[:-2],
        GOOD + b"x",
        GOOD + GOOD,
        GOOD.replace(b"Range", b"Content-Length"),
        GOOD.replace(b"Range", b"tRANSFER-encoding"),
        GOOD.replace(b"Range", b"Expect"),
        GOOD.replace(b"Range", b"X_Range"),
        GOOD.replace(b"Range: ", b"Range : "),
        GOOD.replace(b"Range: ", b"Range"),
        GOOD.replace(b"Range: ", b" Range: "),
        GOOD.replace(b"Range: ", b"Range: a\r"),
        GOOD.replace(b"Range: ", b"Range: a\nb: "),
        GOOD.replace(b"Range: ", b"Range: \0"),
        GOOD.replace(b"GET", b"G T"),
        GOOD.replace(b"GET", b"get"),
        GOOD.replace(b"/a.mp4", b"/\xff.mp4"),
        GOOD.replace(b"1.1", b"2.0"),
        GOOD.replace(b"1.1", b"1.2"),
        b"\r\n" + GOOD,
        GOOD.replace(b"Range: ", b"Range: " + b"x" * 8192),
        GOOD.replace(b"Range: ", b"Range: \r\nX: " * 100),
    ],
)
def test_what_is_unusual_takes_the_long_way(data: bytes) -> None:
    """Whatever could be read in two ways is read by one judge."""
    assert ordinary_head(data, RULES) is None


def test_the_shortcut_keeps_to_limits() -> None:
    """A head that may be beyond what is configured does not take the shortcut."""
    assert ordinary_head(GOOD, HeadRules(line=len(GOOD))) is not None
    assert ordinary_head(GOOD, HeadRules(line=len(GOOD) - 1)) is None
    assert ordinary_head(GOOD, HeadRules(headers=2)) is None


pieces = st.sampled_from(
    [b"GET", b"HEAD", b" ", b"/", b"/a?b", b"HTTP/1.1", b"HTTP/1.0", b"\r\n", b"\r", b"\n", b"Host", b"X-A", b"X_A",
     b"If-Match", b":", b": ", b"\t", b"a", b"\0", b"\xe9", b"Expect", b"\r\n\r\n", b"Connection: close\r\n"]
)  # fmt: skip


@given(st.lists(pieces, max_size=14).map(b"".join))
@example(GOOD)
@example(b"GET / HTTP/1.1\r\nHost: a\r\nX-A:\r\n\r\n")
def test_both_ways_agree(data: bytes) -> None:
    """What the shortcut takes, the long way reads as the same request."""
    for whole in (data, b"GET / HTTP/1.1\r\nHost: a\r\n" + data + b"\r\n\r\n"):
        head = ordinary_head(whole, RULES)
        if head is not None:
            assert head == built(whole)


@pytest.mark.parametrize(
    ("line", "status"),
    [
        (b"GET /", 400),
        (b"GET  / HTTP/1.1", 400),
        (b"GET / HTTP/1.1 ", 400),
        (b"GET / x HTTP/1.1", 400),
        (b" GET / HTTP/1.1", 400),
        (b"get / HTTP/1.1", 400),
        (b"G\xc9T / HTTP/1.1", 400),
        (b"GET /\x00 HTTP/1.1", 400),
        (b"GET /\x7f HTTP/1.1", 400),
        (b"GET /\r HTTP/1.1", 400),
        (b"GET\t/\tHTTP/1.1", 400),
        (b"GET / http/1.1", 400),
        (b"GET / HTTP/0.9", 400),
        (b"GET / HTTP/1.10", 400),
        (b"GET / HTTP/1", 400),
        (b"GET / HTTP/x.y", 400),
        (b"GET / HTTP/2.0", 505),
        (b"PRI * HTTP/2.0", 505),
        (b"GET / HTTP/10.0", 505),
        (b"\x16\x03\x01\x02\x00\x01\x00", 400),
    ],
)
def test_a_request_line_is_one_or_is_refused(line: bytes, status: int) -> None:
    """No other method, blank, character or version is guessed at; the log says what was wrong."""
    with pytest.raises(Malformed) as refusal:
        parse_request_line(line)
    assert refusal.value.status == status
    assert refusal.value.reason.startswith("client sent")


def test_request_lines() -> None:
    """Later minor versions are served, and bytes that are not ASCII left as they are."""
    assert parse_request_line(b"M-SEARCH * HTTP/1.9") == (b"M-SEARCH", b"*", b"HTTP/1.9")
    assert parse_request_line("GET /кино HTTP/1.0".encode()) == (b"GET", "/кино".encode(), b"HTTP/1.0")


@pytest.mark.parametrize("data", [b"G", b"GET", b"GET ", b"GET /a", b"GET /a H", b"GET /a HTTP/1.1\r", b"\r"])
def test_what_may_become_a_request_is_waited_for(data: bytes) -> None:
    """A request in single bytes is a request."""
    check_beginning(data)


@pytest.mark.parametrize("data", [b"g", b"\x16", b"GET\r", b"GET /\r", b"GET / x", b"\rG", b"\0", b"SSH-2.0-x", b"{"])
def test_what_can_become_no_request_is_refused_at_once(data: bytes) -> None:
    """A client of another protocol need not wait for an answer."""
    with pytest.raises(Malformed):
        check_beginning(data)


def test_a_tls_handshake_is_recognised() -> None:
    """The log tells who connects with https:// to a port for http://."""
    with pytest.raises(Malformed, match="TLS handshake"):
        check_beginning(b"\x16\x03\x01")


@pytest.mark.parametrize(
    "line",
    [b"", b"Host", b": a", b" a: b", b"\ta: b", b"a : b", b"a\t: b", b"a b: c", b"a(: b", b"\xe9: a", b"a: b\0c",
     b"a: b\rc", b"a: b\r"],
)  # fmt: skip
def test_a_header_line_is_one_or_is_refused(line: bytes) -> None:
    """No blank before the colon, no folded line, no NUL and no bare CR is guessed at."""
    with pytest.raises(Malformed) as refusal:
        parse_field(line)
    assert refusal.value.status == 400


def test_header_lines() -> None:
    """Blanks around a value are none of it."""
    assert parse_field(b"a:\t b c \t") == (b"a", b"b c")
    assert parse_field(b"a!#$%&'*+-.^_`|~0:") == (b"a!#$%&'*+-.^_`|~0", b"")
    assert parse_field(b"a: \x01\xe9:") == (b"a", b"\x01\xe9:")


@pytest.mark.parametrize(
    ("rules", "kept"),
    [
        (HeadRules(), [b"a-b"]),
        (HeadRules(underscores=True), [b"a-b", b"a_b"]),
        (HeadRules(ignore_invalid=False), [b"a-b", b"a_b", b"a.b"]),
    ],
)
def test_invalid_names(rules: HeadRules, kept: list[bytes]) -> None:
    """`ignore_invalid_headers` and `underscores_in_headers` decide which headers are there; the log has the others."""
    head = built(b"GET / HTTP/1.1\r\na-b: 1\r\na_b: 2\r\na.b: 3\r\n\r\n", rules)
    assert [name for name, _ in head.headers] == kept
    assert bool(head.ignored) == (len(kept) < 3)


def test_a_dropped_header_has_no_say() -> None:
    """A name that looks like Content-Length to somebody else is no Content-Length."""
    head = built(b"POST / HTTP/1.1\r\nContent_Length: 5\r\nTransfer.Encoding: chunked\r\n\r\n")
    assert (head.length, head.headers) == (0, [])


def test_max_headers() -> None:
    """A head has as many headers as `max_headers` allows."""
    rules = HeadRules(headers=3)
    assert len(built(b"GET / HTTP/1.1\r\n" + b"a: b\r\n" * 3 + b"\r\n", rules).headers) == 3
    with pytest.raises(Malformed, match="too many") as refusal:
        built(b"GET / HTTP/1.1\r\n" + b"a: b\r\n" * 4 + b"\r\n", rules)
    assert refusal.value.status == 400


@pytest.mark.parametrize(
    ("headers", "length"),
    [
        ((), 0),
        ((b"Content-Length: 0",), 0),
        ((b"Content-Length: 0012",), 12),
        ((b"content-length:\t5 ",), 5),
        ((b"Transfer-Encoding: chunked",), CHUNKED),
        ((b"TRANSFER-ENCODING: Chunked \t",), CHUNKED),
    ],
)
def test_lengths(headers: tuple[bytes, ...], length: int) -> None:
    """A body is as long as its headers say."""
    assert length_of(*headers) == length


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ((b"Content-Length:",), 400),
        ((b"Content-Length: -1",), 400),
        ((b"Content-Length: +1",), 400),
        ((b"Content-Length: 0x10",), 400),
        ((b"Content-Length: 1_0",), 400),
        ((b"Content-Length: 1 0",), 400),
        ((b"Content-Length: 5, 5",), 400),
        ((b"Content-Length: \xb2",), 400),
        ((b"Content-Length: 9223372036854775808",), 400),
        ((b"Content-Length: " + b"0" * 20,), 400),
        ((b"Content-Length: 5", b"Content-Length: 5"), 400),
        ((b"Content-Length: 5", b"content-length: 6"), 400),
        ((b"Content-Length: 5", b"Transfer-Encoding: chunked"), 400),
        ((b"Transfer-Encoding: gzip", b"Content-Length: 5"), 400),
        ((b"Transfer-Encoding: chunked", b"Transfer-Encoding: chunked"), 400),
        ((b"Transfer-Encoding: gzip", b"Transfer-Encoding: chunked"), 400),
        ((b"Transfer-Encoding: chunked, chunked",), 400),
        ((b"Transfer-Encoding: chunked, gzip",), 400),
        ((b"Transfer-Encoding: chunked;a=b, gzip",), 400),
        ((b"Transfer-Encoding: chunked,",), 400),
        ((b"Transfer-Encoding:",), 400),
        ((b"Transfer-Encoding: \x0bchunked",), 400),
        ((b"Transfer-Encoding: chun ked",), 400),
        ((b"Transfer-Encoding: gzip",), 501),
        ((b"Transfer-Encoding: gzip, chunked",), 501),
        ((b"Transfer-Encoding: identity",), 501),
        ((b"Transfer-Encoding: xchunked",), 501),
        ((b"Transfer-Encoding: chunked;a=b",), 501),
    ],
)
def test_lengths_that_two_could_read_in_two_ways_are_refused(headers: tuple[bytes, ...], status: int) -> None:
    """Nothing can be smuggled past a proxy that reads the length of a body otherwise (RFC 9112 6.3, 11.2)."""
    with pytest.raises(Malformed) as refusal:
        length_of(*headers)
    assert refusal.value.status == status


def test_chunks_are_not_of_http_1_0() -> None:
    """A proxy that speaks HTTP/1.0 would take chunks for the next request."""
    with pytest.raises(Malformed) as refusal:
        length_of(b"Transfer-Encoding: chunked", version=b"HTTP/1.0")
    assert refusal.value.status == 400


def test_expectations() -> None:
    """What is expected is known; HTTP/1.0 expects nothing."""
    data = b"POST / HTTP/1.1\r\nExpect: 100-Continue\r\nExpect: x\r\n\r\n"
    assert built(data).expectation == b"100-continue, x"
    assert built(data.replace(b"1.1", b"1.0")).expectation == b""


@given(st.binary(max_size=60))
@example(b"Transfer-Encoding: " + b"a; ," * 500)
def test_any_line_is_read_or_refused(line: bytes) -> None:
    """Whatever a line is, nothing but a refusal comes of it."""
    for data in (line, b"Transfer-Encoding: " + line, b"Content-Length: " + line):
        builder = HeadBuilder(RULES, b"GET / HTTP/1.1")
        try:
            builder.add(data)
            builder.finish(100)
            parse_request_line(data)
        except Malformed as refusal:
            assert refusal.status in (400, 501, 505)
