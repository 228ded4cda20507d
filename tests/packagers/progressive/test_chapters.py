"""Chapter marks move with the clip."""

from __future__ import annotations

import struct

import pytest

from hls_mp4.packagers.progressive.chapters import crop_chpl

MARKS = ((0, b"First"), (4_000, b"Second"), (9_000, b"Third"))


def chpl(marks: tuple[tuple[int, bytes], ...], version: int = 1) -> bytes:
    """Return the payload of a chpl box of (ms, title)."""
    head = struct.pack(">B3x4xB", version, len(marks)) if version else struct.pack(">B3xB", version, len(marks))
    return head + b"".join(struct.pack(">QB", ms * 10_000, len(title)) + title for ms, title in marks)


@pytest.mark.parametrize("version", [0, 1])
@pytest.mark.parametrize(
    ("start_ms", "end_ms", "left"),
    [
        (0, 12_000, MARKS),
        (4_000, 12_000, ((0, b"Second"), (5_000, b"Third"))),
        (5_500, 12_000, ((0, b"Second"), (3_500, b"Third"))),
        (3_000, 9_000, ((0, b"First"), (1_000, b"Second"))),
        (10_000, 11_000, ((0, b"Third"),)),
    ],
)
def test_chapters_of_a_clip(version: int, start_ms: int, end_ms: int, left: tuple[tuple[int, bytes], ...]) -> None:
    """A chapter begins where it did in the film; the one that runs at the start begins with the clip."""
    made = crop_chpl(memoryview(chpl(MARKS, version)), start_ms, end_ms)
    assert made is not None
    assert made[8:] == chpl(left, version)
    assert struct.unpack_from(">I4s", made) == (len(made), b"chpl")


def test_chapters_after_the_clip_are_none() -> None:
    """A clip that ends before the first chapter has no marks, and no empty list of them."""
    assert crop_chpl(memoryview(chpl(((5_000, b"Late"),))), 0, 4_000) is None


@pytest.mark.parametrize("cut", range(len(chpl(MARKS))))
def test_marks_that_are_cut_short_are_left_out(cut: int) -> None:
    """A broken list of chapters costs the chapters, not the film."""
    assert crop_chpl(memoryview(chpl(MARKS)[:cut]), 0, 12_000) is None
