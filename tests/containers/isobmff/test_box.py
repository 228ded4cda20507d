"""Boxes: headers, and trees of raw bytes."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hls_mp4.containers.isobmff.box import (
    MAX_BOXES,
    MAX_DEPTH,
    Box,
    Header,
    boxes_between,
    name_of,
    read_header,
)
from hls_mp4.errors import MalformedMedia, MediaTooLarge, StreamingError
from tests.boxes import make

LEAVES = [b"free", b"abcd", b"\xa9nam", b"\x00\x01\x02\x03", b"stsz"]
NESTS = [b"trak", b"mdia", b"minf", b"stbl", b"udta"]


def wide(kind: bytes, *payload: bytes) -> bytes:
    """Return a box with a 64-bit size."""
    body = b"".join(payload)
    return struct.pack(">I4sQ", 1, kind, 16 + len(body)) + body


Node = tuple[bytes, bool, "bytes | list[Node]"]

trees: st.SearchStrategy[Node] = st.recursive(
    st.tuples(st.sampled_from(LEAVES[:4]), st.booleans(), st.binary(max_size=12)),
    lambda children: st.tuples(st.just(b"udta"), st.booleans(), st.lists(children, max_size=4)),
    max_leaves=12,
)


def written(node: Node) -> bytes:
    """Return the bytes of a tree."""
    kind, is_wide, body = node
    payload = body if isinstance(body, bytes) else b"".join(map(written, body))
    return (wide if is_wide else make)(kind, payload)


def read(box: Box) -> Node:
    """Return a tree of boxes as it is drawn."""
    body = list(map(read, box.children)) if box.kind == b"udta" else bytes(box.payload)
    return box.kind, box.header == 16, body


@given(tree=trees, before=st.integers(0, 2**40))
def test_a_tree_is_what_was_written(tree: Node, before: int) -> None:
    """Every box of a file is found with its bytes, and knows where in the file it lies."""
    data = written(tree)
    box = Box.parse(data, before)
    assert read(box) == tree
    assert bytes(box.raw) == data
    assert (box.offset, box.size) == (before, len(data))

    def check(box: Box) -> None:
        assert data[box.offset - before :].startswith(bytes(box.raw))
        for child in box.children:
            check(child)

    check(box)


@given(data=st.binary(max_size=80), kind=st.sampled_from(NESTS))
def test_bytes_of_any_kind_end_in_an_error_or_a_tree(data: bytes, kind: bytes) -> None:
    """Whatever stands in a file, it is boxes or it is refused in words."""

    def walk(box: Box) -> int:
        return 1 + sum(map(walk, box.children))

    for whole in (data, make(kind, data), make(b"moov", make(kind, data))):
        try:
            assert walk(Box.parse(whole, 5)) <= 1 + len(whole) // 8
        except StreamingError as error:
            assert error.offset >= 5


@pytest.mark.parametrize(
    ("head", "words"),
    [
        (struct.pack(">I4s", 2, b"free"), "mp4 atom is too small:2"),
        (struct.pack(">I4s", 7, b"free"), "mp4 atom is too small:7"),
        (struct.pack(">I4sQ", 1, b"free", 0), "mp4 atom is too small:0"),
        (struct.pack(">I4sQ", 1, b"free", 15), "mp4 atom is too small:15"),
        (struct.pack(">I4sI", 1, b"free", 0), "mp4 file truncated"),
    ],
)
def test_sizes_below_the_header_are_refused(head: bytes, words: str) -> None:
    """A size that would make a reader go round in circles or backwards is an error, in nginx's words."""
    with pytest.raises(MalformedMedia) as caught:
        read_header(head, 0, offset=40)
    assert (caught.value.message, caught.value.box, caught.value.offset) == (words, "free", 40)


@pytest.mark.parametrize(
    ("head", "header"),
    [
        (struct.pack(">I4s", 8, b"free"), Header(b"free", 8, 8)),
        (struct.pack(">I4s", 0, b"mdat"), Header(b"mdat", 8, 0)),
        (struct.pack(">I4s", 2**32 - 1, b"mdat"), Header(b"mdat", 8, 2**32 - 1)),
        (struct.pack(">I4sQ", 1, b"mdat", 2**64 - 1), Header(b"mdat", 16, 2**64 - 1)),
    ],
)
def test_sizes_are_read(head: bytes, header: Header) -> None:
    """Small, large and open sizes are told from each other."""
    assert read_header(b"xx" + head, 2) == header


@pytest.mark.parametrize(
    ("payload", "words"),
    [
        (struct.pack(">I4s", 9, b"free"), "mp4 atom too large:9"),
        (struct.pack(">I4sQ", 1, b"free", 2**64 - 1), "mp4 atom too large:18446744073709551615"),
        (struct.pack(">I4s", 0, b"free"), "mp4 atom is too small:0"),
        (make(b"free") + b"abc", "mp4 file truncated"),
        (struct.pack(">I4s", 3, b"free"), "mp4 atom is too small:3"),
    ],
)
def test_boxes_that_leave_their_parent_are_refused(payload: bytes, words: str) -> None:
    """A box inside another cannot reach out of it; the error says where it begins."""
    box = Box.parse(make(b"moov", make(b"trak", payload)), 100)
    with pytest.raises(MalformedMedia) as caught:
        _ = box.need(b"trak").children
    assert caught.value.message == words
    assert caught.value.box.startswith("moov/trak[0]")
    assert caught.value.offset >= 108


