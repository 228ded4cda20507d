"""A clip: any interval of a film as a plain MP4 file whose moov comes first.

The time a viewer's clock shows in the film, edit lists honoured, is what `start` and `end` mean, and time 0 of a
clip is the start exactly: samples that are sent for decoding only, and parts of samples, are hidden by an edit
list, so that sound and picture keep the distance they have in the film, to the sample.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from hls_mp4.errors import ClipOutOfRange
from hls_mp4.interfaces import Asset
from hls_mp4.media.index import MediaIndex, Track
from hls_mp4.packagers.progressive.choice import Chosen, choose
from hls_mp4.packagers.progressive.framing import BIGGEST_32
from hls_mp4.packagers.progressive.kept import KeptMovie
from hls_mp4.packagers.progressive.layout import lay_out, needed_by
from hls_mp4.packagers.progressive.movie import Parts, make_head
from hls_mp4.packagers.progressive.protection import Protection
from hls_mp4.packagers.progressive.settings import Mp4Settings
from hls_mp4.packagers.progressive.timeline import Piece, between, movie_time, presentation, unit_of
from hls_mp4.packagers.progressive.tracks import Cut, Source
from hls_mp4.plan import Extent, Literal, Plan

LAST_SECOND_MS = 1000
"""What `mp4_past_end last_key_frame` gives of a film without video."""


@dataclass(frozen=True, slots=True)
class Clip:
    """An interval of a film, ready to be sent.

    Args:
        plan: the body.
        start_ms: where in the film the clip's time 0 is.
        duration_ms: how long it shows something.
        total_ms: how long the film is.
        media_bytes: of the body, samples.
        header_bytes: of the body, what comes before the samples.
        variant: tells it from every other clip of the film.
    """

    plan: Plan
    start_ms: int
    duration_ms: int
    total_ms: int
    media_bytes: int
    header_bytes: int
    variant: str


@dataclass(frozen=True, slots=True)
class Timeline:
    """What each track of a film shows, and when.

    Args:
        unit: of times, per second.
        tracks: each with its (begin, piece) pairs.
        total: how long the longest track is, in units.
    """

    unit: int
    tracks: Sequence[tuple[Track, tuple[tuple[int, Piece], ...]]]
    total: int

    @classmethod
    def of(cls, index: MediaIndex) -> Timeline:
        """Return the timeline of a film; it lives as long as the index does."""
        timeline = _TIMELINES.get(index)
        if timeline is None:
            timeline = _TIMELINES[index] = cls._made(index)
        return timeline

    @classmethod
    def _made(cls, index: MediaIndex) -> Timeline:
        unit = unit_of(index)
        tracks = [
            (track, tuple(presentation(track, unit, index.timescale))) for track in index.tracks if track.samples.count
        ]
        total = max((pieces[-1][0] + pieces[-1][1].length for _, pieces in tracks if pieces), default=0)
        return cls(unit, tracks, total)

    @property
    def total_ms(self) -> int:
        """How long the film is."""
        return self.total * 1000 // self.unit

    def last_key_frame_ms(self, end: int | None = None) -> int:
        """Return when the last key frame of the first video is shown; the last second without video.

        Args:
            end: in units, before which it is looked for; None for the end of the film.
        """
        for track, pieces in self.tracks:
            if track.handler == "vide" and not track.samples.all_sync:
                for sample in reversed(self._sync_before(track, pieces, end)[-64:]):
                    shown = movie_time(pieces, track.samples.presentation_time(int(sample)), self.unit, track.timescale)
                    if shown is not None and (end is None or shown < end):
                        return -(-shown * 1000 // self.unit)
            if track.handler == "vide":
                break
        return max(0, (self.total_ms if end is None else end * 1000 // self.unit) - LAST_SECOND_MS)

    def _sync_before(self, track: Track, pieces: tuple[tuple[int, Piece], ...], end: int | None) -> NDArray[np.int64]:
        """Return the key frames that may be shown before an end; those after it, if any, are few."""
        sync = track.samples.sync_samples
        shown = between(pieces, 0, end, track.timescale) if end is not None else []
        if not shown:
            return sync
        media_end = shown[-1].media + shown[-1].media_length(track.timescale)
        # A key frame is decoded no later than it is shown.
        return sync[: np.searchsorted(sync, track.samples.sample_at(media_end // self.unit), "right")]


_TIMELINES: WeakKeyDictionary[MediaIndex, Timeline] = WeakKeyDictionary()


def clip(asset: Asset, start_ms: int, end_ms: int | None, settings: Mp4Settings) -> Clip:
    """Return the clip of [start, end) of a film.

    Args:
        asset: the film.
        start_ms: presentation time in the film.
        end_ms: the end, later than the start; None for all that is left.
        settings: whether to start at key frames, and what a start past the end gives.

    Raises:
        ClipOutOfRange: the film shows nothing then.
        MalformedMedia: the film contradicts itself.
        UnsupportedMedia: we cannot cut this film.
    """
    index: MediaIndex = asset.index
    timeline = Timeline.of(index)
    unit = timeline.unit
    start = start_ms * unit // 1000
    if start >= timeline.total:
        if settings.past_end == "error" or not timeline.total:
            raise ClipOutOfRange("mp4 start time exceeds file duration")
        start_ms = timeline.last_key_frame_ms()
        start, end_ms = start_ms * unit // 1000, None
    if end_ms is not None and end_ms * unit // 1000 >= timeline.total:
        end_ms = None
    end = None if end_ms is None else end_ms * unit // 1000
    shown_ms = timeline.total_ms if end_ms is None else end_ms

    parts = [(track, between(pieces, start, end, track.timescale)) for track, pieces in timeline.tracks]
    chosen = choose(parts, unit, key_frames=settings.start_key_frame)
    sources = [_source(each, fragmented=index.fragmented) for each in chosen]
    needs = [source.all_needed() for source in sources]
    layout = lay_out([needed for each in needs for needed in each], index.size)
    if not layout.length:
        raise ClipOutOfRange("no data between start time and end time")

    head = make_head(
        Parts(
            kept=KeptMovie.of(index),
            sources=sources,
            needs=needs,
            layout=layout,
            cut=Cut(
                unit=unit,
                timescale=unit if unit <= BIGGEST_32 else index.timescale,
                kept={each.track.id for each in chosen},
            ),
            shown=(start_ms, shown_ms),
        )
    )
    media = (
        Extent(asset.source, offset, length)
        for offset, length in zip(layout.begins.tolist(), layout.lengths.tolist(), strict=True)
    )
    return Clip(
        plan=Plan((*map(Literal, head), *media)),
        start_ms=start_ms,
        duration_ms=shown_ms - start_ms,
        total_ms=timeline.total_ms,
        media_bytes=layout.length,
        header_bytes=sum(map(len, head)),
        variant=f"{start_ms}-{'' if end_ms is None else end_ms}{'k' if settings.start_key_frame else ''}",
    )


def _source(chosen: Chosen, *, fragmented: bool) -> Source:
    needed, runs = needed_by(chosen.track.samples, chosen.first, chosen.stop)
    return Source(chosen, needed, runs, Protection.of(chosen.track, fragmented=fragmented))
