"""Segment run tables."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from hls_mp4.containers.f4f.asrt import KIND, Asrt, SegmentRun
from hls_mp4.containers.f4f.reading import Fields

NUMBERS = st.integers(0, 2**32 - 1)
NAMES = st.lists(st.text(st.characters(exclude_characters="\0", exclude_categories=("Cs",)), max_size=8), max_size=3)
TABLES = st.builds(
    Asrt, st.lists(st.builds(SegmentRun, NUMBERS, NUMBERS), max_size=5).map(tuple), NAMES.map(tuple), st.booleans()
)


@given(TABLES)
def test_what_is_written_is_read(table: Asrt) -> None:
    """Every table comes back."""
    assert Asrt.parse(Fields(table.box(), "file").box(KIND)) == table


def test_fragments_are_counted_over_all_segments() -> None:
    """A run lasts until the next one begins; the last is one segment."""
    assert Asrt((SegmentRun(1, 5),)).fragments == 5
    assert Asrt((SegmentRun(1, 5), SegmentRun(4, 2))).fragments == 17
    assert Asrt(()).fragments == 0
