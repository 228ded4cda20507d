"""Names of tracks in URLs."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hls_mp4.media.presentation import Presentation
from hls_mp4.packagers.segmenting.names import TRACKS, parse_tracks, tracks_name
from tests.films import Library
from tests.media.test_presentation import presented


@pytest.fixture(scope="module")
def both(films: Library) -> Presentation:
    """Two films: v1 v2 a1, and v1 a1 a2 a3."""
    return presented(films.data("two-videos"), films.data("two-audios"))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", (0, 1, 2)),
        ("v1", (0,)),
        ("v2-a1", (1, 2)),
        ("a1-v2", (1, 2)),
        ("v0", (0, 1)),
        ("f1-v1", (0,)),
        ("f2", (3, 4, 5, 6)),
        ("f2-v1-a3", (3, 6)),
        ("f2-a0", (4, 5, 6)),
        ("v1-v1", (0,)),
        ("v3", None),
        ("f3", None),
        ("f1-a2", None),
        ("t1", None),
    ],
)
def test_tracks_are_asked_for_by_number(both: Presentation, text: str, found: tuple[int, ...] | None) -> None:
    """As in nginx-vod-module's names; what is not there is nothing."""
    assert re.fullmatch(TRACKS, text)
    assert parse_tracks(text, both) == found


@given(st.data())
def test_a_name_means_what_it_was_made_of(both: Presentation, data: st.DataObject) -> None:
    """Manifests write what segments are asked for by."""
    source = data.draw(st.integers(0, 1))
    mine = [number for number, each in enumerate(both.renditions) if each.source == source]
    chosen = sorted(data.draw(st.sets(st.sampled_from(mine), min_size=1)))
    name = tracks_name([both.renditions[number] for number in chosen], both)
    assert name.startswith("-f")
    assert parse_tracks(name[1:], both) == tuple(chosen)


def test_a_single_film_needs_no_number(films: Library) -> None:
    """The name of its first video is v1."""
    alone = presented(films.data("h264"))
    assert tracks_name(alone.renditions, alone) == "-v1-a1"
    assert tracks_name(alone.renditions[:1], alone) == "-v1"
