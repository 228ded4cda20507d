"""The segments of a playlist."""

from __future__ import annotations

from hls_mp4.packagers.segmenting.cutting import cutting_of
from tests.films import Library
from tests.media.test_presentation import presented


def test_a_playlist_of_one_rendition_has_its_own_segments(films: Library) -> None:
    """Where a sound is over before the pictures are, its playlist ends with it: it has no empty segments."""
    presentation = presented(films.data("late-audio"))
    cutting = cutting_of(presentation, (1,))
    (parts,) = cutting.parts
    assert (parts[1:] > parts[:-1]).all()
    assert len(cutting) == len(parts) - 1 == len(cutting.ticks)
    assert cutting.timescale == presentation.renditions[1].track.timescale


def test_renditions_in_the_same_segments_are_cut_alike(films: Library) -> None:
    """Each segment begins at the same instant for pictures and sound."""
    presentation = presented(films.data("h264"))
    cutting = cutting_of(presentation, (0, 1))
    assert [len(parts) for parts in cutting.parts] == [len(cutting) + 1] * 2
    assert (cutting.starts == presentation.segments().times).all()
