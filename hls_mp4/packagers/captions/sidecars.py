"""Subtitle files beside a film: `film.en.vtt`, `film.de.srt`, `film.en.forced.vtt`, `film.vtt`.

    name    stem [ "." language ] [ "." ( "forced" | "sdh" | "cc" ) ] "." ( "vtt" | "srt" )

The language is a tag of BCP 47, or three letters of ISO 639-2. `sdh` and `cc`, for those who do not hear, are told in
the label, so that both may lie beside one film.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from hls_mp4.containers.texts.subrip import parse_subrip
from hls_mp4.containers.texts.webvtt import parse_webvtt
from hls_mp4.media.texts import Text
from hls_mp4.packagers.segmenting.languages import UNKNOWN, language_name, language_tag

MOST = 64
"""Subtitles that one film can have."""

SUFFIXES = (".vtt", ".srt")

_REST = re.compile(
    r"(?:\.(?!(?:sdh|cc)\.)(?P<language>[a-z]{2,3}(?:[-_][a-z0-9]{2,8}){0,3}))?(?:\.(?P<use>forced|sdh|cc))?\.(?P<form>vtt|srt)",
    re.I,
)
_PARSERS = {"vtt": parse_webvtt, "srt": parse_subrip}


@dataclass(frozen=True, slots=True)
class SideCar:
    """A subtitle file beside a film.

    Args:
        name: of the file.
        form: "vtt" or "srt".
        language: BCP 47, "und" when its name does not say.
        forced: to be shown unasked.
        label: what people are shown, empty for the language's name.
    """

    name: str
    form: str
    language: str = UNKNOWN
    forced: bool = False
    label: str = ""

    def parse(self, data: bytes) -> Text:
        """Return the subtitles of the file; raises StreamingError."""
        return _PARSERS[self.form](data, self.language, self.label, forced=self.forced)


def side_car(stem: str, name: str) -> SideCar | None:
    """Return what a file is to a film, None when it is no subtitle file of it.

    Args:
        stem: the film's name without its suffix.
        name: of the file.
    """
    if not name.startswith(stem):
        return None
    found = _REST.fullmatch(name, len(stem))
    if found is None:
        return None
    language = language_tag(found["language"] or "")
    use = (found["use"] or "").lower()
    label = ""
    if use in ("sdh", "cc"):
        label = f"{language_name(language) if language != UNKNOWN else 'Subtitles'} ({use.upper()})"
    return SideCar(name, found["form"].lower(), language, use == "forced", label)


def side_cars(stems: Iterable[str], names: Iterable[str]) -> list[SideCar]:
    """Return the subtitle files of a film, each language once for each use, by their names.

    Args:
        stems: names of the film without suffix; what lies beside an earlier one comes before what lies beside a later.
        names: of the files in its folder.
    """
    ordered = sorted(names)
    found: dict[tuple[str, bool, str], SideCar] = {}
    for stem in stems:
        for name in ordered:
            made = side_car(stem, name)
            if made is not None:
                found.setdefault((made.language, made.forced, made.label), made)
    return list(found.values())[:MOST]
