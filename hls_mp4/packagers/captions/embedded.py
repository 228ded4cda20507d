"""Text tracks of films as subtitles: which of them can be read, and what is still wanted beside other texts."""

from __future__ import annotations

from collections.abc import Sequence

from hls_mp4.containers.isobmff.timedtext import READABLE, read_cues
from hls_mp4.interfaces import Indexing
from hls_mp4.media.presentation import Presentation, Rendition
from hls_mp4.media.texts import Cue, Text
from hls_mp4.packagers.segmenting.languages import language_tag


def readable(presentation: Presentation) -> tuple[Rendition, ...]:
    """Return the text renditions of which cues can be made."""
    return tuple(each for each in presentation.renditions if each.kind == "text" and each.track.codec in READABLE)


def reading(presentation: Presentation, rendition: Rendition) -> Indexing:
    """Return a generator of ReadAt that returns the cues of a text rendition; raises StreamingError."""
    lead = (presentation.lead_ms * rendition.track.timescale + 500) // 1000
    return read_cues(rendition.track, rendition.shift - lead)


def text_of(rendition: Rendition, cues: Sequence[Cue]) -> Text:
    """Return the subtitles of a text rendition."""
    return Text(cues, rendition.language, rendition.label)


def joined(beside: Sequence[Text], inside: Sequence[tuple[Rendition, Text]]) -> tuple[Text, ...]:
    """Return the texts of a film: those beside it, then those of its tracks that are something else.

    Files of different sizes of a film have the same tracks; a file beside a film stands for the track of its language.

    Args:
        beside: from files.
        inside: from tracks, with the renditions they are of.
    """
    found = list(beside)
    taken = {(language_tag(text.language), text.label) for text in beside if not text.forced}
    languages = {language for language, label in taken if not label}
    sources: dict[tuple[str, str], int] = {}
    for rendition, text in inside:
        key = (language_tag(text.language), text.label)
        if not text.cues or key in taken or (not text.label and key[0] in languages):
            continue
        if sources.setdefault(key, rendition.source) == rendition.source:
            found.append(text)
    return tuple(found)
