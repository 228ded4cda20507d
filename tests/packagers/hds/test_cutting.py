"""Where fragments begin."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hls_mp4.media.presentation import Presentation
from hls_mp4.media.segments import SegmentPolicy
from hls_mp4.packagers.hds.cutting import Cutting, cutting_of, milliseconds
from tests.films import Library
from tests.media.test_presentation import presented

FILMS = ("h264", "fragmented", "no-edits", "ntsc", "late-audio", "late-video", "open-gop", "long-gop", "two-audios")


def cut(presentation: Presentation, ms: int) -> Presentation:
    """Return a presentation that is cut every so many milliseconds."""
    presentation.policy = SegmentPolicy(ms)
    return presentation


@pytest.mark.parametrize("ms", [500, 2000, 4000])
@pytest.mark.parametrize("name", FILMS)
def test_every_sample_is_in_one_fragment(films: Library, name: str, ms: int) -> None:
    """In each track the end of a fragment is the begin of the next, to the sample, and none is empty."""
    presentation = cut(presented(films.data(name)), ms)
    cutting = cutting_of(presentation, (0, 1))
    for number, split in zip((0, 1), cutting.splits, strict=True):
        each = presentation.renditions[number]
        assert (split[0], split[-1]) == (each.first, each.stop)
        assert (np.diff(split) >= 0).all()
        assert len(split) == len(cutting) + 1
    assert (np.diff(np.array(cutting.splits), axis=1).sum(axis=0) > 0).all()


@pytest.mark.parametrize("name", FILMS)
def test_no_fragment_reaches_into_the_next(films: Library, name: str) -> None:
    """Whatever is decoded in a fragment is decoded before the next one begins, and begins with a key frame."""
    presentation = cut(presented(films.data(name)), 2000)
    cutting = cutting_of(presentation, (0, 1))
    for number, split in zip((0, 1), cutting.splits, strict=True):
        each = presentation.renditions[number]
        samples = np.arange(each.first, each.stop)
        times = milliseconds(
            each.track.samples.decode_times_of(samples) + each.shift - each.delay, each.track.timescale
        )
        for fragment, start in enumerate(cutting.starts.tolist()):
            own = times[split[fragment] - each.first : split[fragment + 1] - each.first]
            assert (own >= start).all()
            if fragment + 1 < len(cutting):
                assert (own <= cutting.starts[fragment + 1]).all()
            if each.kind == "video" and len(own):
                assert int(split[fragment]) in each.track.samples.sync_samples
        assert times[-1] <= cutting.end


def test_fragments_begin_where_segments_do(films: Library) -> None:
    """The same key frames as in every other format, so that a player may change."""
    presentation = cut(presented(films.data("h264")), 2000)
    assert (cutting_of(presentation, (0, 1)).splits[0] == presentation.segments().splits[0]).all()
    assert cutting_of(presentation, (0, 1)).starts.tolist() == [0, 2000, 4000, 6000, 8000, 10000]


def test_sound_alone_has_the_fragments_of_the_pictures(films: Library) -> None:
    """Late-binding audio: one bootstrap holds for both."""
    presentation = cut(presented(films.data("two-audios")), 2000)
    assert cutting_of(presentation, (0, 1)).is_like(cutting_of(presentation, (2,)))
    assert not cutting_of(presentation, (0, 1)).is_like(cutting_of(cut(presented(films.data("h264")), 4000), (0, 1)))


def test_fragments_without_anything_are_left_out(films: Library) -> None:
    """Sound that begins later has its own numbers, from 1."""
    presentation = cut(presented(films.data("late-video"), films.data("late-audio")), 500)
    alone = cutting_of(presentation, (3,))
    assert (np.diff(alone.splits[0]) > 0).all()
    assert (alone.durations > 0).all()


@given(st.lists(st.integers(0, 10**12), max_size=20), st.integers(1, 2**32 - 1))
def test_times_are_rounded(ticks: list[int], timescale: int) -> None:
    """To the nearest millisecond, not cut off: half a frame of sound would be lost in the end."""
    found = milliseconds(np.array(ticks, np.int64), timescale)
    for tick, ms in zip(ticks, found.tolist(), strict=True):
        assert abs(ms * timescale - tick * 1000) * 2 <= timescale


def test_a_fragment_never_lasts_nothing() -> None:
    """That would stand for a gap."""
    cutting = Cutting((), np.array([0, 5, 5]), 5)
    assert cutting.durations.tolist() == [5, 1, 1]
