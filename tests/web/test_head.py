"""The shortcut for ordinary requests reads what the full parser reads, and leaves it everything else."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from twisted.internet.testing import StringTransport
from twisted.web import http

from hls_mp4.web.head import ordinary_head

GOOD = b"GET /a.mp4?start=5 HTTP/1.1\r\nHost: example.org\r\nUser-Agent: \t x y \r\nRange: bytes=0-\r\n\r\n"


def judged(data: bytes) -> "list[tuple[bytes, bytes, bytes, list[tuple[bytes, bytes]]]]":
    """Return the requests that Twisted's own parser finds."""
    seen = []

    class Request(http.Request):
        def process(self) -> None:
            headers = [
                (name.lower(), value) for name, values in self.requestHeaders.getAllRawHeaders() for value in values
            ]
            seen.append((self.method, self.uri, self.clientproto, headers))

    channel = http.HTTPChannel()
    channel.requestFactory = Request
    channel.timeOut = None
    channel.makeConnection(StringTransport())
    channel.dataReceived(data)
    return seen


def test_an_ordinary_head_is_read() -> None:
    """What a player sends takes the shortcut."""
    assert ordinary_head(GOOD) == (
        b"GET",
        b"/a.mp4?start=5",
        b"HTTP/1.1",
        [(b"Host", b"example.org"), (b"User-Agent", b"x y"), (b"Range", b"bytes=0-")],
        False,
    )


def test_conditions_are_noticed() -> None:
    """A request that depends on a validator is known for one, however the header is spelled."""
    head = ordinary_head(GOOD.replace(b"Range", b"iF-rAnGe"))
    assert head is not None
    assert head[4]


@pytest.mark.parametrize(
    "data",
    [
        GOOD[:-2],
        GOOD + b"x",
        GOOD + GOOD,
        GOOD.replace(b"Range", b"Content-Length"),
        GOOD.replace(b"Range", b"TRANSFER-ENCODING"),
        GOOD.replace(b"Range", b"Expect"),
        GOOD.replace(b"Host:", b"Host :"),
        GOOD.replace(b"Host:", b" Host:"),
        GOOD.replace(b"Host: example.org", b"Host"),
        GOOD.replace(b"Host:", b":"),
        GOOD.replace(b"x y", b"x\ny"),
        GOOD.replace(b"x y", b"x\ry"),
        GOOD.replace(b"x y", b"x\0y"),
        GOOD.replace(b"HTTP/1.1", b"HTTP/2.0"),
        GOOD.replace(b"HTTP/1.1", b"HTTP/1.1 "),
        GOOD.replace(b"/a.mp4", b"/a b"),
        GOOD.replace(b"/a.mp4", b"/\xff"),
        GOOD.replace(b"GET", b"G(T"),
        b"\r\n" + GOOD,
        b"\r\n\r\n",
        b"",
        GOOD.replace(b"x y", b"x" * 9000),
    ],
)
def test_everything_else_is_left_to_the_full_parser(data: bytes) -> None:
    """Nothing doubtful takes the shortcut."""
    assert ordinary_head(data) is None


@given(
    st.lists(
        st.sampled_from([GOOD, b"\r\n", b"\r", b"\n", b" ", b":", b"X: y\r\n", b"a", b"\0", b"HTTP/1.0"]), max_size=4
    ),
    st.integers(0, len(GOOD)),
    st.binary(max_size=4),
)
@example([b"\r\n"], len(GOOD), b"")
def test_both_parsers_agree(pieces: list[bytes], at: int, noise: bytes) -> None:
    """A head that takes the shortcut means the same to the full parser: nothing can be smuggled between them."""
    data = GOOD[:at] + noise + b"".join(pieces) + GOOD[at:]
    head = ordinary_head(data)
    if head is None:
        return
    method, target, version, headers, _ = head
    (seen,) = judged(data)
    assert seen[:3] == (method, target, version)
    grouped = sorted((name.lower(), value) for name, value in headers)
    assert sorted(seen[3]) == grouped
