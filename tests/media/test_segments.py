"""Where a presentation is cut."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hls_mp4.media.segments import SegmentPolicy, Segments, cut
from tests.films import Library
from tests.media.test_presentation import FILMS, presented

POLICIES = st.builds(
    SegmentPolicy,
    duration_ms=st.integers(1, 20_000),
    first_ms=st.lists(st.integers(1, 5000), max_size=3).map(tuple),
    rule=st.sampled_from(("nearest", "at_least", "gop:1", "gop:2", "gop:7")),
)


def seconds(segments: Segments) -> list[float]:
    """Return the instants of a table."""
    times = (segments.times - segments.times[0]) / segments.timescale
    return [round(float(time), 3) for time in times]


@settings(max_examples=60)
@given(name=st.sampled_from((*FILMS, "audio-only", "long-gop", "texts", "two-edits")), policy=POLICIES)
def test_segments_are_the_film_and_nothing_else(films: Library, name: str, policy: SegmentPolicy) -> None:
    """Every sample is in one segment, video begins with key frames, no segment of a rendition is empty."""
    presentation = presented(films.data(name))
    segments = presentation.segments(policy)
    assert (np.diff(segments.times) > 0).all()
    assert presentation.segments(policy) is segments
    for number, rendition in enumerate(presentation.renditions):
        split, parts = segments.splits[number], segments.parts[number]
        assert len(split) == len(segments) + 1
        assert (int(split[0]), int(split[-1])) == (rendition.first, rendition.stop)
        assert (np.diff(split) >= 0).all()
        assert (np.diff(parts) > 0).all()
        samples = rendition.track.samples
        if rendition.kind == "video":
            sync = set(samples.sync_samples.tolist())
            assert all(int(first) in sync for first in parts[1:-1])
        shown = [samples.presentation_time(int(first)) + rendition.shift for first in parts[:-1]]
        assert shown == sorted(shown)


@pytest.mark.parametrize(
    ("policy", "expected"),
    [
        (SegmentPolicy(4000), [0, 4, 8, 12]),
        (SegmentPolicy(5000), [0, 4, 10, 12]),
        (SegmentPolicy(5000, rule="at_least"), [0, 6, 12]),
        (SegmentPolicy(1), [0, 2, 4, 6, 8, 10, 12]),
        (SegmentPolicy(60_000), [0, 12]),
        (SegmentPolicy(6000, (2000, 2000)), [0, 2, 4, 10, 12]),
        (SegmentPolicy(6000, (1000, 3000), "at_least"), [0, 2, 6, 12]),
        (SegmentPolicy(60_000, rule="gop:2"), [0, 4, 8, 12]),
    ],
)
def test_cuts_are_at_key_frames(films: Library, policy: SegmentPolicy, expected: list[float]) -> None:
    """A film with a key frame every two seconds is cut at some of them, by the rule that is asked for."""
    presentation = presented(films.data("video-only"))
    assert seconds(presentation.segments(policy)) == expected


def test_sound_is_cut_where_the_picture_is(films: Library) -> None:
    """Its first frame in a segment is the first that is shown no earlier: less than a frame after the key frame."""
    presentation = presented(films.data("h264"))
    segments = presentation.segments(SegmentPolicy(2000))
    sound = presentation.of_kind("audio")[0]
    for time, first in list(zip(segments.times, segments.splits[1], strict=True))[1:-1]:
        late = sound.track.samples.presentation_time(int(first)) + sound.shift
        late = late / sound.track.timescale - int(time) / segments.timescale
        assert 0 <= late < 1024 / 44100


def test_sound_alone_is_cut_at_any_frame(films: Library) -> None:
    """Segments are then as long as they are meant to be, to a frame."""
    segments = presented(films.data("audio-only")).segments(SegmentPolicy(3000))
    assert len(segments) in (4, 5)
    assert np.abs(np.diff(segments.times)[:3] / segments.timescale - 3).max() < 0.03


def test_a_single_key_frame_is_a_single_segment(films: Library) -> None:
    """A stream that can be entered at its begin only is not cut elsewhere."""
    assert len(presented(films.data("long-gop")).segments(SegmentPolicy(2000))) == 1


def test_renditions_that_agree_are_cut_alike(films: Library) -> None:
    """Two films of the same key frames: the same instants, whatever the order of files."""
    both = presented(films.data("h264"), films.data("no-b-frames"))
    segments = both.segments(SegmentPolicy(4000))
    assert segments.disagreeing == ()
    assert seconds(segments)[:3] == [0, 4, 8]
    for number, rendition in enumerate(both.renditions):
        if rendition.kind == "video":
            assert segments.splits[number][:3].tolist() == [0, 100, 200]


def test_renditions_that_disagree_are_named(films: Library) -> None:
    """A film without the other's key frames is cut where it can be, and the log can say which one it is."""
    both = presented(films.data("h264"), films.data("long-gop"))
    segments = both.segments(SegmentPolicy(2000))
    assert segments.disagreeing == (2,)
    assert len(segments.parts[2]) == 2
    assert seconds(segments)[:4] == [0, 2, 4, 6]


def test_sound_that_goes_on_is_cut_too(films: Library) -> None:
    """A film whose picture ends early does not end in a segment of an hour."""
    (sound,) = presented(films.data("audio-only")).renditions
    (picture,) = presented(films.data("video-only")).renditions
    early = replace(picture, stop=50, end=2 * picture.track.timescale)
    segments = cut((early, sound), SegmentPolicy(2000))
    assert max(np.diff(segments.times)) <= 4 * segments.timescale
    assert len(segments.parts[0]) == 2
    assert len(segments.parts[1]) > 4


@pytest.mark.parametrize("rule", ["", "gop", "gop:0", "gop:x", "often"])
def test_a_rule_that_is_none_is_refused(rule: str) -> None:
    """When the configuration is read."""
    with pytest.raises(ValueError, match="nearest, at_least or gop:number"):
        SegmentPolicy(rule=rule)
    with pytest.raises(ValueError, match="a millisecond"):
        SegmentPolicy(0)


def test_sound_that_is_over_before_the_picture_is_in_the_first_segment(films: Library) -> None:
    """Nothing of a film is lost, though it ends before the reference begins."""
    presentation = presented(films.data("late-video"))
    video, sound = presentation.renditions
    early = replace(sound, stop=sound.first + 20, end=sound.begin + 20 * 1024)
    segments = cut((video, early), SegmentPolicy())
    assert segments.parts[1].tolist() == [early.first, early.stop]


def test_cutting_loads_nothing_that_takes_longer_than_cutting(films: Library) -> None:
    """The first viewer of a daemon does not wait for numpy.ma, which np.unique loads for nothing."""
    program = (
        "import sys\n"
        "from pathlib import Path\n"
        "from tests.media.test_presentation import presented\n"
        "presented(Path(sys.argv[1]).read_bytes()).segments()\n"
        "print('numpy.ma' in sys.modules)\n"
    )
    ran = subprocess.run(
        [sys.executable, "-c", program, str(films.path("h264"))], capture_output=True, text=True, check=True
    )
    assert ran.stdout == "False\n"


def test_a_film_that_lasts_nothing_is_one_segment(films: Library) -> None:
    """A picture without a duration is shown when the film is over: it is cut all the same."""
    (video,) = presented(films.data("video-only")).renditions
    at_once = replace(video, stop=video.first + 1, end=video.begin)
    for rule in ("nearest", "at_least", "gop:1"):
        segments = cut((at_once,), SegmentPolicy(rule=rule))
        assert segments.parts[0].tolist() == [video.first, video.first + 1]
