"""What a multivariant playlist offers: which pictures go with which sounds and texts.

Sounds are groups of one codec; every video is offered with each group. What several sources have alike - the sound of
each of three sizes of a film - is offered once. In MPEG-TS a single sound goes in the segments of its pictures.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from hls_mp4.media.presentation import Presentation, Rendition
from hls_mp4.packagers.segmenting.traits import channels_of, codecs_of, label_of, tag_of


@dataclass(frozen=True, slots=True)
class Variant:
    """A playlist of the multivariant playlist.

    Args:
        numbers: renditions in its segments, by their number in the presentation.
        group: of sounds that go with it; empty for none beside it.
    """

    numbers: tuple[int, ...]
    group: str = ""


@dataclass(frozen=True, slots=True)
class Offer:
    """Everything that is offered.

    Args:
        variants: with pictures, or of sound alone.
        groups: name -> renditions of sound, by their number.
        labels: what each of these is called, by its number.
    """

    variants: tuple[Variant, ...]
    groups: dict[str, tuple[int, ...]]
    labels: dict[int, str]


def offer_of(presentation: Presentation, *, muxed: bool, numbers: Sequence[int] | None = None) -> Offer:
    """Return what is offered of a presentation.

    Args:
        presentation: at least one video or audio rendition.
        muxed: whether a single sound goes in the segments of its pictures.
        numbers: renditions that may be offered; None for all.
    """
    allowed = frozenset(range(len(presentation.renditions)) if numbers is None else numbers)
    videos = [number for number in sorted(allowed) if presentation.renditions[number].kind == "video"]
    sounds = _different(presentation, allowed)
    if not videos:
        return Offer(tuple(Variant((number,)) for number in sounds), {}, {})
    if not sounds:
        return Offer(tuple(Variant((number,)) for number in videos), {}, {})
    if muxed and len(sounds) == 1:
        together = [(video, _beside(presentation, video, allowed)) for video in videos]
        if all(sound is not None for _, sound in together):
            return Offer(tuple(Variant((video, sound)) for video, sound in together if sound is not None), {}, {})
    groups: dict[str, tuple[int, ...]] = {}
    for number in sounds:
        name = codecs_of(presentation.renditions[number]).partition(".")[0]
        groups[name] = (*groups.get(name, ()), number)
    variants = tuple(Variant((video,), group) for group in groups for video in videos)
    return Offer(variants, groups, _labels(presentation, groups))


def _different(presentation: Presentation, allowed: frozenset[int]) -> list[int]:
    """Return the sounds that differ in what a viewer could choose them by; of those that do not, the best."""
    best: dict[tuple[str, str, str, int], int] = {}
    for number, each in enumerate(presentation.renditions):
        if each.kind != "audio" or number not in allowed:
            continue
        # Two sounds of one film are two, whatever they have in common.
        place = 0 if each.source else each.number
        same = [
            key
            for key in best
            if key[:3] == _likeness(each) and each.source and presentation.renditions[best[key]].source != each.source
        ]
        if not same:
            best[(*_likeness(each), place or 1000 * each.source + each.number)] = number
        elif each.bitrate > presentation.renditions[best[same[0]]].bitrate:
            best[same[0]] = number
    return list(best.values())


def _likeness(rendition: Rendition) -> tuple[str, str, str]:
    codec = codecs_of(rendition).partition(".")[0]
    return tag_of(rendition), f"{codec} {channels_of(rendition)}", rendition.label


def _beside(presentation: Presentation, video: int, allowed: frozenset[int]) -> int | None:
    """Return the sound of the same source as a video's."""
    source = presentation.renditions[video].source
    return next(
        (
            number
            for number, each in enumerate(presentation.renditions)
            if each.kind == "audio" and each.source == source and number in allowed
        ),
        None,
    )


def _labels(presentation: Presentation, groups: dict[str, tuple[int, ...]]) -> dict[int, str]:
    """Return names that differ within each group, as RFC 8216 4.3.4.1.1 asks for."""
    labels: dict[int, str] = {}
    for members in groups.values():
        plain = {number: label_of(presentation.renditions[number]) for number in members}
        for number, label in plain.items():
            twins = [other for other in members if plain[other] == label]
            labels[number] = label if len(twins) == 1 else f"{label} {twins.index(number) + 1}"
    return labels
