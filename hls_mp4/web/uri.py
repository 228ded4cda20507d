"""Request targets and Host headers, normalised as nginx does before a location is looked for.

RFC 9112 3.2, RFC 3986 5.2.4. Escapes are decoded once, then dot segments go, repeated slashes (`merge_slashes`), and a
fragment that should not have been sent. A target that climbs above the root, has a broken escape, a control character
or a NUL is refused with 400, and so are user names in it (RFC 9110 4.2.4), other schemes than http and https, and a
Host that is none; nginx minds the last two less.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import unquote_to_bytes

_BROKEN_ESCAPE = re.compile(rb"%(?![0-9A-Fa-f]{2})")
_CONTROL = re.compile(rb"[\0-\x20\x7f]")
_ABSOLUTE = re.compile(rb"(?i)https?://([^/?#@]+)([/?].*)?", re.DOTALL)
_HOST = re.compile(r"(?:([A-Za-z0-9._~!$&'()*+,;=%-]+)|(\[[0-9A-Fa-f:.]+\]))(?::[0-9]*)?")


class BadTarget(Exception):
    """What the client asked for is no target of ours: 400. The message is for the log."""


@dataclass(frozen=True, slots=True)
class Target:
    """What is asked for.

    Args:
        path: decoded and normalised, beginning with a slash; bytes that are no UTF-8 are surrogates. Or "*", which is
            the server itself (RFC 9112 3.2.4).
        query: raw, without the question mark; empty when there is none.
        host: of an absolute-form target, which outweighs the Host header; None for the usual origin form.
    """

    path: str
    query: bytes
    host: str | None = None


def parse_target(raw: bytes, merge: bool = True) -> Target:
    """Return what a request target means; raises BadTarget.

    Args:
        raw: as it stands in the request line.
        merge: whether several slashes in a row are one (nginx: merge_slashes).
    """
    host = None
    if raw == b"*":
        return Target("*", b"")
    if raw[:1] != b"/":
        found = _ABSOLUTE.fullmatch(raw)
        if found is None:
            raise BadTarget("client sent invalid request target")
        host = parse_host(found[1])
        raw = found[2] or b"/"
        if raw[:1] != b"/":
            raw = b"/" + raw
    if _CONTROL.search(raw):
        raise BadTarget("client sent invalid character in request target")
    if b"#" in raw:
        raw = raw.partition(b"#")[0]
    path, _, query = raw.partition(b"?")
    if b"%" in path:
        path = decode_escapes(path)
    if b"/." in path or b"//" in path:
        path = normalise(path, merge)
    return Target(path.decode("utf-8", "surrogateescape"), query, host)


def decode_escapes(path: bytes) -> bytes:
    """Return a path with its percent-escapes decoded, once; raises BadTarget."""
    if _BROKEN_ESCAPE.search(path):
        raise BadTarget("client sent invalid percent-escape in request target")
    path = unquote_to_bytes(path)
    if b"\0" in path:
        raise BadTarget("client sent zero byte in request target")
    return path


def normalise(path: bytes, merge: bool = True) -> bytes:
    """Return an absolute path without dot segments; raises BadTarget above the root.

    Args:
        path: beginning with a slash.
        merge: whether empty segments go too; where they stay, each is a folder that ".." leaves.
    """
    kept: list[bytes] = []
    segments = path.split(b"/")[1:]
    for segment in segments[:-1]:
        _enter(kept, segment, merge)
    last = segments[-1]
    if last:
        _enter(kept, last, merge)
    folder = last in (b"", b".", b"..") and bool(kept)
    return b"/" + b"/".join(kept) + (b"/" if folder else b"")


def _enter(kept: list[bytes], segment: bytes, merge: bool) -> None:
    """Go where a segment of a path leads."""
    if segment == b"..":
        if not kept:
            raise BadTarget("client sent request target above the root")
        kept.pop()
    elif segment != b"." and (segment or not merge):
        kept.append(segment)


@lru_cache(maxsize=1024)
def parse_host(raw: bytes) -> str:
    """Return the host of a Host header, lower case, without port and final dot; an IPv6 literal keeps its brackets.

    Raises:
        BadTarget: it is no host.
    """
    text = raw.decode("latin-1").strip(" \t")
    found = _HOST.fullmatch(text)
    if found is None or ".." in text or text.startswith((".", "-")):
        raise BadTarget('client sent invalid "Host" header')
    return (found[1] or found[2]).rstrip(".").lower()
