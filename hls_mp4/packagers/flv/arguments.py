"""`start` and `end` in a query string.

Names in any case, the first match counts, `&` alone separates, nothing is percent-decoded. A byte is digits and nothing
else, up to 63 bits, as in nginx's flv module; seconds are what they are for MP4. Without a start that can be read
there is none.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from hls_mp4.packagers.progressive.arguments import parse_seconds

MOST = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Asked:
    """What part of a film is asked for.

    Args:
        start: a byte of the file, or milliseconds; 0 for the beginning.
        end_ms: where it ends, after the start; None for the end of the film, and always where bytes are asked for.
        asked: False when nothing was asked for and the film is answered for another reason.
    """

    start: int
    end_ms: int | None = None
    asked: bool = True


NOTHING_ASKED = Asked(0, asked=False)


@lru_cache(maxsize=256)
def _finder(name: str) -> re.Pattern[bytes]:
    return re.compile(rb"(?:^|&)%b=([^&]*)" % re.escape(name.encode()), re.IGNORECASE)


def _argument(query: bytes, name: str) -> bytes | None:
    found = _finder(name).search(query)
    return found[1] if found else None


def parse_offset(query: bytes, name: str) -> Asked | None:
    """Return the byte that a query string asks for, None when it asks for none.

    Args:
        query: without the question mark.
        name: of the argument.
    """
    text = _argument(query, name)
    if text is None or not text.isdigit():
        return None
    digits = text.lstrip(b"0")
    if not digits or len(digits) > 19 or int(digits) > MOST:
        return None
    return Asked(int(digits))


def parse_times(query: bytes, start: str, end: str) -> Asked | None:
    """Return the seconds that a query string asks for, None when it asks for none.

    Args:
        query: without the question mark.
        start, end: names of the arguments.
    """
    first, last = (parse_seconds(_argument(query, name) or b"") for name in (start, end))
    if first is None:
        return Asked(0, last) if last else None
    return Asked(first, last if last and last > first else None)
