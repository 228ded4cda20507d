"""Fragment run tables."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from hls_mp4.containers.f4f.afrt import GAP_IN_TIME, KIND, NO_MORE, Afrt, FragmentRun
from hls_mp4.containers.f4f.reading import Fields
from tests.containers.f4f.test_asrt import NAMES, NUMBERS

RUNS = st.builds(FragmentRun, NUMBERS, st.integers(0, 2**64 - 1), st.integers(1, 2**32 - 1)) | st.builds(
    FragmentRun, NUMBERS, st.integers(0, 2**64 - 1), st.just(0), st.integers(0, 255)
)
TABLES = st.builds(Afrt, NUMBERS, st.lists(RUNS, max_size=5).map(tuple), NAMES.map(tuple), st.booleans())


@given(TABLES)
def test_what_is_written_is_read(table: Afrt) -> None:
    """Every table comes back, with its gaps."""
    assert Afrt.parse(Fields(table.box(), "file").box(KIND)) == table


def test_only_entries_without_duration_have_an_indicator() -> None:
    """One byte more, and the end of the presentation is seventeen zeros."""
    plain, gap = (len(Afrt(1000, (FragmentRun(1, 0, length, GAP_IN_TIME),)).box()) for length in (5, 0))
    assert gap == plain + 1
    assert Afrt(1000, (NO_MORE,)).box().endswith(bytes(17))
