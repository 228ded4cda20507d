"""Cumulative sums over tables in file byte order."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from hls_mp4.media.sums import _SLAB, BLOCK, Sums


def sums_of(terms: list[int]) -> Sums:
    """Return sums over a table as it lies in a file."""
    table = np.array(terms, ">u4")
    return Sums(lambda a, b: table[a:b], len(table))


TERMS = st.one_of(
    st.lists(st.integers(0, 2**32 - 1), max_size=20),
    # Longer than some blocks, with zeros in it.
    st.builds(
        lambda seed, count: np.random.default_rng(seed).integers(0, 5, count).tolist(),
        st.integers(0, 99),
        st.integers(0, 4 * BLOCK),
    ),
)


@given(terms=TERMS, data=st.data())
def test_sums_are_those_of_the_terms(terms: list[int], data: st.DataObject) -> None:
    """Any part of a table adds up as it does on paper, in whatever order parts are asked for."""
    sums = sums_of(terms)
    assert sums.total == sum(terms)
    places = data.draw(st.lists(st.tuples(st.integers(0, len(terms)), st.integers(0, len(terms))), max_size=8))
    for first, second in places:
        start, stop = sorted((first, second))
        assert sums.before(start) == sum(terms[:start])
        assert sums.between(start, stop) == sum(terms[start:stop])


@given(terms=TERMS, data=st.data())
def test_a_value_falls_into_one_term(terms: list[int], data: st.DataObject) -> None:
    """Looking for a time or a byte gives the one term that covers it, never one of no length."""
    sums = sums_of(terms)
    for value in data.draw(st.lists(st.integers(0, sum(terms) + 3), max_size=8)):
        index, before = sums.find(value)
        if value >= sum(terms):
            assert (index, before) == (len(terms), sum(terms))
        else:
            assert before == sum(terms[:index]) <= value < before + terms[index]


def test_a_long_table_is_summed_piece_by_piece() -> None:
    """A table longer than a piece has no seam."""
    count = _SLAB + BLOCK + 7
    table = np.arange(count, dtype=np.uint32)
    sums = Sums(lambda a, b: table[a:b], count)
    for index in (0, 1, BLOCK, _SLAB - 1, _SLAB, _SLAB + 1, _SLAB + BLOCK, count - 1, count):
        assert sums.before(index) == index * (index - 1) // 2
    assert sums.total == count * (count - 1) // 2


def test_looking_up_needs_little_memory() -> None:
    """A film of a million samples holds kilobytes for its look-ups, not megabytes."""
    assert Sums.weight(1_000_000) < 200_000
