"""The sample table of a track."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hls_mp4.errors import MalformedMedia
from hls_mp4.media.samples import SampleTable
from tests.boxes import Sample
from tests.samples import asked_one_by_one, listed, no_samples, stbl_of, table_of


@dataclass(frozen=True)
class Drawn:
    """A table, and the samples it was made of."""

    table: SampleTable
    samples: list[Sample]


@st.composite
def drawn(draw: st.DrawFn, least: int = 0, shown: bool = False) -> Drawn:
    """Draw samples and write the tables that describe them.

    Args:
        draw: of hypothesis.
        least: samples.
        shown: every sample takes time, none is reordered by more than a few.
    """
    row = st.tuples(
        st.integers(1 if shown else 0, 5),
        st.integers(-8, 8) if shown else st.integers(-(2**31), 2**31 - 1),
        st.booleans(),
        st.integers(0, 30),
    )
    rows = draw(st.lists(row, min_size=least, max_size=30))
    reordered, all_sync = draw(st.booleans()), draw(st.booleans())
    samples: list[Sample] = []
    clock, chunks = 0, []
    while len(samples) < len(rows):
        at = draw(st.integers(0, 2**40))
        stop = min(len(rows), len(samples) + draw(st.integers(1, 6)))
        chunks.append((at, stop - len(samples)))
        for duration, offset, sync, size in rows[len(samples) : stop]:
            samples.append(Sample(clock, duration, offset if reordered else 0, all_sync or sync, at, size, 1))
            clock += duration
            at += size
    stbl = stbl_of(
        stts=[(1, sample.duration) for sample in samples],
        sizes=[sample.size for sample in samples],
        stsc=[(number, count, 1) for number, (_, count) in enumerate(chunks, 1)],
        stco=[at for at, _ in chunks],
        ctts=[(1, sample.composition) for sample in samples] if reordered else None,
        stss=None if all_sync else [number for number, sample in enumerate(samples, 1) if sample.sync],
    )
    return Drawn(table_of(stbl, 2**41), samples)


@given(drawn=drawn())
def test_a_table_says_what_was_written(drawn: Drawn) -> None:
    """Asked in bulk or one by one, each sample has the time, offset, size, place and flag that its file gives it."""
    assert drawn.table.count == len(drawn.table) == len(drawn.samples)
    assert asked_one_by_one(drawn.table) == drawn.samples
    assert listed(drawn.table) == drawn.samples
    assert drawn.table.duration == sum(sample.duration for sample in drawn.samples)


@given(drawn=drawn(), data=st.data())
def test_a_part_of_a_table_is_the_same_as_of_the_whole(drawn: Drawn, data: st.DataObject) -> None:
    """Cropping anywhere, in the middle of runs and of chunks, loses nothing and adds nothing."""
    start = data.draw(st.integers(0, len(drawn.samples)))
    stop = data.draw(st.integers(start, len(drawn.samples)))
    table, samples = drawn.table, drawn.samples[start:stop]
    assert listed(table, start, stop) == samples
    assert table.bytes_between(start, stop) == sum(sample.size for sample in samples)
    times = [sample.decode + sample.composition for sample in samples]
    assert table.presentation_times(start, stop).tolist() == times
    assert table.packed_sizes(start, stop).tolist() == [sample.size for sample in samples]
    for rows, column in (
        (table.packed_durations(start, stop), [sample.duration for sample in samples]),
        (table.packed_compositions(start, stop), [sample.composition & 0xFFFFFFFF for sample in samples]),
    ):
        assert [value for count, value in rows.tolist() for _ in range(count)] == column


@given(drawn=drawn(), time=st.integers(-5, 160))
def test_a_time_falls_into_one_sample(drawn: Drawn, time: int) -> None:
    """Looking for a time gives the sample that is decoded then, the first one before all, none after all."""
    sample = drawn.table.sample_at(time)
    if max(time, 0) >= drawn.table.duration:
        assert sample == drawn.table.count
    else:
        assert drawn.table.decode_time(sample) <= max(time, 0) < drawn.table.decode_time(sample + 1)


@given(drawn=drawn(), number=st.integers(-1, 35))
def test_decoding_begins_at_or_before(drawn: Drawn, number: int) -> None:
    """The key frame for a sample is the last one that is not after it; there may be none."""
    before = [at for at, sample in enumerate(drawn.samples) if sample.sync and at <= number]
    assert drawn.table.sync_at_or_before(number) == (before[-1] if before else None)


@given(drawn=drawn(least=1, shown=True))
def test_the_end_is_that_of_the_sample_shown_last(drawn: Drawn) -> None:
    """A film with reordered pictures is over when the one that is shown last is, though others are decoded later."""
    shown = [sample.decode + sample.composition for sample in drawn.samples]
    ends = {time + sample.duration for time, sample in zip(shown, drawn.samples, strict=True) if time == max(shown)}
    assert drawn.table.presentation_end in ends


@given(drawn=drawn(least=1))
def test_bounds_hold_every_offset(drawn: Drawn) -> None:
    """No composition offset is outside the bounds, so that searching within them misses no picture."""
    low, high = drawn.table.composition_bounds
    assert all(low <= sample.composition <= high for sample in drawn.samples)


def test_an_empty_table_answers() -> None:
    """A track without samples takes no time, has no bytes and no key frame."""
    table = no_samples()
    assert (table.count, table.duration, table.presentation_end, table.sample_at(0)) == (0, 0, 0, 0)
    assert table.sync_at_or_before(0) is None
    assert len(table.chunks(0, 0)) == 0
    assert table.descriptions(0, 0) == []
    assert table.bytes_between(0, 0) == 0
    assert table.composition_bounds == (0, 0)


@pytest.mark.parametrize(
    ("stss", "words"),
    [
        ([0, 2], "zero sync sample in stss atom"),
        ([2, 2], "unordered mp4 stss samples"),
        ([3, 1], "unordered mp4 stss samples"),
        ([1, 4], "too large sync sample in stss atom"),
        ([2**32 - 1], "too large sync sample in stss atom"),
    ],
)
def test_key_frames_that_cannot_be_are_refused(stss: list[int], words: str) -> None:
    """A broken key frame table is an error when a key frame is looked for, and no harm before."""
    table = table_of(stbl_of(stts=[(3, 1)], sizes=[1] * 3, stsc=[(1, 3, 1)], stco=[0], stss=stss))
    assert table.duration == 3
    for ask in (lambda: table.sync_samples, lambda: table.sync_at_or_before(2)):
        with pytest.raises(MalformedMedia, match=words) as caught:
            ask()
        assert caught.value.box == "stbl/stss"


def test_durations_that_do_not_reach_are_refused() -> None:
    """A time table shorter than the samples is an error for every use of time, in nginx's words."""
    table = table_of(stbl_of(stts=[(2, 1)], sizes=[1] * 3, stsc=[(1, 3, 1)], stco=[0]))
    for ask in (
        lambda: table.duration,
        lambda: table.decode_time(0),
        lambda: table.sample_at(0),
        lambda: table.durations(0, 1),
        lambda: table.packed_durations(0, 1),
    ):
        with pytest.raises(MalformedMedia, match="start time is out mp4 stts samples in stbl/stts"):
            ask()


