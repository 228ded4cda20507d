"""Packets of all segments."""

from __future__ import annotations

import numpy as np
import pytest

from hls_mp4.media.segments import SegmentPolicy
from hls_mp4.packagers.mpegts import totals as under_test
from hls_mp4.packagers.mpegts.contents import contents_of
from hls_mp4.packagers.mpegts.totals import count, totals_key, totals_of
from tests.films import Library
from tests.media.test_presentation import presented
from tests.packagers.mpegts.made import segments_of
from tests.packagers.mpegts.strict import read


@pytest.mark.parametrize("name", ["h264", "late-audio", "late-video", "ntsc", "audio-only"])
def test_counters_stand_where_the_segments_before_left_them(films: Library, name: str) -> None:
    """What is counted is what is sent: of each stream, in each segment."""
    presentation = presented(films.data(name))
    presentation.policy = SegmentPolicy(1000)
    numbers = tuple(range(len(presentation.renditions)))
    totals = totals_of(presentation, numbers)
    for segment, found in enumerate(read(segments_of(presentation, numbers))):
        for types, before in (((0x1B,), totals.video), ((0x0F,), totals.sound)):
            sent = sum(each.packets for each in found.of(*types))
            assert int(before[segment + 1] - before[segment]) == sent
        assert totals.sizes[segment] % 188 == 0


def test_films_of_any_length_are_counted_piece_by_piece(films: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    """Memory does not grow with the film; the sum is the same."""
    presentation = presented(films.data("h264"))
    presentation.policy = SegmentPolicy(1000)
    contents = contents_of(presentation, (0, 1))
    once = count(contents)
    for slab in (1, 120, 700):
        monkeypatch.setattr(under_test, "_SLAB", slab)
        again = count(contents)
        for one, other in ((once.video, again.video), (once.sound, again.sound), (once.clocks, again.clocks)):
            assert np.array_equal(one, other)


def test_they_are_counted_once(films: Library) -> None:
    """And apart for each policy, choice of tracks, and encryption."""
    presentation = presented(films.data("h264"))
    first = totals_of(presentation, (0, 1))
    assert totals_of(presentation, (0, 1)) is first
    assert totals_key(presentation, (0, 1)) in presentation.kept
    assert totals_of(presentation, (0, 1), scrambled=True) is not first
    presentation.policy = SegmentPolicy(1000)
    assert totals_of(presentation, (0, 1)) is not first
