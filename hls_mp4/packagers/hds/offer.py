"""What a manifest offers: qualities of pictures with sound, and sounds that may be heard instead.

FLV carries one picture and one sound, so a media is a video with the sound of its source, or with the first sound there
is where its source has none. Other languages are late-binding audio: fragments of sound alone on the same timeline.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from hls_mp4.errors import NotFound, UnsupportedMedia
from hls_mp4.media.presentation import Presentation
from hls_mp4.packagers.hds.coding import Codings
from hls_mp4.packagers.hds.names import parse_renditions
from hls_mp4.packagers.segmenting.languages import UNKNOWN
from hls_mp4.packagers.segmenting.traits import channels_of, label_of, tag_of

MOST_MEDIAS = 10
"""Some clients stop reading a manifest there."""

NOTHING_LEFT = 415


@dataclass(frozen=True, slots=True)
class Media:
    """Renditions that are sent in one stream of fragments.

    Args:
        numbers: of the renditions, pictures first.
        bitrate: kbit/s, different for each media of a manifest; 0 where it is not told.
        alternate: whether it is sound to be heard instead of that in the others.
        label: what people are shown of it; empty but for sound that is to be chosen.
    """

    numbers: tuple[int, ...]
    bitrate: int
    alternate: bool = False
    label: str = ""


@dataclass(frozen=True, slots=True)
class Offer:
    """What is offered.

    Args:
        medias: the best first, sounds to be chosen last.
        complaint: what is left out.
    """

    medias: tuple[Media, ...]
    complaint: str = ""


def offer_of(presentation: Presentation, codings: Codings) -> Offer:
    """Return what is offered of a presentation.

    Raises:
        UnsupportedMedia: it has nothing that HDS could carry.
    """
    videos = _of_kind(presentation, codings, "video")
    sounds = _of_kind(presentation, codings, "audio")
    if not videos and not sounds:
        raise UnsupportedMedia(codings.complaint or "no pictures and no sound", status_hint=NOTHING_LEFT)
    if videos:
        mains = [_with_sound(presentation, video, sounds) for video in videos]
    else:
        mains = [(sound,) for sound in sounds if _likeness(presentation, sound) == _likeness(presentation, sounds[0])]
    heard = {_likeness(presentation, number) for numbers in mains for number in numbers if number in sounds}
    others: dict[tuple[object, ...], int] = {}
    for sound in sounds:
        if _likeness(presentation, sound) not in heard:
            others.setdefault(_likeness(presentation, sound), sound)
    kept, complaint = _most(sorted(mains, key=lambda numbers: -_bitrate(presentation, numbers)), len(others))
    medias = [Media(numbers, _bitrate(presentation, numbers)) for numbers in kept]
    for sound in others.values():
        label = label_of(presentation.renditions[sound])
        label += f" {sum(each.label.startswith(label) for each in medias) + 1}" if _is_told(medias, label) else ""
        medias.append(Media((sound,), _bitrate(presentation, (sound,)), alternate=True, label=label))
    told = "; ".join(filter(None, (codings.complaint, complaint)))
    return Offer(tuple(_apart(medias)), told)


def chosen(presentation: Presentation, codings: Codings, text: str) -> tuple[int, ...]:
    """Return the renditions that a URL asks for.

    Args:
        presentation: whose renditions they are.
        codings: how they are carried.
        text: as `f1-v1-a1`; empty for the first picture with its sound.

    Raises:
        NotFound: there are none, they cannot be carried, or not in one stream.
        UnsupportedMedia: nothing of the presentation can be carried.
    """
    videos = _of_kind(presentation, codings, "video")
    sounds = _of_kind(presentation, codings, "audio")
    if not videos and not sounds:
        raise UnsupportedMedia(codings.complaint or "no pictures and no sound", status_hint=NOTHING_LEFT)
    if not text:
        return _with_sound(presentation, videos[0], sounds) if videos else (sounds[0],)
    numbers = parse_renditions(text, presentation)
    if numbers is None:
        raise NotFound(f'no track "{text}"')
    if "v" not in text and "a" not in text:  # all of a source
        own = [number for number in videos if number in numbers]
        if own:
            return _with_sound(presentation, own[0], sounds)
        numbers = tuple(number for number in sounds if number in numbers)[:1]
    kinds = [presentation.renditions[number].kind for number in numbers]
    if not numbers or any(number not in codings.of for number in numbers):
        raise NotFound(f'track "{text}" cannot be carried: {codings.complaint}')
    if len(set(kinds)) != len(kinds):
        raise NotFound(f'"{text}" is more than one picture and one sound')
    return tuple(sorted(numbers, key=lambda number: presentation.renditions[number].kind != "video"))


def _of_kind(presentation: Presentation, codings: Codings, kind: str) -> list[int]:
    return [number for number in sorted(codings.of) if presentation.renditions[number].kind == kind]


def _with_sound(presentation: Presentation, video: int, sounds: Sequence[int]) -> tuple[int, ...]:
    source = presentation.renditions[video].source
    beside = [sound for sound in sounds if presentation.renditions[sound].source == source]
    return (video, *(beside or sounds)[:1])


def _likeness(presentation: Presentation, number: int) -> tuple[object, ...]:
    """Return what a listener could choose a sound by; two sounds of one film are two, whatever they have in common."""
    each = presentation.renditions[number]
    return tag_of(each), each.label, channels_of(each), 0 if each.number == 1 else (each.source, each.number)


def _bitrate(presentation: Presentation, numbers: Sequence[int]) -> int:
    return max(1, -(-sum(presentation.renditions[number].bitrate for number in numbers) // 1000))


def _most(mains: list[tuple[int, ...]], others: int) -> tuple[list[tuple[int, ...]], str]:
    """Return as many qualities as clients read, from the best to the least one."""
    room = max(1, MOST_MEDIAS - others)
    if len(mains) <= room:
        return mains, ""
    rows = sorted({round(at * (len(mains) - 1) / max(1, room - 1)) for at in range(room)})
    return [mains[row] for row in rows], f"{len(mains)} qualities, of which a manifest of HDS offers {room}"


def _is_told(medias: Sequence[Media], label: str) -> bool:
    return any(each.label == label for each in medias)


def _apart(medias: Sequence[Media]) -> list[Media]:
    """Return medias whose bit rates differ: clients know them by these."""
    found: list[Media] = []
    taken: set[int] = set()
    for each in reversed(medias):
        bitrate = each.bitrate
        while bitrate in taken:
            bitrate += 1
        taken.add(bitrate)
        found.append(replace(each, bitrate=bitrate))
    return found[::-1]


def language_of(presentation: Presentation, media: Media) -> str:
    """Return the language of a media as F4M has it, empty when nobody says."""
    tag = tag_of(presentation.renditions[media.numbers[-1]])
    return "" if tag == UNKNOWN else tag
