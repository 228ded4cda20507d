"""Media playlists (RFC 8216 4.3.3): the segments of one rendition, or of several in the same segments."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from hls_mp4.media.presentation import Presentation
from hls_mp4.packagers.hls.forms import Form
from hls_mp4.packagers.segmenting.cutting import cutting_of
from hls_mp4.packagers.segmenting.durations import decimals, target_duration
from hls_mp4.packagers.segmenting.names import tracks_name


def media_playlist(presentation: Presentation, numbers: Sequence[int], form: Form) -> str:
    """Return the media playlist of some renditions.

    Args:
        presentation: whose they are.
        numbers: of the renditions, all of one source.
        form: of the segments.
    """
    cutting = cutting_of(presentation, numbers)
    tracks = tracks_name([presentation.renditions[number] for number in numbers], presentation)
    query = f"?{presentation.forward}" if presentation.forward else ""
    lines = [
        "#EXTM3U",
        f"#EXT-X-VERSION:{form.version()}",
        f"#EXT-X-TARGETDURATION:{target_duration(cutting.ticks, cutting.timescale)}",
        "#EXT-X-MEDIA-SEQUENCE:1",
        "#EXT-X-PLAYLIST-TYPE:VOD",
        "#EXT-X-INDEPENDENT-SEGMENTS",
    ]
    if form.has_init:
        # Before the key: what is in it is not encrypted.
        lines.append(f'#EXT-X-MAP:URI="init{tracks}.mp4{query}"')
    lines += form.key_tags(presentation, numbers)
    for number, seconds in enumerate(decimals(cutting.ticks, cutting.timescale), 1):
        lines.append(f"#EXTINF:{seconds},\nseg-{number}{tracks}.{form.suffix}{query}")
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
