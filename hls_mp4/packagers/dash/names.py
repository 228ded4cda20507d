"""URLs of DASH below a film's.

    manifest.mpd                      the manifest
    init-v1.mp4                       init segment of a rendition
    fragment-7-v1.m4s                 media segment by number: nginx-vod-module's name
    fragment-t43008-v1.m4s            the same by time, in the rendition's timescale
    v1.mp4                            all of a rendition, with an index
    text-t1.vtt                       all of a subtitle
    clearkey.json                     keys of encrypted media, where they are given away

A rendition is called as in `segmenting.names`: `f2-v1` is the first video of the second source. `s1` is a track of
subtitles that is handed on as the film has it, `t1` a subtitle that is written anew.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from hls_mp4.media.presentation import Presentation, Rendition

MANIFEST, INIT, FRAGMENT, WHOLE, TEXT, KEYS = "manifest", "init", "fragment", "whole", "text", "keys"

_TRACK = r"(?:f[1-9][0-9]{0,2}-)?[vas][1-9][0-9]{0,2}"
_TEXT = r"t[1-9][0-9]{0,2}"
_NAME = re.compile(
    rf"(?P<manifest>manifest\.mpd)|(?P<keys>clearkey\.json)"
    rf"|init-(?P<init>{_TRACK}|{_TEXT})\.mp4"
    rf"|fragment-(?P<timed>t)?(?P<place>0|[1-9][0-9]{{0,18}})-(?P<fragment>{_TRACK}|{_TEXT})\.m4s"
    rf"|(?P<whole>{_TRACK})\.mp4"
    rf"|text-(?P<text>{_TEXT})\.vtt"
)
_PARTS = re.compile(r"(?:f([0-9]+)-)?([vast])([0-9]+)")
_KINDS = {"v": "video", "a": "audio", "s": "text"}
_LETTERS = {kind: letter for letter, kind in _KINDS.items()}


@dataclass(frozen=True, slots=True)
class Asked:
    """What a URL asks for.

    Args:
        kind: one of the words above.
        track: as `f2-v1`, `t1`; empty for none.
        number: of a segment, from 1; -1 where it is asked for by time, or where none is.
        time: at which a segment begins; -1 where it is asked for by number, or where none is.
    """

    kind: str
    track: str = ""
    number: int = -1
    time: int = -1


def parse_name(name: str) -> Asked | None:
    """Return what a name asks for, None when it is none of DASH."""
    found = _NAME.fullmatch(name)
    if found is None:
        return None
    kind = found.lastgroup or ""
    if kind in (MANIFEST, KEYS):
        return Asked(kind)
    if kind == FRAGMENT:
        place = int(found["place"])
        return Asked(kind, found[kind], time=place) if found["timed"] else Asked(kind, found[kind], number=place)
    return Asked(kind, found[kind])


def track_name(presentation: Presentation, rendition: Rendition) -> str:
    """Return what a rendition is called: `v1`, or `f2-v1` where there are several sources."""
    source = f"f{rendition.source + 1}-" if len(presentation.assets) > 1 else ""
    return f"{source}{_LETTERS[rendition.kind]}{rendition.number}"


def find_track(presentation: Presentation, track: str) -> int | None:
    """Return the rendition that is called so, by its number in the presentation; None when it is not there."""
    source, letter, number = _parts(track)
    kind = _KINDS.get(letter)
    for index, each in enumerate(presentation.renditions):
        if (each.source, each.kind, each.number) == (source, kind, number):
            return index
    return None


def find_text(presentation: Presentation, track: str) -> int | None:
    """Return the subtitle that is called so, from 0; None when it is not there."""
    _, letter, number = _parts(track)
    return number - 1 if letter == "t" and number <= len(presentation.texts) else None


def _parts(track: str) -> tuple[int, str, int]:
    found = _PARTS.fullmatch(track)
    assert found is not None
    return int(found[1] or 1) - 1, found[2], int(found[3])
