"""The MP4 family as an IMediaFormat: MP4, MOV, M4A, fragmented MP4, CMAF, ISMV."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from dataclasses import replace
from fractions import Fraction
from math import ceil

from zope.interface import implementer

from hls_mp4.containers.isobmff.box import read_header
from hls_mp4.containers.isobmff.chapters import read_chapters
from hls_mp4.containers.isobmff.configuration import configuration_of
from hls_mp4.containers.isobmff.fragments import FragmentedTrack, fragment_samples
from hls_mp4.containers.isobmff.movie import UNKNOWN_DURATIONS, Mehd, Mvhd
from hls_mp4.containers.isobmff.scan import FileLayout, scan
from hls_mp4.containers.isobmff.tracks import track_of
from hls_mp4.errors import MalformedMedia
from hls_mp4.interfaces import IFilmDetails, IMediaFormat, IndexLimits, ReadAt
from hls_mp4.media.chapters import Chapter
from hls_mp4.media.index import Edit, MediaIndex, Track

FIRST_BOXES = frozenset(
    (b"ftyp", b"moov", b"mdat", b"moof", b"styp", b"sidx", b"free", b"skip", b"wide", b"pnot", b"pdin", b"uuid")
)
"""What a file of this family may begin with."""

USUAL_TIMESCALE = 1000

_TRACK_WEIGHT = 8000
_BOX_WEIGHT = 120


@implementer(IMediaFormat, IFilmDetails)
class IsobmffFormat:
    """ISO base media file format."""

    name = "mp4"

    def probe(self, head: bytes) -> bool:
        """Tell whether a file that begins with these bytes is of this family."""
        if len(head) < 8 or head[4:8] not in FIRST_BOXES:
            return False
        try:
            read_header(head, 0)
        except MalformedMedia:
            return head[4:8] in (b"ftyp", b"moov")  # ours, and broken: the index says how
        return True

    def index(self, size: int, limits: IndexLimits) -> Generator[ReadAt, bytes, MediaIndex]:
        """Return a generator that returns the index of a film.

        Raises:
            StreamingError: see `scan` and `track_of`.
        """
        layout = yield from scan(size, limits)
        return index_of(layout, size)

    def codec(self, track: Track) -> str:
        """Return the codecs parameter of a track."""
        return configuration_of(track.box, track.handler).codec_string

    def chapters(self, index: MediaIndex) -> Generator[ReadAt, bytes, tuple[Chapter, ...]]:
        """Return a generator that returns the chapters of a film."""
        return read_chapters(index)


def index_of(layout: FileLayout, size: int) -> MediaIndex:
    """Return the index of a film whose metadata was read."""
    moov = layout.moov
    tracks = [track_of(trak, number, size) for number, trak in enumerate(moov.all(b"trak"), 1)]
    if not tracks:
        raise moov.malformed("no mp4 trak atoms were found")
    header = moov.find(b"mvhd")
    mvhd = Mvhd.parse(header) if header is not None else None
    timescale = mvhd.timescale if mvhd is not None and mvhd.timescale else USUAL_TIMESCALE
    duration = mvhd.duration if mvhd is not None and mvhd.duration not in UNKNOWN_DURATIONS else 0
    if layout.moofs:
        extended = moov.find(b"mvex", b"mehd")
        duration = Mehd.parse(extended).fragment_duration if extended is not None else 0
        plain = {track.id: track.samples for track in tracks}
        found = fragment_samples(moov, layout.moofs, plain, size)
        tracks = with_fragments(tracks, found, timescale)
    return MediaIndex(
        format="mp4",
        size=size,
        timescale=timescale,
        declared_duration=duration,
        tracks=tuple(tracks),
        faststart=not layout.moofs and moov.offset < layout.mdats[0][0],
        fragmented=bool(layout.moofs),
        weight=moov.size
        + sum(_TRACK_WEIGHT + track.samples.weight for track in tracks)
        + _BOX_WEIGHT * (len(layout.boxes) + len(layout.mdats)),
        metadata_size=layout.metadata_size,
        # The fragments' samples are in tables of their own by now.
        header=replace(layout, moofs=()),
    )


def with_fragments(tracks: list[Track], found: Mapping[int, FragmentedTrack], timescale: int) -> list[Track]:
    """Return tracks with the samples of their fragments.

    A film whose fragments begin late - a piece of a live stream - begins with its earliest track; what other tracks
    begin later stays, to the sample.

    Args:
        tracks: of the moov.
        found: samples by track id.
        timescale: of the movie.
    """
    starts = {
        track.id: start_of(track.edits, found[track.id].begin, track.timescale, timescale)
        for track in tracks
        if track.id in found and found[track.id].samples.count
    }
    earliest = max(Fraction(0), min(starts.values(), default=Fraction(0)))
    made = []
    for track in tracks:
        fragmented = found.get(track.id)
        if fragmented is None:
            made.append(track)
            continue
        edits = track.edits
        if fragmented.begin or earliest:
            start = starts.get(track.id, earliest) - earliest
            edits = rebased(edits, fragmented.begin, start, track.timescale, timescale)
        made.append(replace(track, samples=fragmented.samples, edits=edits, declared_duration=0))
    return made


def start_of(edits: tuple[Edit, ...], begin: int, media: int, movie: int) -> Fraction:
    """Return when decode time `begin` is shown, in seconds of the movie; below 0 when edits cut it off.

    Args:
        edits: of the track.
        begin: decode time of its first sample.
        media: timescale of the track.
        movie: timescale of the movie.
    """
    waited = 0
    for edit in edits:
        if edit.media_time >= 0:
            return Fraction(waited, movie) + Fraction(begin - edit.media_time, media)
        waited += edit.segment_duration
    return Fraction(begin, media)


def rebased(edits: tuple[Edit, ...], begin: int, start: Fraction, media: int, movie: int) -> tuple[Edit, ...]:
    """Return edits over media whose time 0 is its first sample.

    What a track waits is rounded up to the movie's timescale, and that much more of its media is cut off: it may begin
    a millisecond late, and is never out of step with the other tracks.

    Args:
        edits: as the file has them, over media that begins at `begin`.
        begin: decode time of the first sample.
        start: when the first sample is shown, in seconds of the movie; below 0 when edits cut it off.
        media: timescale of the track.
        movie: timescale of the movie.
    """
    shown = [edit for edit in edits if edit.media_time >= 0]
    if len(shown) > 1:
        return tuple(
            replace(edit, media_time=max(0, edit.media_time - begin)) if edit.media_time >= 0 else edit
            for edit in edits
        )
    edit = shown[0] if shown else Edit(0, 0)
    waited = ceil(start * movie) if start > 0 else 0
    made = replace(edit, media_time=round((Fraction(waited, movie) - start) * media))
    if not edits and not waited and not made.media_time:
        return ()
    return (Edit(waited, -1), made) if waited else (made,)
