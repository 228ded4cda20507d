"""The ordinary request head, read in one go.

Nearly every request of a player arrives as one segment: a request line, a few headers, no body. Those are split here
once, for 4 microseconds where Twisted's line by line reading costs 10. Whatever is unusual in any way - a body, a
continuation line, a bare CR or LF, a second request behind the first, a doubtful byte - is left to Twisted's parser,
so that there is one judge of what is malformed.
"""

from __future__ import annotations

import re

_LONGEST = 8192
_MOST_LINES = 100
_REQUEST_LINE = re.compile(rb"([!#$%&'*+\-.^_`|~0-9A-Za-z]+) ([!-~]+) (HTTP/1\.[01])")
_NAME = re.compile(rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
# What decides about a body, or asks for something before the answer.
_UNUSUAL = frozenset((b"content-length", b"transfer-encoding", b"expect", b"upgrade"))

_ORDINARY, _CONDITION, _STRANGE = range(3)
_names: dict[bytes, int] = {}
_MOST_NAMES = 2000

Head = tuple[bytes, bytes, bytes, list[tuple[bytes, bytes]], bool]


def ordinary_head(data: bytes) -> Head | None:
    """Return (method, target, version, headers, conditional) of a segment that is one ordinary head, nothing else.

    Args:
        data: what arrived while nothing was buffered.

    Returns:
        None for everything that is to be judged by the full parser. Header names keep the client's spelling;
        `conditional` tells whether one of them begins with "If-".
    """
    size = len(data)
    if data[-4:] != b"\r\n\r\n" or size > _LONGEST or b"\0" in data:
        return None
    lines = data[:-4].split(b"\r\n")
    if len(lines) > _MOST_LINES:
        return None
    # Bare CRs and LFs, and a second head behind the first, show in these counts.
    if data.count(b"\n") != len(lines) + 1 or data.count(b"\r") != len(lines) + 1:
        return None
    first = _REQUEST_LINE.fullmatch(lines[0])
    if first is None:
        return None
    headers = []
    conditional = False
    for line in lines[1:]:
        name, colon, value = line.partition(b":")
        kind = _names.get(name)
        if kind is None:
            kind = _learn(name)
        if not colon or kind == _STRANGE:
            return None
        if kind == _CONDITION:
            conditional = True
        headers.append((name, value.strip(b" \t")))
    return first[1], first[2], first[3], headers, conditional


def _learn(name: bytes) -> int:
    """Return what kind of header a name is; remembered up to a bound."""
    lower = name.lower()
    if lower in _UNUSUAL or not _NAME.fullmatch(name):
        kind = _STRANGE
    else:
        kind = _CONDITION if lower.startswith(b"if-") else _ORDINARY
    if len(_names) < _MOST_NAMES:
        _names[name] = kind
    return kind
