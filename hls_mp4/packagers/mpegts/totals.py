"""How many packets each segment of a playlist has, of the whole film at once.

Continuity counters go on from segment to segment without padding (ISO/IEC 13818-1 2.4.3.3), though a segment is made by
itself: where they stand follows from the packets before it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hls_mp4.containers.mpegts.packets import PACKET
from hls_mp4.media.presentation import Presentation
from hls_mp4.packagers.mpegts.clocks import clock_times, with_clocks
from hls_mp4.packagers.mpegts.contents import Contents, Sound, Video, contents_of
from hls_mp4.packagers.mpegts.units import check_count, groups, pictures

TABLES = 2
"""Packets that each segment begins with: PAT and PMT."""

_SLAB = 1 << 16
"""Samples that are counted at a time."""


@dataclass(frozen=True, slots=True, eq=False)
class Totals:
    """The segments of a playlist, counted in packets.

    Args:
        contents: what is in them.
        video, sound: packets with payload of each before each segment, and before what would follow the last.
        clocks: packets of clock references alone in each segment.
    """

    contents: Contents
    video: NDArray[np.int64]
    sound: NDArray[np.int64]
    clocks: NDArray[np.int64]

    @property
    def sizes(self) -> NDArray[np.int64]:
        """Bytes of each segment."""
        return (self.clocks + np.diff(self.video) + np.diff(self.sound) + TABLES) * PACKET


def totals_key(presentation: Presentation, numbers: Sequence[int], *, scrambled: bool = False) -> tuple[object, ...]:
    """Return what the packets of segments are kept under."""
    return ("mpegts", presentation.policy, tuple(numbers), scrambled)


def totals_of(presentation: Presentation, numbers: Sequence[int], *, scrambled: bool = False) -> Totals:
    """Return the packets of all segments of some renditions; counted once.

    Args:
        presentation: whose renditions they are.
        numbers: at most one video and one sound, of one film.
        scrambled: whether samples are encrypted by SAMPLE-AES.

    Raises:
        UnsupportedMedia: they cannot be in a transport stream.
        MalformedMedia: the film's tables make no sense.
    """
    key = totals_key(presentation, numbers, scrambled=scrambled)
    return presentation.keep(key, lambda: count(contents_of(presentation, numbers, scrambled=scrambled)))


def count(contents: Contents) -> Totals:
    """Return the packets of all segments.

    Raises:
        UnsupportedMedia: a segment has too many samples.
        MalformedMedia: the film's tables make no sense.
    """
    video, sound = contents.video, contents.sound
    clocks = np.zeros(len(contents), np.int64)
    for segment in with_clocks(contents):
        clocks[segment] = len(clock_times(contents, segment))
    none = np.zeros(len(contents) + 1, np.int64)
    return Totals(
        contents,
        _before(video.bounds, lambda bounds: _of_video(video, bounds)) if video is not None else none,
        _before(sound.bounds, lambda bounds: _of_sound(sound, bounds)) if sound is not None else none,
        clocks,
    )


def _before(bounds: NDArray[np.int64], packets: Callable[[NDArray[np.int64]], NDArray[np.int64]]) -> NDArray[np.int64]:
    """Return the packets before each segment.

    Args:
        bounds: the samples that segments begin with, and that after the last.
        packets: returns those in each of some segments.
    """
    found = [np.zeros(1, np.int64)]
    begin = 0
    while begin < len(bounds) - 1:
        end = max(begin + 1, int(bounds.searchsorted(bounds[begin] + _SLAB, "right")) - 1)
        check_count(int(bounds[begin]), int(bounds[begin + 1]))
        found.append(packets(bounds[begin : end + 1]))
        begin = end
    return np.cumsum(np.concatenate(found))


def _of_video(video: Video, bounds: NDArray[np.int64]) -> NDArray[np.int64]:
    found = pictures(video.rendition, video.stream, bounds, scrambled=video.scrambled).packets
    return _sums(found, bounds - bounds[0])


def _of_sound(sound: Sound, bounds: NDArray[np.int64]) -> NDArray[np.int64]:
    found = groups(sound.rendition, sound.stream, sound.grouping, bounds)
    return _sums(found.packets, found.starts.searchsorted(bounds))


def _sums(packets: NDArray[np.int64], bounds: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the sums of packets between bounds, of which some may be alike."""
    sums = np.concatenate((np.zeros(1, np.int64), np.cumsum(packets)))
    return np.asarray(np.diff(sums[bounds]))
