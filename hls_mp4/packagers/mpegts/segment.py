"""Segments of MPEG-TS as parts of a plan: tables that are known, and packets that are made when they are sent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hls_mp4.containers.mpegts.packets import PACKET
from hls_mp4.containers.mpegts.tables import ProgramStream, pat, pmt
from hls_mp4.media.presentation import Presentation
from hls_mp4.packagers.mpegts.contents import Contents
from hls_mp4.packagers.mpegts.filling import ClockPiece, PicturePiece, Piece, SoundPiece
from hls_mp4.packagers.mpegts.layout import Layout, lay_out
from hls_mp4.packagers.mpegts.packing import relaid
from hls_mp4.packagers.mpegts.scrambling import Scrambling
from hls_mp4.packagers.mpegts.streams import program_stream
from hls_mp4.packagers.mpegts.totals import Totals, totals_of
from hls_mp4.packagers.segmenting.extents import Pieces, stretches
from hls_mp4.plan import Literal, Part, Transformed

PIECE = 1200 << 10
"""Bytes that are made at a time, at most but for a picture: what a slow client has in memory."""


def segment_parts(
    presentation: Presentation, numbers: Sequence[int], segment: int, scrambling: Scrambling | None = None
) -> list[Part]:
    """Return a segment of some renditions.

    Args:
        presentation: whose they are.
        numbers: at most one video and one sound, of one film.
        segment: from 0.
        scrambling: what samples are encrypted with, by SAMPLE-AES; None for nothing.

    Raises:
        UnsupportedMedia: they cannot be in a transport stream.
        MalformedMedia: the film's tables make no sense.
    """
    totals = totals_of(presentation, numbers, scrambled=scrambling is not None)
    source = presentation.assets[presentation.renditions[numbers[0]].source].source
    return [Literal(tables(totals.contents, segment)), *_packets(totals, segment, source, scrambling)]


def tables(contents: Contents, segment: int) -> bytes:
    """Return the tables that a segment begins with; their counters count the segments."""
    each = (contents.video, contents.sound)
    return _tables(tuple(program_stream(one.stream, one.rendition) for one in each if one is not None), segment & 15)


@lru_cache(maxsize=1024)
def _tables(streams: tuple[ProgramStream, ...], counter: int) -> bytes:
    return pat(counter) + pmt(streams, streams[0].pid, counter)


def _packets(totals: Totals, segment: int, source: Any, scrambling: Scrambling | None) -> list[Part]:
    layout = lay_out(totals, segment)
    ends = np.cumsum(layout.packets) * PACKET
    if not len(ends):
        return []
    # Pieces of one length, rather than a last one of some kilobytes.
    aim = int(ends[-1]) // -(-int(ends[-1]) // PIECE)
    parts: list[Part] = []
    begin = done = 0
    while begin < len(ends):
        end = min(len(ends), int(ends.searchsorted(done + aim)) + 1)
        units = _Units(totals.contents, layout, begin, end, scrambling)
        parts.append(units.part(int(ends[end - 1]) - done, source))
        begin, done = end, int(ends[end - 1])
    return parts


@dataclass(frozen=True, slots=True, eq=False)
class _Units:
    """Units [begin, end) of a segment."""

    contents: Contents
    layout: Layout
    begin: int
    end: int
    scrambling: Scrambling | None

    def part(self, length: int, source: Any) -> Transformed:
        """Return their packets."""
        offsets: list[NDArray[np.int64]] = []
        sizes: list[NDArray[np.int64]] = []
        pictures = self._pictures(offsets, sizes)
        sound = self._sound(offsets, sizes)
        pieces = Pieces(np.concatenate(offsets), np.concatenate(sizes))
        inputs, places = stretches(source, pieces) if len(pieces.sizes) else ((), [])
        packets, counters = (each[self.begin : self.end] for each in (self.layout.packets, self.layout.counters))
        piece = Piece(packets, counters, pictures, sound, self._clock(), places)
        return Transformed(length, inputs, piece.make, quick=pictures is None or pictures.pack is None)

    def _pictures(self, offsets: list[NDArray[np.int64]], sizes: list[NDArray[np.int64]]) -> PicturePiece | None:
        video, seen = self.contents.video, self.layout.seen
        if video is None or seen is None:
            return None
        framing = video.stream.framing
        assert framing is not None
        low, high = seen.units.searchsorted((self.begin, self.end)).tolist()
        offsets.append(seen.offsets[low:high])
        sizes.append(seen.sizes[low:high])
        kept, pack = sizes[-1], None
        if seen.room is not None:
            kept = kept + seen.room[low:high]
            pack = relaid(framing) if self.scrambling is None else self.scrambling.of_pictures(framing)
        return PicturePiece(
            video.stream,
            seen.units[low:high] - self.begin,
            sizes[-1],
            kept,
            seen.marked[low:high],
            seen.decoded[low:high],
            seen.shown[low:high],
            pack,
        )

    def _sound(self, offsets: list[NDArray[np.int64]], sizes: list[NDArray[np.int64]]) -> SoundPiece | None:
        sound, heard = self.contents.sound, self.layout.heard
        if sound is None or heard is None:
            return None
        low, high = heard.units.searchsorted((self.begin, self.end)).tolist()
        first, stop = heard.members.searchsorted((low, high)).tolist()
        offsets.append(heard.offsets[first:stop])
        sizes.append(heard.sizes[first:stop])
        return SoundPiece(
            sound.stream,
            heard.units[low:high] - self.begin,
            sizes[-1],
            heard.members[first:stop] - low,
            heard.bytes[low:high],
            heard.times[low:high],
            sound.grouping.clocked,
            self.scrambling.of_sound(sound.stream) if self.scrambling is not None else None,
        )

    def _clock(self) -> ClockPiece | None:
        layout = self.layout
        if not len(layout.told):
            return None
        clocked = self.contents.video or self.contents.sound
        assert clocked is not None
        low, high = layout.told_units.searchsorted((self.begin, self.end)).tolist()
        return ClockPiece(clocked.stream.pid, layout.told_units[low:high] - self.begin, layout.told[low:high])
