"""What every packager reads: a film, its tracks, their edit lists. Containers differ, this does not."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from hls_mp4.media.samples import SampleTable


@dataclass(frozen=True, slots=True)
class Edit:
    """One line of a track's edit list (ISO/IEC 14496-12 8.6.6).

    Args:
        segment_duration: how long it shows, in the movie's timescale.
        media_time: where in the media it begins, in the track's timescale; -1 shows nothing for that long.
        rate_integer: 1 for normal speed, 0 to hold one picture.
        rate_fraction: 16 bits after the point.
    """

    segment_duration: int
    media_time: int
    rate_integer: int = 1
    rate_fraction: int = 0


@dataclass(eq=False, kw_only=True)
class Track:
    """One track of a film.

    Args:
        id: track id, never 0 in a sound file.
        handler: "vide", "soun", "text", "sbtl", "subt", "meta", ...
        timescale: units per second of everything but edits' segment durations; above 0.
        declared_duration: what the header says, track's timescale; 0 when it does not know.
        language: three letters of ISO 639-2, or "und".
        codec: four letters of the first sample entry; empty when there is none.
        enabled: whether players should show it unasked.
        width: pixels, 0 when unknown.
        height: pixels, 0 when unknown.
        channels: of audio, 0 when unknown.
        rate: audio samples per second, 0 when unknown.
        edits: the edit list; empty when the file has none. In a fragmented file they already account for where the
            first fragment begins: media time 0 is the first sample.
        samples: times, sizes and places.
        box: the container's own description of the track (isobmff: the trak `Box`; flv: a
            `hls_mp4.containers.flv.description.FlvDescription`, with what MP4 has in avcC, esds, ...).
    """

    id: int
    handler: str
    timescale: int
    declared_duration: int
    language: str
    codec: str
    enabled: bool
    width: int
    height: int
    channels: int
    rate: int
    edits: tuple[Edit, ...]
    samples: SampleTable
    box: Any

    @property
    def duration(self) -> int:
        """How long the media is, in the track's timescale: as declared, else the sum of the samples."""
        return self.declared_duration or self.samples.duration

    def presented_duration(self, timescale: int) -> int:
        """Return how long the track takes on the screen.

        Args:
            timescale: the movie's; also that of the result, which is rounded up.
        """
        if self.edits:
            return sum(edit.segment_duration for edit in self.edits)
        return -(-self.duration * timescale // self.timescale)


@dataclass(eq=False, kw_only=True)
class MediaIndex:
    """Everything known of a film without its media.

    Args:
        format: name of the container, "mp4" or "flv".
        size: bytes of the file.
        timescale: of the movie, above 0.
        declared_duration: what the file says, movie's timescale; 0 when it does not know.
        tracks: in file order.
        faststart: whether all metadata comes before the media.
        fragmented: whether samples are described by movie fragments.
        weight: bytes this holds in memory, including what appears when it is used.
        metadata_size: bytes of metadata in the file: moov, or moov and all moofs.
        derived: what others have found out about the film, which goes when the index does.
        header: the container's own (isobmff: `hls_mp4.containers.isobmff.scan.FileLayout`; flv:
            `hls_mp4.containers.flv.layout.FlvLayout`).
        complete: whether the tracks have their samples; see `IndexLimits.samples`.
    """

    format: str
    size: int
    timescale: int
    declared_duration: int
    tracks: tuple[Track, ...]
    faststart: bool
    fragmented: bool
    weight: int
    metadata_size: int
    header: Any
    complete: bool = True
    derived: dict[Any, Any] = field(default_factory=dict, repr=False)

    @cached_property
    def duration(self) -> int:
        """How long the film is, in the movie's timescale: as declared, else that of the longest track."""
        return self.declared_duration or max(
            (track.presented_duration(self.timescale) for track in self.tracks), default=0
        )
