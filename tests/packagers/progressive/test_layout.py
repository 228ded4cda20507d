"""What a clip sends holds everything it needs, little else, and nothing that is not in the film."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hls_mp4.errors import MalformedMedia
from hls_mp4.packagers.progressive.layout import DEAD_SHARE, SMALL_GAP, Needed, Region, lay_out

FILE = 4 << 20
RANGES = st.lists(st.tuples(st.integers(0, FILE - 70_000), st.integers(1, 70_000)), min_size=1, max_size=30)


def needed(ranges: list[tuple[int, int]]) -> Needed:
    """Return byte ranges as something that a clip needs."""
    table = np.array(ranges, np.int64)
    return Needed.of(Region(table[:, 0], table[:, 1]))


@given(st.lists(RANGES, min_size=1, max_size=3))
def test_every_byte_that_is_needed_lies_where_its_offset_says(tracks: list[list[tuple[int, int]]]) -> None:
    """For any ranges, overlapping or in disorder: place() tells where a range begins, and it is there as a whole."""
    needs = [needed(ranges) for ranges in tracks]
    layout = lay_out(needs, FILE)
    pieces = list(zip(layout.begins.tolist(), layout.lengths.tolist(), strict=True))
    sent = [(begin, begin + length) for begin, length in pieces]
    assert sum(length for _, length in pieces) == layout.length
    assert all(0 <= begin < end <= FILE for begin, end in sent)
    assert all(before[1] < after[0] for before, after in itertools.pairwise(sent))
    places = dict(zip(layout.begins.tolist(), np.cumsum([0, *layout.lengths.tolist()]).tolist(), strict=False))
    for ranges, need in zip(tracks, needs, strict=True):
        offsets = layout.place(need, wide=True).fill(0)
        for (offset, size), place in zip(ranges, np.frombuffer(offsets, ">u8").tolist(), strict=True):
            begin, end = next((begin, end) for begin, end in sent if begin <= offset < end)
            assert offset + size <= end
            assert place == places[begin] + offset - begin


@given(RANGES)
def test_dead_bytes_stay_few(ranges: list[tuple[int, int]]) -> None:
    """Between pieces lies more than a small gap; a single piece has at most its share of dead bytes, or a small gap."""
    layout = lay_out([needed(ranges)], FILE)
    ends = layout.begins + layout.lengths
    assert (layout.begins[1:] - ends[:-1] > SMALL_GAP).all()
    covered = np.zeros(FILE, bool)
    for offset, size in ranges:
        covered[offset : offset + size] = True
    dead = layout.length - int(covered.sum())
    used = sum(size for _, size in ranges)
    assert dead <= max(SMALL_GAP * len(ranges), used // DEAD_SHARE)


def test_what_lies_outside_the_film_is_refused() -> None:
    """An offset beyond the end never reaches the sender."""
    for ranges in ([(FILE - 10, 11)], [(-1, 5)]):
        with pytest.raises(MalformedMedia, match="too large chunk offset"):
            lay_out([needed(ranges)], FILE)


def test_nothing_is_laid_out_as_nothing() -> None:
    """Samples of no bytes need no bytes."""
    empty = Needed.of(Region(np.array([5], np.int64), np.array([0], np.int64)))
    assert lay_out([empty], FILE).length == 0
