"""Range requests over plans (RFC 9110 14): cut, never read.

Outcomes are nginx's: other units than bytes, more ranges than `max_ranges`, and ranges that add up to more than the
body (CVE-2011-3192) are answered with the whole body; a malformed set, one with a number above 2^63 - 1, and one in
which nothing can be satisfied, with 416. Tabs may stand where spaces may, as RFC 9110 says and nginx does not.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from hls_mp4.directives import ANYWHERE, Number, directive
from hls_mp4.plan import Literal, Part, Plan

_SPEC = re.compile(r"[ \t]*(?:([0-9]{1,40})[ \t]*-[ \t]*([0-9]{1,40})?|-[ \t]*([0-9]{1,40}))[ \t]*", re.ASCII)
_LARGEST = 2**63 - 1  # what clients send that want "to the end" and count in signed 64 bits
UNLIMITED = 2**31 - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class RangeSettings:
    """Ranges of a body."""

    most: int = directive(
        "max_ranges",
        ANYWHERE,
        Number(most=UNLIMITED),
        default=str(UNLIMITED),
        doc="Ranges of one request that are answered as such; with more the whole body is sent, 0 turns ranges off.",
    )


@dataclass(frozen=True, slots=True)
class Ranged:
    """A body cut to what was asked for.

    Args:
        status: 200 for the whole, 206, or 416.
        plan: the body; the whole one for 200, empty for 416.
        headers: Content-Range, or the Content-Type of several ranges.
    """

    status: int
    plan: Plan
    headers: list[tuple[str, str]]


def parse_ranges(header: str, length: int, most: int) -> list[tuple[int, int]] | None:
    """Return [start, stop) of each satisfiable range.

    Args:
        header: value of the Range header.
        length: bytes of the body.
        most: ranges at most.

    Returns:
        None when the whole body is to be sent; an empty list when nothing can be satisfied.
    """
    if header[:6].lower() != "bytes=" or len(header) == 6 or not most:
        return None
    ranges: list[tuple[int, int]] = []
    total = 0
    for spec in header[6:].split(","):
        found = _SPEC.fullmatch(spec)
        if found is None:
            return []
        first, last, suffix = found.groups()
        if suffix is not None:
            start, stop = length - int(suffix), length
            if start < 0:
                if length - start > _LARGEST:
                    return []
                start = 0
        else:
            start = int(first)
            stop = length if last is None else int(last) + 1
            if stop > length:
                if stop > _LARGEST + 1:
                    return []
                stop = length
        if start < stop:
            ranges.append((start, stop))
            total += stop - start
            if len(ranges) > most:
                return None
        elif start == 0 and not length:
            return None
    # Overlapping ranges that cost more than the body: a client that wants that may have the body.
    return None if total > length else ranges


def apply_ranges(plan: Plan, header: str, content_type: str, settings: RangeSettings, boundary: str) -> Ranged:
    """Return the part of a body that a Range header asks for.

    Args:
        plan: the whole body.
        header: value of the Range header.
        content_type: of the whole body; repeated in each part of a multipart answer.
        settings: how many ranges are allowed.
        boundary: token between parts, which must not occur in the body: a random one.
    """
    length = plan.length
    ranges = parse_ranges(header, length, settings.most)
    if ranges is None:
        return Ranged(200, plan, [])
    if not ranges:
        return Ranged(416, Plan(()), [("Content-Range", f"bytes */{length}")])
    if len(ranges) == 1:
        ((start, stop),) = ranges
        return Ranged(206, plan.cut(start, stop), [("Content-Range", f"bytes {start}-{stop - 1}/{length}")])
    parts: list[Part] = []
    head = f"\r\n--{boundary}\r\nContent-Type: {content_type}\r\nContent-Range: bytes ".encode("latin-1", "replace")
    for start, stop in ranges:
        parts.append(Literal(head + b"%d-%d/%d\r\n\r\n" % (start, stop - 1, length)))
        parts += plan.cut(start, stop).parts
    parts.append(Literal(f"\r\n--{boundary}--\r\n".encode()))
    return Ranged(206, Plan(parts), [("Content-Type", f"multipart/byteranges; boundary={boundary}")])
