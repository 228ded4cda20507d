"""The sample table of a track: times, sizes and places of its samples, answered from the file's own tables.

ISO/IEC 14496-12 8.5 to 8.7. A table is laid over the bytes of a moov, or over arrays collected from movie fragments; it
never holds an object for a sample. Building one checks counts only; everything else is checked when it is first
needed, and raises StreamingError then:

    stts    shorter than the samples, or longer than 2^62              any use of the decode timeline
    stsc    empty, unordered, chunk 0, no samples, beyond the chunks   offset, chunks
    stco    a chunk that is not in the file                            offset, chunks that touch it
    stss    sample 0, unordered, beyond the samples                    sync_samples, sync_at_or_before

Sample numbers are zero-based, ranges are [start, stop), times are in the track's timescale.
"""

from __future__ import annotations

from functools import cached_property
from operator import add
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hls_mp4.media.chunks import ChunkMap, Chunks, Span
from hls_mp4.media.runs import Complain, Durations, Runs
from hls_mp4.media.sizes import Sizes

MOST_REORDERED = 4096
"""Samples between a sample's place in decode order and in presentation order; codecs have 16 or 32."""


class SyncTable:
    """Which samples decoding can begin at (stss).

    Args:
        numbers: one-based, rising, in any byte order.
        samples: number of samples of the track.
        complain: makes errors that name the table.
    """

    def __init__(self, numbers: NDArray[Any], samples: int, complain: Complain) -> None:
        self.numbers = numbers
        self.samples = samples
        self.complain = complain

    def weight(self) -> int:
        """Return the bytes this holds beside the table itself, once everything lazy is there."""
        return 8 * len(self.numbers) + 500

    @cached_property
    def indices(self) -> NDArray[np.int64]:
        """Zero-based, rising.

        Raises:
            MalformedMedia: the table has sample 0, is unordered, or speaks of samples that are not there.
        """
        found = self.numbers.astype(np.int64) - 1
        if len(found):
            if not self.numbers.all():
                raise self.complain("zero sync sample in stss atom")
            if (found[1:] <= found[:-1]).any():
                raise self.complain("unordered mp4 stss samples")
            if found[-1] >= self.samples:
                raise self.complain("too large sync sample in stss atom")
        found.flags.writeable = False
        return found


