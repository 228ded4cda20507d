"""cors: players on pages of other sites may fetch, seek and read what they need to know (WHATWG Fetch 3.2).

nginx has add_header and an `if` for OPTIONS, copied from page to page; this is one word. It holds for every answer of
the location, of whatever status: a player has to read that a range was refused. A preflight is answered before anybody
is asked for a password, for browsers send none with it. What add_header says of Access-Control-* outweighs what stands
here, and nothing is sent twice.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from hls_mp4.directives import ANYWHERE, Flag, Parsed, Time, directive
from hls_mp4.web.refusal import Refusal

if TYPE_CHECKING:
    from hls_mp4.web.phases import Check
    from hls_mp4.web.request import StreamingRequest

Headers = list[tuple[str, str]]

METHODS = "GET, HEAD"

ALLOWED = (
    *("Range", "If-Range", "If-Match", "If-None-Match", "If-Modified-Since", "If-Unmodified-Since"),
    *("Authorization", "Cache-Control", "Content-Type", "Pragma", "X-Requested-With"),
)
"""Headers of requests that players and their frameworks send."""

EXPOSED = (
    *("Accept-Ranges", "Content-Encoding", "Content-Length", "Content-Range", "Date", "ETag", "Last-Modified"),
    *("Location", "Retry-After", "Server", "X-Clip-Start", "X-Content-Duration"),
)
"""Headers of responses that a player may want to know."""

_TOKEN = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
_ORIGIN = re.compile(
    r"[a-z][a-z0-9+.\-]*://(?:\*\.)?[a-z0-9._\-]+(?::\d{1,5})?|[a-z][a-z0-9+.\-]*://\[[0-9a-f:.]+\](?::\d{1,5})?|null"
)


def _read_origins(args: Sequence[str]) -> tuple[str, ...]:
    """Return the origins of `* | origin ...`, empty for any; raises ValueError."""
    if not args:
        raise ValueError("invalid number of arguments")
    if "*" in args:
        if len(args) > 1:
            raise ValueError('"*" is any origin, others beside it have no effect')
        return ()
    for arg in args:
        if not _ORIGIN.fullmatch(arg.lower()):
            raise ValueError(f'invalid origin "{arg}", it must be like https://player.example.com')
    return tuple(arg.lower() for arg in args)


def _read_names(args: Sequence[str]) -> tuple[str, ...]:
    if not args:
        raise ValueError("invalid number of arguments")
    for arg in args:
        if not _TOKEN.fullmatch(arg):
            raise ValueError(f'invalid header name "{arg}"')
    return tuple(args)


@dataclass(frozen=True, slots=True, kw_only=True)
class CorsSettings:
    """Players on pages of other sites."""

    enabled: bool = directive(
        "cors",
        ANYWHERE,
        Flag(),
        default="off",
        doc="Lets scripts of other sites' pages fetch what is here, with ranges, and read the headers that players use;"
        " answers their preflights (OPTIONS) with 204.",
    )
    origins: tuple[str, ...] = directive(
        "cors_origin",
        ANYWHERE,
        Parsed("* | origin ...", _read_origins),
        default="*",
        doc="Whose pages these are: any, or those of origins such as https://player.example.com; https://*.example.com"
        " stands for every host below example.com.",
    )
    allowed: tuple[str, ...] = directive(
        "cors_allow",
        ANYWHERE,
        Parsed("header ...", _read_names),
        default=" ".join(ALLOWED),
        doc="Headers that a script may send.",
    )
    exposed: tuple[str, ...] = directive(
        "cors_expose",
        ANYWHERE,
        Parsed("header ...", _read_names),
        default=" ".join(EXPOSED),
        doc="Headers of responses that a script may read.",
    )
    max_age: int = directive(
        "cors_max_age",
        ANYWHERE,
        Time(),
        default="1d",
        doc="How long a browser may remember the answer to a preflight; browsers have limits of their own.",
    )
    credentials: bool = directive(
        "cors_credentials",
        ANYWHERE,
        Flag(),
        default="off",
        doc="Whether scripts may send cookies and passwords of the viewer; only with origins that are named.",
    )

    def __post_init__(self) -> None:
        """Check that no page of the world may read what a viewer's password protects."""
        if self.enabled and self.credentials and not self.origins:
            raise ValueError('"cors_credentials on" needs the origins to be named with "cors_origin"')


@lru_cache(maxsize=64)
def _patterns(origins: tuple[str, ...]) -> re.Pattern[str]:
    """Return an expression of all origins: `*.` stands for one or more labels of a host name."""
    return re.compile("|".join(re.escape(origin).replace(r"\*\.", r"(?:[a-z0-9_\-]+\.)+") for origin in origins))


def allowed_origin(settings: CorsSettings, origin: str | None) -> str:
    """Return the value of Access-Control-Allow-Origin, empty when there is none.

    Args:
        settings: of the location.
        origin: that the request names, None when it names none.
    """
    if not settings.origins:
        return "*"
    if origin is None or not _patterns(settings.origins).fullmatch(origin.lower()):
        return ""
    return origin


def response_headers(settings: CorsSettings, origin: str | None) -> Headers:
    """Return what every response of a location carries.

    Args:
        settings: of the location, cors on.
        origin: that the request names, None when it names none.
    """
    shown = allowed_origin(settings, origin)
    # The answer depends on who asks, also where it is no.
    headers: Headers = [("Vary", "Origin")] if settings.origins else []
    if shown:
        headers += [
            ("Access-Control-Allow-Origin", shown),
            ("Access-Control-Expose-Headers", ", ".join(settings.exposed)),
        ]
        if settings.credentials:
            headers.append(("Access-Control-Allow-Credentials", "true"))
    return headers


def preflight_headers(settings: CorsSettings) -> Headers:
    """Return what the answer to a preflight carries beside that."""
    return [
        ("Access-Control-Allow-Methods", METHODS),
        ("Access-Control-Allow-Headers", ", ".join(settings.allowed)),
        ("Access-Control-Max-Age", str(settings.max_age // 1000)),
    ]


def prepare(settings: CorsSettings, shared: Any) -> Check | None:
    """Return the check that answers preflights, None where cors is off."""
    if not settings.enabled:
        return None

    def check(request: StreamingRequest) -> None:
        if is_preflight(request):
            raise Refusal(204)

    return check


def is_preflight(request: StreamingRequest) -> bool:
    """Tell whether a browser asks what a script may ask for."""
    get = request.requestHeaders.getRawHeaders
    return bool(request.method == b"OPTIONS" and get(b"origin") and get(b"access-control-request-method"))


def with_cors(request: StreamingRequest, status: int, headers: Headers) -> Headers:
    """Return the headers of a response with those that `cors` adds; what is there already stays alone.

    Args:
        request: the request.
        status: of the response.
        headers: of the response.
    """
    rules = request.rules
    if rules is None:
        return headers
    settings: CorsSettings | None = rules.of.get(CorsSettings)
    if settings is None or not settings.enabled:
        return headers
    origins = request.requestHeaders.getRawHeaders(b"origin")
    added = response_headers(settings, origins[0].decode("latin-1") if origins else None)
    if status == 204 and is_preflight(request):
        added += preflight_headers(settings)
    there = {name.lower() for name, _ in headers if name.lower() != "vary"}
    varies = {word.strip().lower() for name, value in headers if name.lower() == "vary" for word in value.split(",")}
    if varies & {"origin", "*"}:
        there.add("vary")
    return headers + [header for header in added if header[0].lower() not in there]
