"""Renditions as DASH carries them."""

from __future__ import annotations

import pytest

from hls_mp4.packagers.dash.carried import CLOSED, OPEN, carried
from tests.films import Library
from tests.media.test_presentation import presented


@pytest.mark.parametrize(
    ("name", "kind"), [("h264", CLOSED), ("open-gop", OPEN), ("no-b-frames", CLOSED), ("hevc", OPEN), ("av1", CLOSED)]
)
def test_leading_pictures_are_noticed(films: Library, name: str, kind: int) -> None:
    """Where a segment's first pictures refer to the one before, nobody says that it could be decoded alone."""
    assert carried(presented(films.data(name)), 0).access == kind


def test_segments_are_found_by_number_and_by_time(films: Library) -> None:
    """Both ways lead to the same samples; what is beside them to none."""
    member = carried(presented(films.data("ntsc")), 0)
    for number in range(1, len(member.parts)):
        begin = int(member.starts[number - 1])
        assert member.number_at(begin) == number
        assert member.number_at(begin + 1) == 0
        assert member.segment(number) == (int(member.parts[number - 1]), int(member.parts[number]))
    assert member.number_at(int(member.starts[-1])) == 0
    assert member.number_at(2**63) == 0
    assert member.segment(0) is None
    assert member.segment(len(member.parts)) is None


def test_it_begins_where_the_presentation_does(films: Library) -> None:
    """The lead is taken away again, in ticks of each track."""
    presentation = presented(films.data("h264"))
    for number in (0, 1):
        member = carried(presentation, number)
        assert abs(member.offset - presentation.lead_ms * member.timescale / 1000) <= 1
        assert member.starts[0] - member.offset in (0, 1)
        assert abs(member.duration_ms - 12_000) < 30
        assert 3900 < member.longest_ms < 4100
    assert carried(presentation, 0) is carried(presentation, 0)
