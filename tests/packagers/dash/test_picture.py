"""Shapes of pixels, rates of pictures."""

from __future__ import annotations

from fractions import Fraction

import pytest

from hls_mp4.packagers.dash.picture import frame_rate_of, pixel_ratio
from tests.codecs.slice_traces import x264
from tests.films import Library
from tests.media.test_presentation import presented


@pytest.mark.parametrize(("name", "rate"), [("h264", "25"), ("ntsc", "30000/1001")])
def test_rates_are_those_that_people_name(films: Library, name: str, rate: str) -> None:
    """Not a number of ticks."""
    (video,) = presented(films.data(name)).of_kind("video")
    assert frame_rate_of(video) == rate


def test_the_shape_of_pixels_is_found(films: Library) -> None:
    """In the container, where it says so, else in the stream; where nobody says they are square."""
    data = x264(sar="64/45")
    assert pixel_ratio(presented(data).of_kind("video")[0]) == (64, 45)
    assert pixel_ratio(presented(films.data("h264")).of_kind("video")[0]) == (1, 1)
    assert pixel_ratio(presented(films.data("av1")).of_kind("video")[0]) == (1, 1)
    without = data.replace(b"pasp", b"free")
    ratio = pixel_ratio(presented(without).of_kind("video")[0])
    assert Fraction(*ratio) == Fraction(64, 45)
