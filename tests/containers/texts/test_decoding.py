"""Bytes of a subtitle file to lines."""

from __future__ import annotations

import pytest

from hls_mp4.containers.texts.decoding import MOST_BYTES, lines_of
from hls_mp4.errors import MediaTooLarge


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_lines_end_as_they_like(end: str) -> None:
    """In all three ways that there are."""
    assert lines_of(f"a{end}b{end}{end}c".encode()) == ["a", "b", "", "c"]
    assert lines_of(b"a\0b") == ["a\ufffdb"]


def test_a_film_is_no_subtitles() -> None:
    """Somebody's gigabytes are not read as text."""
    with pytest.raises(MediaTooLarge):
        lines_of(bytes(MOST_BYTES + 1))
