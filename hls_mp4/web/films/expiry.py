"""Cache headers by what a body is: a manifest that may change, a segment that does so only with its film, a key.

`expires` and `add_header Cache-Control` of a location outweigh all of these.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from hls_mp4.directives import ANYWHERE, Parsed, directive
from hls_mp4.web.headers import Expires, Headers, expires_headers, read_expires

if TYPE_CHECKING:
    from hls_mp4.web.rules import LocationRules

_SYNTAX = "[modified] [+|-]time | @time | epoch | max | off"
_OWN = frozenset(("cache-control", "expires"))
_SECRET: Headers = [("Cache-Control", "no-store")]


@dataclass(frozen=True, slots=True, kw_only=True)
class CacheSettings:
    """How long caches keep what is made of films, where `expires` does not say."""

    manifest: Expires | None = directive(
        "manifest_expires",
        ANYWHERE,
        Parsed(_SYNTAX, read_expires),
        default="1m",
        doc="Sets Expires and Cache-Control of playlists and manifests: the time after which caches ask whether the"
        " film has changed.",
    )
    segment: Expires | None = directive(
        "segment_expires",
        ANYWHERE,
        Parsed(_SYNTAX, read_expires),
        default="1h",
        doc="Sets Expires and Cache-Control of segments; max is for films that are never replaced under their name.",
    )
    init: Expires | None = directive(
        "init_expires",
        ANYWHERE,
        Parsed(_SYNTAX, read_expires),
        default="1h",
        doc="Sets Expires and Cache-Control of init segments, which are to be as old as their segments.",
    )


def cache_headers(rules: LocationRules, kind: str, now: float, mtime: int | None) -> Headers:
    """Return the headers of a class of bodies; none where the location says so for all.

    Args:
        rules: of the location.
        kind: "manifest", "segment", "init", "key", or empty.
        now: seconds since the epoch.
        mtime: of the film.
    """
    if not kind or rules.headers.expires is not None:
        return []
    if any(header.name.lower() in _OWN for header in rules.headers.added):
        return []
    if kind == "key":
        return list(_SECRET)
    settings: CacheSettings = rules.of.get(CacheSettings) or CacheSettings()
    expires = getattr(settings, kind, None)
    return expires_headers(expires, int(now), mtime) if expires is not None else []
