"""Which samples of a track a clip carries, and from when on they are shown.

A clip holds everything that is shown in [start, end), in decode order and without a hole: from the earliest sample
in decode order that is still shown at the start, or after it, to the last one that is shown before the end. Where
the start has no key frame this is the sample nginx starts at, with composition offsets taken into account. With key
frames asked for, and for what a decoder needs to have heard, it goes back further; the edit list hides what is sent
for decoding only.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from hls_mp4.media.index import Track
from hls_mp4.media.samples import MOST_REORDERED, SampleTable
from hls_mp4.media.shown import shown_before, shown_from
from hls_mp4.packagers.progressive.preroll import first_decoded
from hls_mp4.packagers.progressive.timeline import Piece

FARTHEST_AUDIO_SYNC_MS = 10_000
"""Audio is decoded from its sync sample, where there are any; one that lies further back is a muxer's slip."""


class Chosen(NamedTuple):
    """Samples [first, stop) of a track, and what is shown of them.

    Args:
        track: whose they are.
        first, stop: zero-based.
        pieces: the presentation, media times still those of the film.
        on_show: the sample that is shown when the first piece begins; None when that is an empty one, or nothing was
            shown yet.
    """

    track: Track
    first: int
    stop: int
    pieces: Sequence[Piece]
    on_show: int | None


def choose(parts: Sequence[tuple[Track, list[Piece]]], unit: int, *, key_frames: bool) -> list[Chosen]:
    """Return the samples of every track that shows something; other tracks are left out.

    Args:
        parts: each track and what it shows, see `timeline.between`.
        unit: see `timeline.unit_of`.
        key_frames: begin at key frames; tracks that have none begin when the earliest of these key frames is shown.
    """
    candidates = [_choose(track, pieces, unit, key_frames) for track, pieces in parts if pieces]
    lead = 0
    if key_frames:
        lead = max((_lead(each, unit) for each in candidates if each.track.handler == "vide"), default=0)
    if lead:
        candidates = [_led(each, lead, unit) for each in candidates]
    return [each for each in candidates if each.first < each.stop]


def _choose(track: Track, pieces: list[Piece], unit: int, key_frames: bool) -> Chosen:
    """Return the samples of a track alone; none when its samples do not reach as far as its edit list."""
    first, stop, on_show = track.samples.count, 0, None
    for number, piece in enumerate(pieces):
        if piece.media >= 0:
            begin, shown = _first_of(track, piece.media // unit, key_frames)
            first = min(first, begin)
            on_show = shown if not number else on_show
            until = piece.media + max(piece.media_length(track.timescale), 1)
            stop = max(stop, shown_before(track.samples, -(-until // unit)))
    return Chosen(track, first, stop, pieces, on_show)


def _lead(chosen: Chosen, unit: int) -> int:
    """Return for how long, in units, a video's samples would be shown before its first piece begins."""
    piece = chosen.pieces[0]
    if chosen.first >= chosen.stop or not _snaps(chosen.track) or piece.media < 0:
        return 0
    ahead = piece.media - chosen.track.samples.presentation_time(chosen.first) * unit
    return max(0, -(-ahead // chosen.track.timescale))


def _led(chosen: Chosen, lead: int, unit: int) -> Chosen:
    """Return a track without key frames that begins so many units before its first piece."""
    piece = chosen.pieces[0]
    if _snaps(chosen.track) or piece.media < 0:
        return chosen
    first, _ = _first_of(chosen.track, max(0, piece.media - lead * chosen.track.timescale) // unit, False)
    return chosen._replace(first=min(chosen.first, first))


def _snaps(track: Track) -> bool:
    """Tell whether some samples of a track are key frames and others are not."""
    return not track.samples.all_sync and len(track.samples.sync_samples) > 0


def _first_of(track: Track, media_time: int, key_frames: bool) -> tuple[int, int | None]:
    """Return the sample to begin at so that everything from a composition time on can be shown, and the one on show."""
    samples = track.samples
    first, on_show = shown_from(samples, media_time)
    if first >= samples.count:
        return samples.count, None
    if key_frames and track.handler != "soun" and _snaps(track):
        first = _sync_before(samples, media_time, first)
    if track.handler == "soun":
        first = first_decoded(track, first)
        if _snaps(track):
            sync = samples.sync_at_or_before(first)
            reach = FARTHEST_AUDIO_SYNC_MS * track.timescale // 1000
            if sync is not None and samples.decode_time(first) - samples.decode_time(sync) <= reach:
                first = sync
    elif samples.has_composition and samples.decode_time(first) > media_time:
        # Media time counts from the first sample's decode time, and cannot be negative.
        first = samples.sample_at(media_time)
    return first, on_show


def _sync_before(samples: SampleTable, media_time: int, first: int) -> int:
    """Return the last sync sample that is shown at a composition time or before it; `first` when there is none."""
    latest = samples.sample_at(media_time - samples.composition_bounds[0])
    sync = samples.sync_at_or_before(min(latest, samples.count - 1))
    for _ in range(MOST_REORDERED):
        if sync is None or samples.presentation_time(sync) <= media_time:
            break
        sync = samples.sync_at_or_before(sync - 1)
    return first if sync is None else min(first, sync)
