"""What a filter may ask of a track, by Unified Streaming's names."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from hls_mp4.errors import NotFound
from hls_mp4.media.presentation import Presentation, Rendition
from hls_mp4.media.texts import Text
from hls_mp4.packagers.choosing.expression import Filter, parse_filter
from hls_mp4.packagers.segmenting.languages import language_tag
from hls_mp4.packagers.segmenting.traits import channels_of

_FOUR = {
    "avc1": "H264",
    "avc3": "H264",
    "hvc1": "HVC1",
    "hev1": "HEV1",
    "mp4a": "AACL",
    "ec-3": "EC-3",
    "ac-3": "AC-3",
    "stpp": "TTML",
    "dfxp": "TTML",
}
"""Sample entry -> what a Smooth manifest calls it (FourCC)."""

_TYPES = {"video": ("video",), "audio": ("audio",), "text": ("textstream", "text")}

NAMES: tuple[str, ...] = (
    *("type", "systembitrate", "systemlanguage", "fourcc", "codec", "trackname"),
    *("maxwidth", "maxheight", "channels", "samplingrate", "trackid"),
)
"""What may be compared, in lower case."""


def read_filter(text: str) -> Filter:
    """Return what a filter asks for; raises BadFilter."""
    return parse_filter(text, NAMES, _spelt)


def chosen(presentation: Presentation, wanted: Filter) -> Presentation:
    """Return a presentation of those renditions and texts that a filter lets through.

    What it is called stays: the second sound is `a2` also where the first one is left out.

    Raises:
        NotFound: that is none.
    """
    return restricted(
        presentation, lambda each: wanted.test(facts_of(each)), lambda text: wanted.test(text_facts(text))
    )


def restricted(
    presentation: Presentation, carried: Callable[[Rendition], bool], read: Callable[[Text], bool]
) -> Presentation:
    """Return a presentation of some of its renditions and texts.

    Args:
        presentation: it is left as it is.
        carried: tells of a rendition whether it is wanted.
        read: tells it of a text.

    Raises:
        NotFound: no rendition is.
    """
    renditions = tuple(each for each in presentation.renditions if carried(each))
    if not renditions:
        raise NotFound("no rendition is left")
    texts = tuple(text for text in presentation.texts if read(text))
    return replace(presentation, renditions=renditions, texts=texts, segments_made={}, kept={})


def of_tracks(presentation: Presentation, tracks: Sequence[tuple[str, int]]) -> Presentation:
    """Return a presentation of the tracks of some kinds and numbers, as `("audio", 2)`; 0 is all of the kind.

    Raises:
        NotFound: there is none of them.
    """
    wanted = frozenset(tracks)

    def carried(each: Rendition) -> bool:
        return (each.kind, each.number) in wanted or (each.kind, 0) in wanted

    numbered = {id(text): number for number, text in enumerate(presentation.texts, 1)}
    return restricted(presentation, carried, lambda text: ("text", numbered[id(text)]) in wanted)


def facts_of(rendition: Rendition) -> dict[str, Any]:
    """Return what a filter may ask of a rendition."""
    track = rendition.track
    return {
        "type": _TYPES[rendition.kind],
        "systembitrate": rendition.bitrate,
        "systemlanguage": _languages(rendition.language),
        "fourcc": (_FOUR.get(track.codec, track.codec), track.codec),
        "codec": track.codec,
        "trackname": rendition.name or rendition.label,
        "maxwidth": track.width,
        "maxheight": track.height,
        "channels": channels_of(rendition) if rendition.kind == "audio" else 0,
        "samplingrate": track.rate,
        "trackid": track.id,
    }


def text_facts(text: Text) -> dict[str, Any]:
    """Return what a filter may ask of a text that is no track."""
    return {
        **dict.fromkeys(("maxwidth", "maxheight", "channels", "samplingrate", "trackid"), 0),
        "type": _TYPES["text"],
        "systembitrate": 0,
        "systemlanguage": _languages(text.language),
        "fourcc": ("WVTT",),
        "codec": "wvtt",
        "trackname": text.label,
    }


def _spelt(name: str, value: str) -> str:
    """Return a value as facts spell it: a language by its tag, for "eng" and "en" are one."""
    return language_tag(value) if name == "systemlanguage" else value


def _languages(code: str) -> tuple[str, ...]:
    """Return the tag of a language, and that of it whatever the region: Portuguese is Brazil's too."""
    tag = language_tag(code)
    return tag, tag.partition("-")[0]
