"""URLs of HDS below a film's; nginx-vod-module's file names, and the plain ones of a film with one quality.

manifest.f4m  manifest-v1-a1.f4m  set.f4m
Seg1-Frag<n>  frag-f1-v1-a1-Seg1-Frag<n>  frag-f1-v1-f2-a1-Seg1-Frag<n>     n from 1, without zeros in front
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from hls_mp4.media.presentation import Presentation
from hls_mp4.packagers.segmenting.names import TRACKS, parse_tracks, tracks_name

MANIFEST, SET, FRAGMENT = "manifest", "set", "fragment"

_TWO = rf"{TRACKS}(?:-f[1-9][0-9]{{0,2}}-a[0-9]{{1,3}})?"
_NAME = re.compile(
    rf"manifest(?:-(?P<listed>{_TWO}))?\.f4m|(?P<set>set\.f4m)"
    rf"|(?:frag-(?P<tracks>{_TWO})-)?Seg1-Frag(?P<number>[1-9][0-9]{{0,6}})"
)
_OTHER_SOURCE = re.compile(r"-(?=f)")


@dataclass(frozen=True, slots=True)
class Asked:
    """What a URL asks for.

    Args:
        kind: one of the words above.
        tracks: as `f2-v1-a1`, empty for none.
        number: of a fragment, from 1; else 0.
    """

    kind: str
    tracks: str = ""
    number: int = 0


def parse_name(name: str) -> Asked | None:
    """Return what a name asks for, None when it is none of HDS."""
    found = _NAME.fullmatch(name)
    if found is None:
        return None
    if found["number"]:
        return Asked(FRAGMENT, found["tracks"] or "", int(found["number"]))
    return Asked(SET) if found["set"] else Asked(MANIFEST, found["listed"] or "")


def parse_renditions(text: str, presentation: Presentation) -> tuple[int, ...] | None:
    """Return the renditions that a name asks for, by their numbers; None when one of them is not there.

    Args:
        text: as `f1-v1-a1`, or `f1-v1-f2-a1` for sound of another source.
        presentation: whose renditions they are.
    """
    found: list[int] = []
    for part in _OTHER_SOURCE.split(text):
        numbers = parse_tracks(part, presentation)
        if numbers is None:
            return None
        found += [number for number in numbers if number not in found]
    return tuple(found)


def renditions_name(presentation: Presentation, numbers: Sequence[int]) -> str:
    """Return what asks for renditions, as `-f1-v1-a1`; the opposite of `parse_renditions`."""
    chosen = [presentation.renditions[number] for number in numbers]
    sources = dict.fromkeys(each.source for each in chosen)
    return "".join(tracks_name([each for each in chosen if each.source == source], presentation) for source in sources)
