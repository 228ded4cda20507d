"""Films as every segmenting format presents them: which tracks, on one timeline.

A `Rendition` is a track of one of the films with its place on that timeline, in its own timescale, as its edit list
says (ISO/IEC 14496-12 8.6.5, 8.6.6): empty edits delay it, a media time skips what is not to be shown. Not every player
honours edit lists of fragments, so the edit is carried out here: samples that would be over before they are shown are
left out. Edits that cannot be expressed as one stretch of media are cut down to the first one, and the rendition says
so.

The film's first instant is not 0 but `lead_ms` later, the same for all tracks: by as much as pictures are decoded
before they are shown. So neither decode times nor composition offsets are ever negative: FFmpeg shows fragments with
signed offsets (trun version 1) late by the reordering, 80 ms of a usual film, and some boxes refuse them.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

import numpy as np

from hls_mp4.errors import UnsupportedMedia
from hls_mp4.interfaces import Asset
from hls_mp4.media.index import MediaIndex, Track
from hls_mp4.media.protection import Protection
from hls_mp4.media.segments import SegmentPolicy, Segments, cut
from hls_mp4.media.shown import shown_before, shown_from
from hls_mp4.media.texts import Text

KINDS = {"vide": "video", "soun": "audio", "text": "text", "sbtl": "text", "subt": "text"}
"""Handler -> kind of rendition; tracks of other handlers are not presented."""


USUAL_POLICY = SegmentPolicy()

MOST_KEPT = 32
"""Manifests, or tables, that are kept of a presentation: some dozens of kilobytes each for a film of two hours."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Rendition:
    """A track on the timeline of a presentation; times are in the track's timescale.

    Args:
        source: number of the asset it is of.
        number: among the renditions of its kind in its source, from 1.
        kind: "video", "audio" or "text".
        track: the track.
        first, stop: samples that are carried, in decode order.
        shift: what is added to a composition time to have the time on the timeline.
        delay: what is subtracted besides from a decode time, and added to composition offsets, so that none of these is
            negative; 0 but for films whose own offsets are.
        end: when its last sample is over.
        whole: False when its edit list says more than can be told here.
        language: BCP 47 or ISO 639-2, "und" when nobody says.
        label: what people are shown, empty for none.
        name: what a server manifest calls it, empty for none.
        announced: bits per second that a server manifest announces, 0 for none.
    """

    source: int
    number: int
    kind: str
    track: Track
    first: int
    stop: int
    shift: int
    delay: int
    end: int
    whole: bool = True
    language: str = "und"
    label: str = ""
    name: str = ""
    announced: int = 0

    @property
    def begin(self) -> int:
        """When its first sample is shown."""
        return self.track.samples.presentation_time(self.first) + self.shift

    def decode_time(self, sample: int) -> int:
        """Return when a sample is decoded."""
        return self.track.samples.decode_time(sample) + self.shift - self.delay

    @property
    def bytes(self) -> int:
        """Bytes of all samples carried."""
        return self.track.samples.bytes_between(self.first, self.stop)

    @property
    def bitrate(self) -> int:
        """Bits per second: as announced, else on average, rounded up; at least 1."""
        if self.announced:
            return self.announced
        span = max(1, self.end - self.begin)
        return max(1, -(-self.bytes * 8 * self.track.timescale // span))


@dataclass(slots=True, eq=False, kw_only=True)
class Presentation:
    """Films side by side.

    Args:
        assets: the films, the first of them leading.
        renditions: their tracks, in the order of the assets and of their tracks.
        lead_ms: when the films begin on the timeline.
        texts: subtitles, beside the films or in them; their times count from that begin.
        policy: how it is cut where nobody says otherwise.
        forward: query arguments that URLs in manifests carry on, as "token=x"; empty for none.
        protection: how segments are to be encrypted; None where they are not. Formats that cannot do that refuse.
        segments_made: what `segments` has made so far.
        kept: what packagers made of it and may be asked for again, see `keep`.
    """

    assets: tuple[Asset, ...]
    renditions: tuple[Rendition, ...]
    lead_ms: int = 0
    texts: tuple[Text, ...] = ()
    policy: SegmentPolicy = USUAL_POLICY
    forward: str = ""
    protection: Protection | None = None
    segments_made: dict[SegmentPolicy, Segments] = field(default_factory=dict)
    kept: dict[Any, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, assets: Sequence[Asset], policy: SegmentPolicy = USUAL_POLICY) -> Presentation:
        """Return the presentation of some films, of all their video, audio and text tracks that have samples.

        Raises:
            UnsupportedMedia: there is no such track.
            MalformedMedia: the tables of one make no sense.
        """
        found: list[tuple[int, str, Track, _Edited]] = []
        for source, asset in enumerate(assets):
            index: MediaIndex = asset.index
            for track in index.tracks:
                kind = KINDS.get(track.handler)
                edited = _edited(track, index.timescale) if kind is not None and track.samples.count else None
                if kind is not None and edited is not None:
                    found.append((source, kind, track, edited))
        if not found:
            raise UnsupportedMedia("no track that can be presented")
        lead_ms = max(_needed_ms(edited, track) for _, _, track, edited in found)
        renditions = []
        numbers: dict[tuple[int, str], int] = {}
        for source, kind, track, edited in found:
            numbers[source, kind] = numbers.get((source, kind), 0) + 1
            # To the nearest tick: a hundredth of a millisecond is all that sound and picture can differ by.
            lead = (lead_ms * track.timescale + 500) // 1000
            renditions.append(
                Rendition(
                    source=source,
                    number=numbers[source, kind],
                    kind=kind,
                    track=track,
                    first=edited.first,
                    stop=edited.stop,
                    shift=edited.shift + lead,
                    delay=edited.delay,
                    end=edited.end + lead,
                    whole=edited.whole,
                    language=track.language,
                )
            )
        return cls(assets=tuple(assets), renditions=tuple(renditions), lead_ms=lead_ms, policy=policy)

    def of_kind(self, kind: str) -> tuple[Rendition, ...]:
        """Return the renditions of a kind."""
        return tuple(each for each in self.renditions if each.kind == kind)

    def keep(self, key: Hashable, make: Callable[[], T]) -> T:
        """Return what was made for a key, or make it: manifests, tables of sizes. The latest are kept.

        Two threads may make the same thing at once; one of the two is kept.
        """
        found: T | None = self.kept.get(key)
        if found is None:
            found = make()
            while len(self.kept) >= MOST_KEPT:
                self.kept.pop(next(iter(self.kept)), None)
            self.kept[key] = found
        return found

    @property
    def end_ms(self) -> int:
        """Milliseconds until everything is over, rounded up."""
        return max(-(-each.end * 1000 // each.track.timescale) for each in self.renditions)

    def segments(self, policy: SegmentPolicy | None = None) -> Segments:
        """Return where the presentation is cut; made once for each policy.

        Args:
            policy: None for the presentation's own.
        """
        policy = policy or self.policy
        made = self.segments_made.get(policy)
        if made is None:
            made = self.segments_made[policy] = cut(self.renditions, policy)
        return made


@dataclass(frozen=True, slots=True)
class _Edited:
    """What an edit list makes of a track: samples, and their place on the film's own timeline."""

    first: int
    stop: int
    shift: int
    delay: int
    begin: int
    end: int
    whole: bool


def _needed_ms(edited: _Edited, track: Track) -> int:
    """Return how late a film has to begin, so that no time of a track is negative."""
    earliest = track.samples.decode_time(edited.first) + edited.shift - edited.delay
    return max(0, -(min(earliest, edited.begin) * 1000 // track.timescale))


def _edited(track: Track, movie_timescale: int) -> _Edited | None:
    """Return what is carried of a track; None when its edit list shows nothing of it."""
    samples = track.samples
    delay, media, length, whole = _stretch(track, movie_timescale)
    shift = delay - media
    until = media + length if length else samples.presentation_end
    stop = min(samples.count, shown_before(samples, until))
    first, _ = shown_from(samples, media)
    if first >= stop:
        return None
    if samples.all_sync:
        # A frame that begins before the timeline does would have to be cut; of sound that is some milliseconds.
        while first < stop and samples.presentation_time(first) + shift < 0 and track.handler == "soun":
            first += 1
        if first >= stop:
            return None
    else:
        first = _decodable(track, first, media)
    begin = int(samples.presentation_times(first, min(stop, first + 64)).min()) + shift
    delay = max(0, -samples.composition_bounds[0])
    return _Edited(first, stop, shift, delay, begin, min(until, samples.presentation_end) + shift, whole)


def _decodable(track: Track, first: int, media: int) -> int:
    """Return the sync sample to begin at, so that what is shown from a media time on can be decoded."""
    samples = track.samples
    sync = samples.sync_at_or_before(first)
    # The sample that is on show may be a leading picture of the sync sample that is shown after it, or that one.
    following = samples.sync_samples[samples.sync_samples.searchsorted(first) :][:1]
    if len(following) and samples.presentation_time(int(following[0])) <= media:
        return int(following[0])
    return first if sync is None else sync


def _stretch(track: Track, movie_timescale: int) -> tuple[int, int, int, bool]:
    """Return (delay, media time, length, whole) of an edit list, in the track's timescale; length 0 is to the end."""
    if not track.edits:
        return 0, 0, 0, True
    edits = list(track.edits)
    delay = 0
    while edits and edits[0].media_time < 0:
        delay += edits.pop(0).segment_duration
    delay = delay * track.timescale // movie_timescale
    if not edits:
        return delay, 0, 0, False
    media = edits[0].media_time
    units = 0
    whole = True
    for number, edit in enumerate(edits):
        expected = media + units * track.timescale // movie_timescale
        follows = edit.media_time == expected and (edit.rate_integer, edit.rate_fraction) == (1, 0)
        if edit.media_time >= 0 and follows:
            units += edit.segment_duration
            if not edit.segment_duration:
                return delay, media, 0, number == len(edits) - 1
        elif edit.segment_duration:
            whole = False
            break
    return delay, media, -(-units * track.timescale // movie_timescale), whole


def times_of(rendition: Rendition, samples: Any) -> Any:
    """Return when samples are shown, on the timeline.

    Args:
        rendition: whose they are.
        samples: int64 array of sample numbers.
    """
    return rendition.track.samples.presentation_times_of(np.asarray(samples, np.int64)) + rendition.shift
