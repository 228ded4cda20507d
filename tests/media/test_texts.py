"""Subtitles as every format is given them."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from hls_mp4.media.texts import Cue, Text

CUES = st.lists(st.tuples(st.integers(0, 1000), st.integers(1, 300)), max_size=20).map(
    lambda spans: tuple(Cue(begin, begin + length, str(begin)) for begin, length in sorted(spans))
)


@given(cues=CUES, begin=st.integers(0, 1000), length=st.integers(1, 500))
def test_a_segment_has_what_is_shown_in_it(cues: tuple[Cue, ...], begin: int, length: int) -> None:
    """A cue that spans several segments is in each of them, one that ends where a segment begins is not."""
    end = begin + length
    expected = [cue for cue in cues if cue.begin_ms < end and cue.end_ms > begin]
    assert Text(cues).between(begin, end) == expected


@given(cues=CUES)
def test_everything_is_shown_before_the_end(cues: tuple[Cue, ...]) -> None:
    """The end of subtitles is that of the cue that is shown longest."""
    text = Text(cues)
    assert text.between(0, max(1, text.end_ms)) == list(cues)
    assert text.between(text.end_ms, text.end_ms + 1000) == []
