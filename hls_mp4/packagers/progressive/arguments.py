"""`start` and `end` in a query string, by the grammar of nginx's mp4 module, and CodeShop's `vbegin` and `vend`.

Names in any case, the first match counts, `&` alone separates, nothing is percent-decoded. A number is digits with
at most one dot among them; digits after the third decimal are cut off, signs, exponents, a second dot, nothing at
all and what does not fit 63 bits are invalid. An invalid `start` is no start; an `end` that is invalid, zero or not
after the start is no end; an end alone starts at 0. `vbegin` and `vend` are read alike and make a window of the film
a film of its own, in which start and end count from the window's begin; `t=90-120`, `t=90,120` and `t=90-` say the
same, where no other argument is called so. `t=90` does not: pages append such times to have their caches passed by.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from hls_mp4.directives import one

MOST_MS = 2**63 - 1

_SECONDS = re.compile(rb"([0-9]*)(?:\.([0-9]*))?")
_SPAN = re.compile(rb"(?:npt:)?([0-9.]*)(?:[-,]|%2[Cc])([0-9.]*)")
_NAME = re.compile(r"[A-Za-z0-9_.~-]+")


@dataclass(frozen=True, slots=True)
class Window:
    """A part of a film that stands for a film of its own.

    Args:
        begin_ms: its first instant.
        end_ms: the instant after its last, beyond `begin_ms`; None for the end of the film.
    """

    begin_ms: int
    end_ms: int | None


@dataclass(frozen=True, slots=True)
class Interval:
    """What part of a film is asked for.

    Args:
        start_ms: first instant.
        end_ms: the instant after the last, beyond `start_ms`; None for the end of the film.
        asked: False when nothing was asked for and the film is answered for another reason.
        window: what start and end count in; None for the film itself.
    """

    start_ms: int
    end_ms: int | None
    asked: bool = True
    window: Window | None = None


def read_argument_name(args: Sequence[str]) -> str:
    """Return the name of an argument of URLs; raises ValueError for what cannot be one as it stands."""
    name = one(args)
    if not _NAME.fullmatch(name):
        raise ValueError(f'invalid argument name "{name}"')
    return name


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


@lru_cache(maxsize=256)
def _finder(start: str, end: str) -> re.Pattern[bytes]:
    names = b"|".join(re.escape(name.encode()) for name in (start, end, "vbegin", "vend", "t"))
    return re.compile(rb"(?:^|(?<=&))(%b)=([^&]*)" % names, re.IGNORECASE)


def parse_interval(query: bytes, start: str = "start", end: str = "end") -> Interval | None:
    """Return what a raw query string asks for, None when it is the whole file.

    Args:
        query: without the question mark.
        start, end: what the two arguments are called, ASCII.
    """
    found: dict[bytes, bytes] = {}
    for name, value in _finder(start, end).findall(query):
        found.setdefault(name.lower(), value)
    if not found:
        return None
    first = parse_seconds(found.get(start.lower().encode(), b""))
    stop = parse_seconds(found.get(end.lower().encode(), b""))
    window = _window(found, "t" not in (start.lower(), end.lower()))
    if first is None:
        return Interval(0, stop or None, window=window) if stop or window else None
    return Interval(first, stop if stop and stop > first else None, window=window)


def parse_span(value: bytes) -> tuple[int | None, int | None]:
    """Return the milliseconds of `10-20`, `10,20`, `10-` or `,20`, None for what is not there."""
    found = _SPAN.fullmatch(value)
    return (parse_seconds(found[1]), parse_seconds(found[2])) if found else (None, None)


def _window(found: dict[bytes, bytes], spans: bool) -> Window | None:
    begin, end = parse_seconds(found.get(b"vbegin", b"")), parse_seconds(found.get(b"vend", b""))
    if spans and begin is None and end is None:
        begin, end = parse_span(found.get(b"t", b""))
    begin = begin or 0
    if not end or end <= begin:
        end = None
    return Window(begin, end) if begin or end else None
