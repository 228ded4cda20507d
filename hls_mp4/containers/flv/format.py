"""Flash video as an IMediaFormat, the twin of MP4: the same index, each tag a sample.

With all samples asked for, all tags are walked over; with key frames alone, onMetaData answers where it is true.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping
from typing import Any

from zope.interface import implementer

from hls_mp4.containers.flv.amf import Value
from hls_mp4.containers.flv.description import FlvDescription
from hls_mp4.containers.flv.layout import FlvLayout, key_frames_of, read_specials
from hls_mp4.containers.flv.metadata import agree, complete, listed_key_frames, measures_agree, members_of, number_in
from hls_mp4.containers.flv.scan import Tags, scan_tags
from hls_mp4.containers.flv.shortcut import told_layout
from hls_mp4.containers.flv.tag import BIGGEST, FILE_HEADER, SIGNATURE, VIDEO, FileHeader
from hls_mp4.containers.flv.tracks import TIMESCALE, no_samples, track_of, tracks_of
from hls_mp4.errors import MalformedMedia
from hls_mp4.interfaces import IFilmDetails, IMediaFormat, IndexLimits, ReadAt
from hls_mp4.media.chapters import Chapter, in_order
from hls_mp4.media.index import MediaIndex, Track

_TRACK_WEIGHT = 3000
_KNOWN_VERSIONS = 2


@implementer(IMediaFormat, IFilmDetails)
class FlvFormat:
    """Flash video."""

    name = "flv"

    def probe(self, head: bytes) -> bool:
        """Tell whether a file that begins with these bytes is Flash video."""
        if len(head) < FILE_HEADER or not head.startswith(SIGNATURE):
            return False
        size = int.from_bytes(head[5:9], "big")
        return FILE_HEADER <= size <= BIGGEST and 0 < head[3] <= _KNOWN_VERSIONS

    def index(self, size: int, limits: IndexLimits) -> Generator[ReadAt, bytes, MediaIndex]:
        """Return a generator that returns the index of a film.

        Raises:
            StreamingError: see `scan_tags` and `read_specials`.
        """
        head = (yield ReadAt(0, min(size, FILE_HEADER))) if size else b""
        header = FileHeader.parse(head)
        if not limits.samples:
            told = yield from told_layout(size, limits, header)
            if told is not None:
                return _index_of_key_frames(*told, size)
        if header.first_tag > size:
            raise MalformedMedia("flv file truncated", offset=size)
        tags = yield from scan_tags(size, limits, header.first_tag)
        metadata, configs, spent = yield from read_specials(tags.specials, size, limits, tags.metadata_size)
        members = members_of(metadata.payload if metadata else None)
        tracks, begin = tracks_of(tags, configs, members, size)
        keys = key_frames_of(tags)
        video = any(stream.kind == VIDEO for stream in tags.known)
        duration = max((track.presented_duration(TIMESCALE) for track in tracks), default=0)
        last = int(tags.times.max())
        layout = FlvLayout(
            flags=header.flags,
            first=header.first_tag,
            end=tags.end,
            media=int(tags.offsets[0]),
            begin=begin,
            duration_ms=duration or last - begin,
            last=last,
            keys=keys,
            video=video,
            metadata=metadata,
            truthful=measures_agree(members, size, duration) and (not video or _listed(members, tags, size)),
            configs=configs,
            streams=tags.known,
            complaint=tags.complaint,
        )
        return _index(layout, tuple(tracks), size, spent, complete=True)

    def codec(self, track: Track) -> str:
        """Return the codecs parameter of a track; four letters where no more is known."""
        description: FlvDescription = track.box
        return description.configuration.codec_string

    def chapters(self, index: MediaIndex) -> Generator[ReadAt, bytes, tuple[Chapter, ...]]:
        """Return a generator that returns the cue points of onMetaData that are for navigation."""
        yield from ()
        layout: FlvLayout = index.header
        points = members_of(layout.metadata.payload if layout.metadata else None).get("cuePoints")
        return in_order(_cues(points, layout.begin), layout.duration_ms)


def _cues(points: Value, begin: int) -> list[Chapter]:
    found = []
    for point in points if isinstance(points, list) else ():
        if isinstance(point, Mapping) and point.get("type") == "navigation":
            time, name = number_in(point, "time"), point.get("name")
            if time is not None and 0 <= time < 2**40:
                found.append(Chapter(round(time * 1000) - begin, name if isinstance(name, str) else ""))
    return found


def _listed(members: Mapping[str, Value], tags: Tags, size: int) -> bool:
    """Tell whether onMetaData lists key frames as they are, sequence headers among them."""
    listed = listed_key_frames(members, size)
    found = key_frames_of(tags)
    if listed is None or not len(found):
        return listed is None and not len(found)
    headers = {special.offset for special in tags.specials if special.stream >> 16 == VIDEO}
    rows = [row for row, offset in enumerate(listed.offsets.tolist()) if offset not in headers]
    real = type(listed)(listed.offsets[rows], listed.times[rows])
    return agree(real, found) and complete(listed, int(tags.times[0]), int(tags.times.max()))


def _index_of_key_frames(layout: FlvLayout, spent: int, size: int) -> MediaIndex:
    members: dict[str, Any] = members_of(layout.metadata.payload if layout.metadata else None)
    tracks = (
        track_of(number, stream, layout.configs, members, no_samples(), duration=layout.duration_ms)
        for number, stream in enumerate(layout.streams, 1)
    )
    return _index(layout, tuple(tracks), size, spent, complete=False)


def _index(layout: FlvLayout, tracks: tuple[Track, ...], size: int, spent: int, *, complete: bool) -> MediaIndex:
    return MediaIndex(
        format="flv",
        size=size,
        timescale=TIMESCALE,
        declared_duration=layout.duration_ms,
        tracks=tracks,
        faststart=True,
        fragmented=False,
        weight=layout.weight + sum(_TRACK_WEIGHT + track.samples.weight for track in tracks),
        metadata_size=min(size, spent),
        header=layout,
        complete=complete,
    )
