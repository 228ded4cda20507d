"""One walk over all tags of a file, from each to the next by its size (Video File Format Specification 10.1, E.4).

Bytes are read in sequence, for a film has a tag each two kilobytes and a read costs as much as a copy of forty; where
tags are large only their beginnings are read. What is learned goes into arrays, 20 bytes for each tag.

A tag is taken for one when it lies in the file and is audio, video or script data of stream 0, or the size behind it
repeats its own. At the first that is not, the film ends, and so it does before a tag whose size leads there and is not
repeated behind it, in a file where sizes are. Writers that never repeat them are followed. What is encrypted (Filter)
is known by its clear header.

Refused: more tags than the limit of metadata allows, at 15 bytes each; more streams than a film can have.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from hls_mp4.containers.flv.packets import CONFIG, HEAD, KEY, OTHER, SIDE, Packets, read_packets
from hls_mp4.containers.flv.tag import AROUND, AUDIO, BACK, KIND, SCRIPT, TAG_HEADER, VIDEO, WRAP
from hls_mp4.errors import MalformedMedia, MediaTooLarge
from hls_mp4.interfaces import IndexLimits, ReadAt

MOST_STREAMS = 64
MOST_SCRIPTS = 16
"""Tags of script data among which onMetaData is looked for."""

MOST_CHANGES = 1000
"""Changes of configuration that a film may have."""

LEAST_READ = 64
LARGE_TAG = 16 * 1024
"""Mean size of tags from which on reading each tag's beginning is cheaper than reading them all."""

HOP = 4096
_BATCH = 4096
_ROW = BACK + TAG_HEADER + HEAD
_UNLIKE = 0xC0
"""Bits of a tag's first byte that are never set."""


class Stream(NamedTuple):
    """Tags that belong together.

    Args:
        kind: AUDIO or VIDEO.
        track: number among those of its kind.
        codec: four letters as a number.
        head: what the payload of its first sample begins with.
    """

    kind: int
    track: int
    codec: int
    head: bytes


class Special(NamedTuple):
    """A tag that is no sample and may have to be repeated.

    Args:
        offset: absolute, of the tag.
        size: bytes of its payload.
        role: CONFIG, SIDE, or OTHER for script data.
        stream: kind << 16 | track, 0 for script data.
        skip: bytes of the payload in front of the configuration.
        codec: four letters as a number.
        head: what the payload begins with.
    """

    offset: int
    size: int
    role: int
    stream: int
    skip: int
    codec: int
    head: bytes


@dataclass(frozen=True, slots=True, eq=False)
class Tags:
    """All audio and video tags of a file that carry a sample, in file order; arrays of one length.

    Args:
        offsets: absolute, of the tags.
        sizes: bytes of their payloads.
        times: timestamps, milliseconds that never wrap around.
        streams: which of `known` each belongs to.
        keys: whether decoding can begin there.
        skips: bytes of the payload in front of the sample.
        compositions: presentation time minus timestamp.
        known: the streams.
        specials: configurations where they change, and script data.
        end: absolute offset behind the last good tag.
        metadata_size: bytes of all tags' headers.
        complaint: why the film ends there, when the file goes on.
    """

    offsets: NDArray[np.int64]
    sizes: NDArray[np.uint32]
    times: NDArray[np.int64]
    streams: NDArray[np.uint8]
    keys: NDArray[np.bool_]
    skips: NDArray[np.uint8]
    compositions: NDArray[np.int32]
    known: tuple[Stream, ...]
    specials: tuple[Special, ...]
    end: int
    metadata_size: int
    complaint: str


def unwrapped(stamps: NDArray[Any]) -> NDArray[np.int64]:
    """Return timestamps of 32 bits, in file order, as times that go on where those wrap around."""
    times: NDArray[np.int64] = stamps.astype(np.int64)
    steps = np.diff(times)
    around = (steps < -(WRAP >> 1)).astype(np.int64) - (steps > WRAP >> 1)
    times[1:] += np.cumsum(around) * WRAP
    return times


def scan_tags(size: int, limits: IndexLimits, first: int) -> Generator[ReadAt, bytes, Tags]:
    """Return the tags of a file.

    Args:
        size: of the file.
        limits: bytes of each read, and of all headers of tags.
        first: absolute offset of the first tag.

    Raises:
        MalformedMedia: there is no audio or video, or the file became shorter.
        MediaTooLarge: see above.
    """
    walk = _Walk(size, limits, first)
    most = max(LEAST_READ, limits.buffer_size)
    ahead, position = most, first
    while position <= size:
        start = position - BACK
        length = min(ahead, size - start)
        data = yield ReadAt(start, length)
        if len(data) < length:
            raise MalformedMedia("flv file truncated", offset=start + len(data))
        whole = start + length == size
        behind = walk.follow(data + bytes(HEAD) if whole else data, start)
        if whole and start + behind <= size:
            walk.add_end(data[behind - BACK : behind], start + behind)
        if not walk.flush(last=whole or start + behind > size):
            break
        if whole:
            break
        position = start + behind
        ahead = min(most, HOP) if position - first > LARGE_TAG * walk.followed else most
    return walk.finish()


