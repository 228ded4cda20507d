"""What a manifest offers: streams, their quality levels, and when their chunks begin.

A player asks for a chunk of a stream by its begin, whatever the quality level, and takes that for the decode time of
its first sample: many read nothing else. So all levels of a stream have the same chunks, to the tick; where encoders
reorder pictures by more in one level than in another, those of the other are decoded earlier than they need be. A
picture is shown at the same time in each. Videos whose key frames are elsewhere have a stream of their own.

Sounds are levels of one stream where they tell the same in the same chunks; of those that do not lie in the same
chunks, the best is offered.

Bit rates in URLs tell levels apart: those that a server manifest announces as they are; others nginx-vod-module's way,
their low ten bits being the source and the track, so that no bit rate depends on which other levels there are.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Hashable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from hls_mp4.errors import UnsupportedMedia
from hls_mp4.media.presentation import Presentation, Rendition, times_of
from hls_mp4.packagers.fmp4.encryption import encryptable
from hls_mp4.packagers.segmenting.presentable import presentable
from hls_mp4.packagers.segmenting.traits import tag_of
from hls_mp4.packagers.smooth.clock import TICKS, rising, tick, to_ticks
from hls_mp4.packagers.smooth.private import Described, described

TEXT_BITRATE = 1000

NAMED_TRACKS = 32
"""Sources, and tracks of a kind in each, that a bit rate can tell apart by itself."""

_SAME_INSTANT = TICKS // 100
_SAME_BITRATE = 4096
_HIGHEST = 4_000_000_000
_UNSAID = "und"
_KINDS = ("video", "audio")
_PLAIN = re.compile(r"[^A-Za-z0-9_.~-]")


@dataclass(frozen=True, slots=True, eq=False)
class Level:
    """A quality level.

    Args:
        number: of the rendition in the presentation; of the text, for texts.
        bitrate: that URLs ask for it by.
        told: what is said of its codec; None for texts.
        parts: samples at which chunks begin, and that after the last; empty for texts.
        early: ticks by which its samples are decoded earlier than they need be.
    """

    number: int
    bitrate: int
    told: Described | None
    parts: NDArray[np.int64]
    early: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class Stream:
    """A stream.

    Args:
        kind: "video", "audio" or "text".
        name: that URLs ask for it by; no other stream has it.
        language: empty when nobody says.
        levels: by rising bit rate; one at least.
        starts: when its chunks begin, and when the last one ends, in ticks; rising.
    """

    kind: str
    name: str
    language: str
    levels: tuple[Level, ...]
    starts: NDArray[np.int64]

    def chunk_at(self, time: int) -> int | None:
        """Return the chunk that begins at a time, None when there is none."""
        if not 0 <= time < int(self.starts[-1]):
            return None
        found = int(self.starts.searchsorted(time))
        return found if int(self.starts[found]) == time else None


@dataclass(frozen=True, slots=True, eq=False)
class Offer:
    """Everything that is offered.

    Args:
        streams: video, then audio, then text.
        end: when everything is over, in ticks.
        complaint: what is left out or lies apart, and why; empty for nothing.
    """

    streams: tuple[Stream, ...]
    end: int
    complaint: str

    def find(self, name: str, bitrate: int) -> tuple[Stream, Level] | None:
        """Return what a URL asks for, None when it is not there."""
        for stream in self.streams:
            if stream.name == name:
                return next(((stream, level) for level in stream.levels if level.bitrate == bitrate), None)
        return None


def key_of(presentation: Presentation) -> Hashable:
    """Return what the offer is kept by: not everything that can be told can be encrypted."""
    return "smooth", "offer", presentation.protection is not None


def offer_of(presentation: Presentation) -> Offer:
    """Return what is offered of a presentation; made once.

    Raises:
        UnsupportedMedia: no picture and no sound of it can be told in Smooth Streaming.
    """
    return presentation.keep(key_of(presentation), lambda: _made(presentation))


@dataclass(eq=False)
class _Member:
    """A rendition that can be offered."""

    number: int
    rendition: Rendition
    told: Described
    parts: NDArray[np.int64]
    starts: NDArray[np.int64]

    @cached_property
    def shown(self) -> NDArray[np.int64]:
        """When the first picture of each chunk is shown, in ticks."""
        return to_ticks(times_of(self.rendition, self.parts[:-1]), self.rendition.track.timescale)


@dataclass(slots=True, eq=False)
class _Group:
    """Renditions of one stream."""

    likeness: Hashable
    members: list[_Member]


def _made(presentation: Presentation) -> Offer:
    members: list[_Member] = []

    def can(rendition: Rendition) -> None:
        members.append(_member(presentation, rendition))

    left = presentable(presentation, can)
    complaints = [left.complaint] if left.complaint else []
    groups: list[_Group] = []
    turns: Counter[Hashable] = Counter()
    for member in sorted(members, key=lambda each: _KINDS.index(each.rendition.kind)):
        if _join(groups, member, turns):
            source = f" of source {member.rendition.source + 1}" if len(presentation.assets) > 1 else ""
            title = f"{member.rendition.kind} track {member.rendition.number}{source}"
            complaints.append(f"{title} is no quality level of the others, for its key frames are elsewhere")
    names: set[str] = set()
    bitrates: set[int] = set()
    streams = [_stream(group, names, bitrates) for group in groups]
    streams += _texts(presentation, names)
    ends = [tick(each.rendition.end, each.rendition.track.timescale) for group in groups for each in group.members]
    end = max(*ends, *(int(stream.starts[-1]) for stream in streams))
    return Offer(tuple(streams), end, "; ".join(complaints))


def _member(presentation: Presentation, rendition: Rendition) -> _Member:
    """Return a rendition as a part of a stream; UnsupportedMedia when it cannot be one."""
    number = presentation.renditions.index(rendition)
    parts = presentation.segments().parts[number]
    if len(parts) < 2:
        raise UnsupportedMedia("it has no samples")
    told = described(rendition)
    if presentation.protection is not None:
        encryptable(rendition, presentation.protection)
    samples, timescale = rendition.track.samples, rendition.track.timescale
    starts = to_ticks(samples.decode_times_of(parts) + rendition.shift - rendition.delay, timescale)
    return _Member(number, rendition, told, parts, starts)


def _likeness(member: _Member) -> tuple[Hashable, ...]:
    rendition = member.rendition
    alike = (rendition.kind, rendition.name, tag_of(rendition), member.told.family)
    if rendition.kind == "video":
        return alike
    return (*alike, member.told.channels, rendition.label)


def _join(groups: list[_Group], member: _Member, turns: Counter[Hashable]) -> bool:
    """Put a rendition in a group; tell whether a video had to be put apart from others like it.

    Args:
        groups: those there are.
        member: a rendition.
        turns: how many sounds that are alike each source had so far.
    """
    likeness = _likeness(member)
    if member.rendition.kind == "video":
        alike = [group for group in groups if group.likeness == likeness]
        for same in alike:
            if _same_chunks(same.members[0], member):
                same.members.append(member)
                return False
        groups.append(_Group(likeness, [member]))
        return bool(alike)
    # Two sounds of one film are two, whatever they have in common: the first goes with the first of another source.
    turns[member.rendition.source, likeness] += 1
    likeness = (*likeness, turns[member.rendition.source, likeness])
    group = next((found for found in groups if found.likeness == likeness), None)
    if group is None:
        groups.append(_Group(likeness, [member]))
    elif not np.array_equal(group.members[0].starts, member.starts):
        if len(group.members) == 1 and member.rendition.bitrate > group.members[0].rendition.bitrate:
            group.members[0] = member
    elif all(abs(each.rendition.bitrate - member.rendition.bitrate) > _SAME_BITRATE for each in group.members):
        group.members.append(member)
    return False


def _same_chunks(one: _Member, other: _Member) -> bool:
    return len(one.shown) == len(other.shown) and bool((np.abs(one.shown - other.shown) <= _SAME_INSTANT).all())


def _stream(group: _Group, names: set[str], bitrates: set[int]) -> Stream:
    leading = group.members[0].rendition
    starts = np.minimum.reduce([each.starts for each in group.members])
    starts[-1] = max(int(each.starts[-1]) for each in group.members)
    starts = rising(starts)
    starts.flags.writeable = False
    levels = [
        Level(
            each.number,
            _bitrate(each.rendition, bitrates),
            each.told,
            each.parts,
            max(0, int((each.starts - starts)[:-1].min())),
        )
        for each in group.members
    ]
    language = _language(leading.language)
    name = _name(leading.name or _default_name(leading.kind, language), names)
    return Stream(leading.kind, name, language, tuple(sorted(levels, key=lambda level: level.bitrate)), starts)


def _bitrate(rendition: Rendition, taken: set[int]) -> int:
    """Return what a server manifest announces, else the average to half a kilobit, with the rendition's own number."""
    step = 1
    found = rendition.announced
    if not found:
        step = 1024
        source, number = rendition.source % NAMED_TRACKS, (rendition.number - 1) % NAMED_TRACKS
        kilobits = max(1, (min(rendition.bitrate, _HIGHEST) + 512) >> 10)
        found = kilobits << 10 | source * NAMED_TRACKS + number
    while found in taken:
        found += step
    taken.add(found)
    return found


