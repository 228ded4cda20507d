"""Run-length coded values of samples: durations (stts) and composition offsets (ctts).

ISO/IEC 14496-12 8.6.1.2 and 8.6.1.3. Runs stay in file byte order; a search costs microseconds whatever the number of
runs is, a crop costs what it returns. A table that speaks of more samples than there are is cut to size, as players
do. What is checked is checked on first use, and raises StreamingError there.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hls_mp4.errors import StreamingError
from hls_mp4.media.sums import Sums

Complain = Callable[[str], StreamingError]
"""Makes the error for a message; knows the box and its offset."""

LATEST = 2**62
"""Decode times stay below this: sums of them and of offsets cannot leave 64 bits."""


class Runs:
    """Values that hold for runs of samples.

    Args:
        counts: samples of each run.
        values: what holds for each sample of a run.
        samples: number of samples of the track.
    """

    def __init__(self, counts: NDArray[Any], values: NDArray[Any], samples: int) -> None:
        self.counts = counts
        self.values = values
        self.samples = samples
        self.sums = Sums(lambda a, b: counts[a:b], len(counts))

    def weight(self) -> int:
        """Return the bytes this holds beside the table itself, once everything lazy is there."""
        return Sums.weight(len(self.counts)) + 500

    @property
    def covered(self) -> int:
        """Samples that have a value; those after have the value 0."""
        return min(self.sums.total, self.samples)

    def value(self, sample: int) -> int:
        """Return the value of one sample."""
        run, _ = self.sums.find(sample)
        return int(self.values[run]) if run < len(self.counts) else 0

    def listed(self, start: int, stop: int) -> list[int]:
        """Return the values of a few samples, [start, stop).

        One search for all of them.
        """
        run, before = self.sums.find(start)
        runs = slice(run, run + stop - start)
        found: list[int] = []
        skipped, left = start - before, stop - start
        for count, value in zip(self.counts[runs].tolist(), self.values[runs].tolist(), strict=True):
            here = min(count - skipped, left)
            found += [value] * here
            skipped, left = 0, left - here
            if not left:
                return found
        # Runs of no sample, or samples that no run speaks of.
        return [self.value(sample) for sample in range(start, stop)]

    @cached_property
    def _unsigned(self) -> NDArray[Any]:
        """The values as unsigned 32-bit numbers: the bits of a negative one are those of its two's complement."""
        unsigned = self.values.view(self.values.dtype.str.replace("i", "u"))
        return unsigned if unsigned.dtype.itemsize == 4 else (unsigned & 0xFFFFFFFF).astype(">u4")

    def values_of(self, samples: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the value of each of many samples, in any order; costs what the whole table does."""
        if not len(self.counts):
            return np.zeros(len(samples), np.int64)
        ends = np.cumsum(self.counts, dtype=np.int64)
        runs = ends.searchsorted(samples, "right")
        known = runs < len(ends)
        if known.all():
            return self.values[runs].astype(np.int64)
        return np.where(known, self.values[np.minimum(runs, len(ends) - 1)], 0).astype(np.int64)

    def crop(self, start: int, stop: int) -> tuple[NDArray[np.uint32], NDArray[np.int64]]:
        """Return the runs of samples [start, stop), none of them empty.

        Returns:
            Counts whose sum is stop - start, and a value for each.
        """
        if start >= stop:
            return np.empty(0, np.uint32), np.empty(0, np.int64)
        if start >= self.covered:
            return np.array([stop - start], np.uint32), np.zeros(1, np.int64)
        inside = min(stop, self.covered)
        first, before = self.sums.find(start)
        last, before_last = self.sums.find(inside - 1)
        counts = self.counts[first : last + 1].astype(np.uint32)
        values = self.values[first : last + 1].astype(np.int64)
        # Shortest first: the last run may be the first one too.
        counts[-1] = inside - before_last
        counts[0] -= start - before
        if not counts.all():
            values, counts = values[counts > 0], counts[counts > 0]
        if inside < stop:
            counts = np.append(counts, np.uint32(stop - inside))
            values = np.append(values, np.int64(0))
        return counts, values

    def packed(self, start: int, stop: int) -> NDArray[Any]:
        """Return what `crop` does as rows of count and value, both unsigned 32-bit in file byte order.

        A table that lies in the file like this is copied, not converted: a fraction of the time of `crop`.
        """
        if start >= stop or stop > self.covered:
            counts, values = self.crop(start, stop)
            return _rows(counts, values & 0xFFFFFFFF)
        first, before = self.sums.find(start)
        last, before_last = self.sums.find(stop - 1)
        rows = _rows(self.counts[first : last + 1], self._unsigned[first : last + 1])
        rows[-1, 0] = stop - before_last
        rows[0, 0] -= start - before
        return rows


def _rows(counts: NDArray[Any], values: NDArray[Any]) -> NDArray[Any]:
    rows = np.empty((len(counts), 2), ">u4")
    rows[:, 0] = counts
    rows[:, 1] = values
    return rows


class Durations(Runs):
    """The decode timeline of a track.

    Args:
        counts: samples of each run.
        deltas: duration of each sample of a run, media timescale.
        samples: number of samples of the track.
        complain: makes errors that name the table.
    """

    def __init__(self, counts: NDArray[Any], deltas: NDArray[Any], samples: int, complain: Complain) -> None:
        super().__init__(counts, deltas, samples)
        self.complain = complain

    def weight(self) -> int:
        """Return the bytes this holds beside the table itself, once everything lazy is there."""
        return super().weight() + Sums.weight(len(self.counts)) + 500

    @cached_property
    def times(self) -> Sums:
        """Sums of the time that each used run takes.

        Raises:
            MalformedMedia: there are samples without a duration, or times beyond 2^62.
        """
        if not self.samples:
            return Sums(self._spans(0, 0), 0)
        if self.sums.total < self.samples:
            raise self.complain("start time is out mp4 stts samples")
        last, before = self.sums.find(self.samples - 1)
        times = Sums(self._spans(last, self.samples - before), last + 1)
        # A product of 32-bit numbers fits 64 bits unsigned, maybe not signed; its upper half can be summed in any case.
        if int(self.values[: last + 1].max()) * self.samples >= LATEST:
            high = Sums(lambda a, b: times.terms(a, b) >> np.uint64(32), last + 1).total
            if high + last + 1 >= LATEST >> 32:
                raise self.complain("mp4 stts samples are too long")
        return times

    def _spans(self, last: int, last_count: int) -> Callable[[int, int], NDArray[Any]]:
        counts, deltas = self.counts, self.values

        def spans(start: int, stop: int) -> NDArray[Any]:
            part = counts[start:stop].astype(np.uint64)
            if stop > last and start <= last:
                part[last - start] = last_count
            part *= deltas[start:stop]
            return part

        return spans

    @cached_property
    def steady(self) -> int:
        """The duration that all samples have, as they have in most films; 0 when the table is not that simple.

        Sums and searches become one multiplication or division, 0.3 us, where a search takes 0.5 to 8.
        """
        assert self.times is not None  # The table has been checked.
        return int(self.values[0]) if self.samples and int(self.counts[0]) >= self.samples else 0

    def packed(self, start: int, stop: int) -> NDArray[Any]:
        """Return the durations of samples [start, stop) as rows of stts."""
        if self.steady and start < stop <= self.samples:
            return np.array(((stop - start, self.steady),), ">u4")
        return super().packed(start, stop)

    @property
    def total(self) -> int:
        """Sum of the durations of all samples."""
        return self.times.total

    def time_of(self, sample: int) -> int:
        """Return the decode time of a sample; the total for the one after the last."""
        if self.steady:
            return min(sample, self.samples) * self.steady
        times = self.times
        if sample >= self.samples:
            return times.total
        run, before = self.sums.find(sample)
        return times.before(run) + (sample - before) * int(self.values[run])

    def times_of(self, samples: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the decode time of each of many samples, in any order; costs what the whole table does."""
        wanted = samples.clip(0, self.samples)
        if self.steady:
            return np.asarray(wanted * self.steady)
        counts, times, deltas = self._whole
        runs = counts[1:].searchsorted(wanted, "right")
        return np.asarray(times[runs] + (wanted - counts[runs]) * np.append(deltas, 0)[runs])

    def samples_from(self, times: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return for each of many times the first sample that is not decoded before it; costs as `times_of`.

        For times after the last sample's begin that is the number of samples.
        """
        if self.steady:
            return np.asarray((-(-times // self.steady)).clip(0, self.samples))
        counts, sums, deltas = self._whole
        if not len(deltas):
            return np.zeros(len(times), np.int64)
        # The run that a time is in, or at the end of.
        runs = sums[1:].searchsorted(times, "left").clip(0, len(deltas) - 1)
        ahead = -(-(times - sums[runs]) // deltas[runs].clip(1))
        return np.asarray((counts[runs] + ahead).clip(0, self.samples))

    @property
    def _whole(self) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
        """Samples and time before each run that is used, and after the last; what each sample of a run lasts."""
        assert self.times is not None  # The table has been checked.
        used = self.times.count
        counts = np.zeros(used + 1, np.int64)
        np.cumsum(self.counts[:used], out=counts[1:])
        counts.clip(0, self.samples, out=counts)
        deltas = self.values[:used].astype(np.int64)
        times = np.zeros(used + 1, np.int64)
        np.cumsum(np.diff(counts) * deltas, out=times[1:])
        return counts, times, deltas

    def few_times(self, start: int, stop: int) -> Sequence[int]:
        """Return the decode times of a few samples, [start, stop)."""
        if self.steady:
            return range(start * self.steady, stop * self.steady, self.steady)
        return [self.time_of(sample) for sample in range(start, stop)]

    def sample_at(self, time: int) -> int:
        """Return the sample i with time_of(i) <= time < time_of(i + 1); the number of samples from the total on."""
        if self.steady:
            return min(max(time, 0) // self.steady, self.samples)
        times = self.times
        run, before = times.find(max(time, 0))
        if run >= times.count:
            return self.samples
        return self.sums.before(run) + (max(time, 0) - before) // int(self.values[run])
