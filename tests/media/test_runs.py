"""Run-length coded values: durations and composition offsets."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hls_mp4.errors import MalformedMedia, StreamingError
from hls_mp4.media.runs import LATEST, Durations, Runs

RUNS = st.lists(st.tuples(st.integers(0, 7), st.integers(-(2**31), 2**31 - 1)), max_size=12)
POSITIVE_RUNS = st.lists(st.tuples(st.integers(0, 7), st.sampled_from([0, 1, 2, 512, 2**32 - 1])), max_size=12)


def complain(message: str) -> StreamingError:
    """Return an error of the table under test."""
    return MalformedMedia(message, box="stts", offset=7)


def spread(runs: list[tuple[int, int]], samples: int) -> list[int]:
    """Return the value of each sample; 0 for those that have none."""
    values = [value for count, value in runs for _ in range(count)]
    return (values + [0] * samples)[:samples]


def columns(runs: list[tuple[int, int]], form: str) -> tuple[np.ndarray, np.ndarray]:
    """Return counts and values as they lie in a file: two columns of one table."""
    rows = np.array([(count, value & 0xFFFFFFFF) for count, value in runs], ">u4").reshape(-1, 2)
    return rows[:, 0], rows[:, 1].view(form)


@given(runs=RUNS, samples=st.integers(0, 60), data=st.data())
def test_values_are_those_of_the_runs(runs: list[tuple[int, int]], samples: int, data: st.DataObject) -> None:
    """Each sample has the value of its run; a table that is too long is cut, one that is too short is filled up."""
    table = Runs(*columns(runs, ">i4"), samples)
    wanted = spread(runs, samples)
    start = data.draw(st.integers(0, samples))
    stop = data.draw(st.integers(start, samples))
    assert table.covered == min(samples, sum(count for count, _ in runs))
    assert [table.value(sample) for sample in range(samples)] == wanted
    counts, values = table.crop(start, stop)
    assert np.repeat(values, counts).tolist() == wanted[start:stop]
    assert counts.all()


@given(runs=RUNS, samples=st.integers(0, 60), data=st.data(), wide=st.booleans())
def test_packed_runs_are_those_of_a_box(
    runs: list[tuple[int, int]], samples: int, data: st.DataObject, wide: bool
) -> None:
    """The rows of a clip's table give its samples the values they had in the film, negative ones too."""
    counts, values = columns(runs, ">i4")
    table = Runs(counts, values.astype(np.int64) if wide else values, samples)
    start = data.draw(st.integers(0, samples))
    stop = data.draw(st.integers(start, samples))
    rows = table.packed(start, stop)
    assert rows.dtype == ">u4"
    packed = [(int(count), int(value)) for count, value in zip(rows[:, 0], rows[:, 1].view(">i4"), strict=True)]
    assert spread(packed, stop - start) == spread(runs, samples)[start:stop]
    assert sum(count for count, _ in packed) == stop - start


@given(runs=POSITIVE_RUNS, missing=st.integers(0, 20), data=st.data())
def test_times_are_sums_of_durations(runs: list[tuple[int, int]], missing: int, data: st.DataObject) -> None:
    """A sample begins when all before it are over, and covers the times until the next one begins."""
    listed = sum(count for count, _ in runs)
    samples = max(0, listed - missing)
    durations = Durations(*columns(runs, ">u4"), samples, complain)
    deltas = spread(runs, samples)
    times = [sum(deltas[:sample]) for sample in range(samples + 1)]
    assert durations.total == times[-1]
    assert [durations.time_of(sample) for sample in range(samples + 1)] == times
    for time in data.draw(st.lists(st.integers(-3, times[-1] + 3), max_size=6)) + times:
        sample = durations.sample_at(time)
        if max(time, 0) >= times[-1]:
            assert sample == samples
        else:
            assert times[sample] <= max(time, 0) < times[sample + 1]


def test_samples_without_a_duration_are_refused() -> None:
    """A film whose time table is shorter than its samples is an error in nginx's words."""
    durations = Durations(*columns([(3, 10)], ">u4"), 4, complain)
    with pytest.raises(MalformedMedia, match="start time is out mp4 stts samples in stts at 7"):
        durations.time_of(1)


def test_times_beyond_all_sense_are_refused() -> None:
    """Counts and durations whose product leaves 64 bits are an error, not a negative time."""
    most = 2**32 - 1
    durations = Durations(*columns([(most, most)], ">u4"), most, complain)
    with pytest.raises(MalformedMedia, match="too long"):
        durations.sample_at(5)
    long = Durations(*columns([(2**30, most)], ">u4"), 2**30, complain)
    assert long.total == 2**30 * most < LATEST


def test_a_table_of_2_32_samples_is_cut_to_the_film() -> None:
    """A count that no film has costs neither memory nor an error."""
    table = Runs(*columns([(2**32 - 1, 5)], ">i4"), 10)
    assert table.crop(3, 10)[0].tolist() == [7]
    assert table.packed(0, 10).tolist() == [[10, 5]]


@given(runs=RUNS, samples=st.integers(1, 60), data=st.data())
def test_values_of_a_few_samples_are_those_of_each(
    runs: list[tuple[int, int]], samples: int, data: st.DataObject
) -> None:
    """Asking for some samples together gives what asking for each of them gives."""
    table = Runs(*columns(runs, ">i4"), samples)
    start = data.draw(st.integers(0, samples - 1))
    stop = data.draw(st.integers(start + 1, samples))
    assert table.listed(start, stop) == [table.value(sample) for sample in range(start, stop)]


@given(samples=st.integers(1, 60), delta=st.integers(1, 2**32 - 1), data=st.data())
def test_one_duration_for_all_is_a_multiplication(samples: int, delta: int, data: st.DataObject) -> None:
    """A film of constant frame rate has the times it has when its table says the same in two runs."""
    surplus = data.draw(st.integers(0, 5))
    one = Durations(*columns([(samples + surplus, delta)], ">u4"), samples, complain)
    two = Durations(*columns([(1, delta), (samples + surplus - 1, delta)], ">u4"), samples, complain)
    assert (one.steady, two.steady) == (delta, delta if samples == 1 else 0)
    assert list(one.few_times(0, samples)) == list(two.few_times(0, samples))
    time = data.draw(st.integers(-5, (samples + 2) * delta))
    assert one.sample_at(time) == two.sample_at(time)
    assert [one.time_of(at) for at in range(samples + 2)] == [two.time_of(at) for at in range(samples + 2)]
    assert one.packed(0, samples).tolist() == [[samples, delta]]
