"""A part of a presentation as a presentation of its own, cut without decoding anything.

It begins at the key frame of the reference, the first video, that is shown at the instant asked for or before it: what
lies between is shown too, for a decoder needs it. Other pictures begin at their key frame of that time, sound with the
first frame that is shown no earlier. Everything ends at the instant asked for. Time begins anew: the first instant is
the window's own lead after 0, and so are cues of texts.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import numpy as np

from hls_mp4.errors import NotFound
from hls_mp4.media.presentation import Presentation, Rendition
from hls_mp4.media.shown import shown_before
from hls_mp4.media.texts import Cue, Text

_FEW = 64
"""Samples after a key frame among which the one that is shown first is looked for."""


def between(presentation: Presentation, begin_ms: int, end_ms: int | None) -> Presentation:
    """Return what is shown in [begin, end) of a presentation.

    Args:
        presentation: of whole films; it is left as it is.
        begin_ms: counted from the begin of the films.
        end_ms: the instant after the last; None for the end.

    Raises:
        NotFound: nothing is shown then.
        MalformedMedia: the tables of a film make no sense.
    """
    begin = _first_instant(presentation, begin_ms)
    scale = begin[1]
    cropped = [
        made for each in presentation.renditions if (made := _cropped(presentation, each, begin, end_ms)) is not None
    ]
    if not cropped:
        raise NotFound(f"nothing is shown at {begin_ms} ms")
    lead_ms = max(_needed_ms(each) for each in cropped)
    renditions = tuple(_later(each, (lead_ms * each.track.timescale + 500) // 1000) for each in cropped)
    from_ms = begin[0] * 1000 // scale
    texts = tuple(replace(text, cues=tuple(_cues(text, from_ms, end_ms))) for text in presentation.texts)
    return replace(presentation, renditions=renditions, lead_ms=lead_ms, texts=texts, segments_made={}, kept={})


def _first_instant(presentation: Presentation, begin_ms: int) -> tuple[int, int]:
    """Return when the window begins, counted from the begin of the films: ticks, and how many make a second."""
    reference = next((each for each in presentation.renditions if each.kind == "video"), None)
    if reference is None or begin_ms <= 0:
        return max(0, begin_ms), 1000
    timescale = reference.track.timescale
    lead = _lead(presentation, reference)
    # A millisecond is rounded: who asks for the begin of a segment by what a manifest says of it is to have it.
    wanted = (begin_ms * timescale + 999) // 1000 + timescale // 1000
    sample = _key_frame(reference, wanted + lead)
    if sample is None or wanted + lead >= reference.end:
        return begin_ms, 1000
    return max(0, reference.track.samples.presentation_time(sample) + reference.shift - lead), timescale


def _lead(presentation: Presentation, rendition: Rendition) -> int:
    return (presentation.lead_ms * rendition.track.timescale + 500) // 1000


def _key_frame(rendition: Rendition, time: int) -> int | None:
    """Return the last key frame that is shown at an instant of the timeline or before it, None when there is none."""
    samples = rendition.track.samples
    keys = samples.sync_samples
    low, high = keys.searchsorted((rendition.first, rendition.stop))
    keys = keys[low:high]
    if not len(keys):
        return None
    low, high = 0, len(keys)
    while low < high:  # key frames are shown in the order in which they are decoded, but for films of no use
        middle = (low + high) // 2
        if samples.presentation_time(int(keys[middle])) + rendition.shift <= time:
            low = middle + 1
        else:
            high = middle
    return int(keys[low - 1]) if low else None


def _cropped(
    presentation: Presentation, rendition: Rendition, begin: tuple[int, int], end_ms: int | None
) -> Rendition | None:
    """Return what a rendition has in a window, on a timeline that begins with it; None for nothing.

    Documents of subtitles (TTML) hold times that count from the begin of the film: they cannot be moved.
    """
    if rendition.kind == "text":
        return None
    samples, timescale = rendition.track.samples, rendition.track.timescale
    lead = _lead(presentation, rendition)
    origin = lead + (begin[0] * timescale * 2 + begin[1]) // (2 * begin[1])
    end = rendition.end if end_ms is None else min(rendition.end, lead + -(-end_ms * timescale // 1000))
    if end <= origin:
        return None
    first, stop = rendition.first, rendition.stop
    if begin[0]:
        first = _first_sample(rendition, origin)
    if end < rendition.end:
        stop = min(stop, shown_before(samples, end - rendition.shift))
    if first >= stop:
        return None
    return replace(rendition, first=first, stop=stop, shift=rendition.shift - origin, end=end - origin)


def _first_sample(rendition: Rendition, origin: int) -> int:
    """Return the sample that a rendition begins with when it begins at an instant of the timeline."""
    samples = rendition.track.samples
    if rendition.kind == "video" and not samples.all_sync:
        hair = max(1, rendition.track.timescale // 200)  # the same key frame of another film is a tick later
        return _key_frame(rendition, origin + hair) or rendition.first
    wanted = np.array([origin - rendition.shift - samples.composition_bounds[0]], np.int64)
    return max(rendition.first, int(samples.samples_from(wanted)[0]))


def _needed_ms(rendition: Rendition) -> int:
    """Return how late a window has to begin, so that no time of a rendition is negative."""
    samples = rendition.track.samples
    shown = samples.presentation_times(rendition.first, min(rendition.stop, rendition.first + _FEW))
    earliest = min(rendition.decode_time(rendition.first), int(shown.min()) + rendition.shift)
    return max(0, -(earliest * 1000 // rendition.track.timescale))


def _later(rendition: Rendition, ticks: int) -> Rendition:
    return replace(rendition, shift=rendition.shift + ticks, end=rendition.end + ticks)


def _cues(text: Text, begin_ms: int, end_ms: int | None) -> Iterable[Cue]:
    """Yield the cues that are shown in a window, cropped to it and counted from its begin."""
    stop_ms = max(text.end_ms, begin_ms) if end_ms is None else end_ms
    for cue in text.between(begin_ms, stop_ms):
        begin, end = max(cue.begin_ms, begin_ms) - begin_ms, min(cue.end_ms, stop_ms) - begin_ms
        if end > begin:
            yield replace(cue, begin_ms=begin, end_ms=end)
