"""Boxes that all clips of a film have alike."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from hls_mp4.containers.isobmff.box import Box
from hls_mp4.containers.isobmff.build import make_box
from hls_mp4.packagers.progressive.kept import MOST_COPIED, joined_boxes

KINDS = st.sampled_from([b"tkhd", b"edts", b"udta", b"free", b"what"])
BOXES = st.lists(st.tuples(KINDS, st.integers(0, MOST_COPIED // 2 + 100)), max_size=12)


def container(boxes: list[tuple[bytes, int]]) -> Box:
    """Return a trak box with children of these kinds and payload lengths; each kind that may stand once does."""
    once = {kind: at for at, (kind, _) in enumerate(boxes) if kind in (b"tkhd", b"edts")}
    inside = [make_box(kind, b"x" * size) for at, (kind, size) in enumerate(boxes) if once.get(kind, at) == at]
    return Box.parse(make_box(b"trak", *inside))


@given(boxes=BOXES)
def test_nothing_is_lost_or_moved(boxes: list[tuple[bytes, int]]) -> None:
    """A clip has every box of the film that it does not drop, in the film's order, byte for byte."""
    children = container(boxes).children
    items = joined_boxes(children, (b"tkhd",), (b"edts",))
    there = b"".join(bytes(item.raw) if isinstance(item, Box) else bytes(item) for item in items)
    assert there == b"".join(bytes(box.raw) for box in children if box.kind != b"edts")
    assert [item.kind for item in items if isinstance(item, Box)] == [
        box.kind for box in children if box.kind == b"tkhd"
    ]


@given(boxes=BOXES)
def test_little_is_held_beside_the_film(boxes: list[tuple[bytes, int]]) -> None:
    """What is copied of a film's boxes is bounded, however many and long they are."""
    items = joined_boxes(container(boxes).children, ())
    assert sum(len(item) for item in items if isinstance(item, bytes)) <= MOST_COPIED
