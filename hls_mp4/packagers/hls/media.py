"""Media playlists (RFC 8216 4.3.3): the segments of one rendition, or of several in the same segments."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hls_mp4.media.presentation import Presentation
from hls_mp4.packagers.segmenting.durations import decimals, segment_starts, target_duration
from hls_mp4.packagers.segmenting.names import tracks_name


@dataclass(frozen=True, slots=True, eq=False)
class Cutting:
    """The segments of a playlist.

    Args:
        parts: for each rendition in them the samples at which they begin, and that after the last.
        starts: when they begin, and when the last one ends.
        timescale: of these.
    """

    parts: tuple[NDArray[np.int64], ...]
    starts: NDArray[np.int64]
    timescale: int

    @property
    def ticks(self) -> NDArray[np.int64]:
        """How long each lasts."""
        return np.diff(self.starts)

    def __len__(self) -> int:
        return len(self.starts) - 1


def cutting_of(presentation: Presentation, numbers: Sequence[int]) -> Cutting:
    """Return the segments of some renditions: of one alone those it has samples in, of several the common ones."""
    segments = presentation.segments()
    if len(numbers) == 1:
        (number,) = numbers
        rendition = presentation.renditions[number]
        parts = segments.parts[number]
        return Cutting((parts,), segment_starts(rendition, parts), rendition.track.timescale)
    return Cutting(tuple(segments.splits[number] for number in numbers), segments.times, segments.timescale)


def media_playlist(presentation: Presentation, numbers: Sequence[int], form: str) -> str:
    """Return the media playlist of some renditions.

    Args:
        presentation: whose they are.
        numbers: of the renditions, all of one source.
        form: "ts" or "fmp4".
    """
    cutting = cutting_of(presentation, numbers)
    tracks = tracks_name([presentation.renditions[number] for number in numbers], presentation)
    query = f"?{presentation.forward}" if presentation.forward else ""
    lines = [
        "#EXTM3U",
        f"#EXT-X-VERSION:{7 if form == 'fmp4' else 3}",
        f"#EXT-X-TARGETDURATION:{target_duration(cutting.ticks, cutting.timescale)}",
        "#EXT-X-MEDIA-SEQUENCE:1",
        "#EXT-X-PLAYLIST-TYPE:VOD",
        "#EXT-X-INDEPENDENT-SEGMENTS",
    ]
    suffix = "ts"
    if form == "fmp4":
        lines.append(f'#EXT-X-MAP:URI="init{tracks}.mp4{query}"')
        suffix = "m4s"
    for number, seconds in enumerate(decimals(cutting.ticks, cutting.timescale), 1):
        lines.append(f"#EXTINF:{seconds},\nseg-{number}{tracks}.{suffix}{query}")
    lines.append("#EXT-X-ENDLIST\n")
    return "\n".join(lines)


def text_playlist(presentation: Presentation, number: int) -> str:
    """Return the media playlist of a text, from 0: its segments are those of the pictures, empty ones too."""
    segments = presentation.segments()
    ticks = np.diff(segments.times)
    query = f"?{presentation.forward}" if presentation.forward else ""
    lines = [
        "#EXTM3U",
        "#EXT-X-VERSION:3",
        f"#EXT-X-TARGETDURATION:{target_duration(ticks, segments.timescale)}",
        "#EXT-X-MEDIA-SEQUENCE:1",
        "#EXT-X-PLAYLIST-TYPE:VOD",
    ]
    for segment, seconds in enumerate(decimals(ticks, segments.timescale), 1):
        lines.append(f"#EXTINF:{seconds},\nseg-{segment}-t{number + 1}.vtt{query}")
    lines.append("#EXT-X-ENDLIST\n")
    return "\n".join(lines)
