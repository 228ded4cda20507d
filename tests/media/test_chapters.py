"""Chapter marks in order, whatever a file has."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from hls_mp4.media.chapters import MOST_CHAPTERS, Chapter, in_order

marks = st.lists(st.builds(Chapter, st.integers(-10, 3000), st.text(max_size=12)), max_size=60)


@given(marks, st.integers(0, 2000))
def test_marks_rise_and_lie_in_the_film(listed: list[Chapter], total_ms: int) -> None:
    """Each instant has one chapter, every chapter begins before the end, and a title is one line."""
    found = in_order(listed, total_ms)
    starts = [chapter.start_ms for chapter in found]
    assert starts == sorted({mark.start_ms for mark in listed if 0 <= mark.start_ms < total_ms})
    for chapter in found:
        assert chapter.title.isprintable()
        assert chapter.title == chapter.title.strip()


def test_titles() -> None:
    """Line ends and control characters are spaces; an empty twin does not take a title away."""
    listed = [Chapter(5, " The\n\x07end  of it "), Chapter(5, ""), Chapter(0, "")]
    assert in_order(listed, 10) == (Chapter(0, ""), Chapter(5, "The end of it"))


def test_there_is_an_end_to_them() -> None:
    """A file that lists a million chapters has the first thousand."""
    assert len(in_order((Chapter(at, "") for at in range(MOST_CHAPTERS + 5)), 1 << 40)) == MOST_CHAPTERS
