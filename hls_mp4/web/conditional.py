"""Validators, and requests that depend on them (RFC 9110 8.8 and 13).

Where nginx and the RFC differ it is the RFC that holds: a file is not modified since any date from its own on (nginx's
default is `if_modified_since exact`); If-None-Match and If-Match outweigh the dates beside them (nginx wants both to
hold); a date that is none is no condition (for nginx a broken If-Unmodified-Since is 412).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC
from email.utils import formatdate, parsedate_to_datetime
from functools import lru_cache
from urllib.parse import quote

from hls_mp4.directives import ANYWHERE, Choice, Flag, directive

GetHeader = Callable[[bytes], Sequence[bytes] | None]

_PLAIN_VARIANT = re.compile(r"[A-Za-z0-9._~:;=+-]*", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class ConditionalSettings:
    """Validators of responses."""

    etag: bool = directive(
        "etag",
        ANYWHERE,
        Flag(),
        default="on",
        doc="Whether responses carry an ETag, different for each different clip.",
        differs="each clip of a film has an ETag of its own",
    )
    if_modified_since: str = directive(
        "if_modified_since",
        ANYWHERE,
        Choice(("off", "exact", "before")),
        default="before",
        doc="When a file is not modified since the date of If-Modified-Since: never, when it is of this very date, or"
        " when it is of this date or older. If-None-Match outweighs it.",
        differs="other default, nginx's is exact: before is RFC 9110's; If-None-Match alone decides where it is sent",
    )


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the preconditions of a request lead to.

    Args:
        status: 200 to go on, 304 or 412.
        ranges: whether a Range header counts.
    """

    status: int
    ranges: bool


GO_ON = Outcome(200, True)
WHOLE = Outcome(200, False)
NOT_MODIFIED = Outcome(304, False)
FAILED = Outcome(412, False)


def make_etag(validator: str, variant: str) -> str:
    """Return the strong ETag of a body; what an entity tag or a list of them cannot hold is percent-encoded.

    Args:
        validator: of the file.
        variant: of the body among those made of the file; empty for the file itself.
    """
    if not _PLAIN_VARIANT.fullmatch(variant):
        variant = quote(variant, safe="._~:;=+-", errors="surrogateescape")
    return f'"{validator}-{variant}"' if variant else f'"{validator}"'


@lru_cache(maxsize=1024)
def last_modified(mtime: int) -> str:
    """Return seconds since the epoch as an HTTP date."""
    return formatdate(mtime, usegmt=True)


@lru_cache(maxsize=1024)
def parse_date(text: str) -> int | None:
    """Return seconds since the epoch of an HTTP date in any of its three forms, None for anything else."""
    try:
        found = parsedate_to_datetime(text)
    except (TypeError, ValueError, IndexError, OverflowError):
        return None
    try:
        return int(found.replace(tzinfo=UTC).timestamp()) if found.tzinfo is None else int(found.timestamp())
    except (ValueError, OverflowError):
        return None


def matches(header: str, etag: str | None, *, weak: bool) -> bool:
    """Tell whether a list of entity tags has this one (RFC 9110 8.8.3.2).

    Args:
        header: value of If-Match or If-None-Match; what is no entity tag in it matches nothing.
        etag: ours, strong; None when there is none.
        weak: whether `W/` tags may match.
    """
    if header in (etag, "*"):
        return True
    if etag is None:
        return False
    # Our tags have no comma in them, so that pieces of other tags that have are no matter.
    for listed in header.split(","):
        tag = listed.strip(" \t")
        if tag == etag or (weak and tag[:2] == "W/" and tag[2:] == etag):
            return True
    return False


def evaluate(get: GetHeader, etag: str | None, mtime: int, compared: str = "before") -> Outcome:
    """Return what a GET or HEAD comes to, in the order of RFC 9110 13.2.2.

    Args:
        get: returns the values of a request header, None when it is absent.
        etag: the body's.
        mtime: the body's, seconds since the epoch.
        compared: when If-Modified-Since holds, a word of `if_modified_since`.
    """
    if_match = _joined(get(b"if-match"))
    if if_match is not None:
        if not matches(if_match, etag, weak=False):
            return FAILED
    else:
        since = _date(get(b"if-unmodified-since"))
        if since is not None and mtime > since:
            return FAILED
    if_none_match = _joined(get(b"if-none-match"))
    if if_none_match is not None:
        if matches(if_none_match, etag, weak=True):
            return NOT_MODIFIED
    else:
        since = _date(get(b"if-modified-since"))
        if since is not None and _unmodified(compared, mtime, since):
            return NOT_MODIFIED
    if_range = _joined(get(b"if-range"))
    if if_range is None:
        return GO_ON
    if if_range.startswith(('"', "W/")):
        return GO_ON if if_range == etag else WHOLE
    return GO_ON if parse_date(if_range) == mtime else WHOLE


def _unmodified(compared: str, mtime: int, since: int) -> bool:
    return compared != "off" and (mtime == since or (mtime < since and compared == "before"))


def _joined(values: Sequence[bytes] | None) -> str | None:
    return b", ".join(values).decode("latin-1").strip() if values else None


def _date(values: Sequence[bytes] | None) -> int | None:
    return parse_date(values[0].decode("latin-1").strip()) if values else None
