"""What is in the segments of a playlist: at most one video and one sound of a film, and which samples of each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hls_mp4.errors import UnsupportedMedia
from hls_mp4.media.presentation import Presentation, Rendition
from hls_mp4.packagers.mpegts.scrambling import scrambled as as_scrambled
from hls_mp4.packagers.mpegts.streams import Stream, stream_of_rendition
from hls_mp4.packagers.mpegts.units import Grouping, grouping_of
from hls_mp4.packagers.segmenting.cutting import cutting_of


@dataclass(frozen=True, slots=True, eq=False)
class Video:
    """The pictures.

    Args:
        rendition: whose they are.
        stream: what that is.
        bounds: the samples that segments begin with, and that after the last.
        scrambled: whether samples are encrypted by SAMPLE-AES.
    """

    rendition: Rendition
    stream: Stream
    bounds: NDArray[np.int64]
    scrambled: bool


@dataclass(frozen=True, slots=True, eq=False)
class Sound:
    """The sound.

    Args:
        rendition: whose it is.
        stream: what that is.
        bounds: the samples that segments begin with, and that after the last.
        grouping: of its frames.
    """

    rendition: Rendition
    stream: Stream
    bounds: NDArray[np.int64]
    grouping: Grouping


@dataclass(frozen=True, slots=True, eq=False)
class Contents:
    """What is in the segments of a playlist; there is one of the two at least.

    Args:
        video: the pictures, which carry the clock.
        sound: the sound, which carries it where there are no pictures.
    """

    video: Video | None
    sound: Sound | None

    def __len__(self) -> int:
        """Return the number of segments."""
        each = self.video or self.sound
        assert each is not None
        return len(each.bounds) - 1


def contents_of(presentation: Presentation, numbers: Sequence[int], *, scrambled: bool = False) -> Contents:
    """Return what is in the segments of some renditions.

    Args:
        presentation: whose they are.
        numbers: at most one video and one sound, of one film.
        scrambled: whether samples are encrypted by SAMPLE-AES.

    Raises:
        UnsupportedMedia: they cannot be in a transport stream.
        MalformedMedia: the film's tables make no sense.
    """
    chosen = [presentation.renditions[number] for number in numbers]
    kinds = sorted(each.kind for each in chosen)
    if kinds not in (["video"], ["audio"], ["audio", "video"]):
        raise UnsupportedMedia("a segment of MPEG-TS has one video and one sound at most")
    if len({each.source for each in chosen}) > 1:
        raise UnsupportedMedia("a segment of MPEG-TS is made of one film")
    video: Video | None = None
    sound: Sound | None = None
    for each, bounds in zip(chosen, cutting_of(presentation, numbers).parts, strict=True):
        stream = stream_of_rendition(each)
        if scrambled:
            stream = as_scrambled(stream, each)
        if each.kind == "video":
            video = Video(each, stream, bounds, scrambled)
        else:
            sound = Sound(each, stream, bounds, grouping_of(each, stream, clocked=len(chosen) == 1))
    return Contents(video, sound)
