"""A body is what was sent as one, and chunks are what RFC 9112 7.1 says."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hls_mp4.web.chunked import ChunkedBody, LengthBody
from hls_mp4.web.head import HeadRules, Malformed

RULES = HeadRules(line=64, head=200, headers=4)


def read(data: bytes, rules: HeadRules = RULES, pieces: "list[int] | None" = None) -> tuple[bytes, bytes, ChunkedBody]:
    """Return the body, what was left after it, and the reader; the input arrives in pieces of these lengths."""
    body = ChunkedBody(rules)
    buffer = bytearray()
    got = b""
    at = 0
    for length in [*(pieces or []), len(data)]:
        buffer += data[at : at + length]
        at += length
        while part := body.read(buffer):
            got += part
    return got, bytes(buffer), body


@pytest.mark.parametrize(
    ("data", "body"),
    [
        (b"0\r\n\r\n", b""),
        (b"000\r\n\r\n", b""),
        (b"3\r\nabc\r\n0\r\n\r\n", b"abc"),
        (b"A\r\n0123456789\r\n1\r\nx\r\n0\r\n\r\n", b"0123456789x"),
        (b'3;name=value;x="y z"\r\nabc\r\n0 ; last\r\n\r\n', b"abc"),
        (b"3\r\na\r\n\r\n0\r\n\r\n", b"a\r\n"),
        (b"0\r\nTrailer: x\r\nContent-Length: 7\r\n\r\n", b""),
    ],
)
def test_chunks(data: bytes, body: bytes) -> None:
    """Chunks, extensions and trailers are read, and nothing beyond them."""
    got, rest, reader = read(data + b"GET /")
    assert (got, rest, reader.over, reader.size) == (body, b"GET /", True, len(data))


@pytest.mark.parametrize(
    "data",
    [
        b"\r\n",
        b"x\r\n",
        b"-1\r\n",
        b"+1\r\n",
        b"0x1\r\n",
        b"1_0\r\n",
        b" 1\r\n",
        b"1 \r\n",
        b"1 x\r\n",
        b";a\r\n",
        b"3\nabc\r\n",
        b"3\r\r\nabc\r\n",
        b"3;a\nabc\r\n0\r\n\r\n",
        b"3;a\rb\r\nabc\r\n",
        b"3;\0\r\nabc",
        b"3\r\nabc0\r\n\r\n",
        b"3\r\nabc\n0\r\n\r\n",
        b"3\r\nabc\r0\r\n\r\n",
        b"3\r\nabcd\r\n0\r\n\r\n",
        b"0\r\n\n",
        b"0\r\na: b\n\r\n",
        b"0\r\n a: b\r\n\r\n",
        b"0\r\na : b\r\n\r\n",
        b"0\r\nab\r\n\r\n",
        b"0\r\n" + b"a: b\r\n" * 5,
        b"8000000000000000\r\n",
        b"00000000000000001\r\n",
        b"1" * 80,
        b"1;" + b"x" * 80,
        b"1;" + b"x" * 80 + b"\r\n",
        b"1;" + b"x" * 40 + b"\r\na\r\n" + (b"1;" + b"x" * 58 + b"\r\na\r\n") * 10,
        b"0\r\n" + b"a: %s\r\n" % (b"b" * 55) * 4,
    ],
)
def test_what_is_no_chunk_is_refused(data: bytes) -> None:
    """Where one reader ends a line or a chunk and another does not, nobody is guessing; nothing grows without bound."""
    with pytest.raises(Malformed) as refusal:
        read(data)
    assert refusal.value.status in (400, 494)


def test_garbage_is_refused_before_its_line_ends() -> None:
    """A client that does not send chunks at all need not wait for an answer."""
    with pytest.raises(Malformed):
        read(b"<html>")


@given(
    st.lists(st.binary(min_size=1, max_size=20), max_size=5),
    st.lists(st.integers(1, 9), max_size=30),
    st.sampled_from([b"", b";x", b' ; a="b"']),
    st.sampled_from([b"", b"A: b\r\n"]),
)
def test_packets_make_no_difference(chunks: list[bytes], pieces: list[int], extension: bytes, trailer: bytes) -> None:
    """However a body is cut into chunks, and chunks into packets, it is the same body."""
    data = b"".join(b"%x%b\r\n%b\r\n" % (len(chunk), extension, chunk) for chunk in chunks)
    data += b"0\r\n" + trailer + b"\r\n"
    got, rest, reader = read(data + b"rest", HeadRules(), pieces)
    assert (got, rest, reader.over, reader.size) == (b"".join(chunks), b"rest", True, len(data))


parts = st.sampled_from([b"0", b"1", b"f", b"\r", b"\n", b"\r\n", b";", b" ", b"a: b", b"\0", b"x"])


@given(st.lists(parts, max_size=12).map(b"".join), st.lists(st.integers(1, 3), max_size=12))
def test_refusals_do_not_depend_on_packets(data: bytes, pieces: list[int]) -> None:
    """The same bytes are the same body, or none, however they arrive."""
    results = []
    for cut in ([], pieces):
        try:
            got, rest, reader = read(data, RULES, cut)
            results.append((got, rest if reader.over else b"", reader.over))
        except Malformed:
            results.append(None)
    assert results[0] == results[1]


@given(st.integers(1, 50), st.lists(st.integers(1, 9), max_size=30))
def test_an_announced_length(length: int, pieces: list[int]) -> None:
    """A body is as long as it was said to be, and what follows is none of it."""
    body = LengthBody(length)
    data = bytes(range(60))
    buffer = bytearray()
    got = b""
    at = 0
    for piece in [*pieces, 60]:
        buffer += data[at : at + piece]
        at += piece
        got += body.read(buffer)
    assert (got, bytes(buffer), body.over, body.size) == (data[:length], data[length:], True, length)
