"""Where a presentation is cut into segments.

It is one table, read by every manifest and every muxer, so that they cannot disagree. Segments begin at key frames of
the reference rendition, the first video (without video, at any sample of the first audio). The others are cut at the
same instants: video at its key frame of that time, sound at the first frame that is shown no earlier. The end of a
segment is the begin of the next one in each rendition, to the sample, and no segment of a rendition is empty.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from hls_mp4.media.presentation import Rendition

MOST_SEGMENTS = 100_000
"""Of one presentation: days of film in segments of seconds. Policies that would make more are stretched."""

_GOPS = re.compile(r"gop:([1-9][0-9]{0,3})")


@dataclass(frozen=True, slots=True)
class SegmentPolicy:
    """How segments are to be cut.

    Args:
        duration_ms: of each.
        first_ms: of the first ones, where players are to begin quickly; the last of them is followed by `duration_ms`.
        rule: "nearest" cuts at the key frame that is nearest to each multiple of the duration, "at_least" at the first
            key frame after that long, "gop:n" at every n-th key frame whatever the duration.
    """

    duration_ms: int = 4000
    first_ms: tuple[int, ...] = ()
    rule: str = "nearest"

    def __post_init__(self) -> None:
        """Check the rule."""
        if self.rule not in ("nearest", "at_least") and not _GOPS.fullmatch(self.rule):
            raise ValueError(f'invalid value "{self.rule}", it must be nearest, at_least or gop:number')
        if self.duration_ms < 1 or any(ms < 1 for ms in self.first_ms):
            raise ValueError("a segment has to last a millisecond at least")


@dataclass(frozen=True, slots=True, eq=False)
class Segments:
    """Where a presentation is cut.

    Args:
        timescale: of `times`: the reference rendition's.
        times: n + 1 instants of the timeline, rising: the begins of n segments, and the end of the last.
        splits: for each rendition n + 1 sample numbers: segment i has samples [splits[i], splits[i + 1]).
        parts: for each rendition the splits that differ: what a playlist of that rendition alone consists of.
        disagreeing: renditions of video that have no key frame at some of the instants, by their number in the
            presentation: theirs is cut at the key frame before.
    """

    timescale: int
    times: NDArray[np.int64]
    splits: tuple[NDArray[np.int64], ...]
    parts: tuple[NDArray[np.int64], ...]
    disagreeing: tuple[int, ...]

    def __len__(self) -> int:
        return len(self.times) - 1

    def longest_ms(self) -> int:
        """Return the length of the longest segment, rounded up."""
        return -(-int(np.diff(self.times).max()) * 1000 // self.timescale)

    def samples(self, rendition: int, segment: int) -> tuple[int, int]:
        """Return the samples [first, stop) of a rendition in a segment, which may be none."""
        split = self.splits[rendition]
        return int(split[segment]), int(split[segment + 1])


def cut(renditions: Sequence[Rendition], policy: SegmentPolicy) -> Segments:
    """Return where renditions are cut.

    Args:
        renditions: of a presentation; at least one.
        policy: how.
    """
    reference = _reference(renditions)
    timescale = reference.track.timescale
    found = {id(each): _keys(each) for each in renditions if each.kind == "video" or each is reference}
    keys = found[id(reference)].times
    agreed, disagreeing = _agreed(keys, found, renditions, reference)
    # The first one counts whenever it is shown: that of a picture that lasts nothing is the end.
    inner = _chosen(agreed[: max(1, int(agreed.searchsorted(reference.end)))], policy, timescale, reference.end)
    end = max(-(-each.end * timescale // each.track.timescale) for each in renditions)
    times = np.concatenate(
        (keys[:1], inner, _tail(reference.end, end, policy, timescale), [max(end, int(keys[0]) + 1)])
    )
    splits = tuple(_split(each, times, timescale, found.get(id(each))) for each in renditions)
    for split in splits:
        split.flags.writeable = False
    parts = tuple(_distinct(split) for split in splits)
    return Segments(timescale, times, splits, parts, disagreeing)


def _distinct(ordered: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the values of an array that never falls; np.unique loads numpy.ma first, a twentieth of a second."""
    changes = np.ones(len(ordered), np.bool_)
    np.not_equal(ordered[1:], ordered[:-1], out=changes[1:])
    return np.asarray(ordered[changes])


def _reference(renditions: Sequence[Rendition]) -> Rendition:
    for kind in ("video", "audio"):
        for each in renditions:
            if each.kind == kind:
                return each
    return renditions[0]


@dataclass(frozen=True, slots=True, eq=False)
class _Keys:
    """Samples that a segment of a rendition can begin with, and when they are shown; both rising."""

    samples: NDArray[np.int64]
    times: NDArray[np.int64]


