"""Where the clock has to be told by itself: before the first picture, after the last one, and between slow ones.

Every picture tells it, or every group of sound where there are no pictures (ISO/IEC 13818-1 2.4.2.2, 2.7.2). What is
left are films that show a picture a second, or hardly any.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from hls_mp4.containers.mpegts.timestamps import CLOCK
from hls_mp4.media.presentation import Rendition
from hls_mp4.packagers.mpegts.contents import Contents, Sound, Video
from hls_mp4.packagers.mpegts.units import CLOCK_STEP, clocks_between, decoded_at, groups, heard_at

_NEVER = np.empty(0, np.int64)


def clock_times(contents: Contents, segment: int) -> NDArray[np.int64]:
    """Return when the clock is told in a segment beside pictures and sound, in ticks and rising.

    Args:
        contents: of the playlist.
        segment: from 0.
    """
    video, sound = contents.video, contents.sound
    if video is None:
        assert sound is not None
        return clocks_between(_sound_times(sound, segment))
    heard = _sound_times(sound, segment) if sound is not None else _NEVER
    return _beside_pictures(video, segment, heard)


def _beside_pictures(video: Video, segment: int, heard: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return when the clock is told beside pictures.

    Args:
        video: the pictures.
        segment: from 0.
        heard: when groups of sound of the segment are, and the first one after it.
    """
    rendition = video.rendition
    first, stop = int(video.bounds[segment]), int(video.bounds[segment + 1])
    if first == stop:
        # In the middle of a film these are times of pictures that are in the segment before.
        if not len(heard) or rendition.first < first < rendition.stop:
            return _NEVER
        return np.append(heard[:1], clocks_between(heard[[0, -1]]))
    seen = decoded_at(rendition, first, min(stop + 1, rendition.stop))
    there = rendition.track.samples.sizes(first, min(stop + 1, rendition.stop)) > 0
    if not there.all():
        there[stop - first :] = True
        seen = seen[there]
    found = []
    if len(heard) and (not len(seen) or (first == rendition.first and heard[0] < seen[0] - CLOCK_STEP)):
        found.append(heard[:1])
        seen = np.concatenate((heard[:1], seen))
    if len(heard) and stop == rendition.stop and heard[-1] > seen[-1]:
        seen = np.append(seen, heard[-1])
    return np.asarray(np.concatenate((*found, clocks_between(seen))))


def _sound_times(sound: Sound, segment: int) -> NDArray[np.int64]:
    """Return when the groups of a segment are heard, and the first one after it."""
    bounds, rendition = sound.bounds[segment : segment + 2], sound.rendition
    first, stop = bounds.tolist()
    found = groups(rendition, sound.stream, sound.grouping, bounds)
    starts = found.starts[found.packets > 0] - first
    if stop < rendition.stop:
        starts = np.append(starts, stop - first)
    return heard_at(rendition, first, starts)


def with_clocks(contents: Contents) -> list[int]:
    """Return the segments in which the clock may have to be told by itself; all others need not be looked at."""
    video, sound = contents.video, contents.sound
    if video is None:
        assert sound is not None
        rendition, bounds = sound.rendition, sound.bounds
        slow = _slow(rendition, sound.grouping.frames)
    else:
        rendition, bounds = video.rendition, video.bounds
        slow = _slow(rendition, 1)
    if slow is None:
        return list(range(len(contents)))
    found = set((bounds.searchsorted(slow, "right") - 1).tolist())
    if video is not None and sound is not None:
        ends = bounds.searchsorted((rendition.first, rendition.stop - 1), "right") - 1
        found.update(ends.tolist(), np.flatnonzero(bounds[:-1] == bounds[1:]).tolist())
    return sorted(found)


def _slow(rendition: Rendition, frames: int) -> NDArray[np.int64] | None:
    """Return samples that may last longer than the clock can be left out, or are empty; None for all of them.

    Args:
        rendition: whose they are.
        frames: samples that the clock is told once for.
    """
    samples, timescale = rendition.track.samples, rendition.track.timescale
    counts, durations = samples.durations(rendition.first, rendition.stop)
    # Rounding can make a gap longer by a tick.
    slow = (durations * CLOCK + timescale) * frames > CLOCK_STEP * timescale
    empty = _NEVER
    if not samples.uniform_size:
        empty = rendition.first + np.flatnonzero(samples.packed_sizes(rendition.first, rendition.stop) == 0)
    if not slow.any():
        return empty
    if 2 * int(counts[slow].sum()) > rendition.stop - rendition.first:
        return None
    return np.concatenate((rendition.first + np.flatnonzero(np.repeat(slow, counts)), empty))
