"""What manifests say of a rendition."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hls_mp4.packagers.segmenting import traits
from tests.films import Library
from tests.media.test_presentation import presented


@pytest.mark.parametrize(
    ("name", "rate"),
    [("h264", Fraction(25)), ("ntsc", Fraction(30000, 1001)), ("hevc", Fraction(25)), ("open-gop", Fraction(25))],
)
def test_frame_rates_are_the_usual_ones(films: Library, name: str, rate: Fraction) -> None:
    """29.97 is 30000/1001, however the ends of a film are rounded."""
    assert traits.frame_rate(presented(films.data(name)).of_kind("video")[0]) == rate


def test_channels_are_those_that_are_decoded(films: Library) -> None:
    """Sample entries say two whatever there is; the decoder's configuration knows."""
    (sound,) = presented(films.data("h264")).of_kind("audio")
    assert traits.channels_of(sound) == 1
    assert traits.channels_of(replace(sound, track=presented(films.data("ac3")).of_kind("audio")[0].track)) >= 1


def test_codecs_and_ranges(films: Library) -> None:
    """RFC 6381 strings of both tracks; a film that says nothing of its colours is an ordinary one."""
    video, sound = presented(films.data("h264")).renditions
    assert traits.codecs_of(video).startswith("avc1.")
    assert traits.codecs_of(sound) == "mp4a.40.2"
    assert traits.video_range(video) == "SDR"


@pytest.mark.parametrize(
    ("language", "label", "tag", "shown"),
    [
        ("eng", "", "en", "English"),
        ("ger", "", "de", "Deutsch"),
        ("und", "", "und", "Audio"),
        ("fra", "Commentary", "fr", "Commentary"),
    ],
)
def test_languages_are_told(films: Library, language: str, label: str, tag: str, shown: str) -> None:
    """By the tag for players, by the name for people; a label of the film's own goes before."""
    sound = replace(presented(films.data("h264")).renditions[1], language=language, label=label)
    assert traits.tag_of(sound) == tag
    assert traits.label_of(sound) == shown
    assert traits.label_of(sound, 2) == f"{shown} 2"


SEGMENTS = st.lists(st.tuples(st.integers(1, 10**7), st.integers(1, 20_000)), min_size=1, max_size=30)


@given(segments=SEGMENTS)
def test_a_player_never_needs_more_than_the_peak(segments: list[tuple[int, int]]) -> None:
    """Any segments in a row of half to one and a half of the target need no more, and on average it is less."""
    sizes, ticks = (np.array(column, np.int64) for column in zip(*segments, strict=True))
    target = int(ticks.max())
    peak, average = traits.bandwidths(sizes, ticks, 1000, target)
    assert 0 < average <= peak
    for row in (1, 2, 3):
        for at in range(len(sizes) - row + 1):
            span = int(ticks[at : at + row].sum())
            if target <= 2 * span <= 3 * target:
                assert int(sizes[at : at + row].sum()) * 8000 <= peak * span


def test_a_short_last_segment_does_not_count_for_itself() -> None:
    """A key frame alone in a tenth of a second is no bandwidth that anybody needs."""
    sizes, ticks = np.array([500_000, 500_000, 100_000], np.int64), np.array([4000, 4000, 100], np.int64)
    assert traits.bandwidths(sizes, ticks, 1000, 4000)[0] < 1_200_000
    assert traits.bandwidths(np.empty(0, np.int64), np.empty(0, np.int64), 1000, 1) == (0, 0)
