"""The sample that is on show when a clip begins in the middle of it.

An edit list can begin a presentation within a sample, and a player should then show the rest of it. FFmpeg, and
players built on it, instead drop the picture and move all pictures that follow to time 0, which shifts them against
the sound by up to a frame. So the sample is made to begin where the clip does: by a shorter duration, or, where
samples are reordered, by a later composition time. Audio stays as it is: players cut it by single samples.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from hls_mp4.packagers.progressive.choice import Chosen
from hls_mp4.packagers.progressive.timeline import EMPTY, NORMAL_RATE, Piece

SOON = 64
"""Samples among which the first one shown is; codecs reorder 16 or 32."""

Rows = npt.NDArray[Any]


@dataclass(frozen=True, slots=True)
class Late:
    """A sample that begins later in the clip than in the film.

    Args:
        sample: its number, counted from the clip's first sample.
        by: in the clip's media timescale, less than it lasts.
    """

    sample: int
    by: int


def lateness(chosen: Chosen, unit: int, scale: int) -> Late | None:
    """Return which sample of a clip begins late; None when the clip begins with one, and for audio.

    Args:
        chosen: the samples.
        unit: of times, per second.
        scale: the clip's media timescale over the film's.
    """
    sample = chosen.on_show
    if sample is None or chosen.track.handler == "soun" or not chosen.first <= sample < chosen.stop:
        return None
    by = chosen.pieces[0].media * scale // unit - chosen.track.samples.presentation_time(sample) * scale
    return Late(sample - chosen.first, by) if by > 0 else None


def delayed(chosen: Chosen, unit: int) -> Sequence[Piece]:
    """Return what a clip shows of a track, with an empty edit where nothing is to be seen at its beginning.

    Without an edit list a film with reordered pictures begins with such a gap. A player may leave it out unless the
    edit list says so.

    Args:
        chosen: the samples.
        unit: of times, per second.
    """
    piece, track = chosen.pieces[0], chosen.track
    if chosen.on_show is not None or track.handler == "soun" or piece.media < 0 or piece.rate != NORMAL_RATE:
        return chosen.pieces
    soon = track.samples.presentation_times(chosen.first, min(chosen.stop, chosen.first + SOON))
    gap = (int(soon.min()) * unit - piece.media) // track.timescale
    if not 0 < gap < piece.length:
        return chosen.pieces
    rest = Piece(piece.length - gap, piece.media + gap * track.timescale)
    return (Piece(gap, EMPTY, 0), rest, *chosen.pieces[1:])


def shifted(rows: Rows, sample: int, by: int) -> tuple[Rows, Rows]:
    """Return run-length coded values of which the one of a single sample is changed, in two parts.

    Args:
        rows: written to; counts and values, unsigned 32-bit; values may be negative as two's complement.
        sample: counted from the first.
        by: what is added.
    """
    ends = rows[: sample + 1, 0].cumsum(dtype=np.int64)
    if ends[-1] <= sample:  # runs of no sample
        ends = np.cumsum(rows[:, 0], dtype=np.int64)
    run = int(ends.searchsorted(sample, "right"))
    count, value = rows[run].tolist()
    if count == 1:
        rows[run, 1] = (value + by) & 0xFFFFFFFF
        return rows, rows[len(rows) :]
    before = sample - int(ends[run]) + count
    split = [(before, value), (1, (value + by) & 0xFFFFFFFF), (count - before - 1, value)]
    changed = np.array([row for row in split if row[0]], np.uint32)
    return np.concatenate((rows[:run], changed)), rows[run + 1 :]