def test_weight_is_more_than_what_is_kept() -> None:
    """The cache of indexes counts a table's look-ups before they are made."""
    small = table_of(stbl_of(stts=[(1, 1)], sizes=[1], stsc=[(1, 1, 1)], stco=[0], stss=[1], ctts=[(1, 0)]))
    count = 50_000
    large = table_of(
        stbl_of(
            stts=[(count, 1)],
            sizes=[1] * count,
            stsc=[(1, count, 1)],
            stco=[0],
            stss=list(range(1, count + 1)),
            ctts=[],
        )
    )
    assert small.weight < large.weight
    assert large.weight >= 8 * count


@given(drawn=drawn(), data=st.data())
def test_many_samples_are_asked_for_at_once(drawn: Drawn, data: st.DataObject) -> None:
    """In any order, and for any times: the same as asking one by one."""
    table = drawn.table
    wanted = data.draw(st.lists(st.integers(0, max(0, table.count - 1)), max_size=20 if table.count else 0))
    indices = np.array(wanted, np.int64)
    assert table.decode_times_of(indices).tolist() == [table.decode_time(sample) for sample in wanted]
    assert table.presentation_times_of(indices).tolist() == [table.presentation_time(sample) for sample in wanted]
    times = data.draw(st.lists(st.integers(-3, table.duration + 3), max_size=20))
    begins = [sample.decode for sample in drawn.samples]
    expected = [next((n for n, begin in enumerate(begins) if begin >= time), table.count) for time in times]
    assert table.samples_from(np.array(times, np.int64)).tolist() == expected
    assert table.decode_times_of(np.array([table.count], np.int64)).tolist() == [table.duration]