class SampleTable:
    """The samples of one track.

    Args:
        count: number of samples.
        durations: the decode timeline.
        compositions: composition offsets, None when presentation follows decoding.
        sizes: of the samples.
        map: where they lie.
        syncs: the sync samples, None when all are.
        held: bytes of tables that are not those of a moov, which weighs for itself.
    """

    def __init__(
        self,
        count: int,
        durations: Durations,
        compositions: Runs | None,
        sizes: Sizes,
        map: ChunkMap,
        syncs: SyncTable | None,
        held: int = 0,
    ) -> None:
        self.count = count
        self._durations = durations
        self._compositions = compositions
        self._sizes = sizes
        self._map = map
        self._syncs = syncs
        self._held = held

    def __len__(self) -> int:
        return self.count

    @property
    def weight(self) -> int:
        """Bytes held beside the tables of a moov, once everything lazy is there."""
        parts = (self._durations, self._compositions, self._sizes, self._map, self._syncs)
        return sum(part.weight() for part in parts if part is not None) + self._held + 500

    # Times.

    @property
    def duration(self) -> int:
        """Sum of the durations of all samples."""
        return self._durations.total

    def decode_time(self, sample: int) -> int:
        """Return the decode time of a sample; the duration of the track for `count`."""
        return self._durations.time_of(sample)

    def sample_at(self, time: int) -> int:
        """Return the sample i with decode_time(i) <= time < decode_time(i + 1).

        Times below 0 give the first sample, times from the duration on give `count`.
        """
        return self._durations.sample_at(time)

    def durations(self, start: int, stop: int) -> tuple[NDArray[np.uint32], NDArray[np.int64]]:
        """Return the durations of samples [start, stop) as runs: counts, and the duration of each sample of a run."""
        assert self._durations.times is not None
        return self._durations.crop(start, stop)

    @property
    def has_composition(self) -> bool:
        """Whether presentation times can differ from decode times."""
        return self._compositions is not None

    def composition_offset(self, sample: int) -> int:
        """Return presentation time minus decode time of a sample; may be negative."""
        return self._compositions.value(sample) if self._compositions is not None else 0

    def composition_offsets(self, start: int, stop: int) -> tuple[NDArray[np.uint32], NDArray[np.int64]]:
        """Return the composition offsets of samples [start, stop) as runs: counts, and the signed offset of each."""
        if self._compositions is not None:
            return self._compositions.crop(start, stop)
        counts = np.array([stop - start] if start < stop else [], np.uint32)
        return counts, np.zeros(len(counts), np.int64)

    def packed_durations(self, start: int, stop: int) -> NDArray[Any]:
        """Return the durations of samples [start, stop) as rows of stts."""
        assert self._durations.times is not None
        return self._durations.packed(start, stop)

    def packed_compositions(self, start: int, stop: int) -> NDArray[Any]:
        """Return the composition offsets of samples [start, stop) as rows of ctts, as version 1 has them."""
        if self._compositions is not None:
            return self._compositions.packed(start, stop)
        return np.array([[stop - start, 0]] if start < stop else np.empty((0, 2)), ">u4")

    def presentation_time(self, sample: int) -> int:
        """Return the time a sample is shown at, before edits."""
        return self.decode_time(sample) + self.composition_offset(sample)

    @cached_property
    def composition_bounds(self) -> tuple[int, int]:
        """The least and the greatest composition offset of all samples, or bounds that are a little wider."""
        runs = self._compositions
        if runs is None or not len(runs.values):
            return 0, 0
        low, high = int(runs.values.min()), int(runs.values.max())
        return (low, high) if runs.covered == self.count else (min(low, 0), max(high, 0))

    @cached_property
    def presentation_end(self) -> int:
        """The time at which the last sample shown is over, before edits."""
        if self._compositions is None or not self.count:
            return self.duration
        low, high = self.composition_bounds
        begin = min(self.sample_at(self.decode_time(self.count - 1) - (high - low)), self.count - 1)
        times = self.presentation_times(max(begin, self.count - MOST_REORDERED), self.count)
        last = self.count - len(times) + int(times.argmax())
        return int(times.max()) + self.decode_time(last + 1) - self.decode_time(last)

    def few_presentation_times(self, start: int, stop: int) -> list[int]:
        """Return what `presentation_times` does, faster where it is a few samples; there is one at least."""
        times = self._durations.few_times(start, stop)
        if self._compositions is None:
            return list(times)
        return list(map(add, times, self._compositions.listed(start, stop)))

    def presentation_times(self, start: int, stop: int) -> NDArray[np.int64]:
        """Return the time that each of samples [start, stop) is shown at, before edits; in decode order."""
        counts, deltas = self.durations(start, stop)
        times: NDArray[np.int64] = np.repeat(deltas, counts)
        if not len(times):
            return times
        times[1:] = np.cumsum(times[:-1])
        times[0] = 0
        times += self.decode_time(start)
        if self._compositions is not None:
            counts, offsets = self._compositions.crop(start, stop)
            times += np.repeat(offsets, counts)
        return times

    def decode_times_of(self, samples: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the decode times of many samples, in any order: some milliseconds for a film of hours, at most."""
        return self._durations.times_of(samples)

    def presentation_times_of(self, samples: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the time that each of many samples is shown at, before edits; costs as `decode_times_of`."""
        times = self._durations.times_of(samples)
        return times if self._compositions is None else times + self._compositions.values_of(samples)

    def samples_from(self, times: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return for each decode time the first sample that is not decoded before it; costs as `decode_times_of`."""
        return self._durations.samples_from(times)

    # Sync samples.

    @property
    def all_sync(self) -> bool:
        """Whether decoding can begin at every sample."""
        return self._syncs is None

    @property
    def sync_samples(self) -> NDArray[np.int64]:
        """The sync samples, rising; not kept when these are all samples."""
        return self._syncs.indices if self._syncs is not None else np.arange(self.count, dtype=np.int64)

    def sync_at_or_before(self, sample: int) -> int | None:
        """Return the last sync sample that is not after this one, or None."""
        if self._syncs is None:
            return min(sample, self.count - 1) if sample >= 0 and self.count else None
        at = int(self._syncs.indices.searchsorted(sample, "right"))
        return int(self._syncs.indices[at - 1]) if at else None

    # Bytes.

    @property
    def uniform_size(self) -> int:
        """The size that all samples have; 0 when they differ or the file lists them one by one."""
        return self._sizes.uniform

    def size(self, sample: int) -> int:
        """Return the bytes of a sample."""
        return self._sizes.between(sample, sample + 1)

    def sizes(self, start: int, stop: int) -> NDArray[np.int64]:
        """Return the bytes of each of samples [start, stop)."""
        return self._sizes.part(start, stop)

    def packed_sizes(self, start: int, stop: int) -> NDArray[Any]:
        """Return the bytes of each of samples [start, stop) as stsz lists them; a view on the table if it does."""
        return self._sizes.packed(start, stop)

    def bytes_between(self, start: int, stop: int) -> int:
        """Return the bytes of samples [start, stop) together."""
        return self._sizes.between(start, stop)

    def offset(self, sample: int) -> int:
        """Return the absolute file offset of a sample."""
        return self._map.offset(sample)

    def descriptions(self, start: int, stop: int) -> list[int]:
        """Return the sample descriptions, one-based, that samples [start, stop) have: each once, rising."""
        return self._map.descriptions(start, stop)

    def chunks(self, start: int, stop: int) -> Chunks:
        """Return where samples [start, stop) lie, first and last chunk cropped to them."""
        return self._map.chunks(start, stop)

    def span(self, start: int, stop: int) -> Span:
        """Return where samples [start, stop), of which there is one at least, lie, in the form of the file's tables."""
        return self._map.span(start, stop)
