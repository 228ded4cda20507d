"""How long segments are."""

from __future__ import annotations

import pytest

from hls_mp4.packagers.mpegts.segment import segment_parts
from hls_mp4.packagers.mpegts.sizes import segment_sizes
from hls_mp4.plan import Plan
from tests.films import Library
from tests.media.test_presentation import presented


class Unreadable:
    """A film that nobody may read."""


@pytest.mark.parametrize("name", ["h264", "hevc", "eac3", "late-video"])
def test_lengths_are_known_without_reading(films: Library, name: str) -> None:
    """HEAD and ranges cost no disk: what is told is what a plan has, and neither touches the film."""
    presentation = presented(films.data(name))
    presentation.assets = tuple(type(each)(each.index, Unreadable()) for each in presentation.assets)
    for numbers in ((0, 1), (0,), (1,)):
        sizes = segment_sizes(presentation, numbers).tolist()
        assert sizes == [Plan(segment_parts(presentation, numbers, number)).length for number in range(len(sizes))]
