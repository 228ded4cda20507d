"""One sample's value among many can be changed without touching any other."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from hls_mp4.packagers.progressive.lateness import shifted

RUNS = st.lists(st.tuples(st.integers(0, 5), st.integers(-50, 50)), min_size=1, max_size=12).filter(
    lambda runs: sum(count for count, _ in runs)
)


def flat(rows: np.ndarray) -> list[int]:
    """Return the signed value of each sample."""
    return [value - (value >> 31 << 32) for count, value in rows.tolist() for _ in range(count)]


@given(RUNS, st.data())
def test_one_sample_is_shifted_and_no_other(runs: list[tuple[int, int]], data: st.DataObject) -> None:
    """For any runs, empty ones included, the flat list differs in one place by what was asked for."""
    rows = np.array([[count, value & 0xFFFFFFFF] for count, value in runs], ">u4")
    values = flat(rows)
    sample = data.draw(st.integers(0, len(values) - 1))
    head, rest = shifted(rows, sample, 7)
    values[sample] += 7
    assert flat(head) + flat(rest) == values
