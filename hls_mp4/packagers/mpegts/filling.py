"""Making packets: units that are laid out, and the bytes of their samples, in a few operations on arrays.

All stuffing of a PES packet is at its front: in the adaptation field of its first packet, and what that cannot hold at
the end of the PES header. So every sample is one run of bytes that ends with a packet, whatever the packets' headers,
which are put between when everything else is there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hls_mp4.codecs.annexb import Framing, put_start_codes
from hls_mp4.containers.mpegts import pes
from hls_mp4.containers.mpegts.packets import (
    CLOCK_FIELD,
    HAS_FIELD,
    HAS_PAYLOAD,
    PAYLOAD,
    RANDOM_ACCESS,
    UNIT_START,
    clock_fields,
    header,
    packetised,
)
from hls_mp4.errors import MalformedMedia
from hls_mp4.packagers.mpegts.packing import Pack
from hls_mp4.packagers.mpegts.streams import Stream
from hls_mp4.packagers.mpegts.units import Ints
from hls_mp4.plan import Buffer

CLOCK_LEAD = 63_000
"""Ticks that the clock is behind the pictures that tell it: 0.7 s for a decoder to gather them in."""

Bytes = NDArray[np.uint8]

Places = Sequence[tuple[int, int]]
"""The number of the input that each sample is in, and the place in it."""

_CLOCK = np.arange(CLOCK_FIELD)
_BOTH = np.arange(pes.BOTH)
_HEADER = np.arange(pes.HEADER)
_FEW = 32
_UPTO = np.arange(_FEW)


@dataclass(slots=True, eq=False)
class Canvas:
    """Packets in the making.

    Args:
        data: payloads and adaptation fields of all packets.
        starts, ends: packets at which each unit begins and ends.
        words: header of the packets of each unit, without its counter.
        first: bits that the header of the first packet of each has besides.
    """

    data: Bytes
    starts: Ints
    ends: Ints
    words: Ints
    first: Ints

    def copy(self, views: Sequence[memoryview], places: Places, into: Ints, sizes: Ints) -> None:
        """Copy samples to their places."""
        made = memoryview(self.data)  # type: ignore[arg-type]
        ends = (into + sizes).tolist()
        if len(views) == 1:
            (view,) = views
            for (_, at), begin, end in zip(places, into.tolist(), ends, strict=True):
                made[begin:end] = view[at : at + end - begin]
        else:
            for (number, at), begin, end in zip(places, into.tolist(), ends, strict=True):
                made[begin:end] = views[number][at : at + end - begin]

    def pack(
        self, views: Sequence[memoryview], places: Places, into: Ints, sizes: Ints, kept: Ints, pack: Pack
    ) -> None:
        """Put samples in their places as something else.

        Args:
            views, places, sizes: of the samples.
            into: where each is put.
            kept: bytes that each becomes.
            pack: makes these.

        Raises:
            ValueError: they cannot be made.
        """
        made = memoryview(self.data)  # type: ignore[arg-type]
        for (number, at), begin, size, room in zip(places, into.tolist(), sizes.tolist(), kept.tolist(), strict=True):
            made[begin : begin + room] = pack(views[number][at : at + size], room)

    def put(self, text: bytes, into: Ints) -> None:
        """Put the same few bytes in many places."""
        row = np.frombuffer(text, np.uint8)
        if len(row) <= _FEW:
            self.data[into[:, None] + _UPTO[: len(row)]] = row
            return
        for at in into.tolist():
            self.data[at : at + len(row)] = row

    def stuff(self, begin: Ints, end: Ints, value: int = 0xFF) -> None:
        """Fill what lies between places with one byte."""
        for at in np.flatnonzero(end > begin).tolist():
            self.data[begin[at] : end[at]] = value

    def blank(self, units: Ints) -> None:
        """Fill the first packets of units with stuffing."""
        self.data.reshape(-1, PAYLOAD)[self.starts[units]] = 0xFF


_USUAL = 1_700_000
_MOST_SPARE = 4
_SPARE: list[Bytes] = []
"""Memory for packets in the making, some pieces of the usual size: fresh pages cost as much as all copying does."""


@dataclass(frozen=True, slots=True, eq=False)
class PicturePiece:
    """Pictures, a unit each.

    Args:
        stream: what they are of.
        units: their places among the units of the piece.
        sizes: of the samples.
        kept: bytes that are kept for each sample, more than its size where it may grow.
        marked: whether parameter sets stand before each.
        decoded, shown: when they are.
        pack: how samples become a byte stream where writing start codes over lengths is not enough; None where it is.
    """

    stream: Stream
    units: Ints
    sizes: Ints
    kept: Ints
    marked: NDArray[np.bool_]
    decoded: Ints
    shown: Ints
    pack: Pack | None

    def fill(self, canvas: Canvas, views: Sequence[memoryview], places: Places) -> None:
        """Put the pictures in their packets; raises ValueError."""
        framing = self.stream.framing
        assert framing is not None
        canvas.blank(self.units)
        begin, end = canvas.starts[self.units] * PAYLOAD, canvas.ends[self.units] * PAYLOAD
        body = end - self.kept
        if self.pack is None:
            canvas.copy(views, places, body, self.sizes)
            # A delimiter that the sample has makes room for ours, which comes before parameter sets.
            body += put_start_codes(canvas.data, body, end, framing.family)
        else:
            canvas.pack(views, places, body, self.sizes, self.kept, self.pack)
        self._fronts(canvas, framing, begin, body, end)

    def _fronts(self, canvas: Canvas, framing: Framing, begin: Ints, body: Ints, end: Ints) -> None:
        """Put everything before the samples."""
        delimiter, sets = framing.family.delimiter, framing.parameter_sets
        payload = body - len(delimiter)
        if sets:
            payload -= len(sets) * self.marked
        stuffing = payload - begin - (CLOCK_FIELD + pes.BOTH)
        in_field = np.minimum(stuffing, PAYLOAD - CLOCK_FIELD - pes.BOTH)
        in_header = np.minimum(stuffing - in_field, pes.MOST_STUFFING - (pes.BOTH - pes.HEADER))
        flags = RANDOM_ACCESS * self.marked
        canvas.data[begin[:, None] + _CLOCK] = clock_fields(self.decoded - CLOCK_LEAD, in_field, flags)
        at = begin + in_field
        at += CLOCK_FIELD
        after = at + pes.BOTH
        after += in_header
        rows = pes.headers_with_both(self.stream.stream_id, self.shown, self.decoded, in_header, end - after)
        canvas.data[at[:, None] + _BOTH] = rows
        if in_header.any():
            canvas.stuff(after - in_header, after)
            if (payload > after).any():
                canvas.stuff(after, payload, 0)  # zeros may come before a delimiter, where a sample had one of its own
        canvas.put(delimiter, payload)
        if sets:
            canvas.put(sets, payload[self.marked] + len(delimiter))
        canvas.words[self.units] = header(self.stream.pid, HAS_PAYLOAD)
        canvas.first[self.units] = UNIT_START | HAS_FIELD


@dataclass(frozen=True, slots=True, eq=False)
class SoundPiece:
    """Groups of frames of sound, a unit each.

    Args:
        stream: what they are of.
        units: places of the groups among the units of the piece.
        sizes: of all frames.
        members: the group that each frame is in, from 0.
        bytes: of each group, with what stands before each frame.
        times: when each group is heard.
        clocked: whether the groups tell the clock.
        pack: what becomes of each frame; None where it stays as it is.
    """

    stream: Stream
    units: Ints
    sizes: Ints
    members: Ints
    bytes: Ints
    times: Ints
    clocked: bool
    pack: Pack | None

    def fill(self, canvas: Canvas, views: Sequence[memoryview], places: Places) -> None:
        """Put the sound in its packets; raises ValueError."""
        canvas.blank(self.units)
        begin, end = canvas.starts[self.units] * PAYLOAD, canvas.ends[self.units] * PAYLOAD
        payload = end - self.bytes
        overhead = self.stream.overhead
        # Frames follow each other in a group, groups do not: there are headers and stuffing between them.
        after = np.cumsum(self.sizes)
        after += np.arange(1, len(after) + 1) * overhead
        into = after + (end - np.cumsum(self.bytes))[self.members]
        into -= self.sizes
        if self.stream.adts is not None:
            rows = self.stream.adts.headers(self.sizes)
            canvas.data[(into - overhead)[:, None] + np.arange(overhead)] = rows
        if self.pack is None:
            canvas.copy(views, places, into, self.sizes)
        else:
            canvas.pack(views, places, into, self.sizes, self.sizes, self.pack)
        self._fronts(canvas, begin, payload, end)

    def _fronts(self, canvas: Canvas, begin: Ints, payload: Ints, end: Ints) -> None:
        field = CLOCK_FIELD if self.clocked else 0
        stuffing = payload - begin - (field + pes.HEADER)
        in_field = np.minimum(stuffing, PAYLOAD - field - pes.HEADER)
        in_header = stuffing - in_field
        if self.clocked:
            canvas.data[begin[:, None] + _CLOCK] = clock_fields(self.times - CLOCK_LEAD, in_field, RANDOM_ACCESS)
            canvas.first[self.units] = UNIT_START | HAS_FIELD
        else:
            # A field of one byte is a length of 0; longer ones have flags, of which none is set.
            there, flagged = in_field > 0, in_field > 1
            canvas.data[begin[there]] = in_field[there] - 1
            canvas.data[begin[flagged] + 1] = 0
            canvas.first[self.units] = UNIT_START | HAS_FIELD * there
        at = begin + in_field
        at += field
        rows = pes.headers_with_pts(self.stream.stream_id, self.times, in_header, end - payload)
        canvas.data[at[:, None] + _HEADER] = rows
        if in_header.any():
            canvas.stuff(payload - in_header, payload)
        canvas.words[self.units] = header(self.stream.pid, HAS_PAYLOAD)


@dataclass(frozen=True, slots=True, eq=False)
class ClockPiece:
    """Clock references alone, a packet each.

    Args:
        pid: of the stream that tells the clock.
        units: their places among the units of the piece.
        times: when it is told.
    """

    pid: int
    units: Ints
    times: Ints

    def fill(self, canvas: Canvas) -> None:
        """Put the references in their packets."""
        canvas.blank(self.units)
        begin = canvas.starts[self.units] * PAYLOAD
        canvas.data[begin[:, None] + _CLOCK] = clock_fields(self.times - CLOCK_LEAD, PAYLOAD - CLOCK_FIELD)
        canvas.words[self.units] = header(self.pid, HAS_FIELD)
        canvas.first[self.units] = 0


@dataclass(frozen=True, slots=True, eq=False)
class Piece:
    """A run of units.

    Args:
        packets: of each unit.
        counters: continuity counter of the first packet of each.
        pictures, sound, clock: what the units are; None for none of the kind.
        places: of the samples in the inputs: of pictures, then of frames of sound.
        place: of the film, for errors.
    """

    packets: Ints
    counters: Ints
    pictures: PicturePiece | None
    sound: SoundPiece | None
    clock: ClockPiece | None
    places: Places

    def make(self, inputs: Sequence[Buffer]) -> memoryview:
        """Return the packets.

        Args:
            inputs: bytes that the samples are in.

        Raises:
            MalformedMedia: a sample is not what its track says it is.
        """
        ends = np.cumsum(self.packets)
        total = int(ends[-1])
        words, first = np.empty((2, len(ends)), np.int64)
        data = _SPARE.pop() if _SPARE else np.empty(_USUAL, np.uint8)
        if total * PAYLOAD > len(data):
            data = np.empty(total * PAYLOAD, np.uint8)
        canvas = Canvas(data[: total * PAYLOAD], ends - self.packets, ends, words, first)
        views = [memoryview(each) for each in inputs]
        taken = 0
        if self.pictures is not None:
            taken = len(self.pictures.sizes)
            try:
                self.pictures.fill(canvas, views, self.places[:taken])
            except ValueError as problem:
                raise MalformedMedia(f"a sample of video has {problem}") from problem
        if self.sound is not None:
            try:
                self.sound.fill(canvas, views, self.places[taken:])
            except ValueError as problem:
                raise MalformedMedia(f"a sample of sound has {problem}") from problem
        if self.clock is not None:
            self.clock.fill(canvas)
        headers = np.arange(total, dtype=np.uint32)
        headers += np.repeat((self.counters - canvas.starts).astype(np.uint32), self.packets)
        headers &= 15
        headers |= np.repeat(words.astype(np.uint32), self.packets)
        headers[canvas.starts] |= first.astype(np.uint32)
        made = packetised(canvas.data, headers)
        if len(_SPARE) < _MOST_SPARE and len(data) == _USUAL:
            _SPARE.append(data)
        return memoryview(made)  # type: ignore[arg-type]
