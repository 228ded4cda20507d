"""What is in the segments of a playlist."""

from __future__ import annotations

import pytest

from hls_mp4.errors import UnsupportedMedia
from hls_mp4.packagers.mpegts.contents import contents_of
from tests.films import Library
from tests.media.test_presentation import presented


def test_pictures_and_sound_have_common_segments(films: Library) -> None:
    """Pictures tell the clock; alone, sound does, and has segments of its own."""
    presentation = presented(films.data("late-audio"))
    both = contents_of(presentation, (0, 1))
    assert both.video is not None
    assert both.sound is not None
    assert len(both) == len(presentation.segments())
    assert not both.sound.grouping.clocked
    alone = contents_of(presentation, (1,))
    assert alone.video is None
    assert alone.sound is not None
    assert alone.sound.grouping.clocked
    assert len(alone) == len(presentation.segments().parts[1]) - 1


@pytest.mark.parametrize("numbers", [(), (1, 2), (0, 1, 2)])
def test_others_are_refused(films: Library, numbers: tuple[int, ...]) -> None:
    """One of a kind, and something at all."""
    with pytest.raises(UnsupportedMedia, match="one video and one sound"):
        contents_of(presented(films.data("two-audios")), numbers)


def test_what_cannot_be_encrypted_is_refused(films: Library) -> None:
    """HEVC has no form in SAMPLE-AES of transport streams."""
    with pytest.raises(UnsupportedMedia, match="no form"):
        contents_of(presented(films.data("hevc")), (0,), scrambled=True)
