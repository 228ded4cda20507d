"""The track runs of movie fragments, collected track by track (ISO/IEC 14496-12 8.8.3, 8.8.4, 8.8.6 - 8.8.8, 8.8.12).

One pass over all moofs: every trun becomes one row of numbers with its defaults filled in and its place in the file
known, its table of samples is appended to the bytes of others of the same form. No sample is looked at, save where a
place follows from the sizes before it. Ten thousand fragments of two tracks take 0.35 s.

Where data lies: from tfhd's base-data-offset, from the moof's first byte (default-base-is-moof, or the first traf), or
from the end of the traf before; a trun without data-offset follows the run before it. Boxes in a traf that are neither
tfhd, tfdt nor trun are passed over: tfrf of Smooth Streaming, sdtp, senc, saiz, saio; where there is no tfdt, the tfxd
of Smooth Streaming says the time ([MS-SSTR] 2.2.4.4).

Refused: a traf without tfhd, boxes shorter than their fields or their count, data before the file's begin, more runs
than a film can have.
"""

from __future__ import annotations

import struct
from array import array
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from hls_mp4.containers.isobmff.box import Box, Buffer
from hls_mp4.containers.isobmff.movie import Trex
from hls_mp4.errors import MediaTooLarge

MAX_RUNS = 1_000_000
"""Track runs of one film; five tracks in fragments of a second last 55 hours."""

DURATION, SIZE, FLAGS, COMPOSITION = 0x100, 0x200, 0x400, 0x800
"""What each sample of a trun brings, in the order in which it brings it (8.8.8.1)."""

_COLUMNS = (DURATION, SIZE, FLAGS, COMPOSITION)
_ANY_COLUMN = 0xF00
_DATA_OFFSET, _FIRST_FLAGS = 0x1, 0x4
_BASE, _DESCRIPTION, _DEFAULT_DURATION, _DEFAULT_SIZE, _DEFAULT_FLAGS = 0x1, 0x2, 0x8, 0x10, 0x20
_DURATION_IS_EMPTY, _BASE_IS_MOOF = 0x10000, 0x20000
_BIGGEST = 2**63 - 1
_TFXD = bytes.fromhex("6d1d9b0542d544e680e2141daff757b2")

_HEAD = struct.Struct(">II")
_U32 = struct.Struct(">I")
_U64 = struct.Struct(">Q")
_I32 = struct.Struct(">i")

COUNT, OFFSET, COLUMNS, DEFAULT_DURATION, DEFAULT_SIZE, DEFAULT_FLAGS, FIRST, DESCRIPTION_INDEX, PLACE = range(9)
"""Columns of `TrackRuns.table`."""


class Mark(NamedTuple):
    """What a traf says of time.

    Args:
        run: of the track's runs, the first one it holds for.
        time: decode time of that run's first sample; how much later it is when `empty`.
        empty: whether the traf says that nothing is shown for that long.
    """

    run: int
    time: int
    empty: bool


@dataclass(slots=True)
class TrackRuns:
    """All runs of one track, none of them empty.

    Args:
        numbers: rows of nine: samples, absolute offset of the data, columns that the samples bring, duration, size and
            flags of samples that do not bring theirs, flags of the first sample, sample description, absolute offset
            of the trun.
        rows: the samples' own numbers, big-endian: what they bring -> all runs that bring this, in order.
        marks: what is said of times, in order.
    """

    numbers: array[int] = field(default_factory=lambda: array("q"))
    rows: dict[int, bytearray] = field(default_factory=dict)
    marks: list[Mark] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.numbers) // 9

    @property
    def table(self) -> NDArray[np.int64]:
        """The runs as rows; see the column numbers above."""
        return np.array(self.numbers, np.int64).reshape(-1, 9)

    def column(self, table: NDArray[np.int64], bit: int) -> NDArray[Any]:
        """Return one number of each sample of the runs that bring it, 32 bits in file byte order.

        Args:
            table: `self.table`.
            bit: DURATION, SIZE, FLAGS or COMPOSITION.
        """
        chosen = table[(table[:, COLUMNS] & bit) != 0]
        forms = np.unique(chosen[:, COLUMNS]).tolist()
        values = np.empty(int(chosen[:, COUNT].sum()), ">u4")
        for form in forms:
            mine = slice(None) if len(forms) == 1 else np.repeat(chosen[:, COLUMNS] == form, chosen[:, COUNT])
            values[mine] = _number(self.rows[form], form, bit)
        return values


