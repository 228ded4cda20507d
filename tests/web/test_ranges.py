"""Ranges give the bytes asked for, of generated bodies too."""

import os
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hls_mp4.plan import Extent, Literal, Plan, render
from hls_mp4.web.ranges import RangeSettings, apply_ranges

FILM = os.urandom(1000)
CLIP = Plan([Literal(b"moov" * 10), Extent("film", 100, 500), Literal(b"tail")])


def read(_source: object, offset: int, length: int) -> bytes:
    return FILM[offset : offset + length]


WHOLE = render(CLIP, read)
SIZE = len(WHOLE)


def ranged(header: str, plan: Plan = CLIP, most: int = 2**31 - 1) -> "tuple[int, bytes, dict[str, str]]":
    answer = apply_ranges(plan, header, "video/mp4", RangeSettings(most=most), "b0undary")
    return answer.status, render(answer.plan, read), dict(answer.headers)


@pytest.mark.parametrize(
    ("header", "start", "stop"),
    [
        ("bytes=0-0", 0, 1),
        ("bytes=10-19", 10, 20),
        ("BYTES=10-19", 10, 20),
        ("bytes=500-", 500, SIZE),
        ("bytes=-5", SIZE - 5, SIZE),
        (f"bytes=-{SIZE + 1000}", 0, SIZE),
        ("bytes=10-99999999", 10, SIZE),
        ("bytes= 1 - 2 ", 1, 3),
        ("bytes=5-2,1-3", 1, 4),
        ("bytes=9999-,1-3", 1, 4),
        ("bytes=-0,7-7", 7, 8),
        ("bytes=00-0002", 0, 3),
        ("bytes=100-9223372036854775807", 100, SIZE),
        ("bytes=-9223372036854775807", 0, SIZE),
        ("bytes=\t1-2\t", 1, 3),
    ],
)
def test_one_range(header: str, start: int, stop: int) -> None:
    """A player that seeks within a clip gets that part of the clip."""
    status, body, headers = ranged(header)
    assert (status, body) == (206, WHOLE[start:stop])
    assert headers["Content-Range"] == f"bytes {start}-{stop - 1}/{SIZE}"


@pytest.mark.parametrize(
    "header", ["items=0-1", "bytes 0-1", "", "bytes", "bytes=", "bytes=0-,0-", "bytes=0-400,200-,10-400"]
)
def test_whole_body(header: str) -> None:
    """Other units are ignored; who asks for more than there is gets what there is, once."""
    assert ranged(header) == (200, WHOLE, {})


@pytest.mark.parametrize(
    "header",
    ["bytes= ", "bytes=-", "bytes=a-b", "bytes=1", "bytes=--1", "bytes=1-2-3", "bytes=0x1-2", "bytes=1-2;3-4",
     "bytes=1-2,", "bytes=,1-2", "bytes=1-2,x", "bytes=99999-", "bytes=-0", "bytes=5-2",
     "bytes=99999999999999999999-", "bytes=0-9223372036854775808", "bytes=-9223372036854775808",
     "bytes=0-" + "9" * 5000, "bytes=\u0662-\u0663", "bytes=\xb2-3"],
)  # fmt: skip
def test_not_satisfiable(header: str) -> None:
    """416 says how long the clip is."""
    status, body, headers = ranged(header)
    assert (status, body, headers) == (416, b"", {"Content-Range": f"bytes */{SIZE}"})


def test_several_ranges() -> None:
    """Each part carries its place; the length is known before."""
    status, body, headers = ranged("bytes=0-3,100-103,-2")
    assert status == 206
    assert headers["Content-Type"] == "multipart/byteranges; boundary=b0undary"
    parts = re.findall(
        rb"\r\n--b0undary\r\nContent-Type: video/mp4\r\nContent-Range: bytes (\d+)-(\d+)/(\d+)\r\n\r\n", body
    )
    assert parts == [
        (b"0", b"3", b"%d" % SIZE),
        (b"100", b"103", b"%d" % SIZE),
        (b"%d" % (SIZE - 2), b"%d" % (SIZE - 1), b"%d" % SIZE),
    ]
    assert b"\r\n\r\n" + WHOLE[100:104] + b"\r\n--" in body
    assert body.endswith(WHOLE[-2:] + b"\r\n--b0undary--\r\n")


