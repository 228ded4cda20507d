"""A window of a film is a film of its own: vbegin and vend."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hls_mp4.errors import ClipOutOfRange
from hls_mp4.packagers.progressive.arguments import Window
from hls_mp4.packagers.progressive.clip import Timeline
from hls_mp4.packagers.progressive.settings import Mp4Settings
from hls_mp4.packagers.progressive.window import in_film
from tests.films import Library
from tests.packagers.progressive.clips import index_of
from tests.packagers.progressive.test_module import answer


def timeline_of(films: Library) -> Timeline:
    """Return the timeline of a film of twelve seconds with a key frame every two."""
    return Timeline.of(index_of(films.data("h264")))


def test_start_and_end_count_in_the_window(films: Library) -> None:
    """Its bytes are those of the same interval of the film; the player is told about the window only."""
    data = films.data("h264")
    windowed = answer(data, b"vbegin=4&vend=9&start=1.5&end=3")
    plain = answer(data, b"start=5.5&end=7")
    assert windowed is not None and plain is not None
    assert (windowed.plan, windowed.variant) == (plain.plan, plain.variant)
    assert dict(windowed.headers) == {"X-Clip-Start": "1.500", "X-Content-Duration": "5.000"}


@pytest.mark.parametrize("query", [b"vbegin=4&vend=9", b"vbegin=4&vend=9&start=0&end=99", b"start=0&vbegin=4&vend=9"])
def test_a_window_without_start_is_all_of_it(films: Library, query: bytes) -> None:
    """And an end past it is its own end."""
    data = films.data("h264")
    windowed, plain = answer(data, query), answer(data, b"start=4&end=9")
    assert windowed is not None and plain is not None
    assert windowed.plan == plain.plan


def test_a_window_may_reach_past_the_film(films: Library) -> None:
    """It ends where the film does."""
    data = films.data("h264")
    windowed, plain = answer(data, b"vbegin=4&vend=99"), answer(data, b"start=4")
    assert windowed is not None and plain is not None
    assert windowed.plan == plain.plan
    assert dict(windowed.headers)["X-Content-Duration"].startswith("8.0")


@pytest.mark.parametrize("query", [b"vbegin=4&vend=9&start=5", b"vbegin=99", b"vbegin=99&start=1", b"vbegin=4&start=9"])
def test_what_is_outside_the_window_is_not_there(films: Library, query: bytes) -> None:
    """The film goes on after the window; a viewer of the window does not get to see it."""
    with pytest.raises(ClipOutOfRange):
        answer(films.data("h264"), query)


def test_past_the_window_may_mean_its_last_key_frame(films: Library) -> None:
    """mp4_past_end last_key_frame: of the window, not of the film."""
    assert in_film(timeline_of(films), Window(3000, 7000), 5000, None, "last_key_frame") == (6000, 7000, 4000)
    # In a window without any it is the window's begin.
    assert in_film(timeline_of(films), Window(4500, 5000), 5000, None, "last_key_frame") == (4500, 5000, 500)


@given(st.data())
def test_no_interval_leaves_its_window(films: Library, data: st.DataObject) -> None:
    """Whatever is asked for, nothing before the window or after it is shown."""
    timeline = timeline_of(films)
    times = st.integers(0, 15_000)
    begin, start = data.draw(times), data.draw(times)
    window = Window(begin, data.draw(st.none() | times.map(lambda length: begin + 1 + length)))
    end = data.draw(st.none() | times.map(lambda length: start + 1 + length))
    try:
        first, stop, long = in_film(
            timeline, window, start, end, data.draw(st.sampled_from(("error", "last_key_frame")))
        )
    except ClipOutOfRange:
        return
    stop = timeline.total_ms if stop is None else stop
    assert begin <= first < stop <= min(timeline.total_ms, begin + long)
    assert window.end_ms is None or stop <= window.end_ms


def test_arguments_have_one_meaning() -> None:
    """Two arguments of one name, or one that is also a window's, are refused when the configuration is read."""
    Mp4Settings(start_arg="t", end_arg="to")
    for start, end in (("t", "T"), ("end", "end"), ("vbegin", "to"), ("t", "vend")):
        with pytest.raises(ValueError, match="two things"):
            Mp4Settings(start_arg=start, end_arg=end)