def _number(rows: Buffer | bytearray, form: int, bit: int) -> NDArray[Any]:
    """Return one number of each sample out of rows of these columns."""
    width = (form & _ANY_COLUMN).bit_count()
    return np.frombuffer(rows, ">u4").reshape(-1, width)[:, (form & _ANY_COLUMN & (bit - 1)).bit_count()]


class _Defaults(NamedTuple):
    """What holds for samples that do not bring their own."""

    description: int = 1
    duration: int = 0
    size: int = 0
    flags: int = 0


_NO_DEFAULTS = _Defaults()


def _tfhd_form(flags: int) -> struct.Struct:
    wide = ("Q" if flags & _BASE else "", "I" if flags & _DESCRIPTION else "")
    return struct.Struct(">II" + "".join(wide) + "I" * (flags & 0x38).bit_count())


_TFHD = {flags: _tfhd_form(flags) for flags in range(0x40)}


class _Fragment(NamedTuple):
    """A tfhd with its defaults.

    Args:
        track: id.
        flags: 24 bits.
        base: what data offsets count from; -1 when the box does not say.
        defaults: for its samples.
    """

    track: int
    flags: int
    base: int
    defaults: _Defaults


def defaults_of(moov: Box) -> dict[int, _Defaults]:
    """Return what trex boxes say, by track id; of two for one track the first counts."""
    found: dict[int, _Defaults] = {}
    mvex = moov.find(b"mvex")
    for box in mvex.all(b"trex") if mvex is not None else ():
        trex = Trex.parse(box)
        defaults = _Defaults(trex.sample_description_index, trex.sample_duration, trex.sample_size, trex.sample_flags)
        found.setdefault(trex.track_id, defaults)
    return found


def collect_runs(moov: Box, moofs: Sequence[Box], known: Collection[int]) -> dict[int, TrackRuns]:
    """Return the runs of each track that has any.

    Args:
        moov: for the defaults of its trex boxes.
        moofs: in file order.
        known: ids of tracks; fragments of others are passed over.

    Raises:
        MalformedMedia: a fragment contradicts itself.
        MediaTooLarge: there are more than MAX_RUNS.
    """
    collector = _Collector(defaults_of(moov), {track: TrackRuns() for track in known})
    for moof in moofs:
        collector.take(moof)
    return {track: runs for track, runs in collector.tracks.items() if len(runs)}


class _Data(NamedTuple):
    """The data of a run, whose end is worked out only when something follows it.

    Args:
        offset: absolute, of its first byte.
        samples: how many.
        columns: what these bring.
        size: of each, unless they bring theirs.
        buffer: where their rows are.
        rows: index of the first of them.
    """

    offset: int
    samples: int = 0
    columns: int = 0
    size: int = 0
    buffer: Buffer = b""
    rows: int = 0

    def end(self) -> int:
        """Return the absolute offset after the data."""
        if not self.columns & SIZE:
            return self.offset + self.samples * self.size
        rows = memoryview(self.buffer)[self.rows : self.rows + self.samples * 4 * self.columns.bit_count()]
        return self.offset + int(_number(rows, self.columns, SIZE).sum(dtype=np.int64))


