"""What pages tell of a film: how long it is, what is in it, or why it cannot be played."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from hls_mp4.codecs.names import codec_name
from hls_mp4.errors import MediaTooLarge, StreamingError, UnsupportedMedia
from hls_mp4.interfaces import IFilmDetails
from hls_mp4.media.index import MediaIndex, Track
from hls_mp4.web.pages.words import language_name

_KINDS = {"vide": "Video", "soun": "Audio", "sbtl": "Subtitles", "subt": "Subtitles", "text": "Subtitles"}

_NOT_IN_BROWSERS = frozenset(("flv",))

_MOST_TRACKS = 64
"""Tracks that are told of; a page with hundreds would be no help."""


@dataclass(frozen=True, slots=True)
class TrackFacts:
    """A track.

    Args:
        kind: "Video", "Audio" or "Subtitles".
        codec: what people call it.
        codec_string: of RFC 6381.
        language: what people call it, empty when nobody said.
        width, height: pixels, 0 when it is no video.
        channels, rate: of audio, else 0.
        bitrate: bits per second, 0 when it was not asked for.
    """

    kind: str
    codec: str
    codec_string: str
    language: str
    width: int = 0
    height: int = 0
    channels: int = 0
    rate: int = 0
    bitrate: int = 0


@dataclass(frozen=True, slots=True)
class FilmFacts:
    """A film.

    Args:
        format: of the container; empty when it is no film.
        duration_ms: how long it is.
        tracks: that people see or hear.
        at_once: whether a browser can begin to play the file itself as it is read from the front.
        problem: why it cannot be played, for people; empty when it can.
    """

    format: str = ""
    duration_ms: int = 0
    tracks: tuple[TrackFacts, ...] = ()
    at_once: bool = False
    problem: str = ""

    @property
    def weight(self) -> int:
        """Bytes that this holds in memory, about."""
        return 600 + 400 * len(self.tracks)

    @property
    def in_browsers(self) -> bool:
        """Whether browsers know files of this format."""
        return not self.problem and self.format not in _NOT_IN_BROWSERS

    @property
    def video(self) -> TrackFacts | None:
        """The first video track."""
        return next((track for track in self.tracks if track.kind == "Video"), None)

    @property
    def resolution(self) -> str:
        """Width and height in pixels, empty when there is no video."""
        video = self.video
        return f"{video.width}\u00d7{video.height}" if video is not None and video.width and video.height else ""

    @property
    def codecs(self) -> str:
        """`H.264, AAC`."""
        heard = (track.codec for track in self.tracks if track.kind != "Subtitles" and track.codec)
        return ", ".join(dict.fromkeys(heard))

    @property
    def languages(self) -> int:
        """In how many languages there is sound; tracks of unknown language are one."""
        return len({track.language for track in self.tracks if track.kind == "Audio"})


def facts_of(index: MediaIndex, formats: Iterable[Any], *, rates: bool = False) -> FilmFacts:
    """Return what there is to tell of a film.

    Args:
        index: of the film.
        formats: IMediaFormat providers; the film's own knows its codecs.
        rates: also tell the bitrates of tracks, for which their tables are summed up, where the index has them.

    Raises:
        StreamingError: a table that is checked on first use is wrong.
    """
    details = details_of(index, formats)
    tracks = [
        _track_facts(track, details, rates and index.complete)
        for track in index.tracks[:_MOST_TRACKS]
        # Players do not show a text track that is turned off: mostly it has the chapters.
        if track.handler in _KINDS and (track.enabled or track.handler != "text")
    ]
    return FilmFacts(
        format=index.format,
        duration_ms=index.duration * 1000 // index.timescale,
        tracks=tuple(tracks),
        at_once=index.faststart and not index.fragmented,
    )


def details_of(index: MediaIndex, formats: Iterable[Any]) -> Any | None:
    """Return the film's format where it tells details, else None."""
    return next((known for known in formats if known.name == index.format and IFilmDetails.providedBy(known)), None)


def _track_facts(track: Track, details: Any | None, rates: bool) -> TrackFacts:
    codec = details.codec(track) if details is not None else track.codec
    running = track.samples.duration if rates else 0
    size = track.samples.bytes_between(0, track.samples.count) if running else 0
    return TrackFacts(
        kind=_KINDS[track.handler],
        codec=codec_name(codec),
        codec_string=codec,
        language=language_name(track.language),
        width=track.width,
        height=track.height,
        channels=track.channels,
        rate=track.rate,
        bitrate=size * 8 * track.timescale // running if running else 0,
    )


def broken(problem: StreamingError) -> FilmFacts:
    """Return what to tell of a file that is no film, or not for this server; details are for the log."""
    if isinstance(problem, MediaTooLarge):
        return FilmFacts(problem="its metadata is larger than this server reads")
    if isinstance(problem, UnsupportedMedia):
        return FilmFacts(problem="it is in a format that this server does not know")
    return FilmFacts(problem="it is damaged or incomplete")
