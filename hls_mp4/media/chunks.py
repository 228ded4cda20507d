"""Where samples lie: chunks and their offsets (ISO/IEC 14496-12 8.7.4 and 8.7.5).

Runs of chunks (stsc) are searched in their file form; offsets (stco, co64) are looked at only for the chunks that are
asked for. Checked on first use, raising StreamingError: order of the runs, empty chunks, runs beyond the last chunk,
more or fewer samples than there are; and for each chunk that is used, that it lies in the file.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from hls_mp4.errors import StreamingError
from hls_mp4.media.runs import Complain
from hls_mp4.media.sizes import Sizes
from hls_mp4.media.sums import Sums

_PIECE = 4 * 1024
"""Chunks that are held against each other at a time."""


@dataclass(frozen=True, slots=True, eq=False)
class Chunks:
    """Chunks, or parts of them, in file order of the track; arrays of one length.

    Args:
        offsets: absolute file offset of the first wanted byte of each.
        samples: wanted samples of each.
        sizes: bytes of these samples.
        descriptions: sample description of each, one-based.
    """

    offsets: NDArray[np.int64]
    samples: NDArray[np.int64]
    sizes: NDArray[np.int64]
    descriptions: NDArray[np.int32]

    def __len__(self) -> int:
        return len(self.offsets)


class Span(NamedTuple):
    """Chunks, or parts of them, in the form that tables of a file have; nothing is converted.

    Args:
        runs: rows of first chunk (one-based, the span's first chunk is 1), samples per chunk, sample description.
        offsets: absolute file offset of each chunk, unsigned, in any byte order.
        skipped: bytes of the first chunk before the first wanted sample.
        low: absolute file offset of the first wanted byte.
        high: absolute file offset after the last wanted byte; low and high are -1 when the chunks are in disorder.
        used: wanted bytes.
    """

    runs: NDArray[Any]
    offsets: NDArray[Any]
    skipped: int
    low: int
    high: int
    used: int


class ChunkMap:
    """The chunks of a track.

    Args:
        runs: rows of first chunk (one-based), samples per chunk, sample description.
        offsets: of each chunk, unsigned, in any byte order.
        samples: number of samples of the track.
        sizes: of these samples.
        file_size: bytes; no chunk may end behind it.
        complain: makes errors that name the run table.
        complain_of_offsets: makes errors that name the offset table.
    """

    def __init__(
        self,
        runs: NDArray[Any],
        offsets: NDArray[Any],
        samples: int,
        sizes: Sizes,
        file_size: int,
        complain: Complain,
        complain_of_offsets: Complain,
    ) -> None:
        self.runs = runs
        self.offsets = offsets
        self.samples = samples
        self.sizes = sizes
        self.file_size = file_size
        self.complain = complain
        self.complain_of_offsets = complain_of_offsets
        self._reaches: dict[int, tuple[int, int] | None] = {}

    def weight(self) -> int:
        """Return the bytes this holds beside the tables themselves, once everything lazy is there."""
        return Sums.weight(len(self.runs)) + 200 * (len(self.offsets) // _PIECE) + 1000

    def _firsts(self, start: int, stop: int) -> NDArray[np.int64]:
        """Return the zero-based first chunk of runs [start, stop], the number of chunks for the one after the last."""
        firsts = self.runs[start : stop + 1, 0].astype(np.int64)
        firsts -= 1
        if stop < len(self.runs):
            return firsts
        ends: NDArray[np.int64] = np.append(firsts, len(self.offsets))
        return ends

    @cached_property
    def sums(self) -> Sums:
        """Sums of the samples in each run of chunks.

        Raises:
            MalformedMedia: the runs make no sense, or do not cover the samples.
        """

        def samples_of(start: int, stop: int) -> NDArray[Any]:
            firsts = self._firsts(start, stop)
            counts: NDArray[Any] = (firsts[1:] - firsts[:-1]) * self.runs[start:stop, 1]
            return counts

        self._check_runs()
        sums = Sums(samples_of, len(self.runs))
        if sums.total < self.samples:
            raise self.complain("start time is out mp4 stsc chunks")
        # The last chunk may be filled in part. Chunks without any sample mean that tables do not belong together.
        if sums.total - int(self.runs[-1, 1]) >= self.samples:
            raise self.complain(f"mp4 stsc atom has {sums.total} samples of {self.samples}")
        return sums

    def _check_runs(self) -> None:
        firsts, per_chunk = self.runs[:, 0], self.runs[:, 1]
        if not len(firsts):
            raise self.complain("zero number of entries in stsc atom")
        if not firsts.all():
            raise self.complain("zero chunk in stsc atom")
        if firsts[0] != 1 or (firsts[1:] < firsts[:-1]).any() or firsts[-1] > len(self.offsets):
            raise self.complain("unordered mp4 stsc chunks")
        if not per_chunk.all():
            raise self.complain("start time is out mp4 stsc chunks, a chunk has no samples")

    def locate(self, sample: int) -> tuple[int, int]:
        """Return the zero-based chunk that a sample lies in, and the first sample of that chunk."""
        run, before = self.sums.find(sample)
        return self._chunk_of(run, before, sample)

    def descriptions(self, start: int, stop: int) -> list[int]:
        """Return the sample descriptions, one-based, that samples [start, stop) have: each once, rising."""
        if start >= stop:
            return []
        first_run, _ = self.sums.find(start)
        last_run, _ = self.sums.find(stop - 1)
        found = self.runs[first_run : last_run + 1, 2]
        least = int(found.min())
        if least == int(found.max()):
            return [least]
        filled = np.diff(self._firsts(first_run, last_run + 1)) > 0
        return [int(each) for each in np.unique(found[filled])]

    def offset(self, sample: int) -> int:
        """Return the absolute file offset of a sample.

        Raises:
            MalformedMedia: it does not lie in the file.
        """
        chunk, first = self.locate(sample)
        offset = int(self.offsets[chunk]) + self.sizes.between(first, sample)
        if offset + self.sizes.between(sample, sample + 1) > self.file_size:
            raise self.complain_of_offsets("too large chunk offset")
        return offset

    def chunks(self, start: int, stop: int) -> Chunks:
        """Return where samples [start, stop) lie, the first and the last chunk cropped to them.

        Raises:
            MalformedMedia: one of these chunks does not lie in the file.
        """
        if start >= stop:
            nothing = np.empty(0, np.int64)
            return Chunks(nothing, nothing, nothing, np.empty(0, np.int32))
        first, first_sample = self.locate(start)
        last, _ = self.locate(stop - 1)
        first_run, _ = self.sums.find(start)
        last_run, _ = self.sums.find(stop - 1)
        edges = self._firsts(first_run, last_run + 1).clip(first, last + 1)
        rows = np.repeat(self.runs[first_run : last_run + 1, 1:], np.diff(edges), axis=0)
        samples = rows[:, 0].astype(np.int64)
        samples[0] -= start - first_sample
        samples[-1] -= int(samples.sum()) - (stop - start)
        sizes = self._sizes(samples, start, stop)
        raw = self.offsets[first : last + 1]
        if (raw > self.file_size).any():
            raise self.complain_of_offsets("too large chunk offset")
        offsets = raw.astype(np.int64)
        offsets[0] += self.sizes.between(first_sample, start)
        if (offsets + sizes > self.file_size).any():
            raise self.complain_of_offsets("too large chunk offset")
        return Chunks(offsets, samples, sizes, rows[:, 1].astype(np.int32))

    def orderly(self, first: int, last: int) -> bool:
        """Tell whether the chunks around zero-based [first, last] lie in the file, each behind the one before it.

        Looked at once for each piece of the track, when first asked for: a look at all of it takes milliseconds.
        """
        end = 0
        for number in range(first // _PIECE, last // _PIECE + 1):
            if number not in self._reaches:
                self._reaches[number] = self._reach(number * _PIECE)
            reach = self._reaches[number]
            if reach is None or reach[0] < end:
                return False
            end = reach[1]
        return True

    def _reach(self, first: int) -> tuple[int, int] | None:
        """Return where a piece of the track begins and ends in the file; None when it lies there in disorder."""
        try:
            part = self.chunks(self._first_sample(first), self._first_sample(first + _PIECE))
        except StreamingError:
            return None
        ends = part.offsets + part.sizes
        return None if (ends[:-1] > part.offsets[1:]).any() else (int(part.offsets[0]), int(ends[-1]))

    def _first_sample(self, chunk: int) -> int:
        """Return the first sample of a zero-based chunk; the number of samples for chunks that are not there."""
        if chunk >= len(self.offsets):
            return self.samples
        run = int(np.searchsorted(self.runs[:, 0], chunk + 1, "right")) - 1
        return self.sums.before(run) + (chunk + 1 - int(self.runs[run, 0])) * int(self.runs[run, 1])

    def span(self, start: int, stop: int) -> Span:
        """Return where samples [start, stop) lie, of which there is one at least.

        Raises:
            MalformedMedia: the tables make no sense.
        """
        first_run, before = self.sums.find(start)
        last_run, before_last = self.sums.find(stop - 1)
        rows = self.runs[first_run : last_run + 1].astype(">u4")
        first, first_sample = self._chunk_of(first_run, before, start)
        last, last_sample = self._chunk_of(last_run, before_last, stop - 1)
        skipped = self.sizes.between(first_sample, start)
        low = high = -1
        if self.orderly(first, last):
            low = int(self.offsets[first]) + skipped
            high = int(self.offsets[last]) + self.sizes.between(last_sample, stop)
        return Span(
            self._crop_runs(rows, first, last, start - first_sample, stop - last_sample),
            self.offsets[first : last + 1],
            skipped,
            low,
            high,
            self.sizes.between(start, stop),
        )

    def _chunk_of(self, run: int, before: int, sample: int) -> tuple[int, int]:
        """Return the zero-based chunk of a run that a sample lies in, and that chunk's first sample."""
        per_chunk = int(self.runs[run, 1])
        chunk = (sample - before) // per_chunk
        return int(self.runs[run, 0]) - 1 + chunk, before + chunk * per_chunk

    @cached_property
    def _has_empty_runs(self) -> bool:
        """Whether the table has runs of no chunk."""
        return bool((self.runs[1:, 0] <= self.runs[:-1, 0]).any())

    def _crop_runs(self, rows: NDArray[Any], first: int, last: int, missing: int, left: int) -> NDArray[Any]:
        """Return runs of chunks [first, last], counted from 1.

        Args:
            rows: all runs that these chunks are in; written to.
            first, last: zero-based chunks of the file.
            missing: samples of the first chunk that are not wanted.
            left: samples of the last chunk up to the last one wanted.
        """
        count = last - first + 1
        if count == 1:
            return np.array([[1, left - missing, rows[0, 2]]], ">u4")
        rows[1:, 0] -= first
        rows[0, 0] = 1
        if self._has_empty_runs and (rows[1:, 0] <= rows[:-1, 0]).any():
            rows = rows[np.append(rows[1:, 0] > rows[:-1, 0], True)]
        if left != rows[-1, 1]:
            tail = np.array([[count, left, rows[-1, 2]]], ">u4")
            rows = np.concatenate((rows if rows[-1, 0] < count else rows[:-1], tail))
        if missing:
            head = np.array([[1, rows[0, 1] - missing, rows[0, 2]]], ">u4")
            alone = len(rows) > 1 and rows[1, 0] == 2
            rows[0, 0] = 2
            rows = np.concatenate((head, rows[1:] if alone else rows))
        return rows

    def _sizes(self, samples: NDArray[np.int64], start: int, stop: int) -> NDArray[np.int64]:
        """Return the bytes of consecutive groups of samples, of which none is empty."""
        if self.sizes.uniform:
            return samples * self.sizes.uniform
        sizes = self.sizes.part(start, stop)
        if len(samples) == len(sizes):
            return sizes
        starts = np.cumsum(samples)
        starts -= samples
        return np.add.reduceat(sizes, starts)
