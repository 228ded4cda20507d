"""Cumulative sums over a table that is still in file byte order, and searches in them.

Two levels: one sum for each block of 48 terms, made once when first needed, and the terms of one block, summed up when
asked; the two blocks looked at last are kept, because look-ups come in clusters. For 340,000 sample sizes that is
57 KiB kept, against 2.7 MB for all partial sums; a look-up costs 0.2 us in a block that was kept, else 4. With
blocks of 128 terms a third is kept, but such a look-up costs 7.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable
from itertools import accumulate
from typing import Any

import numpy as np
from numpy.typing import NDArray

Terms = Callable[[int, int], NDArray[Any]]
"""`terms(a, b)` returns terms [a, b) of a table as non-negative integers, in any integer type."""

BLOCK = 48
FEW = 16
"""Terms that are added up faster one by one than by numpy."""

MANY = 4096
"""Terms from which on two look-ups in the blocks, 8 us, are surely faster than numpy's sum of them all."""

_SLAB = BLOCK * 2048
"""Terms converted at a time while blocks are summed: bounds what is allocated by a table of any length."""


class Sums:
    """Cumulative sums of `count` non-negative terms.

    Args:
        terms: returns a slice of the terms; the sum of all of them is below 2^63.
        count: number of terms.
    """

    __slots__ = ("_blocks", "_far", "_near", "count", "terms")

    def __init__(self, terms: Terms, count: int) -> None:
        self.terms = terms
        self.count = count
        self._blocks: NDArray[np.int64] | None = None
        # The two blocks looked at last: of the beginning and of the end of an interval.
        self._near: tuple[int, list[int]] = (-1, [0, 0])
        self._far = self._near

    @staticmethod
    def weight(count: int) -> int:
        """Return the bytes that the sums of this many terms hold once they are made."""
        return 8 * (count // BLOCK + 2) + 80 * min(count, BLOCK) + 300

    @property
    def blocks(self) -> NDArray[np.int64]:
        """Sum of all terms before each block, and of all terms."""
        blocks = self._blocks
        if blocks is None:
            blocks = np.zeros((self.count + BLOCK - 1) // BLOCK + 1, np.int64)
            for start in range(0, self.count, _SLAB):
                part = self.terms(start, min(start + _SLAB, self.count))
                whole = len(part) // BLOCK * BLOCK
                at = start // BLOCK + 1
                blocks[at : at + whole // BLOCK] = part[:whole].reshape(-1, BLOCK).sum(axis=1, dtype=np.int64)
                if whole < len(part):
                    blocks[at + whole // BLOCK] = part[whole:].sum(dtype=np.int64)
            np.cumsum(blocks, out=blocks)
            self._blocks = blocks
        return blocks

    @property
    def total(self) -> int:
        """Sum of all terms."""
        return int(self.blocks[-1])

    def _inside(self, block: int) -> list[int]:
        """Return the sum of all terms before each term of a block, and before the one after it."""
        if self._near[0] != block:
            if self._far[0] == block:
                self._near, self._far = self._far, self._near
            else:
                start = block * BLOCK
                part = self.terms(start, min(start + BLOCK, self.count)).tolist()
                sums = list(accumulate(part, initial=int(self.blocks[block])))
                self._near, self._far = (block, sums), self._near
        return self._near[1]

    def before(self, index: int) -> int:
        """Return the sum of terms [0, index)."""
        if index >= self.count:
            return int(self.blocks[-1])
        return self._inside(index // BLOCK)[index % BLOCK]

    def between(self, start: int, stop: int) -> int:
        """Return the sum of terms [start, stop)."""
        if stop - start <= FEW:
            return sum(self.terms(start, stop).tolist()) if start < stop else 0
        if stop - start <= MANY:
            return int(self.terms(start, stop).sum(dtype=np.int64))
        return self.before(stop) - self.before(start)

    def find(self, value: int) -> tuple[int, int]:
        """Return the term that a value falls into, and the sum of the terms before it.

        That is the index i with before(i) <= value < before(i + 1); `(count, total)` from the total on. Terms of 0 are
        never found.
        """
        block, sums = self._near
        if not sums[0] <= value < sums[-1]:
            block, sums = self._far
            if not sums[0] <= value < sums[-1]:
                blocks = self.blocks
                if value >= blocks[-1]:
                    return self.count, int(blocks[-1])
                block = int(blocks.searchsorted(value, "right")) - 1
                sums = self._inside(block)
        inside = bisect_right(sums, value) - 1
        return block * BLOCK + inside, sums[inside]
