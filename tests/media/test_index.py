"""Films and tracks."""

from __future__ import annotations

import pytest

from hls_mp4.media.index import Edit, MediaIndex, Track
from tests.samples import stbl_of, table_of


def track(declared: int = 0, edits: tuple[Edit, ...] = (), timescale: int = 90) -> Track:
    """Return a track of five samples of 20."""
    return Track(
        id=1,
        handler="vide",
        timescale=timescale,
        declared_duration=declared,
        language="und",
        codec="avc1",
        enabled=True,
        width=0,
        height=0,
        channels=0,
        rate=0,
        edits=edits,
        samples=table_of(stbl_of(stts=[(5, 20)], sizes=[1] * 5, stsc=[(1, 5, 1)], stco=[0])),
        box=None,
    )


def film(*tracks: Track, declared: int = 0) -> MediaIndex:
    """Return a film of these tracks, timescale 1000."""
    return MediaIndex(
        format="mp4",
        size=100,
        timescale=1000,
        declared_duration=declared,
        tracks=tracks,
        faststart=True,
        fragmented=False,
        weight=0,
        metadata_size=0,
        header=None,
    )


@pytest.mark.parametrize(("declared", "duration"), [(0, 100), (77, 77)])
def test_a_track_is_as_long_as_it_says(declared: int, duration: int) -> None:
    """A header that knows no duration, as live recorders leave it, is made up for by the samples."""
    assert track(declared).duration == duration


def test_a_track_shows_what_its_edits_say() -> None:
    """With an edit list, a track takes the time of its edits; without, that of its media, rounded up."""
    assert track(edits=(Edit(500, -1), Edit(250, 30))).presented_duration(1000) == 750
    assert track().presented_duration(1000) == 1112
    assert track().presented_duration(90) == 100


def test_a_film_is_as_long_as_its_longest_track() -> None:
    """A film that does not say how long it is lasts until its last track is over."""
    assert film(track(), track(9), declared=5000).duration == 5000
    assert film(track(9), track()).duration == 1112
    assert film().duration == 0
