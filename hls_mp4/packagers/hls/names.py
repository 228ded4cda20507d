"""URLs of HLS below a film's; nginx-vod-module's file names."""

from __future__ import annotations

import re
from dataclasses import dataclass

from hls_mp4.packagers.segmenting.names import TRACKS

MASTER, INDEX, IFRAMES, SEGMENT, INIT, KEY = "master", "index", "iframes", "seg", "init", "key"

_NAME = re.compile(
    rf"master\.m3u8|(?P<list>index|iframes)(?:-(?P<listed>{TRACKS}))?\.m3u8"
    rf"|seg-(?P<number>[1-9][0-9]{{0,6}})(?:-(?P<tracks>{TRACKS}))?\.(?P<form>ts|m4s|vtt)"
    rf"|init(?:-(?P<inited>{TRACKS}))?\.mp4"
    r"|(?P<key>encryption(?:-(?P<keyed>[va]))?\.key)"
)


@dataclass(frozen=True, slots=True)
class Asked:
    """What a URL asks for.

    Args:
        kind: one of the words above.
        tracks: as `f2-v1-a1`, empty for none; of a key the letter of the kind it is of.
        number: of a segment, from 1; else 0.
        form: of a segment: "ts", "m4s" or "vtt"; else empty.
    """

    kind: str
    tracks: str = ""
    number: int = 0
    form: str = ""


def parse_name(name: str) -> Asked | None:
    """Return what a name asks for, None when it is none of HLS."""
    found = _NAME.fullmatch(name)
    if found is None:
        return None
    if found["list"]:
        return Asked(found["list"], found["listed"] or "")
    if found["number"]:
        return Asked(SEGMENT, found["tracks"] or "", int(found["number"]), found["form"])
    if found["key"]:
        return Asked(KEY, found["keyed"] or "")
    if name.startswith(INIT):
        return Asked(INIT, found["inited"] or "")
    return Asked(MASTER)
