"""expires and add_header: headers that the administrator gives to responses.

The grammar and the arithmetic of nginx's headers module; Expires as RFC 9111 5.3, Cache-Control as RFC 9111 5.2.
"""

from __future__ import annotations

import re
import time
from collections.abc import Sequence
from dataclasses import dataclass

from hls_mp4.directives import ANYWHERE, LOCATION_IF, Parsed, directive, parse_time_ms
from hls_mp4.web.conditional import last_modified
from hls_mp4.web.facts import Facts
from hls_mp4.web.variables import Template, compile_template

STATUSES = frozenset((200, 201, 204, 206, 301, 302, 303, 304, 307, 308))
"""Responses that get these headers without `always`; nginx's list."""

OWN_HEADERS = frozenset(("connection", "content-length", "transfer-encoding"))
"""What frames a response: another value would have client and server disagree about where it ends."""

VALIDATORS = frozenset(("etag", "last-modified"))
"""Headers of which there is one: what is configured takes the place of what the file has."""

_TOKEN = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
_DAY = 86400

Headers = list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class AddedHeader:
    """One add_header.

    Args:
        name: of the header.
        value: of the header, which is left out when the value comes out empty.
        always: whatever the status.
    """

    name: str
    value: Template
    always: bool = False


def read_header(args: Sequence[str]) -> AddedHeader:
    """Return the header of `name value [always]`; raises ValueError."""
    if not 2 <= len(args) <= 3:
        raise ValueError("invalid number of arguments")
    name, value = args[:2]
    if len(args) == 3 and args[2] != "always":
        raise ValueError(f'invalid parameter "{args[2]}"')
    if not _TOKEN.fullmatch(name):
        raise ValueError(f'invalid header name "{name}"')
    if name.lower() in OWN_HEADERS:
        raise ValueError(f'"{name}" is set by the server')
    return AddedHeader(name, compile_template(value), len(args) == 3)


@dataclass(frozen=True, slots=True)
class Expires:
    """When responses expire.

    Args:
        kind: "epoch", "max", "access" (from now), "modified" (from the file's time) or "daily".
        seconds: how long from then, or for "daily" the second of the day.
    """

    kind: str
    seconds: int = 0


def read_expires(args: Sequence[str]) -> Expires | None:
    """Return what `expires` says, None for off; raises ValueError."""
    words = list(args)
    modified = len(words) == 2 and words[0] == "modified"
    if modified:
        del words[0]
    if len(words) != 1:
        raise ValueError("invalid number of arguments")
    word = words[0]
    if not modified and word in ("off", "epoch", "max"):
        return None if word == "off" else Expires(word)
    if word.startswith("@"):
        if modified:
            raise ValueError(f'time of day "{word}" cannot be used with "modified"')
        return Expires("daily", _second_of_day(word))
    sign = -1 if word.startswith("-") else 1
    try:
        seconds = parse_time_ms(word[1:] if word[:1] in ("-", "+") else word) // 1000
    except ValueError:
        raise ValueError(f'invalid time "{word}"') from None
    return Expires("modified" if modified else "access", sign * seconds)


def _second_of_day(word: str) -> int:
    """Return the second of `@15h30m`."""
    try:
        seconds = parse_time_ms(word[1:]) // 1000
    except ValueError:
        raise ValueError(f'invalid time "{word}"') from None
    if seconds > _DAY:
        raise ValueError(f'time of day "{word}" must be less than 24 hours')
    return seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class HeaderSettings:
    """Headers of responses."""

    expires: Expires | None = directive(
        "expires",
        ANYWHERE | LOCATION_IF,
        Parsed("[modified] [+|-]time | @time | epoch | max | off", read_expires),
        default="off",
        doc="Sets Expires and Cache-Control: a time from now, from the file's change, or of the day.",
    )
    added: tuple[AddedHeader, ...] = directive(
        "add_header",
        ANYWHERE | LOCATION_IF,
        Parsed("name value [always]", read_header),
        default=(),
        repeated=True,
        doc="Adds a header to responses of success and redirection, with always to all; the value may have variables.",
        differs="Connection, Content-Length and Transfer-Encoding are refused",
    )


_NOTHING: Headers = []


def extra_headers(settings: HeaderSettings, status: int, facts: Facts, now: float, mtime: int | None) -> Headers:
    """Return what the configuration adds to a response; not to be changed, for it may be shared.

    A validator without a value is among it: `merged` takes it for an order to send none.

    Args:
        settings: of the location.
        status: of the response.
        facts: of the request, for variables.
        now: seconds since the epoch.
        mtime: of the file that is sent, seconds since the epoch; None when none is.
    """
    if settings.expires is None and not settings.added:
        return _NOTHING
    usual = status in STATUSES
    headers: Headers = []
    if settings.expires is not None and usual:
        headers += expires_headers(settings.expires, int(now), mtime)
    for header in settings.added:
        if usual or header.always:
            value = header.value.render(facts)
            if value or header.name.lower() in VALIDATORS:
                headers.append((header.name, value))
    return headers


def merged(headers: Headers, extra: Headers) -> Headers:
    """Return the headers of a response with what `extra_headers` adds.

    `add_header Last-Modified ""` takes ours away, and with another value takes its place; so with ETag.
    """
    if not extra:
        return headers
    replaced = {name.lower() for name, _ in extra} & VALIDATORS
    if not replaced:
        return headers + extra
    kept = [header for header in headers if header[0].lower() not in replaced]
    return kept + [header for header in extra if header[1]]


def expires_headers(expires: Expires, now: int, mtime: int | None) -> Headers:
    """Return Expires and Cache-Control.

    Args:
        expires: as configured.
        now: seconds since the epoch.
        mtime: of the file that is sent; without one "modified" counts from now, as in nginx.
    """
    if expires.kind == "epoch":
        return [("Expires", "Thu, 01 Jan 1970 00:00:01 GMT"), ("Cache-Control", "no-cache")]
    if expires.kind == "max":
        return [("Expires", "Thu, 31 Dec 2037 23:55:55 GMT"), ("Cache-Control", "max-age=315360000")]
    if expires.kind == "daily":
        moment = _next_time_of_day(expires.seconds, now)
    elif expires.kind == "modified" and mtime is not None:
        moment = mtime + expires.seconds
    else:
        moment = now + expires.seconds
    age = moment - now
    fresh = age >= 0 and expires.seconds >= 0
    return [("Expires", last_modified(max(0, moment))), ("Cache-Control", f"max-age={age}" if fresh else "no-cache")]


def _next_time_of_day(second: int, now: int) -> int:
    """Return when the local clock shows a second of the day next, after now."""
    today = time.localtime(now)
    # mktime finds the offset from UTC of that very moment, on the days too on which the clocks are changed.
    clock = (second // 3600, second // 60 % 60, second % 60, 0, 0, -1)
    moment = time.mktime((today.tm_year, today.tm_mon, today.tm_mday, *clock))
    if moment <= now:
        moment = time.mktime((today.tm_year, today.tm_mon, today.tm_mday + 1, *clock))
    return int(moment)
