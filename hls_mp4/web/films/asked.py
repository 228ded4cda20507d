"""Which part of a film a query asks for, and which of its arguments URLs in manifests carry on.

    vbegin=90&vend=120              seconds, as in progressive clips
    t=90-120, t=90,120, t=90-       the same in one argument; t=90 alone is nothing of ours
    filter=(type=="audio")          tracks, see `hls_mp4.packagers.choosing.expression`

These are carried on always, so that segments are cut as their manifest says; of a filter `&&` may be written as it is,
though `&` parts arguments. Whatever is carried on is written anew: nothing of it means anything to a playlist, to XML
or to a template of URLs.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import quote, quote_from_bytes, unquote_to_bytes

from hls_mp4.packagers.choosing.expression import BadFilter, Filter
from hls_mp4.packagers.choosing.facts import read_filter
from hls_mp4.packagers.elsewhere.vod import Parts
from hls_mp4.packagers.progressive.arguments import parse_seconds, parse_span
from hls_mp4.web.films.settings import Forwarding

MOST_FORWARDED = 2048
"""Bytes of arguments that are carried on: they stand in every line of a manifest."""

_WINDOW = (b"vbegin", b"vend", b"t", b"filter")
_SAFE = b"!()*,;:@/?=+%-._~"
_BROKEN = re.compile(rb"%(?![0-9A-Fa-f]{2})")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What of a film is wanted.

    Args:
        begin_ms: where it begins.
        end_ms: where it ends; None for the end of the film.
        tracks: as in `Parts`.
        filter: which tracks; None for all.
        carried: the arguments that say so, for URLs in manifests.
    """

    begin_ms: int = 0
    end_ms: int | None = None
    tracks: tuple[tuple[str, int], ...] = ()
    filter: Filter | None = None
    carried: str = ""

    @property
    def everything(self) -> bool:
        """Whether all of the film is wanted."""
        return not self.begin_ms and self.end_ms is None and not self.tracks and self.filter is None

    @property
    def key(self) -> tuple[object, ...]:
        """What tells it from other parts of the same films."""
        return self.begin_ms, self.end_ms, self.tracks, self.filter.text if self.filter is not None else None


WHOLE = Wanted()


def wanted(query: bytes, parts: Parts) -> Wanted:
    """Return what a query wants, of what a path says of the film already.

    Raises:
        BadFilter: a filter makes no sense.
    """
    asked = _asked(query) if query else WHOLE
    if parts == _NO_PARTS:
        return asked
    ends = [parts.begin_ms + asked.end_ms] if asked.end_ms is not None else []
    if parts.end_ms is not None:
        ends.append(parts.end_ms)
    begin = parts.begin_ms + asked.begin_ms
    end = min(ends) if ends else None
    return Wanted(begin, end, parts.tracks, asked.filter, asked.carried)


_NO_PARTS = Parts()


@lru_cache(maxsize=1024)
def _asked(query: bytes) -> Wanted:
    found: dict[bytes, bytes] = {}
    for name, value in _arguments(query):
        if name.lower() in _WINDOW:
            found.setdefault(name.lower(), value)
    if not found:
        return WHOLE
    begin, end = parse_seconds(found.get(b"vbegin", b"")), parse_seconds(found.get(b"vend", b""))
    if begin is None and end is None:
        begin, end = parse_span(found.get(b"t", b""))
    begin = begin or 0
    if not end or end <= begin:
        end = None
    chosen = None
    if found.get(b"filter"):
        try:
            chosen = read_filter(unquote_to_bytes(found[b"filter"].replace(b"+", b" ")).decode("utf-8"))
        except UnicodeDecodeError:
            raise BadFilter("filter is no UTF-8") from None
    carried = [f"vbegin={_seconds(begin)}"] if begin else []
    if end is not None:
        carried.append(f"vend={_seconds(end)}")
    if chosen is not None:
        carried.append(f"filter={quote(chosen.text, safe='')}")
    return Wanted(begin, end, filter=chosen, carried="&".join(carried))


def _seconds(ms: int) -> str:
    return f"{ms // 1000}.{ms % 1000:03}".rstrip("0").rstrip(".")


def _arguments(query: bytes) -> list[tuple[bytes, bytes]]:
    """Return names and raw values; that of a filter goes on until its parentheses are closed, and behind `&&`."""
    made: list[tuple[bytes, bytes]] = []
    waiting = query.split(b"&")
    waiting.reverse()
    while waiting:
        name, _, value = waiting.pop().partition(b"=")
        if name.lower() == b"filter":
            # Nothing between two `&` is no argument: they are an operator.
            while waiting and (not _closed(value) or (not waiting[-1] and len(waiting) > 1)):
                value += b"&" + waiting.pop()
        made.append((name, value))
    return made


def _closed(value: bytes) -> bool:
    text = unquote_to_bytes(value)
    return text.count(b"(") <= text.count(b")") and not text.rstrip().endswith(b"&")


@lru_cache(maxsize=1024)
def forwarded(query: bytes, forwarding: Forwarding) -> str:
    """Return the arguments of a query that are carried on beside those that say which part is meant.

    Args:
        query: raw, without the question mark.
        forwarding: which.

    Raises:
        ValueError: they are too long to stand in every line of a manifest.
    """
    if not query or not (forwarding.every or forwarding.names):
        return ""
    kept = []
    for name, value in _arguments(query):
        if not name or name.lower() in _WINDOW:
            continue
        if forwarding.every or unquote_to_bytes(name).decode("latin-1") in forwarding.names:
            kept.append(_written(name) + (f"={_written(value)}" if value else ""))
    text = "&".join(kept)
    if len(text) > MOST_FORWARDED:
        raise ValueError(f"arguments to be carried on are too long:{len(text)}")
    return text


def _written(part: bytes) -> str:
    """Return a part of a query without the characters that mean something where URLs stand."""
    return quote_from_bytes(_BROKEN.sub(b"%25", part), safe=_SAFE)
