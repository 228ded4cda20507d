"""Which samples are shown when: from composition times to samples, in decode order.

A sample is shown from its composition time until the next one's, in the order of these times (14496-12 8.6.1.3);
what has to be carried for a stretch of time is a range in decode order.
"""

from __future__ import annotations

from hls_mp4.errors import MalformedMedia
from hls_mp4.media.samples import MOST_REORDERED, SampleTable

FEW = 16
"""Samples whose times are asked for without numpy."""


def shown_from(samples: SampleTable, media_time: int) -> tuple[int, int | None]:
    """Return the earliest sample in decode order that is shown at a composition time or later, and the one on show.

    Returns:
        The number of samples, when all have been shown; the sample that is shown at just that time, None when none
        has been shown yet.
    """
    if media_time >= samples.presentation_end:
        return samples.count, None
    if not samples.has_composition:
        sample = samples.sample_at(media_time)
        return sample, sample
    low, high = samples.composition_bounds
    # The sample that is decoded this late is surely shown by now; the one on show is shown no earlier than that one.
    shown_by_now = samples.decode_time(samples.sample_at(media_time - high))
    begin, times = _times(samples, shown_by_now - (high - low), media_time - low)
    since, on_show = media_time, None
    shown = [time for time in times if time <= media_time]
    if shown:
        since = max(shown)
        on_show = begin + times.index(since)
    return begin + next((number for number, time in enumerate(times) if time >= since), 0), on_show


def shown_before(samples: SampleTable, media_time: int) -> int:
    """Return the index after the last sample in decode order that is shown before a composition time."""
    if media_time <= 0 or not samples.count:
        return 0
    if not samples.has_composition:
        return min(samples.count, samples.sample_at(media_time - 1) + 1)
    low, high = samples.composition_bounds
    begin, times = _times(samples, media_time - high, media_time - low)
    return begin + max((number + 1 for number, time in enumerate(times) if time < media_time), default=0)


def _times(samples: SampleTable, earliest: int, latest: int) -> tuple[int, list[int]]:
    """Return when the samples are shown that are decoded between two times.

    Returns:
        The first of them and the times they are shown at: at least one.
    """
    begin = min(samples.sample_at(earliest), samples.count - 1)
    stop = max(begin + 1, min(samples.sample_at(latest) + 1, samples.count))
    if stop - begin > MOST_REORDERED:
        raise MalformedMedia("mp4 ctts offsets are too large")
    if stop - begin <= FEW:
        return begin, samples.few_presentation_times(begin, stop)
    return begin, samples.presentation_times(begin, stop).tolist()
