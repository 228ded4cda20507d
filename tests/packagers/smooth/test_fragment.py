"""Chunks, byte by byte; what they show is judged in test_module."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hls_mp4.errors import UnsupportedMedia
from hls_mp4.packagers.smooth.fragment import Chunk, chunk_head, retimed, text_head, whole_chunk
from hls_mp4.plan import Plan
from tests import boxes
from tests.films import Library
from tests.media.test_presentation import presented
from tests.packagers.fmp4.played import rendered
from tests.packagers.smooth.client import read_fragment, read_moof

SECOND = 10_000_000


def chunk(films: Library, name: str = "h264", **changes: int) -> Chunk:
    """Return the second chunk of a film's pictures."""
    rendition = presented(films.data(name)).renditions[0]
    return replace(Chunk(rendition, 100, 200, 4 * SECOND, 8 * SECOND, 0, 2), **changes)


def test_a_fragment_is_told_exactly(films: Library) -> None:
    """tfxd, tfdt and durations say the same, and samples are where the trun says."""
    data = films.data("h264")
    fragment = read_fragment(rendered(Plan(whole_chunk(chunk(films), data))), 4 * SECOND, 4 * SECOND)
    assert (fragment.number, len(fragment.samples)) == (2, 100)
    assert {sample.duration for sample in fragment.samples} == {400_000}
    assert fragment.samples[0].shown == 4 * SECOND + 800_000


def test_what_all_samples_have_is_said_once(films: Library) -> None:
    """Twelve bytes of header for a picture: its size, when it is shown, and which of them are key frames."""
    assert len(chunk_head(chunk(films))) < 180 + 12 * 100
    assert len(chunk_head(chunk(films, stop=150, end=6 * SECOND))) < 180 + 8 * 50


@given(st.integers(0, 3 * SECOND), st.integers(0, SECOND), st.integers(0, 4 * SECOND))
def test_pictures_are_shown_when_they_are_due(films: Library, begin: int, early: int, length: int) -> None:
    """Wherever a stream's chunks begin and end: durations add up, and no picture is shown before its time."""
    moved = chunk(films, begin=4 * SECOND - begin, early=early, end=4 * SECOND - begin + length)
    usual = read_moof(boxes.tree(chunk_head(chunk(films))).need("moof"), 4 * SECOND, 4 * SECOND)[0]
    found = read_moof(boxes.tree(chunk_head(moved)).need("moof"), moved.begin, length)[0]
    assert all(sample.duration > 0 for sample in found) or length < 100
    assert all(one.shown == max(other.shown, one.decoded) for one, other in zip(found, usual, strict=True))


def test_a_key_frame_stands_for_its_chunk(films: Library) -> None:
    """One picture, the chunk's time and duration."""
    found = chunk(films, first=90).key_frame()
    assert (found.first, found.stop, found.begin, found.end) == (100, 101, 4 * SECOND, 8 * SECOND)
    without = chunk(films, first=101, stop=140).key_frame()
    assert (without.first, without.stop) == (101, 102)
    assert chunk(films, end=2**40).key_frame().end == 4 * SECOND + 0xFFFFFFFF


def test_samples_that_last_too_long_are_refused(films: Library) -> None:
    """32 bits of 100 ns are seven minutes."""
    with pytest.raises(UnsupportedMedia, match="seven minutes"):
        retimed(chunk(films, end=5000 * SECOND))


def test_a_document_is_a_fragment_too() -> None:
    """One sample, that can be read at once, for all of the chunk."""
    data = b"<tt/>"
    raw = text_head(7, 7 + SECOND, len(data), 3) + boxes.make(b"mdat", data)
    fragment = read_fragment(raw, 7, SECOND)
    assert fragment.data == data
    (sample,) = fragment.samples
    assert (sample.sync, sample.shown, sample.duration) == (True, 7, SECOND)
