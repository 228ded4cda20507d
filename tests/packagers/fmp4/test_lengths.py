"""How long media segments are, to the byte."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hls_mp4.media.samples import SampleTable
from hls_mp4.media.segments import SegmentPolicy
from hls_mp4.packagers.fmp4.fragment import Run, moof
from hls_mp4.packagers.fmp4.lengths import moof_lengths, segment_lengths
from tests.films import RECIPES, Library
from tests.flvs import FlvLibrary
from tests.media.test_presentation import presented
from tests.packagers.dash.saved import flash
from tests.packagers.fmp4.played import segments_of

FILMS = sorted(set(RECIPES) - {"dwell", "two-edits"})


@pytest.mark.parametrize("name", FILMS)
def test_lengths_are_those_of_the_segments(films: Library, name: str) -> None:
    """Of every film, whatever its tables are like: an index that is a byte off leads nowhere."""
    presentation = presented(films.data(name))
    for number, rendition in enumerate(presentation.renditions):
        parts = presentation.segments().parts[number]
        real = [len(segment) for segment in segments_of(presentation, number)]
        assert segment_lengths(rendition, parts).tolist() == real


@given(name=st.sampled_from(FILMS), data=st.data())
def test_wherever_it_is_cut(films: Library, name: str, data: st.DataObject) -> None:
    """Also where nobody would: in the middle of a group of pictures, after a single sample."""
    presentation = presented(films.data(name))
    rendition = data.draw(st.sampled_from(presentation.renditions))
    inner = data.draw(st.sets(st.integers(rendition.first, rendition.stop), min_size=2, max_size=9))
    parts = np.array(sorted(inner))
    real = [len(moof(Run.of(rendition, first, stop), 7)) for first, stop in pairwise(parts.tolist())]
    assert moof_lengths(rendition, parts).tolist() == real


def test_sample_descriptions_are_counted(films: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    """A segment that has not the first one says so, in four bytes more."""
    presentation = presented(films.data("h264"))
    rendition = presentation.renditions[0]
    parts = presentation.segments().parts[0]
    usual = moof_lengths(rendition, parts)

    def descriptions(_: object, start: int, stop: int) -> list[int]:
        return sorted({1 if sample < parts[1] else 2 for sample in (start, stop - 1)})

    monkeypatch.setattr(SampleTable, "descriptions", descriptions)
    assert (moof_lengths(rendition, parts) - usual).tolist() == [0, 4, 4]
    real = [len(moof(Run.of(rendition, first, stop), 7)) for first, stop in pairwise(parts.tolist())]
    assert moof_lengths(rendition, parts).tolist() == real


def test_policies_do_not_matter(films: Library) -> None:
    """Long segments or short ones."""
    for policy in (SegmentPolicy(500), SegmentPolicy(60_000)):
        presentation = presented(films.data("ntsc"))
        presentation.policy = policy
        for number, rendition in enumerate(presentation.renditions):
            parts = presentation.segments().parts[number]
            real = [len(segment) for segment in segments_of(presentation, number)]
            assert segment_lengths(rendition, parts).tolist() == real


def test_flash_video_too(flvs: FlvLibrary) -> None:
    """Whose tables are made, not read."""
    presentation = flash(flvs.data("h264"))
    for number, rendition in enumerate(presentation.renditions):
        parts = presentation.segments().parts[number]
        real = [len(segment) for segment in segments_of(presentation, number)]
        assert segment_lengths(rendition, parts).tolist() == real
