"""A track of a clip: its trak box, written anew around the samples chosen.

What finds samples and tells time is made anew, what says something of each sample is cut, what points nowhere any
more is left out, everything else is kept as it is, boxes nobody knows included.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from math import gcd
from typing import Any, NamedTuple

import numpy.typing as npt

from hls_mp4.containers.isobmff.box import Box
from hls_mp4.containers.isobmff.movie import with_duration
from hls_mp4.packagers.progressive import tables
from hls_mp4.packagers.progressive.annotations import crop
from hls_mp4.packagers.progressive.choice import Chosen
from hls_mp4.packagers.progressive.framing import Framed, Offsets, Part, frame, table
from hls_mp4.packagers.progressive.headers import edit_list, references, retimed
from hls_mp4.packagers.progressive.kept import KeptTrack
from hls_mp4.packagers.progressive.lateness import Late, delayed, lateness
from hls_mp4.packagers.progressive.layout import Needed
from hls_mp4.packagers.progressive.protection import Protection

COARSE = 10_000
"""A media timescale below this is refined where a clip begins between two of its ticks: 0.1 ms is seen by nobody."""

FINEST_SCALE = 1000


class Source(NamedTuple):
    """A track of the film, cut.

    Args:
        chosen: samples and what is shown of them.
        needed: the samples' bytes.
        runs: rows of stsc.
        protection: what encrypted samples carry beside themselves; None for clear ones.
    """

    chosen: Chosen
    needed: Needed
    runs: npt.NDArray[Any]
    protection: Protection | None

    def all_needed(self) -> list[Needed]:
        """Return all bytes of the film that the track needs: samples, then each kind of auxiliary information."""
        if self.protection is None:
            return [self.needed]
        return [self.needed, *self.protection.needed(self.chosen.track, self.chosen.first, self.chosen.stop)]


class Cut(NamedTuple):
    """What the tracks of a clip have in common.

    Args:
        unit: of times, per second.
        timescale: of the clip's movie header.
        kept: ids of the tracks in the clip.
    """

    unit: int
    timescale: int
    kept: Collection[int]


class Times(NamedTuple):
    """The media timeline of a track in a clip.

    Args:
        scale: its timescale over the film's.
        late: the sample that begins later than in the film.
        stts: durations.
    """

    scale: int
    late: Late | None
    stts: tables.Durations


def make_trak(source: Source, cut: Cut, places: Sequence[Offsets]) -> tuple[Framed, int]:
    """Return a trak box and the track's duration in the clip's movie timescale.

    Args:
        source: the track.
        cut: what all tracks have in common.
        places: in the clip's media data, of what it needs.
    """
    chosen = source.chosen
    samples = chosen.track.samples
    scale = _scale(chosen, cut.unit)
    late = lateness(chosen, cut.unit, scale)
    stts = tables.Durations.of(samples, chosen.first, chosen.stop, scale, late)
    edts, duration = edit_list(delayed(chosen, cut.unit), cut.unit, cut.timescale, scale, stts.origin)
    kept = KeptTrack.of(chosen.track)
    inside: list[Framed | Part | None] = []
    for item in kept.trak:
        if not isinstance(item, Box):
            inside.append(item)
        elif item.kind == b"tkhd":
            inside += (with_duration(item, duration), edts)
        elif item.kind == b"mdia":
            inside.append(_make_mdia(kept, source, Times(scale, late, stts), places))
        else:
            inside.append(references(item, cut.kept))
    return frame(b"trak", *inside), duration


def _scale(chosen: Chosen, unit: int) -> int:
    """Return what to multiply a coarse media timescale by, so that the clip begins at a whole tick."""
    track = chosen.track
    begin = next(piece.media for piece in chosen.pieces if piece.media >= 0)
    if track.handler == "soun" or track.timescale >= COARSE or begin % unit == 0:
        return 1
    scale = unit // gcd(begin, unit)
    return scale if scale <= FINEST_SCALE else 1


def _make_mdia(kept: KeptTrack, source: Source, times: Times, places: Sequence[Offsets]) -> Framed:
    inside: list[Framed | Part] = []
    for item in kept.mdia:
        if not isinstance(item, Box):
            inside.append(item)
        elif item.kind == b"mdhd":
            inside.append(retimed(item, source.chosen.track.timescale * times.scale, times.stts.total))
        else:
            stbl = _make_stbl(kept, source, times, places)
            inside.append(frame(b"minf", *[stbl if isinstance(part, Box) else part for part in kept.minf]))
    return frame(b"mdia", *inside)


def _make_stbl(kept: KeptTrack, source: Source, times: Times, places: Sequence[Offsets]) -> Framed:
    chosen = source.chosen
    samples, first, stop = chosen.track.samples, chosen.first, chosen.stop
    inside: list[Framed | Part | None] = [
        *kept.stsd,
        times.stts.build(),
        tables.make_ctts(samples, first, stop, times.scale, times.late),
        tables.make_stss(samples, first, stop),
        table(b"stsc", 0, source.runs),
        tables.make_stsz(samples, first, stop),
        tables.make_chunk_offsets(places[0]),
    ]
    for item in kept.stbl:
        if not isinstance(item, Box):
            inside.append(item)
        elif item.kind != b"cslg" or (times.scale == 1 and not times.late):
            cropped = crop(item.kind, item.payload, first, stop, samples.count)
            inside.append(None if cropped is None else frame(item.kind, cropped))
    if source.protection is not None:
        inside += source.protection.boxes(first, stop, places[1:])
    return frame(b"stbl", *inside)
