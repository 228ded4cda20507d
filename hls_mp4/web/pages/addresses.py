"""Addresses of the pages: what a query asks of one, and what is carried on of it.

A film's page has the URL of the film with an argument behind it: `film.mp4?player`. It lies where the film lies: the
film's location and its rules hold for it, a signature of the path holds for both, and no file can have its name.
Arguments that are not the page's own, such as a token and its time, are carried on to everything it links to.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import quote_from_bytes, unquote_to_bytes

from hls_mp4.web.pages.words import exact_clock_text, read_clock

_OWN = (b"player", b"from", b"to")
_PRINTABLE = "".join(map(chr, range(0x21, 0x7F)))

Argument = tuple[bytes, bytes | None]


def arguments(query: bytes) -> list[Argument]:
    """Return the arguments of a raw query: names and values as they are, None for a name alone."""
    parts = (part.partition(b"=") for part in query.split(b"&") if part)
    return [(name, value if sign else None) for name, sign, value in parts]


def argument(query: bytes, wanted: bytes) -> bytes | None:
    """Return the raw value of an argument, by a name in any case; the first counts, None when it is not there."""
    return next((value or b"" for name, value in arguments(query) if name.lower() == wanted), None)


def joined(*parts: str) -> str:
    """Return a relative URL with these queries, whose own path is that of the page: `?a=1&b=2`."""
    return "?" + "&".join(part for part in parts if part)


def query_of(kept: list[Argument]) -> str:
    """Return arguments as a query; what must not stand in a URL is percent-encoded."""
    pairs = (name if value is None else b"%b=%b" % (name, value) for name, value in kept)
    return quote_from_bytes(b"&".join(pairs), safe=_PRINTABLE)


def decoded(raw: bytes) -> str:
    """Return the text of an argument, as a form sends it."""
    return unquote_to_bytes(raw.replace(b"+", b" ")).decode("utf-8", "replace")


@dataclass(frozen=True, slots=True)
class PlayerQuery:
    """What is asked of a film's page.

    Args:
        from_ms: where to begin; None for the beginning.
        to_ms: where the part ends that is wanted, beyond `from_ms`; None for the whole film.
        kept: arguments that are carried on.
    """

    from_ms: int | None
    to_ms: int | None
    kept: tuple[Argument, ...]

    @property
    def carried(self) -> str:
        """What is carried on, as a query."""
        return query_of(list(self.kept))

    def page(self, from_ms: int | None = None, to_ms: int | None = None) -> str:
        """Return the URL of the page at another time."""
        begin = f"from={exact_clock_text(from_ms)}" if from_ms is not None else ""
        end = f"to={exact_clock_text(to_ms)}" if to_ms is not None else ""
        return joined(self.carried, "player", begin, end)


def player_query(query: bytes) -> PlayerQuery | None:
    """Return what a raw query asks of a film's page; None when it does not ask for the page.

    `player` stands alone or with nothing behind its sign, as forms send it: an argument of this name that has a value
    is somebody else's, or asks for a player's own file.
    """
    if re.search(rb"(?:^|&)player=?(?:&|$)", query) is None:
        return None
    begin = read_clock(decoded(argument(query, b"from") or b""))
    end = read_clock(decoded(argument(query, b"to") or b""))
    if end is not None and end <= (begin or 0):
        end = None
    kept = tuple(found for found in arguments(query) if found[0].lower() not in _OWN)
    return PlayerQuery(begin, end, kept)


def page_number(query: bytes) -> int:
    """Return which page of a listing is asked for, 1 when none is."""
    digits = argument(query, b"page") or b""
    return max(1, int(digits)) if re.fullmatch(rb"[0-9]{1,9}", digits) else 1