def test_an_error_is_an_error_each_time() -> None:
    """A broken container does not look empty when it is asked again."""
    box = Box.parse(make(b"moov", b"\0\0\0\7trak"))
    for _ in range(2):
        with pytest.raises(MalformedMedia):
            _ = box.children


@pytest.mark.parametrize("rest", [bytes(4), bytes(8), bytes(7), bytes(100)])
def test_padding_is_no_box(rest: bytes) -> None:
    """Zeros at the end of a container, as QuickTime writes them, are passed over."""
    assert [box.kind for box in Box.parse(make(b"udta", make(b"name"), rest)).children] == [b"name"]


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ((b"moov",), b"mvhd"),
        ((b"moov", b"trak"), b"tkhd"),
        ((b"moov", b"trak"), b"mdia"),
        ((b"moov", b"trak", b"edts"), b"elst"),
        ((b"moov", b"trak", b"mdia"), b"mdhd"),
        ((b"moov", b"trak", b"mdia"), b"hdlr"),
        ((b"moov", b"trak", b"mdia"), b"minf"),
        ((b"moov", b"trak", b"mdia", b"minf"), b"vmhd"),
        ((b"moov", b"trak", b"mdia", b"minf"), b"smhd"),
        ((b"moov", b"trak", b"mdia", b"minf"), b"dinf"),
        ((b"moov", b"trak", b"mdia", b"minf"), b"stbl"),
        *(
            ((b"moov", b"trak", b"mdia", b"minf", b"stbl"), kind)
            for kind in (b"stsd", b"stts", b"stss", b"ctts", b"stsc", b"stsz", b"stco", b"co64")
        ),
    ],
)
def test_a_second_box_where_one_may_stand_is_refused(path: tuple[bytes, ...], kind: bytes) -> None:
    """Duplicates, with which nginx was once broken into, are an error that names them."""
    data = make(kind) + make(b"free") + make(kind)
    for container in reversed(path):
        data = make(container, data)
    with pytest.raises(MalformedMedia, match=f"duplicate mp4 {name_of(kind)} atom") as caught:
        Box.parse(data).need(*path[1:], kind)
    assert caught.value.offset == len(data) - 8


def test_boxes_are_found_by_their_way() -> None:
    """A way down gives the first box there, nothing when there is none, or an error that says what is missing."""
    moov = Box.parse(make(b"moov", make(b"trak", make(b"tkhd", b"1")), make(b"trak", make(b"mdia", make(b"mdhd")))), 50)
    first, second = moov.all(b"trak")
    assert moov.find(b"trak", b"tkhd").payload == b"1"  # type: ignore[union-attr]
    assert moov.find(b"trak", b"mdia", b"mdhd") is None
    assert second.need(b"mdia", b"mdhd").path == "moov/trak[1]/mdia/mdhd"
    with pytest.raises(MalformedMedia, match=r"no mp4 mdia atom was found in moov/trak\[0\] at 58"):
        first.need(b"mdia", b"mdhd")
    assert repr(first) == "<Box moov/trak[0] at 58, 17 bytes>"


def test_too_many_boxes_are_refused() -> None:
    """A container of a million empty boxes costs an error, not a million objects."""
    box = Box.parse(make(b"udta", make(b"free") * (MAX_BOXES + 1)))
    with pytest.raises(MediaTooLarge):
        _ = box.children
    spread = Box.parse(
        make(b"moov", *(make(b"udta", make(b"free") * 6000) for _ in range(1)), *([make(b"free")] * 15_000))
    )
    with pytest.raises(MediaTooLarge):
        _ = spread.need(b"udta").children


def test_too_deep_a_tree_is_refused() -> None:
    """Boxes in boxes in boxes cannot exhaust the stack."""
    data = make(b"free")
    for _ in range(MAX_DEPTH + 1):
        data = make(b"udta", data)
    box = Box.parse(data)
    with pytest.raises(MalformedMedia, match="nested too deeply"):
        while box.kind == b"udta":
            (box,) = box.children


@pytest.mark.parametrize("data", [b"", b"\0\0\0\x08fre", struct.pack(">I4s", 9, b"free")])
def test_a_box_that_is_cut_short_is_refused(data: bytes) -> None:
    """Bytes that end before their box does are no box."""
    with pytest.raises(MalformedMedia):
        Box.parse(data)


def test_boxes_after_fields_are_found() -> None:
    """Sample descriptions and other boxes that begin with fields can be looked into."""
    stsd = Box.parse(make(b"stsd", bytes(8), make(b"mp4a", b"x"), make(b"avc1")))
    assert [box.kind for box in boxes_between(stsd, stsd.body + 8)] == [b"mp4a", b"avc1"]
    assert stsd.children == []


def test_letters_of_any_kind_can_be_shown() -> None:
    """An error about a box with unprintable letters can be logged."""
    assert name_of(b"\xa9n\x00m") == "\\xa9n\\x00m"
