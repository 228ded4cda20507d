"""How long segments are, without making them."""

from __future__ import annotations

import numpy as np
import pytest

from hls_mp4.packagers.fmp4.sizes import media_sizes, segment_sizes
from tests.films import Library
from tests.media.test_presentation import presented
from tests.packagers.fmp4.played import segments_of


@pytest.mark.parametrize("name", ["h264", "ntsc", "pcm-mov", "audio-only", "fragmented"])
def test_sizes_are_those_of_the_segments(films: Library, name: str) -> None:
    """To some bytes of their headers, whatever these have to tell of each sample."""
    presentation = presented(films.data(name))
    for number, rendition in enumerate(presentation.renditions):
        parts = presentation.segments().parts[number]
        real = np.array([len(segment) for segment in segments_of(presentation, number)])
        assert (np.abs(segment_sizes(rendition, parts) - real) <= 30).all()
        assert int(media_sizes(rendition, parts).sum()) == rendition.bytes
