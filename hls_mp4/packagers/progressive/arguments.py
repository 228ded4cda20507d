"""`start` and `end` in a query string, by the grammar of nginx's mp4 module.

Names in any case, the first match counts, `&` alone separates, nothing is percent-decoded. A number is digits with
at most one dot among them; digits after the third decimal are cut off, signs, exponents, a second dot, nothing at
all and what does not fit 63 bits are invalid. An invalid `start` is no start; an `end` that is invalid, zero or not
after the start is no end; an end alone starts at 0.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

MOST_MS = 2**63 - 1

_START = re.compile(rb"(?:^|&)start=([^&]*)", re.IGNORECASE)
_END = re.compile(rb"(?:^|&)end=([^&]*)", re.IGNORECASE)
_SECONDS = re.compile(rb"([0-9]*)(?:\.([0-9]*))?")


@dataclass(frozen=True, slots=True)
class Interval:
    """What part of a film is asked for.

    Args:
        start_ms: first instant.
        end_ms: the instant after the last, beyond `start_ms`; None for the end of the film.
        asked: False when nothing was asked for and the film is answered for another reason.
    """

    start_ms: int
    end_ms: int | None
    asked: bool = True


def parse_seconds(text: bytes) -> int | None:
    """Return milliseconds of a decimal number of seconds, None when it is not one by nginx's grammar.

    A dot alone is zero, as it is there.
    """
    found = _SECONDS.fullmatch(text)
    if not text or found is None:
        return None
    digits = (found[1] + (found[2] or b"")[:3].ljust(3, b"0")).lstrip(b"0")
    if len(digits) > 19:
        return None
    value = int(digits or b"0")
    return value if value <= MOST_MS else None


def parse_interval(query: bytes) -> Interval | None:
    """Return what a raw query string asks for, None when it is the whole file."""
    found = _START.search(query)
    start = parse_seconds(found[1]) if found else None
    found = _END.search(query)
    end = parse_seconds(found[1]) if found else None
    if start is None:
        return Interval(0, end) if end else None
    return Interval(start, end if end and end > start else None)
