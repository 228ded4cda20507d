"""URLs of Smooth Streaming below a film's (MS-SSTR 2.2.1, 2.2.3): the manifest, and a chunk of one quality level.

A chunk is asked for by one of four nouns: all of it, its metadata, its data, or what can be decoded of it alone.
IIS did not mind case, and neither do we, but for the name of the stream.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

MANIFEST = "Manifest"
FRAGMENTS, FRAGMENT_INFO, RAW_FRAGMENTS, KEY_FRAMES = "Fragments", "FragmentInfo", "RawFragments", "KeyFrames"

_NOUNS = {noun.lower(): noun for noun in (FRAGMENTS, FRAGMENT_INFO, RAW_FRAGMENTS, KEY_FRAMES)}
_NAME = re.compile(
    r"manifest"
    r"|QualityLevels\((?P<bitrate>[0-9]{1,10})\)/(?P<noun>[a-z]{1,12})\((?P<stream>[^()=/]{1,128})=(?P<time>[0-9]{1,20})\)",
    re.IGNORECASE | re.ASCII,
)


@dataclass(frozen=True, slots=True)
class Asked:
    """What a URL asks for.

    Args:
        noun: one of the words above.
        bitrate: of the quality level; 0 for the manifest.
        stream: name of the stream; empty for the manifest.
        time: when the chunk begins, in ticks of 100 ns.
    """

    noun: str
    bitrate: int = 0
    stream: str = ""
    time: int = 0


def parse_name(name: str) -> Asked | None:
    """Return what a name asks for, None when it is none of Smooth Streaming."""
    found = _NAME.fullmatch(name)
    if found is None:
        return None
    if found["noun"] is None:
        return Asked(MANIFEST)
    noun = _NOUNS.get(found["noun"].lower())
    return Asked(noun, int(found["bitrate"]), found["stream"], int(found["time"])) if noun is not None else None
