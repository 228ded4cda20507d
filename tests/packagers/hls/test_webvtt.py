"""Segments of WebVTT."""

from __future__ import annotations

import pytest

from hls_mp4.media.texts import Cue, Text
from hls_mp4.packagers.hls.webvtt import stamp, vtt_segment
from tests.films import Library
from tests.media.test_presentation import presented


@pytest.mark.parametrize(
    ("ms", "text"), [(0, "00:00:00.000"), (3_723_004, "01:02:03.004"), (360_000_000, "100:00:00.000")]
)
def test_times_are_written_with_hours(ms: int, text: str) -> None:
    """As players of HLS expect."""
    assert stamp(ms) == text


def test_the_clock_is_that_of_the_segments(films: Library) -> None:
    """In MPEG-TS it stands at ten seconds when the timeline begins, in fragmented MP4 at nothing."""
    presentation = presented(films.data("h264"))
    presentation.texts = (Text((Cue(0, 1000, "\udcff"),)),)
    assert b"MPEGTS:7200\n" in vtt_segment(presentation, 0, 0, "fmp4")
    assert b"MPEGTS:907200\n" in vtt_segment(presentation, 0, 0, "ts")
