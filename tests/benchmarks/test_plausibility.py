"""Telling two clips of the same window from two that only look alike."""

from __future__ import annotations

from dataclasses import replace

import pytest

from benchmarks.plausibility import Content, content, differences
from tests.films import Library

CLIP = Content(660_000, (250, 470), tuple(str(number) for number in range(250)))


def test_a_frame_more_or_less_at_the_cut_is_no_difference() -> None:
    """Servers may count the partial frame at the end of a window differently."""
    other = replace(CLIP, size=662_000, packets=(249, 471), pictures=CLIP.pictures[:249])
    assert differences(CLIP, other, key_frame=True) == []


@pytest.mark.parametrize(
    "other",
    [
        replace(CLIP, packets=(250,)),
        replace(CLIP, packets=(200, 470)),
        replace(CLIP, size=1_300_000),
        replace(CLIP, pictures=CLIP.pictures[25:]),
        replace(CLIP, pictures=("other", *CLIP.pictures[1:])),
    ],
)
def test_another_film_or_another_time_is_a_difference(other: Content) -> None:
    """A missing track, too few samples, dead data, a shifted or a wrong picture are each reported."""
    assert len(differences(CLIP, other, key_frame=True)) == 1


def test_pictures_are_compared_only_where_all_of_them_decode() -> None:
    """A clip that begins between key frames has undecodable frames in nginx, and the samples are still counted."""
    shifted = replace(CLIP, pictures=CLIP.pictures[40:])
    assert differences(CLIP, shifted, key_frame=False) == []


def test_what_a_clip_holds_is_read_from_its_bytes(films: Library) -> None:
    """Packets of each track are counted, every picture is decoded."""
    found = content(films.data("h264"))
    assert len(found.packets) == 2
    assert len(found.pictures) == found.packets[0] > 0
    assert len(set(found.pictures)) > 1
