"""A track of a clip: its trak box, written anew around the samples chosen.

What finds samples and tells time is made anew, what says something of each sample is cut, what points nowhere any
more is left out, everything else is kept as it is, boxes nobody knows included.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from math import gcd
from typing import Any

import numpy.typing as npt

from hls_mp4.containers.isobmff.box import Box
from hls_mp4.containers.isobmff.movie import with_duration
from hls_mp4.packagers.progressive import tables
from hls_mp4.packagers.progressive.annotations import KINDS as ANNOTATIONS
from hls_mp4.packagers.progressive.annotations import crop
from hls_mp4.packagers.progressive.choice import Chosen
from hls_mp4.packagers.progressive.framing import Framed, Offsets, Part, frame, table
from hls_mp4.packagers.progressive.headers import edit_list, points_into_file, references, retimed
from hls_mp4.packagers.progressive.lateness import Late, delayed, lateness
from hls_mp4.packagers.progressive.layout import Needed
from hls_mp4.packagers.progressive.protection import KINDS as PROTECTION
from hls_mp4.packagers.progressive.protection import Protection

COARSE = 10_000
"""A media timescale below this is refined where a clip begins between two of its ticks: 0.1 ms is seen by nobody."""

FINEST_SCALE = 1000

REMADE = frozenset((b"stsd", b"stts", b"ctts", b"stss", b"stsc", b"stsz", b"stz2", b"stco", b"co64", *PROTECTION))


@dataclass(frozen=True, slots=True)
class Source:
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


@dataclass(frozen=True, slots=True)
class Cut:
    """What the tracks of a clip have in common.

    Args:
        unit: of times, per second.
        timescale: of the clip's movie header.
        kept: ids of the tracks in the clip.
    """

    unit: int
    timescale: int
    kept: Collection[int]


@dataclass(frozen=True, slots=True)
class Times:
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
    inside: list[Framed | Part | None] = []
    for box in chosen.track.box.children:
        if box.kind == b"tkhd":
            inside += [with_duration(box, duration), edts]
        elif box.kind == b"mdia":
            inside.append(_make_mdia(box, source, Times(scale, late, stts), places))
        elif box.kind == b"tref":
            inside.append(references(box, cut.kept))
        elif box.kind != b"edts" and not (box.kind == b"meta" and points_into_file(box)):
            inside.append(box.raw)
    return frame(b"trak", *inside), duration


def _scale(chosen: Chosen, unit: int) -> int:
    """Return what to multiply a coarse media timescale by, so that the clip begins at a whole tick."""
    track = chosen.track
    begin = next(piece.media for piece in chosen.pieces if piece.media >= 0)
    if track.handler == "soun" or track.timescale >= COARSE or begin % unit == 0:
        return 1
    scale = unit // gcd(begin, unit)
    return scale if scale <= FINEST_SCALE else 1


def _make_mdia(
    mdia: Box,
    source: Source,
    times: Times,
    places: Sequence[Offsets],
) -> Framed:
    chosen = source.chosen
    inside: list[Framed | Part] = []
    for box in mdia.children:
        if box.kind == b"mdhd":
            inside.append(retimed(box, chosen.track.timescale * times.scale, times.stts.total))
        elif box.kind == b"minf":
            stbl = _make_stbl(box.need(b"stbl"), source, times, places)
            inside.append(frame(b"minf", *(stbl if child.kind == b"stbl" else child.raw for child in box.children)))
        else:
            inside.append(box.raw)
    return frame(b"mdia", *inside)


def _make_stbl(
    stbl: Box,
    source: Source,
    times: Times,
    places: Sequence[Offsets],
) -> Framed:
    chosen = source.chosen
    samples, first, stop = chosen.track.samples, chosen.first, chosen.stop
    inside: list[Framed | Part | None] = [
        *(box.raw for box in stbl.all(b"stsd")),
        times.stts.build(),
        tables.make_ctts(samples, first, stop, times.scale, times.late),
        tables.make_stss(samples, first, stop),
        table(b"stsc", 0, source.runs),
        tables.make_stsz(samples, first, stop),
        tables.make_chunk_offsets(places[0]),
    ]
    for box in stbl.children:
        if box.kind == b"cslg" and (times.scale != 1 or times.late):
            continue
        if box.kind in ANNOTATIONS:
            cropped = crop(box.kind, box.payload, first, stop, samples.count)
            inside.append(None if cropped is None else frame(box.kind, cropped))
        elif box.kind not in REMADE:
            inside.append(box.raw)
    if source.protection is not None:
        inside += source.protection.boxes(first, stop, places[1:])
    return frame(b"stbl", *inside)
