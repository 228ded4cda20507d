"""Timelines of segments."""

from __future__ import annotations

import re
from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from hls_mp4.packagers.dash.timeline import timeline


@given(st.integers(0, 2**40), st.lists(st.integers(1, 3), min_size=1, max_size=50))
def test_a_reader_finds_every_segment(start: int, durations: list[int]) -> None:
    """What is written in runs reads as it was."""
    starts = np.append(start, start + np.cumsum(durations))
    rows = timeline(starts)
    found = []
    for row in rows:
        told = re.fullmatch(r'<S(?: t="(\d+)")? d="(\d+)"(?: r="(\d+)")?/>', row)
        assert told is not None
        found += [int(told[2])] * (int(told[3] or 0) + 1)
    assert found == durations
    assert rows[0].startswith(f'<S t="{start}" ')
    assert len(rows) == 1 + sum(one != two for one, two in pairwise(durations))
