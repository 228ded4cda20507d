"""A rendition as DASH carries it: its segments, its clock, and where on it the presentation begins.

Media begins at the presentation's lead, so that no time is negative, and @presentationTimeOffset takes the lead away
again. Documents of TTML tell times by themselves (ISO/IEC 14496-30 5.2): a track of them keeps the film's clock.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from hls_mp4.media.presentation import Presentation, Rendition, times_of
from hls_mp4.packagers.dash.names import track_name
from hls_mp4.packagers.segmenting.durations import segment_starts

CLOSED, OPEN = 1, 3
"""Types of stream access points (ISO/IEC 14496-12 Annex I): nothing, or something, is shown before that follows it."""


@dataclass(frozen=True, slots=True, eq=False)
class Carried:
    """A rendition.

    Args:
        number: in the presentation.
        name: in URLs, and as @id.
        rendition: with the times that its segments have.
        parts: samples at which its segments begin, and that after the last.
        starts: when they begin, and when the last one ends, in the track's timescale.
        offset: where on this clock the presentation begins.
        access: type of stream access point that its segments begin with.
    """

    number: int
    name: str
    rendition: Rendition
    parts: NDArray[np.int64]
    starts: NDArray[np.int64]
    offset: int
    access: int

    @property
    def timescale(self) -> int:
        """Ticks per second."""
        return self.rendition.track.timescale

    @property
    def duration_ms(self) -> int:
        """When it is over, since the begin of the presentation; rounded up."""
        return max(1, -(-(int(self.starts[-1]) - self.offset) * 1000 // self.timescale))

    @property
    def longest_ms(self) -> int:
        """Length of the longest segment, rounded up."""
        return max(1, -(-int(np.diff(self.starts).max()) * 1000 // self.timescale))

    def segment(self, number: int) -> tuple[int, int] | None:
        """Return the samples of a segment, from 1; None when it is not there."""
        if not 1 <= number < len(self.parts):
            return None
        return int(self.parts[number - 1]), int(self.parts[number])

    def number_at(self, time: int) -> int:
        """Return the number of the segment that begins at just this time; 0 when none does."""
        at = int(self.starts[:-1].searchsorted(time))
        return at + 1 if at < len(self.starts) - 1 and int(self.starts[at]) == time else 0


def carried(presentation: Presentation, number: int) -> Carried:
    """Return a rendition by its number in the presentation; it is kept."""
    return presentation.keep(("dash", number), lambda: _carried(presentation, number))


def _carried(presentation: Presentation, number: int) -> Carried:
    rendition = presentation.renditions[number]
    offset = (presentation.lead_ms * rendition.track.timescale + 500) // 1000
    if rendition.kind == "text":
        rendition = replace(rendition, shift=rendition.shift - offset, end=rendition.end - offset)
        offset = 0
    parts = presentation.segments().parts[number]
    starts = segment_starts(rendition, parts)
    name = track_name(presentation, rendition)
    return Carried(number, name, rendition, parts, starts, offset, _access(rendition, parts, starts))


def _access(rendition: Rendition, parts: NDArray[np.int64], starts: NDArray[np.int64]) -> int:
    """Return the type of stream access point that segments begin with."""
    if not rendition.track.samples.has_composition:
        return CLOSED
    following = parts[:-1] + 1
    inside = following < parts[-1]
    # What is shown before a key frame and decoded after it is decoded right after it.
    leading = times_of(rendition, following[inside]) < starts[:-1][inside]
    return OPEN if leading.any() else CLOSED
