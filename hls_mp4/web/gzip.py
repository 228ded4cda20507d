"""gzip: whether a body is sent compressed, and what its headers say then; nginx's gzip module.

Texts only, and whole ones: what is asked for in ranges is sent as it is, so that ranges are always those of the file.
A compressed body has a known length, like every other. nginx compresses only answers to GET; here the answer to a HEAD
says of the body what the answer to the GET says (RFC 9110 9.3.2).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from hls_mp4.directives import (
    ANYWHERE,
    LOCATION_IF,
    Choice,
    Flag,
    Number,
    Parsed,
    Size,
    compile_regex,
    directive,
    parse_size,
)
from hls_mp4.plan import Generated, Plan
from hls_mp4.web.codings import takes_gzip
from hls_mp4.web.conditional import parse_date

MOST = 8 << 20
"""Larger bodies are sent as they are: a text for players is far smaller, and each body is held in memory once."""

Headers = Sequence[tuple[str, str]]
GetHeader = Callable[[str], str | None]

_PROXIED = ("off", "expired", "no-cache", "no-store", "private", "no_last_modified", "no_etag", "auth", "any")
_OLD_EXPLORER = r"MSIE [45]\.|MSIE 6\.(?!.*SV1)"  # nginx: msie6


def _read_types(args: Sequence[str]) -> frozenset[str]:
    """Return the types of `type ...`, text/html always among them; raises ValueError."""
    if not args:
        raise ValueError("invalid number of arguments")
    return frozenset((*(arg.lower() for arg in args), "text/html"))


def _read_proxied(args: Sequence[str]) -> frozenset[str]:
    if not args:
        raise ValueError("invalid number of arguments")
    for arg in args:
        if arg not in _PROXIED:
            raise ValueError(f'invalid value "{arg}"')
    if len(args) > 1 and "off" in args:
        raise ValueError('"off" cannot be combined with other values')
    return frozenset(args)


def _read_disabled(args: Sequence[str]) -> tuple[re.Pattern[str], ...]:
    """Return the expressions of `regex ...`; raises ValueError."""
    if not args:
        raise ValueError("invalid number of arguments")
    patterns = (_OLD_EXPLORER if arg == "msie6" else arg for arg in args if arg != "degradation")
    return tuple(compile_regex(pattern, ignore_case=True) for pattern in patterns)


def _read_buffers(args: Sequence[str]) -> tuple[int, int]:
    if len(args) != 2:
        raise ValueError("invalid number of arguments")
    return Number(least=1).parse(args[:1]), parse_size(args[1])


@dataclass(frozen=True, slots=True, kw_only=True)
class GzipSettings:
    """Compression of texts."""

    enabled: bool = directive(
        "gzip",
        ANYWHERE | LOCATION_IF,
        Flag(),
        default="off",
        doc="Compresses texts for clients that take it: manifests, listings, subtitles; never films.",
        differs="ranges, pages of errors and texts above 8 megabytes are sent as they are; the length is told",
    )
    types: frozenset[str] = directive(
        "gzip_types",
        ANYWHERE,
        Parsed("mime-type ...", _read_types),
        default="text/html",
        doc="Content types that are compressed, text/html always among them; * is any.",
    )
    min_length: int = directive(
        "gzip_min_length", ANYWHERE, Size(), default="20", doc="Shorter bodies are sent as they are."
    )
    level: int = directive(
        "gzip_comp_level", ANYWHERE, Number(1, 9), default="1", doc="How hard to compress: 1 is fast, 9 is small."
    )
    vary: bool = directive(
        "gzip_vary",
        ANYWHERE,
        Flag(),
        default="on",
        doc="Tells caches that the body depends on Accept-Encoding; off is for those that know it anyway.",
        differs="other default, nginx's is off: a cache would give the compressed text to clients that cannot read it",
    )
    proxied: frozenset[str] = directive(
        "gzip_proxied",
        ANYWHERE,
        Parsed(f"{' | '.join(_PROXIED)} ...", _read_proxied),
        default="off",
        doc="Whether requests that come through a proxy, which have a Via header, get compressed bodies: those whose"
        " answer expired, has such a Cache-Control, has no Last-Modified or no ETag, or whose client said who it is.",
    )
    http_version: str = directive(
        "gzip_http_version",
        ANYWHERE,
        Choice(("1.0", "1.1")),
        default="1.1",
        doc="The least version of HTTP whose requests get compressed bodies.",
    )
    disable: tuple[re.Pattern[str], ...] = directive(
        "gzip_disable",
        ANYWHERE,
        Parsed("regex ...", _read_disabled),
        default=(),
        doc="Clients whose User-Agent matches get bodies as they are; msie6 stands for Internet Explorer 4 to 6.",
    )
    buffers: tuple[int, int] = directive(
        "gzip_buffers",
        ANYWHERE,
        Parsed("number size", _read_buffers),
        default="32 4k",
        doc="Understood for nginx's sake: a text is compressed in one piece.",
        differs="without effect: a text is compressed in one piece",
    )


def compressible(settings: GzipSettings, kind: str, plan: Plan) -> bool:
    """Tell whether a body is of those that are sent compressed to who takes it.

    Args:
        settings: of the location, gzip on.
        kind: the content type.
        plan: the body.
    """
    if not settings.min_length <= plan.length <= MOST or not plan.length:
        return False
    if "*" not in settings.types and kind.partition(";")[0].rstrip().lower() not in settings.types:
        return False
    return not any(isinstance(part, Generated) for part in plan.parts)


def client_takes(settings: GzipSettings, protocol: str, header: GetHeader) -> bool:
    """Tell whether the client of a request, proxies aside, gets compressed bodies.

    Args:
        settings: of the location, gzip on.
        protocol: `HTTP/1.1`.
        header: returns a header of the request.
    """
    accepted = header("accept-encoding")
    if accepted is None or not takes_gzip(accepted):
        return False
    if protocol == "HTTP/1.0" and settings.http_version != "1.0":
        return False
    agent = header("user-agent") if settings.disable else None
    return agent is None or not any(pattern.search(agent) for pattern in settings.disable)


def proxy_takes(settings: GzipSettings, header: GetHeader, answer: Headers, now: float) -> bool:
    """Tell whether an answer may be compressed when the request came through a proxy (nginx: gzip_proxied).

    Args:
        settings: of the location.
        header: returns a header of the request.
        answer: headers of the response.
        now: seconds since the epoch.
    """
    wanted = settings.proxied
    if header("via") is None or "any" in wanted:
        return True
    if "off" in wanted:
        return False
    if "auth" in wanted and header("authorization") is not None:
        return True
    found: Mapping[str, str] = {name.lower(): value for name, value in answer}
    if "expires" in found:
        expires = parse_date(found["expires"])
        return "expired" in wanted and expires is not None and expires < now
    if "cache-control" in found:
        told = {word.partition("=")[0].strip().lower() for word in found["cache-control"].split(",")}
        return bool(told & wanted & {"no-cache", "no-store", "private"})
    if "no_last_modified" in wanted and "last-modified" in found:
        return False
    return not ("no_etag" in wanted and "etag" in found)


def weak(etag: str) -> str:
    """Return the ETag of a compressed body: weak, for it means the same and is not the same bytes."""
    return etag if etag.startswith("W/") else f"W/{etag}"
