"""I-frame playlists (RFC 8216 4.3.3.6): the key frame that each segment begins with, as a range of its bytes."""

from __future__ import annotations

from hls_mp4.media.presentation import Presentation
from hls_mp4.packagers.hls.forms import Form
from hls_mp4.packagers.segmenting.cutting import cutting_of
from hls_mp4.packagers.segmenting.durations import decimals, target_duration
from hls_mp4.packagers.segmenting.names import tracks_name


def iframe_playlist(presentation: Presentation, number: int, form: Form) -> str:
    """Return the I-frame playlist of a video.

    Args:
        presentation: whose it is.
        number: of the rendition.
        form: of the segments.
    """
    cutting = cutting_of(presentation, (number,))
    tracks = tracks_name([presentation.renditions[number]], presentation)
    query = f"?{presentation.forward}" if presentation.forward else ""
    lines = [
        "#EXTM3U",
        f"#EXT-X-VERSION:{form.version(key_frames=True)}",
        f"#EXT-X-TARGETDURATION:{target_duration(cutting.ticks, cutting.timescale)}",
        "#EXT-X-MEDIA-SEQUENCE:1",
        "#EXT-X-PLAYLIST-TYPE:VOD",
        "#EXT-X-I-FRAMES-ONLY",
    ]
    if form.has_init:
        lines.append(f'#EXT-X-MAP:URI="init{tracks}.mp4{query}"')
    lines += form.key_tags(presentation, (number,))
    told = zip(decimals(cutting.ticks, cutting.timescale), form.key_frames(presentation, number), strict=True)
    for segment, (seconds, (offset, length)) in enumerate(told, 1):
        lines.append(
            f"#EXTINF:{seconds},\n#EXT-X-BYTERANGE:{length}@{offset}\nseg-{segment}{tracks}.{form.suffix}{query}"
        )
    lines.append("#EXT-X-ENDLIST\n")
    return "\n".join(lines)
