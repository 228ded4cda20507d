"""Which tracks a file name asks for: `f2-v1-a1` in `seg-3-f2-v1-a1.ts`.

nginx-vod-module's grammar: `f` is a source of the presentation, `v`, `a` and `t` are a video, an audio, a text of it,
all from 1. A name without `f` means the first source, one without tracks its pictures and sounds; `v0` and `a0` are all
of their kind.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from hls_mp4.media.presentation import Presentation, Rendition

LETTERS = {"video": "v", "audio": "a", "text": "t"}
TRACKS = r"(?:f[1-9][0-9]{0,2})?(?:-?(?:v[0-9]{1,3}|a[0-9]{1,3}|t[1-9][0-9]{0,2}))*"
"""Regular expression of all that may stand in a name, without the hyphen before it."""

_PART = re.compile(r"([fvat])([0-9]{1,3})")
_KINDS = {letter: kind for kind, letter in LETTERS.items()}


def parse_tracks(text: str, presentation: Presentation) -> tuple[int, ...] | None:
    """Return the renditions that a name asks for, by their numbers in the presentation.

    Args:
        text: as `f2-v1-a1`; empty for everything but texts.
        presentation: whose renditions they are.

    Returns:
        None when one of them is not there.
    """
    source = 0
    wanted: list[tuple[str, int]] = []
    for letter, digits in _PART.findall(text):
        if letter == "f":
            source = int(digits) - 1
        else:
            wanted.append((_KINDS[letter], int(digits)))
    if not wanted:
        wanted = [("video", 0), ("audio", 0)]
        explicit = False
    else:
        explicit = True
    if source >= len(presentation.assets):
        return None
    found: list[int] = []
    for kind, number in wanted:
        chosen = [
            index
            for index, each in enumerate(presentation.renditions)
            if each.source == source and each.kind == kind and number in (0, each.number)
        ]
        if not chosen and explicit and number:
            return None
        found += [index for index in chosen if index not in found]
    return tuple(sorted(found)) or None


def tracks_name(renditions: Iterable[Rendition], presentation: Presentation) -> str:
    """Return what asks for some renditions of one source, as `-f2-v1-a1`; the opposite of `parse_tracks`."""
    chosen = list(renditions)
    source = f"-f{chosen[0].source + 1}" if len(presentation.assets) > 1 else ""
    return source + "".join(f"-{LETTERS[each.kind]}{each.number}" for each in chosen)
