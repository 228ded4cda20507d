"""I-frame playlists (RFC 8216 4.3.3.6): the key frame that each segment begins with, as a range of its bytes."""

from __future__ import annotations

from itertools import pairwise

from hls_mp4.media.presentation import Presentation
from hls_mp4.packagers.fmp4.fragment import Run, moof
from hls_mp4.packagers.segmenting.cutting import cutting_of
from hls_mp4.packagers.segmenting.durations import decimals, target_duration
from hls_mp4.packagers.segmenting.names import tracks_name

_MDAT_HEADER = 8


def iframe_ranges(presentation: Presentation, number: int) -> list[int]:
    """Return for each segment of a video how many of its first bytes hold its header and its key frame."""
    rendition = presentation.renditions[number]
    samples = rendition.track.samples
    (parts,) = cutting_of(presentation, (number,)).parts
    bounds = parts.tolist()
    return [
        len(moof(Run.of(rendition, first, stop), 1)) + _MDAT_HEADER + samples.size(first)
        for first, stop in pairwise(bounds)
    ]


def iframe_playlist(presentation: Presentation, number: int) -> str:
    """Return the I-frame playlist of a video in fragmented MP4."""
    cutting = cutting_of(presentation, (number,))
    tracks = tracks_name([presentation.renditions[number]], presentation)
    query = f"?{presentation.forward}" if presentation.forward else ""
    lines = [
        "#EXTM3U",
        "#EXT-X-VERSION:7",
        f"#EXT-X-TARGETDURATION:{target_duration(cutting.ticks, cutting.timescale)}",
        "#EXT-X-MEDIA-SEQUENCE:1",
        "#EXT-X-PLAYLIST-TYPE:VOD",
        "#EXT-X-I-FRAMES-ONLY",
        f'#EXT-X-MAP:URI="init{tracks}.mp4{query}"',
    ]
    told = zip(decimals(cutting.ticks, cutting.timescale), iframe_ranges(presentation, number), strict=True)
    for segment, (seconds, length) in enumerate(told, 1):
        lines.append(f"#EXTINF:{seconds},\n#EXT-X-BYTERANGE:{length}@0\nseg-{segment}{tracks}.m4s{query}")
    lines.append("#EXT-X-ENDLIST\n")
    return "\n".join(lines)