def _language(language: str) -> str:
    plain = _PLAIN.sub("", language)
    return "" if plain == _UNSAID else plain


def _default_name(kind: str, language: str) -> str:
    return f"{kind}_{language}" if language and kind != "video" else kind


def _name(wanted: str, taken: set[str]) -> str:
    """Return a name that no other stream has, and that needs no escaping in a URL."""
    plain = _PLAIN.sub("_", wanted)[:64]
    name, number = plain, 1
    while name in taken:
        number += 1
        name = f"{plain}_{number}"
    taken.add(name)
    return name


def _texts(presentation: Presentation, names: set[str]) -> list[Stream]:
    """Return the streams of texts: their chunks are those of the pictures, the first of them from the film's begin."""
    if not presentation.texts:
        return []
    segments = presentation.segments()
    starts = to_ticks(segments.times, segments.timescale)
    starts[0] = min(int(starts[0]), presentation.lead_ms * (TICKS // 1000))
    starts = rising(starts)
    starts.flags.writeable = False
    streams = []
    for number, text in enumerate(presentation.texts):
        language = _language(text.language)
        level = Level(number, TEXT_BITRATE, None, np.empty(0, np.int64))
        streams.append(Stream("text", _name(_default_name("text", language), names), language, (level,), starts))
    return streams
