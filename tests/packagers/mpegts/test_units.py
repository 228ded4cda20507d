"""Counting packets."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hls_mp4.errors import UnsupportedMedia
from hls_mp4.packagers.mpegts.streams import stream_of_rendition
from hls_mp4.packagers.mpegts.units import (
    CLOCK_STEP,
    MOST_SAMPLES,
    check_count,
    clocks_between,
    decoded_at,
    grouping_of,
    groups,
    heard_at,
    packets_of,
    pictures,
    seen_at,
)
from tests.films import Library
from tests.media.test_presentation import presented
from tests.packagers.mpegts.made import Sample, film, picture, unit, video_box


@given(st.lists(st.integers(1, 1000), max_size=20))
def test_packets_hold_what_is_needed(needed: list[int]) -> None:
    """As few as there can be."""
    for bytes_needed, packets in zip(needed, packets_of(np.array(needed, np.int64)).tolist(), strict=True):
        assert (packets - 1) * 184 < bytes_needed <= packets * 184


@given(times=st.lists(st.integers(0, 200_000), min_size=1, max_size=20, unique=True).map(sorted))
def test_the_clock_is_told_often_enough(times: list[int]) -> None:
    """With what is added no gap is longer than a tenth of a second, and nothing is added where none is."""
    added = clocks_between(np.array(times, np.int64)).tolist()
    together = sorted([*times, *added])
    assert len(set(together)) == len(together)
    assert max(np.diff(together), default=0) <= CLOCK_STEP
    if max(np.diff(times), default=0) <= CLOCK_STEP:
        assert added == []


def test_parameter_sets_are_counted_where_they_are_sent() -> None:
    """At key frames and at the begin of each segment, even where the film has no key frame there."""
    samples = [Sample(picture([unit(5, 100, number)]), 3000, 0, number % 4 == 0) for number in range(10)]
    presentation = film(samples, [])
    (video,) = presentation.renditions
    found = pictures(video, stream_of_rendition(video), np.array([0, 2, 10]), scrambled=False)
    assert np.flatnonzero(found.marked).tolist() == [0, 2, 4, 8]
    assert found.room is None
    grown = pictures(video, stream_of_rendition(video), np.array([0, 2, 10]), scrambled=True)
    assert grown.room is not None
    assert (grown.packets > found.packets - 1).all()


def test_room_is_kept_where_start_codes_are_longer() -> None:
    """For lengths of less than four bytes, as many units as a picture may have."""
    (video,) = film([Sample(picture([unit(5, 9000, 1)], 2), 3000)], [], boxes=(video_box(2), None)).renditions
    found = pictures(video, stream_of_rendition(video), np.array([0, 1]), scrambled=False)
    assert found.room is not None
    assert 2 * 96 <= int(found.room[0]) <= 9000 // 20


def test_groups_end_where_frames_do_not_follow_each_other() -> None:
    """A decoder counts frames from the time of the first: what comes after a hole begins a packet of its own."""
    lasts = [1024] * 20 + [5000] + [1024] * 20
    (sound,) = film([], [Sample(unit(1, 50, number), last) for number, last in enumerate(lasts)]).renditions
    stream = stream_of_rendition(sound)
    grouping = grouping_of(sound, stream, clocked=False)
    assert (grouping.frames, grouping.typical) == (14, 1024)
    assert groups(sound, stream, grouping, np.array([0, 41])).starts.tolist() == [0, 14, 21, 35]
    assert groups(sound, stream, grouping, np.array([0, 30, 41])).starts.tolist() == [0, 14, 21, 30]
    assert len(groups(sound, stream, grouping, np.array([5, 5])).starts) == 0


def test_groups_are_short_where_they_tell_the_clock(films: Library) -> None:
    """Ten times a second: three frames of AC-3, four of AAC; one where a frame lasts longer."""
    for name, frames in (("h264", 4), ("ac3", 3)):
        sound = presented(films.data(name)).renditions[1]
        assert grouping_of(sound, stream_of_rendition(sound), clocked=True).frames == frames
    (slow,) = film([], [Sample(b"x" * 9, 1024)] * 9, timescales=(1, 8000)).renditions
    assert grouping_of(slow, stream_of_rendition(slow), clocked=True).frames == 1


def test_groups_fit_in_a_packet_that_can_be_told() -> None:
    """Long frames go in fewer to a packet; a frame that no header can tell of is refused."""
    (sound,) = film([], [Sample(b"x" * 8000, 1024)] * 20).renditions
    grouping = grouping_of(sound, stream_of_rendition(sound), clocked=False)
    assert grouping.frames == 8
    (sound,) = film([], [Sample(b"x" * 8185, 1024)]).renditions
    with pytest.raises(UnsupportedMedia, match="8185 bytes"):
        grouping_of(sound, stream_of_rendition(sound), clocked=False)


def test_times_are_those_of_the_timeline(films: Library) -> None:
    """Ten seconds after its begin; no picture is shown before it is decoded."""
    for name in ("h264", "negative-offsets", "ntsc"):
        video, sound = presented(films.data(name)).renditions
        decoded, shown = seen_at(video, video.first, video.stop)
        assert (decoded == decoded_at(video, video.first, video.stop)).all()
        assert (shown >= decoded).all()
        assert decoded[0] >= 900_000
        at = 900_000 + round(video.begin * 90_000 / video.track.timescale)
        assert abs(int(shown.min()) - at) <= 1
        assert (np.diff(decoded) > 0).all()
        assert len(decoded_at(sound, 5, 5)) == len(heard_at(sound, 5, np.arange(0))) == 0
        assert heard_at(sound, 5, np.array([0, 3])).tolist() == decoded_at(sound, 5, 9)[[0, 3]].tolist()


def test_a_segment_of_a_million_samples_is_refused() -> None:
    """Memory is bounded, whatever a film says of itself."""
    check_count(0, MOST_SAMPLES)
    with pytest.raises(UnsupportedMedia, match="samples"):
        check_count(0, MOST_SAMPLES + 1)
