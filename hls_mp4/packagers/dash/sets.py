"""Which renditions are one adaptation set: those that a player may change between while it plays.

They are of one kind, codec and language, have as many channels, and begin their segments at the same instants. Two
sounds of one film are two, whatever they have in common; what several sources have alike is offered once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from hls_mp4.media.presentation import Presentation, Rendition
from hls_mp4.packagers.dash.carried import Carried, carried
from hls_mp4.packagers.segmenting.traits import channels_of, codecs_of, tag_of

MAIN, ALTERNATE, SUBTITLE = "main", "alternate", "subtitle"

_TOLERANCE_MS = 2
"""How far the begins of one segment may be apart in two renditions: their clocks round differently."""


@dataclass(slots=True)
class AdaptationSet:
    """Renditions that a player may change between.

    Args:
        members: best last.
        role: "main", "alternate" or "subtitle".
    """

    members: list[Carried] = field(default_factory=list)
    role: str = MAIN

    @property
    def first(self) -> Rendition:
        """The rendition that stands for all in what they have in common."""
        return self.members[0].rendition

    @property
    def kind(self) -> str:
        """Return "video", "audio" or "text"."""
        return self.first.kind

    @property
    def same_times(self) -> bool:
        """Whether one timeline tells of all members."""
        first = self.members[0]
        return all(
            each.timescale == first.timescale
            and each.offset == first.offset
            and np.array_equal(each.starts, first.starts)
            for each in self.members
        )


def adaptation_sets(presentation: Presentation, numbers: Sequence[int]) -> list[AdaptationSet]:
    """Return the adaptation sets of some renditions: pictures, then sounds, then texts.

    Args:
        presentation: whose they are.
        numbers: of the renditions, one at least.
    """
    disagreeing = frozenset(presentation.segments().disagreeing)
    found: list[tuple[tuple[object, ...], AdaptationSet]] = []
    for number in sorted(numbers, key=lambda number: ("video", "audio", "text").index(_kind(presentation, number))):
        each = carried(presentation, number)
        key = (*_traits(each.rendition), _turn(presentation, number, numbers), number in disagreeing and number)
        twins = [known for other, known in found if other == key]
        if each.rendition.kind == "audio" and any(_alike(each, other) for known in twins for other in known.members):
            continue
        fitting = next((known for known in twins if _aligned(known.members[0], each)), None)
        if fitting is None:
            fitting = AdaptationSet()
            found.append((key, fitting))
        fitting.members.append(each)
    sets = [known for _, known in found]
    for known in sets:
        known.members.sort(key=lambda member: member.rendition.bitrate)
    _give_roles(sets)
    return sets


def _kind(presentation: Presentation, number: int) -> str:
    return presentation.renditions[number].kind


def _traits(rendition: Rendition) -> tuple[object, ...]:
    codec = codecs_of(rendition).partition(".")[0]
    if rendition.kind == "video":
        return ("video", codec)
    channels = channels_of(rendition) if rendition.kind == "audio" else 0
    return (rendition.kind, codec, tag_of(rendition), rendition.label, channels)


def _turn(presentation: Presentation, number: int, numbers: Sequence[int]) -> int:
    """Return how many renditions of its source are like a rendition of sound or text and stand before it."""
    rendition = presentation.renditions[number]
    if rendition.kind == "video":
        return 0
    return sum(
        presentation.renditions[other].source == rendition.source
        and _traits(presentation.renditions[other]) == _traits(rendition)
        for other in numbers
        if other < number
    )


def _alike(one: Carried, other: Carried) -> bool:
    """Tell whether two sounds of different sources differ in nothing that a viewer could choose them by."""
    low, high = sorted((one.rendition.bitrate, other.rendition.bitrate))
    return one.rendition.source != other.rendition.source and high * 10 <= low * 11


def _aligned(one: Carried, other: Carried) -> bool:
    """Tell whether the segments of two renditions begin at the same instants."""
    if len(one.starts) != len(other.starts):
        return False
    first, second = (
        each.starts[:-1] * 1000 // each.timescale - each.offset * 1000 // each.timescale for each in (one, other)
    )
    return bool((np.abs(first - second) <= _TOLERANCE_MS).all())


def _give_roles(sets: Sequence[AdaptationSet]) -> None:
    """Say which sound is the usual one: the first that players are to play unasked, in all its codecs."""
    sounds = [each for each in sets if each.kind == "audio"]
    usual = next((each for each in sounds if each.first.track.enabled), sounds[0] if sounds else None)
    seen: list[str] = []
    for each in sets:
        if each.kind == "text":
            each.role = SUBTITLE
        elif usual is not None and each.kind == "audio":
            codec = codecs_of(each.first).partition(".")[0]
            same = (tag_of(each.first), each.first.label) == (tag_of(usual.first), usual.first.label)
            each.role = MAIN if each is usual or (same and codec not in seen) else ALTERNATE
            seen.append(codec)
