"""The samples of movie fragments as sample tables (ISO/IEC 14496-12 8.8, after the rules of 8.6 and 8.7).

Each track run is a chunk; durations, composition offsets and sync samples become the runs and lists that stts, ctts and
stss would have, so that nobody above can tell a fragmented film from a plain one. What the moov itself has of a track
(a recording that was begun in one form and went on in the other) comes before its fragments.

Decode times are continuous: what a tfdt says is later than the samples before it end is given to the last of these, so
that the times agree; what it says is earlier is not believed, as no table can hold it. A traf whose duration is empty
is such a gap.

Refused: more than 2^32 samples, samples by the million that bring no number of their own and cannot be told as a
single number, gaps beyond 32 bits.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hls_mp4.containers.isobmff.box import Box
from hls_mp4.containers.isobmff.trackruns import (
    COLUMNS,
    COMPOSITION,
    COUNT,
    DEFAULT_DURATION,
    DEFAULT_FLAGS,
    DEFAULT_SIZE,
    DESCRIPTION_INDEX,
    DURATION,
    FIRST,
    FLAGS,
    OFFSET,
    PLACE,
    SIZE,
    TrackRuns,
    collect_runs,
)
from hls_mp4.errors import MalformedMedia, MediaTooLarge, StreamingError, UnsupportedMedia
from hls_mp4.media.chunks import ChunkMap
from hls_mp4.media.runs import LATEST, Complain, Durations, Runs
from hls_mp4.media.samples import SampleTable, SyncTable
from hls_mp4.media.sizes import ListedSizes, Sizes, UniformSizes

MOST_SAMPLES = 2**32 - 1
MOST_IMPLIED = 2**22
"""Samples written out one by one though the file does not list them; else a box of bytes could ask for gigabytes."""

LONGEST_SAMPLE = 2**32 - 1

RUN = "moof/traf/trun"
"""The box that errors name when they are about all runs of a track."""

_IS_NON_SYNC = 0x10000
_DEPENDS = 0x3000000
_DEPENDS_ON_OTHERS = 0x1000000


@dataclass(frozen=True, slots=True, eq=False)
class FragmentedTrack:
    """A track of a fragmented film.

    Args:
        samples: all its samples; decode time 0 is the first of them.
        begin: decode time of the first sample as the file has it, track's timescale.
    """

    samples: SampleTable
    begin: int


@dataclass(frozen=True, slots=True, eq=False)
class _Segments:
    """Values that hold for so many samples each, 32 bits in file byte order."""

    counts: NDArray[Any]
    values: NDArray[Any]

    def merged(self) -> _Segments:
        """Return the same with neighbours of equal value joined, and without empty ones."""
        # Joining arrays turns them into the byte order of the machine.
        counts, values = self.counts, self.values.astype(">u4", copy=False)
        if not counts.all():
            counts, values = counts[counts != 0], values[counts != 0]
        if not len(values):
            return _Segments(counts, values)
        starts = np.flatnonzero(np.concatenate(([True], values[1:] != values[:-1])))
        return _Segments(np.add.reduceat(counts, starts, dtype=np.uint32).astype(">u4"), values[starts])


def fragment_samples(
    moov: Box, moofs: Sequence[Box], plain: Mapping[int, SampleTable], file_size: int
) -> dict[int, FragmentedTrack]:
    """Return the tracks that have samples in movie fragments, by track id.

    Args:
        moov: the movie, for the defaults of its trex boxes.
        moofs: the movie fragments in file order, each with its absolute offset.
        plain: the samples that the moov has of each track; fragments of tracks that are not in it are passed over.
        file_size: bytes; data behind it is an error when it is asked for.

    Raises:
        MalformedMedia: a fragment contradicts itself.
        MediaTooLarge: there are more runs or samples than a film can have.
        UnsupportedMedia: a gap is too long for a sample's duration.
    """
    found = collect_runs(moov, moofs, plain.keys())
    return {track: _Builder(runs, plain[track], file_size).track() for track, runs in found.items()}


class _Builder:
    """Makes the tables of one track.

    Args:
        runs: of the track; one at least.
        plain: what its moov has of it; comes first.
        file_size: bytes.
    """

    def __init__(self, runs: TrackRuns, plain: SampleTable, file_size: int) -> None:
        self.runs = runs
        self.plain = plain
        self.file_size = file_size
        self.table = runs.table
        self.counts = self.table[:, COUNT]
        self.first_place = int(self.table[0, PLACE])
        self.count = plain.count + int(self.counts.sum())
        if self.count > MOST_SAMPLES:
            raise MediaTooLarge(f"{self.count} mp4 trun samples", box=RUN, offset=self.first_place)

    def complain(self, message: str) -> StreamingError:
        """Return the error about all runs."""
        return MalformedMedia(message, box=RUN, offset=self.first_place)

    def has(self, bit: int) -> NDArray[np.bool_]:
        """Return for each run whether its samples bring this number."""
        own: NDArray[np.bool_] = (self.table[:, COLUMNS] & bit) != 0
        return own

    def track(self) -> FragmentedTrack:
        """Return the track."""
        durations, begin = self._durations()
        compositions = self._compositions()
        sizes = self._sizes()
        syncs = self._syncs()
        rows, offsets = self._chunks()
        held = [durations.counts, durations.values, rows, offsets]
        held += [compositions.counts, compositions.values] if compositions is not None else []
        held += [syncs] if syncs is not None else []
        samples = SampleTable(
            self.count,
            Durations(durations.counts, durations.values, self.count, self.complain),
            Runs(compositions.counts, compositions.values.view(">i4"), self.count)
            if compositions is not None
            else None,
            sizes,
            ChunkMap(rows, offsets, self.count, sizes, self.file_size, self.complain, self._complain_of_places(sizes)),
            SyncTable(syncs, self.count, self.complain) if syncs is not None else None,
            held=sum(part.nbytes for part in held) + (0 if sizes.uniform else 4 * self.count),
        )
        return FragmentedTrack(samples, begin)

    # Times.

    def _durations(self) -> tuple[_Segments, int]:
        """Return the durations of all samples, gaps included, and the decode time of the first one."""
        own = self.has(DURATION)
        # The last sample of a run stands alone: a gap may make it longer.
        parts = np.where(own, self.counts, np.minimum(self.counts, 2))
        lasts = np.cumsum(parts) - 1
        counts = np.ones(int(lasts[-1]) + 1, ">u4")
        shared = ~own & (self.counts > 1)
        counts[lasts[shared] - 1] = self.counts[shared] - 1
        values = self._spread(own, parts, DURATION, self.table[:, DEFAULT_DURATION])
        if float(np.dot(counts.astype(np.float64), values.astype(np.float64))) >= LATEST:
            raise self.complain("mp4 trun samples are too long")
        spans = np.add.reduceat(counts * values.astype(np.int64), lasts - parts + 1)
        before = _Segments(np.empty(0, ">u4"), np.empty(0, ">u4"))
        if self.plain.count:
            old_counts, old_values = self.plain.durations(0, self.plain.count)
            # The last sample alone, here too.
            old_counts = np.append(old_counts, np.uint32(1))
            old_counts[-2] -= 1
            before = _Segments(old_counts.astype(">u4"), np.append(old_values, old_values[-1]).astype(">u4"))
        begin, gaps = self._gaps(spans.tolist())
        counts = np.concatenate((before.counts, counts))
        values = np.concatenate((before.values, values))
        for run, gap in gaps:
            last = len(before.counts) + (int(lasts[run - 1]) if run else -1)
            longer = int(values[last]) + gap
            if longer > LONGEST_SAMPLE:
                place = int(self.table[run, PLACE])
                raise UnsupportedMedia(f"mp4 tfdt leaves a gap of {gap}", box="moof/traf/tfdt", offset=place)
            values[last] = longer
        return _Segments(counts, values).merged(), begin

    def _gaps(self, spans: Sequence[int]) -> tuple[int, list[tuple[int, int]]]:
        """Return the decode time of the first sample, and (run, what is missing before it).

        Args:
            spans: sum of the durations of each run's samples.
        """
        begin = 0
        gaps: list[tuple[int, int]] = []
        anything = bool(self.plain.count)
        clock = self.plain.duration if anything else 0
        wanted = clock
        marks = self.runs.marks
        at = 0
        for run, span in enumerate(spans):
            while at < len(marks) and marks[at].run <= run:
                mark = marks[at]
                wanted = wanted + mark.time if mark.empty else mark.time
                at += 1
            if not anything:
                begin = clock = wanted
                anything = True
            elif wanted > clock:
                gaps.append((run, wanted - clock))
                clock = wanted
            clock += span
            wanted = clock
        return begin, gaps

    def _compositions(self) -> _Segments | None:
        """Return the composition offsets of all samples as unsigned numbers; None when all are 0."""
        own = self.has(COMPOSITION)
        parts = np.where(own, self.counts, 1)
        counts = np.ones(int(parts.sum()), ">u4")
        counts[(np.cumsum(parts) - 1)[~own]] = self.counts[~own]
        made = _Segments(counts, self._spread(own, parts, COMPOSITION, np.zeros(len(own), np.int64)))
        if self.plain.count:
            old_counts, old_values = self.plain.composition_offsets(0, self.plain.count)
            made = _Segments(
                np.concatenate((old_counts.astype(">u4"), made.counts)),
                np.concatenate(((old_values & 0xFFFFFFFF).astype(">u4"), made.values)),
            )
        return made.merged() if made.values.any() else None

    def _spread(
        self, own: NDArray[np.bool_], parts: NDArray[np.int64], bit: int, defaults: NDArray[np.int64]
    ) -> NDArray[Any]:
        """Return one value for each part of each run: what its samples bring, else the run's default."""
        if own.all():
            return self.runs.column(self.table, bit)
        values = np.repeat(defaults.astype(">u4"), parts)
        if own.any():
            values[np.repeat(own, parts)] = self.runs.column(self.table, bit)
        return values

    # Sync samples.

    def _syncs(self) -> NDArray[Any] | None:
        """Return the one-based numbers of the sync samples; None when all are."""
        own = self.has(FLAGS)
        # The first sample of a run has flags of its own.
        parts = np.where(own, self.counts, 2)
        firsts = np.cumsum(parts) - parts
        flags = self._spread(own, parts, FLAGS, self.table[:, DEFAULT_FLAGS])
        flags[firsts[~own]] = self.table[~own, FIRST]
        counts = np.ones(len(flags), np.uint32)
        counts[firsts[~own] + 1] = self.counts[~own] - 1
        sync = ((flags & _IS_NON_SYNC) == 0) & ((flags & _DEPENDS) != _DEPENDS_ON_OTHERS)
        if sync[counts != 0].all() and (self.plain.all_sync or not self.plain.count):
            return None
        before = self._old_syncs()
        self._imply(int(counts[sync].sum(dtype=np.int64)) - int(sync.sum()))
        starts = np.cumsum(counts, dtype=np.int64) - counts + self.plain.count + 1
        many = counts[sync]
        inside = np.arange(int(many.sum(dtype=np.int64))) - np.repeat(np.cumsum(many, dtype=np.int64) - many, many)
        return np.concatenate((before, (np.repeat(starts[sync], many) + inside).astype(">u4")))

    def _old_syncs(self) -> NDArray[Any]:
        if not self.plain.count:
            return np.empty(0, ">u4")
        if self.plain.all_sync:
            self._imply(self.plain.count)
        return (self.plain.sync_samples + 1).astype(">u4")

    def _imply(self, count: int) -> None:
        """Complain when so many samples would be written out though the file does not list them."""
        if count > MOST_IMPLIED:
            raise MediaTooLarge(f"{count} mp4 trun samples that are not listed", box=RUN, offset=self.first_place)

    # Bytes.

    def _sizes(self) -> Sizes:
        """Return the sizes of all samples."""
        own = self.has(SIZE)
        defaults = self.table[:, DEFAULT_SIZE]
        size = int(defaults[0])
        same_before = not self.plain.count or self.plain.uniform_size == size
        if size and same_before and not own.any() and bool((defaults == size).all()):
            if size * self.count >= LATEST:
                raise self.complain("too large chunk offset")
            return UniformSizes(size)
        old_implied = self.plain.count if self.plain.uniform_size else 0
        self._imply(int(self.counts[~own].sum()) + old_implied)
        made = self._spread(own, self.counts, SIZE, defaults)
        if self.plain.count:
            made = np.concatenate((self.plain.packed_sizes(0, self.plain.count), made)).astype(">u4")
        return ListedSizes.over(made)

    def _chunks(self) -> tuple[NDArray[Any], NDArray[Any]]:
        """Return runs of chunks as stsc has them, and the offset of each chunk."""
        counts, descriptions, offsets = self.counts, self.table[:, DESCRIPTION_INDEX], self.table[:, OFFSET]
        if self.plain.count:
            old = self.plain.chunks(0, self.plain.count)
            counts = np.concatenate((old.samples, counts))
            descriptions = np.concatenate((old.descriptions, descriptions))
            offsets = np.concatenate((old.offsets, offsets))
        changes = (counts[1:] != counts[:-1]) | (descriptions[1:] != descriptions[:-1])
        firsts = np.flatnonzero(np.concatenate(([True], changes)))
        rows = np.empty((len(firsts), 3), ">u4")
        rows[:, 0] = firsts + 1
        rows[:, 1] = counts[firsts]
        rows[:, 2] = descriptions[firsts]
        return rows, offsets.astype(">u8")

    def _complain_of_places(self, sizes: Sizes) -> Complain:
        """Return what makes the error for data outside the file: it names the first run that has such data."""
        starts = np.cumsum(self.counts) - self.counts
        if sizes.uniform:
            lengths = self.counts * float(sizes.uniform)
        else:
            own = sizes.packed(self.plain.count, self.count)
            lengths = np.add.reduceat(own, starts, dtype=np.int64).astype(np.float64)
        outside = np.flatnonzero(self.table[:, OFFSET] + lengths > self.file_size)
        place = int(self.table[outside[0], PLACE]) if len(outside) else self.first_place

        def complain(message: str) -> StreamingError:
            return MalformedMedia(message, box=RUN, offset=place)

        return complain
