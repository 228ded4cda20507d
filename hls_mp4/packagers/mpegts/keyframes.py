"""The key frames that segments of pictures begin with, as ranges of the segments' bytes, for I-frame playlists."""

from __future__ import annotations

import numpy as np

from hls_mp4.containers.mpegts.packets import PACKET
from hls_mp4.media.presentation import Presentation
from hls_mp4.packagers.mpegts.contents import contents_of
from hls_mp4.packagers.mpegts.totals import TABLES
from hls_mp4.packagers.mpegts.units import needed_of, packets_of


def key_frame_ranges(presentation: Presentation, number: int, *, scrambled: bool = False) -> list[tuple[int, int]]:
    """Return for each segment of a video where the packets of its first picture begin, and their bytes.

    What is before them are the tables: the Media Initialization Section of RFC 8216 4.3.3.6, which is not in the range.

    Args:
        presentation: whose video it is.
        number: of the rendition; alone in its segments.
        scrambled: whether samples are encrypted by SAMPLE-AES.

    Raises:
        UnsupportedMedia: it cannot be in a transport stream.
        MalformedMedia: the film's tables make no sense.
    """
    video = contents_of(presentation, (number,), scrambled=scrambled).video
    assert video is not None
    samples = video.rendition.track.samples
    sizes = np.array([samples.size(first) for first in video.bounds[:-1].tolist()], np.int64)
    needed, _ = needed_of(video.stream, sizes, np.ones(len(sizes), np.bool_), scrambled=scrambled)
    return [(TABLES * PACKET, PACKET * packets) for packets in packets_of(needed).clip(1).tolist()]
