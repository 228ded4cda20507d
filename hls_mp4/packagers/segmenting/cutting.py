"""The segments of one playlist: of one rendition alone, or of several in the same segments."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from hls_mp4.media.presentation import Presentation
from hls_mp4.packagers.segmenting.durations import segment_starts


@dataclass(frozen=True, eq=False)
class Cutting:
    """The segments of a playlist.

    Args:
        parts: for each rendition in them the samples at which they begin, and that after the last.
        begins: returns `starts`; whoever makes one segment does not ask for the times of all.
        timescale: of these.
    """

    parts: tuple[NDArray[np.int64], ...]
    begins: Callable[[], NDArray[np.int64]]
    timescale: int

    @cached_property
    def starts(self) -> NDArray[np.int64]:
        """When they begin, and when the last one ends."""
        return self.begins()

    @property
    def ticks(self) -> NDArray[np.int64]:
        """How long each lasts."""
        return np.diff(self.starts)

    def __len__(self) -> int:
        return len(self.parts[0]) - 1


def cutting_of(presentation: Presentation, numbers: Sequence[int]) -> Cutting:
    """Return the segments of some renditions: of one alone those it has samples in, of several the common ones."""
    segments = presentation.segments()
    if len(numbers) == 1:
        (number,) = numbers
        rendition = presentation.renditions[number]
        parts = segments.parts[number]
        return Cutting((parts,), lambda: segment_starts(rendition, parts), rendition.track.timescale)
    return Cutting(tuple(segments.splits[number] for number in numbers), lambda: segments.times, segments.timescale)
