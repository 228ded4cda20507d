"""Key frames as ranges of segments."""

from __future__ import annotations

import pytest

from hls_mp4.packagers.mpegts.keyframes import key_frame_ranges
from tests.films import Library
from tests.judge import decode
from tests.media.test_presentation import presented
from tests.packagers.mpegts.made import segments_of
from tests.packagers.mpegts.strict import read
from tests.packagers.mpegts.test_scrambling import WITH


@pytest.mark.parametrize("name", ["h264", "hevc", "no-b-frames"])
def test_a_range_is_the_first_picture_and_nothing_else(films: Library, name: str) -> None:
    """Whole packets of one picture, which decodes with the tables before it."""
    presentation = presented(films.data(name))
    numbers = (presentation.renditions.index(presentation.of_kind("video")[0]),)
    ranges = key_frame_ranges(presentation, numbers[0])
    for segment, (offset, length) in zip(segments_of(presentation, numbers), ranges, strict=True):
        part = segment[:376] + segment[offset : offset + length]
        assert offset == 376
        assert len(decode(part).videos[0]) == 1


def test_ranges_of_encrypted_segments_hold_the_same_picture(films: Library) -> None:
    """SAMPLE-AES moves things about: the range moves with them."""
    presentation = presented(films.data("h264"))
    ranges = key_frame_ranges(presentation, 0, scrambled=True)
    for segment, (_, length) in zip(read(segments_of(presentation, (0,), scrambling=WITH)), ranges, strict=True):
        assert segment.units[0].packets * 188 == length
