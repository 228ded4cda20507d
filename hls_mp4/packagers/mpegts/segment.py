"""Segments of MPEG-TS as parts of a plan: tables that are known, and packets that are made when they are sent."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from hls_mp4.codecs.annexb import START_CODE, Framing, filler, units_of
from hls_mp4.containers.mpegts.packets import PACKET
from hls_mp4.containers.mpegts.tables import pat, pmt
from hls_mp4.media.presentation import Presentation
from hls_mp4.packagers.mpegts.contents import Contents, Sound, Video
from hls_mp4.packagers.mpegts.filling import ClockPiece, Pack, PicturePiece, Piece, SoundPiece
from hls_mp4.packagers.mpegts.layout import Heard, Layout, Seen, lay_out
from hls_mp4.packagers.mpegts.streams import program_stream
from hls_mp4.packagers.mpegts.totals import Totals, totals_of
from hls_mp4.packagers.segmenting.extents import Pieces, stretches
from hls_mp4.plan import Literal, Part, Transformed

PIECE = 1 << 20
"""Bytes that are made at a time: what a slow client has in memory."""


def segment_parts(presentation: Presentation, numbers: Sequence[int], segment: int) -> list[Part]:
    """Return a segment of some renditions.

    Args:
        presentation: whose they are.
        numbers: at most one video and one sound, of one film.
        segment: from 0.

    Raises:
        UnsupportedMedia: they cannot be in a transport stream.
        MalformedMedia: the film's tables make no sense.
    """
    totals = totals_of(presentation, numbers)
    source = presentation.assets[presentation.renditions[numbers[0]].source].source
    return [Literal(tables(totals.contents, segment)), *_packets(totals, segment, source)]


def tables(contents: Contents, segment: int) -> bytes:
    """Return the tables that a segment begins with; their counters count the segments."""
    streams = [
        program_stream(each.stream, each.rendition) for each in (contents.video, contents.sound) if each is not None
    ]
    return pat(segment) + pmt(streams, streams[0].pid, segment)


def _packets(totals: Totals, segment: int, source: Any) -> list[Part]:
    layout = lay_out(totals, segment)
    ends = np.cumsum(layout.packets) * PACKET
    parts: list[Part] = []
    begin = done = 0
    while begin < len(ends):
        end = max(begin + 1, int(ends.searchsorted(done + PIECE, "right")))
        if len(ends) > end and int(ends[-1]) - done <= PIECE + PIECE // 2:
            end = len(ends)  # rather than a last piece of some kilobytes
        length = int(ends[end - 1]) - done
        parts.append(_part(totals.contents, layout, begin, end, length, source))
        begin, done = end, done + length
    return parts


def _part(contents: Contents, layout: Layout, begin: int, end: int, length: int, source: Any) -> Transformed:
    """Return the packets of units [begin, end)."""
    offsets, sizes = [], []
    pictures: PicturePiece | None = None
    sound: SoundPiece | None = None
    clock: ClockPiece | None = None
    if layout.seen is not None and contents.video is not None:
        pictures, where = _pictures(contents.video, layout.seen, begin, end)
        offsets.append(where)
        sizes.append(pictures.sizes)
    if layout.heard is not None and contents.sound is not None:
        sound, where = _sound(contents.sound, layout.heard, begin, end)
        offsets.append(where)
        sizes.append(sound.sizes)
    if len(layout.told):
        low, high = layout.told_units.searchsorted((begin, end))
        clocked = contents.video or contents.sound
        assert clocked is not None
        clock = ClockPiece(clocked.stream.pid, layout.told_units[low:high] - begin, layout.told[low:high])
    inputs, places = stretches(source, Pieces(np.concatenate(offsets), np.concatenate(sizes)))
    piece = Piece(layout.packets[begin:end], layout.counters[begin:end], pictures, sound, clock, places)
    return Transformed(length, inputs, piece.make)


def _pictures(video: Video, seen: Seen, begin: int, end: int) -> tuple[PicturePiece, np.ndarray]:
    low, high = seen.units.searchsorted((begin, end)).tolist()
    sizes = seen.sizes[low:high]
    framing = video.stream.framing
    assert framing is not None
    kept, pack = sizes, None
    if seen.room is not None:
        kept, pack = sizes + seen.room[low:high], relaid(framing)
    return (
        PicturePiece(
            video.stream,
            seen.units[low:high] - begin,
            sizes,
            kept,
            seen.marked[low:high],
            seen.decoded[low:high],
            seen.shown[low:high],
            pack,
        ),
        seen.offsets[low:high],
    )


def _sound(sound: Sound, heard: Heard, begin: int, end: int) -> tuple[SoundPiece, np.ndarray]:
    low, high = heard.units.searchsorted((begin, end)).tolist()
    first, stop = heard.members.searchsorted((low, high)).tolist()
    return (
        SoundPiece(
            sound.stream,
            heard.units[low:high] - begin,
            heard.sizes[first:stop],
            heard.members[first:stop] - low,
            heard.bytes[low:high],
            heard.times[low:high],
            sound.grouping.clocked,
            None,
        ),
        heard.offsets[first:stop],
    )


def relaid(framing: Framing) -> Pack:
    """Return what makes a byte stream of samples whose lengths are shorter than start codes."""

    def pack(sample: memoryview, room: int) -> bytes:
        units = [
            unit
            for unit in units_of(sample, framing.length_size)
            if framing.family.type_of(unit[0]) != framing.family.delimiter_type
        ]
        made = b"".join([START_CODE + bytes(unit) for unit in units])
        if len(made) > room:
            raise ValueError(f"{len(units)} NAL units, too many to be put in MPEG-TS")
        return made + filler(framing.family, room - len(made))

    return pack