@dataclass(slots=True)
class _Collector:
    """Where the pass over all fragments is."""

    defaults: Mapping[int, _Defaults]
    tracks: dict[int, TrackRuns]
    taken: int = 0

    def take(self, moof: Box) -> None:
        """Collect the runs of a fragment."""
        # A tree of its own: the boxes found in it are forgotten with it, not kept as long as the film's index.
        tree = Box(moof.data, moof.kind, moof.start, moof.header, moof.stop, moof.base)
        last = _Data(moof.offset)
        for traf in tree.children:
            if traf.kind == b"traf":
                last = self._take_traf(traf, moof.offset, last)

    def _take_traf(self, traf: Box, moof: int, last: _Data) -> _Data:
        """Collect the runs of a traf.

        Args:
            traf: the box.
            moof: absolute offset of the moof.
            last: data of the traf before.

        Returns:
            This traf's last data.
        """
        fragment = self._fragment(traf.need(b"tfhd"))
        base = fragment.base
        if base < 0:
            base = moof if fragment.flags & _BASE_IS_MOOF else last.end()
        runs = self.tracks.get(fragment.track)
        before = len(runs) if runs is not None else 0
        tfdt = traf.find(b"tfdt")
        time = _decode_time(tfdt) if tfdt is not None else _smooth_time(traf)
        if time is not None and runs is not None:
            runs.marks.append(Mark(before, time, False))
        last = _Data(base)
        for box in traf.children:
            if box.kind == b"trun":
                last = self._take_trun(box, fragment, base, last, runs)
        if fragment.flags & _DURATION_IS_EMPTY and runs is not None and len(runs) == before:
            runs.marks.append(Mark(before, fragment.defaults.duration, True))
        return last

    def _fragment(self, tfhd: Box) -> _Fragment:
        """Read a tfhd."""
        available = tfhd.stop - tfhd.body
        if available < 8:
            raise tfhd.too_small()
        head, track = _HEAD.unpack_from(tfhd.data, tfhd.body)
        form = _TFHD[head & 0x3B]
        if available < form.size:
            raise tfhd.too_small()
        defaults = self.defaults.get(track, _NO_DEFAULTS)
        values = iter(form.unpack_from(tfhd.data, tfhd.body)[2:])
        base = next(values) if head & _BASE else -1
        if base > _BIGGEST:
            raise tfhd.malformed("too large chunk offset")
        if head & 0x3A:
            defaults = _Defaults(
                next(values) if head & _DESCRIPTION else defaults.description,
                next(values) if head & _DEFAULT_DURATION else defaults.duration,
                next(values) if head & _DEFAULT_SIZE else defaults.size,
                next(values) if head & _DEFAULT_FLAGS else defaults.flags,
            )
        return _Fragment(track, head & 0xFFFFFF, base, defaults)

    def _take_trun(self, trun: Box, fragment: _Fragment, base: int, last: _Data, runs: TrackRuns | None) -> _Data:
        """Collect a run; return its data.

        Args:
            trun: the box.
            fragment: its traf's tfhd.
            base: what its data offset counts from.
            last: the run before it in its traf.
            runs: its track's; None when nobody asks for the track.
        """
        self.taken += 1
        if self.taken > MAX_RUNS:
            raise MediaTooLarge(f"more than {MAX_RUNS} mp4 track runs", box=trun.path, offset=trun.offset)
        data, at, stop = trun.data, trun.body, trun.stop
        if stop - at < 8:
            raise trun.too_small()
        head, count = _HEAD.unpack_from(data, at)
        form = head & _ANY_COLUMN
        rows = at + 8 + 4 * (head & 0x5).bit_count()
        length = count * 4 * form.bit_count()
        if rows + length > stop:
            raise trun.too_small()
        at += 8
        defaults = fragment.defaults
        first = defaults.flags
        if head & _DATA_OFFSET:
            offset = base + _I32.unpack_from(data, at)[0]
            at += 4
        else:
            offset = last.end()
        if head & _FIRST_FLAGS:
            (first,) = _U32.unpack_from(data, at)
        if not 0 <= offset <= _BIGGEST:
            raise trun.malformed("too large chunk offset")
        if count and runs is not None:
            description, *rest = defaults
            runs.numbers.extend((count, offset, form, *rest, first, description, trun.offset))
            if form:
                runs.rows.setdefault(form, bytearray()).extend(memoryview(data)[rows : rows + length])
        if form & SIZE:
            return _Data(offset, count, form, 0, data, rows)
        return _Data(offset, count, form, defaults.size)


def _decode_time(tfdt: Box) -> int:
    """Return the base media decode time of a tfdt."""
    at, available = tfdt.body, tfdt.stop - tfdt.body
    wide = available > 0 and tfdt.data[at] != 0
    if available < (12 if wide else 8):
        raise tfdt.too_small()
    time: int = (_U64 if wide else _U32).unpack_from(tfdt.data, at + 4)[0]
    return time


def _smooth_time(traf: Box) -> int | None:
    """Return the time that a tfxd gives a fragment, None when there is no tfxd."""
    for box in traf.all(b"uuid"):
        payload = box.payload
        if bytes(payload[:16]) == _TFXD:
            form = _U64 if len(payload) > 16 and payload[16] else _U32
            if len(payload) < 20 + 2 * form.size:
                raise box.malformed("mp4 tfxd atom too small")
            time: int = form.unpack_from(payload, 20)[0]
            return time
    return None
