"""What `mp4stream inspect` says of a film, as plain values: from its index, without its media.

The names of the fields are those of the JSON that is printed; they stay. Times are seconds, rounded to microseconds,
beside the file's own units; sizes and offsets are bytes.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from hls_mp4.codecs.configuration import Configuration
from hls_mp4.containers.isobmff.box import Box, name_of
from hls_mp4.containers.isobmff.configuration import configuration_of
from hls_mp4.containers.isobmff.scan import FileLayout, TopBox
from hls_mp4.media.index import Edit, MediaIndex, Track
from hls_mp4.media.samples import SampleTable
from hls_mp4.tools.flash_report import FlashReport, flash_report

KINDS = {
    "vide": "video",
    "soun": "audio",
    "text": "text",
    "sbtl": "subtitles",
    "subt": "subtitles",
    "clcp": "captions",
    "meta": "metadata",
    "tmcd": "timecode",
    "hint": "hint",
}

_SLAB = 1 << 18
"""Samples whose times are worked out at a time."""


@dataclass(frozen=True, slots=True)
class BoxReport:
    """A box: four letters, where it lies, bytes with its header, what is in it."""

    type: str
    offset: int
    size: int
    boxes: tuple[BoxReport, ...] = ()


@dataclass(frozen=True, slots=True)
class BrandsReport:
    """What ftyp says; None in its place when there is no ftyp."""

    major: str
    minor_version: int
    compatible: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class IndexReport:
    """What it took to learn all this, and takes to keep it.

    Args:
        reads: of the file.
        bytes_read: by them.
        metadata_size: moov, or moov and all moofs; what mp4_max_buffer_size is compared with.
        memory: bytes held by a server that keeps the index.
    """

    reads: int
    bytes_read: int
    metadata_size: int
    memory: int


@dataclass(frozen=True, slots=True)
class EditReport:
    """A line of an edit list.

    Args:
        duration: seconds that it shows; 0 in fragmented films: all there is.
        media_time: seconds into the track's media where it begins; None shows nothing for that long.
        rate: speed; 0 holds one picture.
    """

    duration: float
    media_time: float | None
    rate: float


@dataclass(frozen=True, slots=True)
class KeyFramesReport:
    """Where decoding can begin.

    Args:
        every_sample: all samples are key frames; then there are no times and distances.
        count: how many there are.
        shortest, longest: seconds between neighbours; None when there are fewer than two.
        average: the same, of all.
        times: seconds at which the film shows them; with more than one edit, before edits.
    """

    every_sample: bool
    count: int
    shortest: float | None
    longest: float | None
    average: float | None
    times: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class TrackReport:
    """A track.

    Args:
        id: as in the file.
        kind: "video", "audio", ...; the handler's four letters when it is none of those we know.
        handler: four letters.
        codec: codec string of RFC 6381.
        protected: whether the samples are encrypted.
        enabled: whether players show it unasked.
        language: three letters of ISO 639-2, "und" when nobody said.
        width, height: pixels; 0 when it is no video.
        frame_rate: frames per second on average, of all samples; None when it is no video.
        channels, sample_rate: 0 when it is no audio.
        timescale: units per second of the track.
        duration: seconds.
        duration_units: the same, in units of the timescale.
        samples: how many there are.
        bytes: of all samples.
        bitrate: bits per second on average, of all samples.
        edits: its edit list.
        key_frames: where decoding can begin.
    """

    id: int
    kind: str
    handler: str
    codec: str
    protected: bool
    enabled: bool
    language: str
    width: int
    height: int
    frame_rate: float | None
    channels: int
    sample_rate: int
    timescale: int
    duration: float
    duration_units: int
    samples: int
    bytes: int
    bitrate: int
    edits: tuple[EditReport, ...]
    key_frames: KeyFramesReport


@dataclass(frozen=True, slots=True)
class FilmReport:
    """A film.

    Args:
        file: its name as it was given.
        format: of the container.
        size: bytes.
        brands: of the file.
        timescale: units per second of the movie.
        duration: seconds.
        duration_units: the same, in units of the timescale.
        faststart: whether all metadata comes before the media, so that playing can begin at once.
        fragmented: whether movie fragments describe the samples.
        index: what it took to learn this.
        tracks: in file order.
        boxes: of the file; the first 10,000 of the top level. Flash video has none.
        flash: what only Flash video has; None for other films.
    """

    file: str
    format: str
    size: int
    brands: BrandsReport | None
    timescale: int
    duration: float
    duration_units: int
    faststart: bool
    fragmented: bool
    index: IndexReport
    tracks: tuple[TrackReport, ...]
    boxes: tuple[BoxReport, ...]
    flash: FlashReport | None = None


def film_report(file: str, index: MediaIndex, reads: int, bytes_read: int) -> FilmReport:
    """Return what there is to say of a film.

    Args:
        file: its name.
        index: of the film, with its samples.
        reads: of the file that the index took.
        bytes_read: by them.

    Raises:
        StreamingError: a table that is checked on first use is wrong.
    """
    layout: FileLayout | None = index.header if index.format == "mp4" else None
    return FilmReport(
        file=file,
        format=index.format,
        size=index.size,
        brands=brands_report(layout.ftyp) if layout is not None and layout.ftyp is not None else None,
        timescale=index.timescale,
        duration=seconds(index.duration, index.timescale),
        duration_units=index.duration,
        faststart=index.faststart,
        fragmented=index.fragmented,
        index=IndexReport(reads, bytes_read, index.metadata_size, index.weight),
        tracks=tuple(track_report(track, index.timescale, codec_of(track, index.format)) for track in index.tracks),
        boxes=tuple(top_reports(layout.boxes, layout.moov)) if layout is not None else (),
        flash=flash_report(index.header) if index.format == "flv" else None,
    )


def seconds(units: int | Fraction, timescale: int) -> float:
    """Return a time in seconds, to the microsecond."""
    return float(round(Fraction(units) / timescale, 6))


def brands_report(ftyp: bytes) -> BrandsReport | None:
    """Return the brands of a file type box (ISO/IEC 14496-12 4.3), None when it is too small for any."""
    payload = Box.parse(ftyp).payload
    if len(payload) < 8:
        return None
    brands = [name_of(bytes(payload[at : at + 4])) for at in range(8, len(payload) - 3, 4)]
    return BrandsReport(name_of(bytes(payload[:4])), int.from_bytes(payload[4:8], "big"), tuple(brands))


def top_reports(tops: Iterable[TopBox], moov: Box) -> Iterable[BoxReport]:
    """Yield the boxes of a file, moov with all that is in it."""
    for top in tops:
        inside = box_report(moov).boxes if top.kind == b"moov" and top.offset == moov.offset else ()
        yield BoxReport(name_of(top.kind), top.offset, top.size, inside)


def box_report(box: Box) -> BoxReport:
    """Return a box and the boxes in it."""
    return BoxReport(name_of(box.kind), box.offset, box.size, tuple(map(box_report, box.children)))


def codec_of(track: Track, form: str) -> Configuration:
    """Return the codec of a track of a film of this format."""
    if form == "flv":
        found: Configuration = track.box.configuration
        return found
    return configuration_of(track.box, track.handler)


def track_report(track: Track, movie_timescale: int, codec: Configuration) -> TrackReport:
    """Return what there is to say of a track."""
    samples, duration = track.samples, track.duration
    running = samples.duration
    size = samples.bytes_between(0, samples.count)
    return TrackReport(
        id=track.id,
        kind=KINDS.get(track.handler, track.handler),
        handler=track.handler,
        codec=codec.codec_string,
        protected=codec.protected,
        enabled=track.enabled,
        language=track.language,
        width=track.width,
        height=track.height,
        frame_rate=seconds(samples.count * track.timescale, running) if track.handler == "vide" and running else None,
        channels=track.channels,
        sample_rate=track.rate,
        timescale=track.timescale,
        duration=seconds(duration, track.timescale),
        duration_units=duration,
        samples=samples.count,
        bytes=size,
        bitrate=size * 8 * track.timescale // running if running else 0,
        edits=tuple(edit_report(edit, track.timescale, movie_timescale) for edit in track.edits),
        key_frames=key_frames_report(track, movie_timescale),
    )


def edit_report(edit: Edit, timescale: int, movie_timescale: int) -> EditReport:
    """Return a line of an edit list."""
    return EditReport(
        seconds(edit.segment_duration, movie_timescale),
        seconds(edit.media_time, timescale) if edit.media_time >= 0 else None,
        edit.rate_integer + seconds(edit.rate_fraction, 1 << 16),
    )


def key_frames_report(track: Track, movie_timescale: int) -> KeyFramesReport:
    """Return where decoding of a track can begin."""
    samples = track.samples
    if samples.all_sync:
        return KeyFramesReport(True, samples.count, None, None, None, ())
    media = presentation_times(samples, samples.sync_samples)
    shift = shown_later(track.edits, track.timescale, movie_timescale)
    times = tuple(seconds(shift + int(time), track.timescale) for time in media)
    if len(media) < 2:
        return KeyFramesReport(False, len(media), None, None, None, times)
    gaps = np.diff(media)
    shortest, longest = (seconds(int(gap), track.timescale) for gap in (gaps.min(), gaps.max()))
    average = seconds(Fraction(int(media[-1] - media[0]), len(gaps)), track.timescale)
    return KeyFramesReport(False, len(media), shortest, longest, average, times)


def presentation_times(samples: SampleTable, wanted: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return when some samples are shown, before edits.

    Args:
        samples: of a track.
        wanted: sample numbers, rising.
    """
    times = np.empty(len(wanted), np.int64)
    done = 0
    while done < len(wanted):
        start = int(wanted[done])
        stop = min(start + _SLAB, samples.count)
        after = int(wanted.searchsorted(stop))
        times[done:after] = samples.presentation_times(start, stop)[wanted[done:after] - start]
        done = after
    return times


def shown_later(edits: tuple[Edit, ...], timescale: int, movie_timescale: int) -> Fraction:
    """Return how much later than in its media a track's frames are shown, in its timescale; below 0 for earlier.

    An edit list that shows more than one piece has no such number: 0.
    """
    shown = [edit for edit in edits if edit.media_time >= 0]
    if len(shown) != 1:
        return Fraction(0)
    empty = sum(edit.segment_duration for edit in edits[: edits.index(shown[0])])
    return Fraction(empty * timescale, movie_timescale) - shown[0].media_time
