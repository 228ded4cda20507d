"""Where fragments begin: at the key frames of the one segmenter, sound cut when these are decoded.

A fragment's FLV tags are in the order of their decode times, and no fragment may reach into the next. Other formats
cut sound at the instant at which the key frame is shown, which is later by as much as pictures are reordered; here it
is cut where the key frame is decoded. Fragments that would have nothing in them are left out of a media's numbering.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hls_mp4.media.presentation import Presentation, Rendition

SAME_MS = 2
"""Milliseconds that two tables may differ by and be told as one: times are rounded in each track's own ticks."""


@dataclass(frozen=True, slots=True, eq=False)
class Cutting:
    """The fragments of a media.

    Args:
        splits: for each of its renditions the sample at which each fragment begins, and that after the last.
        starts: when each fragment begins, ms, rising: what its key frame is decoded at, and no tag of it is earlier.
        end: when the last sample of all is over, ms.
    """

    splits: tuple[NDArray[np.int64], ...]
    starts: NDArray[np.int64]
    end: int

    def __len__(self) -> int:
        return len(self.starts)

    @property
    def durations(self) -> NDArray[np.int64]:
        """How long each fragment lasts, ms; never 0, which would stand for a gap."""
        return np.asarray(np.diff(np.append(self.starts, self.end)).clip(1))

    def is_like(self, other: Cutting) -> bool:
        """Tell whether another has the same fragments at the same times."""
        if len(self) != len(other):
            return False
        return len(self) == 0 or int(np.abs(self.starts - other.starts).max()) <= SAME_MS


def milliseconds(ticks: NDArray[np.int64], timescale: int) -> NDArray[np.int64]:
    """Return times in milliseconds, rounded."""
    whole, rest = np.divmod(ticks, timescale)
    return np.asarray(whole * 1000 + (rest * 2000 + timescale) // (2 * timescale))


def cutting_of(presentation: Presentation, numbers: Sequence[int]) -> Cutting:
    """Return the fragments of some renditions, at most one of them video; found once."""
    key = tuple(numbers)
    return presentation.keep(("hds", "cutting", key), lambda: _cut(presentation, key))


def _cut(presentation: Presentation, numbers: tuple[int, ...]) -> Cutting:
    renditions = [presentation.renditions[number] for number in numbers]
    segments = presentation.segments()
    lead = _lead(presentation, numbers)
    leading = presentation.renditions[lead]
    instants = _instants(leading, segments.splits[lead], segments.times, segments.timescale)
    splits = np.array(
        [
            segments.splits[number] if number == lead else _split(each, instants[1:], leading.track.timescale)
            for number, each in zip(numbers, renditions, strict=True)
        ]
    )
    starts = milliseconds(instants, leading.track.timescale)
    bounds = [
        milliseconds(_decoded(each, split[[0, -1]]), each.track.timescale)
        for each, split in zip(renditions, splits, strict=True)
    ]
    starts[0] = min(int(starts[0]), *(int(first) for first, _ in bounds))
    filled = np.flatnonzero((splits[:, 1:] > splits[:, :-1]).any(axis=0))
    splits = splits[:, np.append(filled, splits.shape[1] - 1)]
    splits.flags.writeable = False
    return Cutting(tuple(splits), np.maximum.accumulate(starts)[filled], max(int(end) for _, end in bounds))


def _lead(presentation: Presentation, numbers: Sequence[int]) -> int:
    """Return the rendition that says when fragments begin: the video among these, else the presentation's first."""
    for among in (numbers, range(len(presentation.renditions))):
        for number in among:
            if presentation.renditions[number].kind == "video":
                return number
    return next(number for number, each in enumerate(presentation.renditions) if each.kind == "audio")


def _decoded(rendition: Rendition, samples: NDArray[np.int64]) -> NDArray[np.int64]:
    times = rendition.track.samples.decode_times_of(samples)
    return np.asarray(times + (rendition.shift - rendition.delay))


def _instants(
    leading: Rendition, split: NDArray[np.int64], times: NDArray[np.int64], timescale: int
) -> NDArray[np.int64]:
    """Return when each fragment begins, in the leading rendition's ticks.

    That is when its key frame is decoded; where it has none any more, when the segment begins.
    """
    shown = times[:-1] * leading.track.timescale // timescale
    begins = split[:-1]
    return np.asarray(np.where(begins < leading.stop, _decoded(leading, begins), shown))


def _split(rendition: Rendition, instants: NDArray[np.int64], timescale: int) -> NDArray[np.int64]:
    """Return the samples of a rendition at which fragments begin, and that after its last.

    Args:
        rendition: whose samples they are.
        instants: when each fragment but the first begins.
        timescale: of these.
    """
    samples = rendition.track.samples
    whole, rest = np.divmod(instants, timescale)
    own = whole * rendition.track.timescale - (-rest * rendition.track.timescale // timescale)
    inner = samples.samples_from(own - rendition.shift + rendition.delay).clip(rendition.first, rendition.stop)
    return np.concatenate(([rendition.first], np.maximum.accumulate(inner), [rendition.stop]))
