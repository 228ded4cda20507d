"""Sizes of samples."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from hls_mp4.media.sizes import ListedSizes, Sizes, UniformSizes


def assert_answers(sizes: Sizes, wanted: list[int], start: int, stop: int) -> None:
    """Assert that all questions about samples [start, stop) are answered as the list answers them."""
    assert sizes.part(start, stop).tolist() == wanted[start:stop]
    assert sizes.part(start, stop).dtype == np.int64
    assert sizes.between(start, stop) == sum(wanted[start:stop])
    assert sizes.packed(start, stop).tobytes() == np.array(wanted[start:stop], ">u4").tobytes()


@given(wanted=st.lists(st.integers(0, 2**32 - 1), max_size=30), data=st.data())
def test_listed_sizes_are_those_of_the_list(wanted: list[int], data: st.DataObject) -> None:
    """Each sample has the size that the file lists for it, in whatever order of bytes."""
    start = data.draw(st.integers(0, len(wanted)))
    stop = data.draw(st.integers(start, len(wanted)))
    for order in (">u4", "<u4"):
        sizes = ListedSizes.over(np.array(wanted, order))
        assert sizes.uniform == 0
        assert_answers(sizes, wanted, start, stop)


def test_sizes_as_the_file_has_them_are_not_copied() -> None:
    """A clip's size table is a view on the film's."""
    table = np.arange(1000, dtype=">u4")
    assert np.shares_memory(ListedSizes.over(table).packed(10, 500), table)


@given(size=st.integers(1, 2**32 - 1), start=st.integers(0, 20), count=st.integers(0, 20))
def test_one_size_for_all(size: int, start: int, count: int) -> None:
    """Samples of uncompressed sound all have the one size of their table."""
    sizes = UniformSizes(size)
    assert sizes.uniform == size
    assert_answers(sizes, [size] * 40, start, start + count)


def test_weight_grows_with_what_is_kept() -> None:
    """The cache of indexes counts what sums will take, though they are not made yet."""
    short, long = (ListedSizes.over(np.ones(count, ">u4")).weight() for count in (10, 1_000_000))
    assert UniformSizes(4).weight() < short < long < 400_000