def _keys(rendition: Rendition) -> _Keys:
    """Return the key frames of a rendition; the first sample that is carried counts as one."""
    samples = rendition.track.samples
    sync = samples.sync_samples
    low, high = sync.searchsorted((rendition.first, rendition.stop))
    sync = sync[low:high]
    if not len(sync) or sync[0] != rendition.first:
        sync = np.append(rendition.first, sync)
    times = samples.presentation_times_of(sync) + rendition.shift
    # Where key frames are not shown in the order in which they are decoded, those that are.
    rising = np.append(True, times[1:] > np.maximum.accumulate(times)[:-1])
    return _Keys(sync[rising], times[rising])


def _agreed(
    keys: NDArray[np.int64],
    found: dict[int, _Keys],
    renditions: Sequence[Rendition],
    reference: Rendition,
) -> tuple[NDArray[np.int64], tuple[int, ...]]:
    """Return the reference's key times that all other videos have too, and the videos that have too few of them."""
    timescale = reference.track.timescale
    tolerance = max(1, timescale // 200)  # encoders round the same instant to different ticks
    agreed, disagreeing = keys, []
    for number, each in enumerate(renditions):
        if each.kind != "video" or each is reference:
            continue
        other = found[id(each)].times * timescale // each.track.timescale
        at = other.searchsorted(agreed - tolerance)
        near = np.abs(other[at.clip(0, len(other) - 1)] - agreed) <= 2 * tolerance
        common = agreed[near | (agreed >= each.end * timescale // each.track.timescale)]
        if len(common) * 2 >= len(agreed):
            agreed = common if len(common) and common[0] == keys[0] else np.append(keys[:1], common)
        else:
            disagreeing.append(number)
    return agreed, tuple(disagreeing)


def _chosen(keys: NDArray[np.int64], policy: SegmentPolicy, timescale: int, end: int) -> NDArray[np.int64]:
    """Return the key times at which segments begin, the first one left out."""
    gops = _GOPS.fullmatch(policy.rule)
    begin, rest = int(keys[0]), keys[1:]
    if gops or not len(rest):
        return rest[int(gops[1]) - 1 :: int(gops[1])] if gops else rest
    duration = max(policy.duration_ms * timescale // 1000, (end - begin) // MOST_SEGMENTS, 1)
    firsts = [ms * timescale // 1000 for ms in policy.first_ms]
    if policy.rule == "at_least":
        return _at_least(rest.tolist(), begin, firsts, duration)
    head = begin + np.cumsum([0, *firsts])
    grid = np.concatenate((head[1:], np.arange(int(head[-1]) + duration, end, duration)))
    after = rest.searchsorted(grid).clip(1, max(1, len(rest) - 1)) if len(rest) > 1 else np.zeros(len(grid), np.int64)
    before = (after - 1).clip(0)
    nearer = np.where(grid - rest[before] <= rest[after] - grid, before, after)
    return np.asarray(rest[_distinct(nearer)])


def _at_least(keys: list[int], begin: int, firsts: list[int], duration: int) -> NDArray[np.int64]:
    found: list[int] = []
    at = begin
    while True:
        at += firsts[len(found)] if len(found) < len(firsts) else duration
        place = bisect_left(keys, at)
        if place == len(keys):
            return np.array(found, np.int64)
        at = keys[place]
        found.append(at)


def _tail(reference_end: int, end: int, policy: SegmentPolicy, timescale: int) -> NDArray[np.int64]:
    """Return further instants where other renditions go on for long after the reference is over."""
    duration = max(policy.duration_ms * timescale // 1000, (end - reference_end) // MOST_SEGMENTS, 1)
    return np.arange(reference_end, end - duration, duration)


def _split(rendition: Rendition, times: NDArray[np.int64], timescale: int, keys: _Keys | None) -> NDArray[np.int64]:
    """Return the samples of a rendition at which the segments begin, and that after its last."""
    samples = rendition.track.samples
    own = -(-times * rendition.track.timescale // timescale)
    if keys is not None:
        # Ticks of another timescale are rounded: a key frame that is a hair later is the one that is meant.
        hair = max(1, rendition.track.timescale // 200) if rendition.track.timescale != timescale else 0
        split = keys.samples[(keys.times.searchsorted(own + hair, "right") - 1).clip(0)]
    else:
        split = samples.samples_from(own - rendition.shift - samples.composition_bounds[0])
    split = split.clip(rendition.first, rendition.stop)
    split[own >= rendition.end] = rendition.stop
    split[0] = rendition.first  # also of what is over before the reference begins
    split[-1] = rendition.stop
    return np.asarray(np.maximum.accumulate(split))
