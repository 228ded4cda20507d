"""What nginx-vod-module puts between a film and the name of a file below it, and several films in one path.

/film.mp4/clipFrom/10000/clipTo/20000/tracks/v1-a2/master.m3u8      milliseconds, and tracks by kind and number
/film_,1080,720,480,.mp4.urlset/master.m3u8                         film_1080.mp4, film_720.mp4, film_480.mp4
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

MOST_SOURCES = 32
"""Films in one path, as there."""

URLSET = ".urlset"

_PART = re.compile(
    r"(?P<rest>.*)/(?:clipFrom/(?P<begin>[0-9]{1,12})|clipTo/(?P<end>[0-9]{1,12})"
    r"|tracks/(?P<tracks>[vat][0-9]{1,3}(?:-[vat][0-9]{1,3}){0,63}))",
    re.DOTALL,
)
_KINDS = {"v": "video", "a": "audio", "t": "text"}


@dataclass(frozen=True, slots=True)
class Parts:
    """What a path says of a film beside which it is.

    Args:
        begin_ms: where a clip of it begins.
        end_ms: where it ends, None for the end of the film.
        tracks: kinds and numbers of the tracks that are wanted, 0 for all of a kind; empty for all.
    """

    begin_ms: int = 0
    end_ms: int | None = None
    tracks: tuple[tuple[str, int], ...] = ()


def split_parts(path: str) -> tuple[str, Parts]:
    """Return the path of a film and what was said of it behind that."""
    parts = Parts()
    for _ in range(3):
        found = _PART.fullmatch(path)
        if found is None:
            break
        path = found["rest"]
        if found["begin"] is not None:
            parts = replace(parts, begin_ms=int(found["begin"]))
        elif found["end"] is not None:
            parts = replace(parts, end_ms=int(found["end"]) or None)
        else:
            words = found["tracks"].split("-")
            parts = replace(parts, tracks=tuple((_KINDS[word[0]], int(word[1:])) for word in words))
    return path, parts


def several(path: str) -> tuple[str, ...]:
    """Return the paths that a path of several films stands for; empty when it is none, or of more than there may be.

    Args:
        path: below the folder that is served, so that no comma of that counts.
    """
    if not path.endswith(URLSET):
        return ()
    first, *middles = path[: -len(URLSET)].split(",")
    if len(middles) < 2 or len(middles) - 1 > MOST_SOURCES:
        return ()
    last = middles.pop()
    # As there: an empty word between two commas is none.
    return tuple(dict.fromkeys(f"{first}{middle}{last}" for middle in middles if middle))