@dataclass(slots=True)
class _Columns:
    """Arrays of what was found, batch by batch."""

    offsets: list[NDArray[np.int64]] = field(default_factory=list)
    sizes: list[NDArray[np.uint32]] = field(default_factory=list)
    stamps: list[NDArray[np.uint32]] = field(default_factory=list)
    streams: list[NDArray[np.uint8]] = field(default_factory=list)
    keys: list[NDArray[np.bool_]] = field(default_factory=list)
    skips: list[NDArray[np.uint8]] = field(default_factory=list)
    compositions: list[NDArray[np.int32]] = field(default_factory=list)


class _Walk:
    """The state of a walk: beginnings of tags that were met and not yet looked at, and what was found so far."""

    def __init__(self, size: int, limits: IndexLimits, first: int) -> None:
        self.size = size
        self.most = max(limits.buffer_size, limits.max_buffer_size)
        self.end = first
        self.followed = 0
        self.count = 0
        self.linked = 0
        self.scripts = 0
        self.complaint = ""
        self.columns = _Columns()
        self.numbers: dict[int, int] = {}
        self.known: list[Stream] = []
        self.specials: list[Special] = []
        self.latest: dict[tuple[int, int], tuple[int, bytes]] = {}
        self._rows = bytearray()
        self._places: list[int] = []

    def follow(self, data: bytes, start: int) -> int:
        """Note the tags in a piece of the file; return where in it the next one begins.

        Args:
            data: the piece; a tag begins after the first BACK bytes, and none in the last HEAD.
            start: absolute offset of the piece.
        """
        rows, places = self._rows, self._places
        before = len(places)
        at, last = BACK, len(data) - TAG_HEADER - HEAD
        while at <= last:
            row = data[at - BACK : at + TAG_HEADER + HEAD]
            rows += row
            places.append(start + at)
            at += int.from_bytes(row[5:8], "big") + AROUND
        self.followed += len(places) - before
        return at

    def add_end(self, back: bytes, place: int) -> None:
        """Note the size behind the last tag."""
        self._rows += back.ljust(_ROW, b"\0")
        self._places.append(place)

    def flush(self, *, last: bool) -> bool:
        """Look at the tags that were met, when they are many or the last; return False at the first that is none."""
        if not last and len(self._places) < _BATCH:
            return True
        rows = np.frombuffer(bytes(self._rows), np.uint8).reshape(-1, _ROW)
        places = np.array(self._places, np.int64)
        # The last one waits for the size behind it, unless nothing comes any more.
        ended = bool(len(places)) and int(places[-1]) + TAG_HEADER > self.size
        count = len(places) if last and not ended else max(0, len(places) - 1)
        self._rows, self._places = self._rows[count * _ROW :], self._places[count:]
        return self._take(rows, places, count)

    def _take(self, rows: NDArray[np.uint8], places: NDArray[np.int64], count: int) -> bool:
        sizes = _big_endian(rows[:count, 5:8])
        backs = _big_endian(rows[:, :BACK])
        linked = np.zeros(count, np.bool_)
        told = min(count, len(rows) - 1)
        linked[:told] = backs[1 : told + 1] == sizes[:told] + TAG_HEADER
        kinds = rows[:count, 4] & KIND
        good = (kinds == AUDIO) | (kinds == VIDEO) | (kinds == SCRIPT)
        good &= (rows[:count, 4] & _UNLIKE == 0) & ~rows[:count, 12:15].any(axis=1)
        good |= linked
        inside = places[:count] + TAG_HEADER + sizes <= self.size
        good &= inside
        whole = bool(good.all())
        taken = count if whole else int(good.argmin())
        self.linked += int(linked[:taken].sum())
        if not whole and taken and not linked[taken - 1] and 2 * self.linked >= self.count + taken:
            taken -= 1
            self.complaint = f"the flv tag at {places[taken]} has a wrong size, what follows is left out"
        elif not whole:
            self.complaint = (
                f"no flv tag at {places[taken]}, what follows is left out"
                if inside[taken]
                else f"flv file truncated in the tag at {places[taken]}"
            )
        self.count += taken
        if self.count * AROUND > self.most:
            raise MediaTooLarge(
                f"more than {self.most // AROUND} flv tags, you may want to increase flv_max_buffer_size"
            )
        if taken:
            self.end = min(self.size, int(places[taken - 1] + sizes[taken - 1]) + AROUND)
            self._keep(kinds[:taken], rows[:taken], places[:taken], sizes[:taken])
        return whole

    def _keep(
        self, kinds: NDArray[Any], rows: NDArray[np.uint8], places: NDArray[np.int64], sizes: NDArray[np.int64]
    ) -> None:
        heads = rows[:, BACK + TAG_HEADER :]
        packets = read_packets(kinds, heads, sizes)
        special = (packets.role == CONFIG) | (packets.role == SIDE) | (kinds == SCRIPT)
        for row in np.flatnonzero(special).tolist():
            self._keep_special(row, kinds, heads, places, sizes, packets)
        sample = np.flatnonzero((packets.role != OTHER) & ~special)
        if not len(sample):
            return
        stamps = rows[sample, 8:12].astype(np.uint32)
        columns = self.columns
        columns.offsets.append(places[sample])
        columns.sizes.append(sizes[sample].astype(np.uint32))
        columns.stamps.append(
            (stamps[:, 3] << 24 | stamps[:, 0] << 16 | stamps[:, 1] << 8 | stamps[:, 2]).astype(np.uint32)
        )
        columns.streams.append(self._streams(sample, kinds, heads, packets))
        columns.keys.append(packets.role[sample] == KEY)
        columns.skips.append(packets.skip[sample])
        columns.compositions.append(packets.composition[sample])

    def _keep_special(
        self,
        row: int,
        kinds: NDArray[Any],
        heads: NDArray[np.uint8],
        places: NDArray[np.int64],
        sizes: NDArray[np.int64],
        packets: Packets,
    ) -> None:
        size, role = int(sizes[row]), int(packets.role[row])
        head = heads[row, :size].tobytes()
        stream = int(kinds[row]) << 16 | int(packets.track[row]) if role != OTHER else 0
        # Encoders that repeat their configuration at each key frame say the same thing over and over.
        if stream and self.latest.get((stream, role)) == (size, head):
            return
        self.latest[stream, role] = size, head
        if not stream:
            self.scripts += 1
            if self.scripts > MOST_SCRIPTS:
                return
        elif len(self.specials) >= MOST_CHANGES:
            raise MediaTooLarge(f"more than {MOST_CHANGES} flv sequence headers", offset=int(places[row]))
        self.specials.append(
            Special(int(places[row]), size, role, stream, int(packets.skip[row]), int(packets.codec[row]), head)
        )

    def _streams(
        self,
        sample: NDArray[np.intp],
        kinds: NDArray[Any],
        heads: NDArray[np.uint8],
        packets: Packets,
    ) -> NDArray[np.uint8]:
        names = kinds[sample].astype(np.int64) << 48 | packets.track[sample].astype(np.int64) << 32
        names |= packets.codec[sample]
        distinct, firsts, places = np.unique(names, return_index=True, return_inverse=True)
        numbers = np.empty(len(distinct), np.uint8)
        for at in np.argsort(firsts).tolist():
            name, row = int(distinct[at]), int(sample[firsts[at]])
            if name not in self.numbers:
                if len(self.known) >= MOST_STREAMS:
                    raise MediaTooLarge(f"more than {MOST_STREAMS} flv streams")
                self.numbers[name] = len(self.known)
                self.known.append(Stream(name >> 48, name >> 32 & 0xFFFF, name & 0xFFFFFFFF, heads[row].tobytes()))
            numbers[at] = self.numbers[name]
        found: NDArray[np.uint8] = numbers[places.reshape(-1)]
        return found

    def finish(self) -> Tags:
        """Return everything that was found."""
        columns = self.columns
        if self.end < self.size and not self.complaint:
            self.complaint = f"flv file truncated in the tag at {self.end}"
        if not columns.offsets:
            if self.complaint:  # which says where
                raise MalformedMedia(self.complaint)
            raise MalformedMedia("no flv audio or video was found", offset=self.end)
        return Tags(
            np.concatenate(columns.offsets),
            np.concatenate(columns.sizes),
            unwrapped(np.concatenate(columns.stamps)),
            np.concatenate(columns.streams),
            np.concatenate(columns.keys),
            np.concatenate(columns.skips),
            np.concatenate(columns.compositions),
            tuple(self.known),
            tuple(self.specials),
            self.end,
            self.count * AROUND,
            self.complaint,
        )


def _big_endian(columns: NDArray[np.uint8]) -> NDArray[np.int64]:
    """Return unsigned numbers of which each column is a byte."""
    numbers = np.zeros(len(columns), np.int64)
    for column in columns.T:
        numbers = numbers << 8 | column
    return numbers
