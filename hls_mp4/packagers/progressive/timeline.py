"""Movie time and media time: what a track shows between two instants (ISO/IEC 14496-12 8.6.5, 8.6.6).

Movie time is counted in a *unit* that both the film's movie timescale and the millisecond divide, so that every
requested instant and every edit is a whole number of it. Media time is exact too: a numerator over that same unit.

Empty edits, any number of media edits, dwells (rate 0) and other rates are followed. A track without an edit list
shows its media from time 0 on. An edit of duration 0 that is the last lasts as long as the media does, as
fragmented files write it; elsewhere it shows nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import lcm
from typing import NamedTuple

from hls_mp4.media.index import MediaIndex, Track

EMPTY = -1
NORMAL_RATE = 1 << 16


class Piece(NamedTuple):
    """A stretch of a track's presentation.

    Args:
        length: in units.
        media: composition time of its first instant, in 1/unit of the media timescale; `EMPTY` when nothing is shown.
        rate: of media time against movie time, 16.16; 0 holds one sample.
    """

    length: int
    media: int
    rate: int = NORMAL_RATE

    def media_length(self, timescale: int) -> int:
        """Return how much media it covers, in 1/unit of the media timescale."""
        return self.length * timescale * self.rate >> 16


def unit_of(index: MediaIndex) -> int:
    """Return units per second: the least that ms and movie timescale both divide."""
    return lcm(index.timescale or 1000, 1000)


def presentation(track: Track, unit: int, movie_timescale: int) -> Iterator[tuple[int, Piece]]:
    """Yield (begin, piece) of everything a track shows, in order.

    Args:
        track: the track.
        unit: see `unit_of`.
        movie_timescale: of the edit list's durations.
    """
    if not track.edits:
        yield 0, Piece(_units(track.samples.presentation_end, track.timescale, unit), 0)
        return
    begin = 0
    last = len(track.edits) - 1
    for number, edit in enumerate(track.edits):
        length = edit.segment_duration * unit // movie_timescale
        rate = (edit.rate_integer << 16) + edit.rate_fraction
        if edit.media_time < 0:
            piece = Piece(length, EMPTY, 0)
        else:
            if not length and number == last:
                length = _units(max(0, track.samples.presentation_end - edit.media_time), track.timescale, unit)
            piece = Piece(length, edit.media_time * unit, max(0, rate))
        if piece.length:
            yield begin, piece
        begin += piece.length


def _units(media_time: int, timescale: int, unit: int) -> int:
    """Return media time in units, rounded up so that no part of a last sample is lost."""
    return -(-media_time * unit // timescale)


def between(pieces: tuple[tuple[int, Piece], ...], start: int, end: int | None, timescale: int) -> list[Piece]:
    """Return what a track shows in [start, end), given all that it shows.

    Args:
        pieces: of `presentation`.
        start, end: in units; an end of None is that of the track.
        timescale: of the media.
    """
    shown = []
    for begin, piece in pieces:
        stop = begin + piece.length if end is None else min(end, begin + piece.length)
        skipped = max(0, start - begin)
        length = stop - begin - skipped
        if length <= 0:
            continue
        media = piece.media if piece.media < 0 else piece.media + (skipped * timescale * piece.rate >> 16)
        shown.append(Piece(length, media, piece.rate))
    while shown and shown[-1].media < 0:
        shown.pop()
    return shown


def movie_time(pieces: tuple[tuple[int, Piece], ...], media_time: int, unit: int, timescale: int) -> int | None:
    """Return when a composition time is shown last, in units; None when no edit shows it.

    Args:
        pieces: of `presentation`.
        media_time: in the media timescale.
        unit: see `unit_of`.
        timescale: of the media.
    """
    for begin, piece in reversed(pieces):
        ahead = media_time * unit - piece.media
        if piece.media >= 0 and piece.rate and 0 <= ahead < piece.media_length(timescale):
            return begin + -(-(ahead << 16) // (timescale * piece.rate))
    return None