def test_max_ranges() -> None:
    """More ranges than allowed give the whole body; 0 turns ranges off."""
    assert ranged("bytes=0-1,3-4", most=1)[0] == 200
    assert ranged("bytes=0-1", most=1)[0] == 206
    assert ranged("bytes=0-1", most=0)[0] == 200


def test_an_empty_body() -> None:
    """Nothing has no first byte; asking for it from its beginning is no mistake."""
    assert ranged("bytes=0-", Plan(()))[0] == 200
    assert ranged("bytes=-5", Plan(()))[0] == 200
    assert ranged("bytes=1-", Plan(()))[0] == 416


def reference(header: str, body: bytes) -> "tuple[int, list[bytes]]":
    """What a plain reading of RFC 9110 14 gives for a well-formed header: the status and each part's bytes."""
    wanted = []
    for spec in header.removeprefix("bytes=").split(","):
        first, last = spec.split("-")
        if not first:
            piece = body[-int(last) :] if int(last) else b""
        else:
            piece = body[int(first) : int(last) + 1 if last else None]
        if piece:
            wanted.append(piece)
    if sum(map(len, wanted)) > len(body):
        return 200, [body]
    return (206, wanted) if wanted else (416, [])


positions = st.integers(0, SIZE + 20).map(str)
specs = st.one_of(
    st.tuples(positions, positions).map("-".join),
    positions.map(lambda first: first + "-"),
    positions.map(lambda suffix: "-" + suffix),
)


@given(st.lists(specs, min_size=1, max_size=4).map(lambda made: "bytes=" + ",".join(made)))
def test_what_is_sent_is_what_was_asked_for(header: str) -> None:
    """A clip's ranges are the same bytes as those of a file that holds the clip, and the length is announced right."""
    status, body, headers = ranged(header)
    expected, pieces = reference(header, WHOLE)
    assert status == expected
    if len(pieces) < 2:
        assert body == b"".join(pieces)
    else:
        assert headers["Content-Type"].startswith("multipart/byteranges")
        parts = body.removesuffix(b"\r\n--b0undary--\r\n").split(b"\r\n--b0undary\r\n")[1:]
        assert [part.partition(b"\r\n\r\n")[2] for part in parts] == pieces


def test_many_tiny_ranges() -> None:
    """Hundreds of ranges make two parts each, and nothing more."""
    header = "bytes=" + ",".join(f"{at}-{at}" for at in range(SIZE))
    answer = apply_ranges(CLIP, header, "video/mp4", RangeSettings(), "b0undary")
    assert answer.status == 206
    assert len(answer.plan.parts) == 2 * SIZE + 1


@given(st.text(max_size=30))
def test_no_header_breaks_it(text: str) -> None:
    """Whatever a client sends, the answer is 200, 206 or 416."""
    assert ranged("bytes=" + text)[0] in (200, 206, 416)


@given(st.lists(st.tuples(st.integers(0, SIZE + 50), st.integers(0, SIZE + 50)), min_size=1, max_size=5))
def test_several_ranges_are_slices(pairs: list[tuple[int, int]]) -> None:
    """Every part is exactly the slice that its header names."""
    status, body, headers = ranged("bytes=" + ",".join(f"{a}-{b}" for a, b in pairs))
    if status == 206 and "Content-Range" not in headers:
        pieces = body.split(b"\r\n--b0undary")[1:-1]
        for piece in pieces:
            head, _, data = piece.partition(b"\r\n\r\n")
            found = re.search(rb"bytes (\d+)-(\d+)/", head)
            assert found is not None
            assert data == WHOLE[int(found[1]) : int(found[2]) + 1]
