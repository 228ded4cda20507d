"""The segments of one playlist: of one rendition alone, or of several in the same segments."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hls_mp4.media.presentation import Presentation
from hls_mp4.packagers.segmenting.durations import segment_starts


@dataclass(frozen=True, slots=True, eq=False)
class Cutting:
    """The segments of a playlist.

    Args:
        parts: for each rendition in them the samples at which they begin, and that after the last.
        starts: when they begin, and when the last one ends.
        timescale: of these.
    """

    parts: tuple[NDArray[np.int64], ...]
    starts: NDArray[np.int64]
    timescale: int

    @property
    def ticks(self) -> NDArray[np.int64]:
        """How long each lasts."""
        return np.diff(self.starts)

    def __len__(self) -> int:
        return len(self.starts) - 1


def cutting_of(presentation: Presentation, numbers: Sequence[int]) -> Cutting:
    """Return the segments of some renditions: of one alone those it has samples in, of several the common ones."""
    segments = presentation.segments()
    if len(numbers) == 1:
        (number,) = numbers
        rendition = presentation.renditions[number]
        parts = segments.parts[number]
        return Cutting((parts,), segment_starts(rendition, parts), rendition.track.timescale)
    return Cutting(tuple(segments.splits[number] for number in numbers), segments.times, segments.timescale)
