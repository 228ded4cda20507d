"""Fields of Adobe's boxes."""

from __future__ import annotations

import pytest

from hls_mp4.containers.f4f.reading import LONGEST_TEXT, Fields, all_written, written
from hls_mp4.errors import MalformedMedia, MediaTooLarge


def test_what_is_written_is_read() -> None:
    """Texts and lists of them come back; a zero byte within a text cannot be written and is left out."""
    fields = Fields(written("a\0ü") + all_written(("", "b")) + b"\1\2", "abst")
    assert (fields.text(), fields.texts(), fields.number(2)) == ("aü", ("", "b"), 0x102)
    assert fields.left == 0


@pytest.mark.parametrize(
    "read",
    [
        lambda fields: fields.take(4),
        lambda fields: fields.number(8),
        lambda fields: fields.text(),
        lambda fields: fields.rows(1000, 4),
        lambda fields: fields.box(b"abst"),
    ],
)
def test_nothing_is_read_beyond_the_end(read: object) -> None:
    """Whatever is asked for: three bytes are three bytes."""
    with pytest.raises(MalformedMedia, match="afra box"):
        read(Fields(b"\x01\x02\x03", "afra"))  # type: ignore[operator]


def test_a_text_has_an_end() -> None:
    """Megabytes without a zero byte are not taken for a name."""
    with pytest.raises(MediaTooLarge):
        Fields(b"x" * (LONGEST_TEXT + 1), "abst").text()


@pytest.mark.parametrize("data", ["00000008 61627374", "00000001 61627374 0000000000000010"])
def test_boxes_may_be_small_or_large(data: str) -> None:
    """Both forms of a header are read."""
    assert Fields(bytes.fromhex(data), "file").box(b"abst").left == 0


@pytest.mark.parametrize(
    "data",
    ["00000007 61627374", "00000009 61627374", "00000008 61627375", "00000001 61627374 000000000000000f"],
)
def test_boxes_that_make_no_sense_are_refused(data: str) -> None:
    """Too small, too large, or another one."""
    with pytest.raises(MalformedMedia):
        Fields(bytes.fromhex(data), "file").box(b"abst")
