"""How many bytes each sample has (ISO/IEC 14496-12 8.7.3): one size for all, or a table of them in file byte order."""

from __future__ import annotations

from functools import cached_property
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from hls_mp4.media.sums import Sums, Terms


class Sizes(Protocol):
    """Sizes of the samples of a track."""

    @property
    def uniform(self) -> int:
        """The size that all samples have; 0 when they differ."""

    def weight(self) -> int:
        """Return the bytes this holds beside the table itself, once everything lazy is there."""

    def part(self, start: int, stop: int) -> NDArray[np.int64]:
        """Return the sizes of samples [start, stop)."""

    def packed(self, start: int, stop: int) -> NDArray[Any]:
        """Return the sizes of samples [start, stop) as unsigned 32-bit numbers in file byte order."""

    def between(self, start: int, stop: int) -> int:
        """Return the bytes of samples [start, stop)."""


class UniformSizes:
    """Every sample has the same size.

    Args:
        uniform: bytes of each sample.
    """

    __slots__ = ("uniform",)

    def __init__(self, uniform: int) -> None:
        self.uniform = uniform

    def weight(self) -> int:
        """Return the bytes this holds."""
        return 100

    def part(self, start: int, stop: int) -> NDArray[np.int64]:
        """Return the sizes of samples [start, stop)."""
        return np.full(stop - start, self.uniform, np.int64)

    def packed(self, start: int, stop: int) -> NDArray[Any]:
        """Return the sizes of samples [start, stop) as unsigned 32-bit numbers in file byte order."""
        return np.full(stop - start, self.uniform, ">u4")

    def between(self, start: int, stop: int) -> int:
        """Return the bytes of samples [start, stop)."""
        return (stop - start) * self.uniform


class ListedSizes:
    """Every sample has its own size.

    Args:
        terms: returns the sizes of samples [a, b).
        count: number of samples.
    """

    uniform = 0

    def __init__(self, terms: Terms, count: int) -> None:
        self.terms = terms
        self.count = count

    @classmethod
    def over(cls, sizes: NDArray[Any]) -> ListedSizes:
        """Lay this over an array of sizes, in any byte order."""
        return cls(lambda start, stop: sizes[start:stop], len(sizes))

    def weight(self) -> int:
        """Return the bytes this holds beside the table itself, once everything lazy is there."""
        return Sums.weight(self.count) + 500

    @cached_property
    def sums(self) -> Sums:
        """Cumulative sums of the sizes."""
        return Sums(self.terms, self.count)

    def part(self, start: int, stop: int) -> NDArray[np.int64]:
        """Return the sizes of samples [start, stop)."""
        return self.terms(start, stop).astype(np.int64)

    def packed(self, start: int, stop: int) -> NDArray[Any]:
        """Return the sizes of samples [start, stop) as unsigned 32-bit numbers in file order; a view if they are."""
        return np.ascontiguousarray(self.terms(start, stop), ">u4")

    def between(self, start: int, stop: int) -> int:
        """Return the bytes of samples [start, stop)."""
        return self.sums.between(start, stop)
