"""The head of an HTTP/2 request, RFC 9113 8.2 and 8.3, judged as the one of an HTTP/1 request is.

A malformed request is answered with 400 as nginx does, which 8.1.1 allows, and its connection goes on: the framing was
right. Refused besides are headers that speak of connections (8.2.2), and two names of a host that differ (8.3.1).
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from hls_mp4.web.head import Head, HeadRules, Malformed

UNKNOWN = -1
"""Length of a body that says itself where it ends."""

_NAME = re.compile(rb"[!#$%&'*+\-.^_`|~0-9a-z]+")
_PLAIN_NAME = re.compile(rb"[0-9a-z-]+")
_METHOD = re.compile(rb"[A-Z_-]+")
_TARGET = re.compile(rb"[^\0-\x20\x7f]+")
_NO_VALUE = re.compile(rb"[\0\r\n]")
_DIGITS = re.compile(rb"[0-9]{1,18}")
_PSEUDO = frozenset((b":method", b":path", b":scheme", b":authority"))
_OF_CONNECTIONS = frozenset((b"connection", b"keep-alive", b"proxy-connection", b"transfer-encoding", b"upgrade"))
_OVERHEAD = 32  # of a header in HPACK's reckoning, RFC 7541 4.1
_SHOWN = 200

Field = tuple[bytes, bytes]


def size_of(fields: Iterable[Field]) -> int:
    """Return the size of a list of headers as RFC 9113 6.5.2 counts it."""
    return sum(len(name) + len(value) + _OVERHEAD for name, value in fields)


def build_head(fields: list[Field], rules: HeadRules, *, ended: bool) -> Head:
    """Return the head of a request.

    Args:
        fields: pseudo-headers and headers as they were sent.
        rules: what a head may be.
        ended: whether no body follows.

    Raises:
        Malformed: it is no request.
    """
    pseudo: dict[bytes, bytes] = {}
    headers: list[Field] = []
    ignored: list[bytes] = []
    conditional = False
    lengths: list[bytes] = []
    if len(fields) > rules.headers + len(_PSEUDO):
        raise Malformed(400, "client sent too many header lines")
    for name, value in fields:
        if name[:1] == b":":
            _add_pseudo(pseudo, name, value, late=bool(headers))
            continue
        _check_field(name, value)
        if rules.ignore_invalid and not _PLAIN_NAME.fullmatch(name.replace(b"_", b"-") if rules.underscores else name):
            ignored.append(b"%b: %b" % (name, value[:_SHOWN]))
            continue
        if name == b"content-length":
            lengths.append(value)
        conditional = conditional or name.startswith(b"if-")
        headers.append((name, value.strip(b" \t")))
    method, target = _request_line(pseudo)
    host = _host(pseudo.get(b":authority"), [value for name, value in headers if name == b"host"])
    headers = [(b"host", host), *(field for field in headers if field[0] != b"host")]
    length = _length(lengths, ended=ended)
    return Head(method, target, b"HTTP/2.0", headers, conditional, size_of(fields), length, ignored=tuple(ignored[:1]))


def first_line(fields: list[Field]) -> Field:
    """Return method and path of a head that was refused, as far as they can be told, for the logs."""
    found = dict(reversed(fields))
    method, target = found.get(b":method", b""), found.get(b":path", b"")
    return method if _METHOD.fullmatch(method) else b"-", target if _TARGET.fullmatch(target) else b"-"


def _add_pseudo(pseudo: dict[bytes, bytes], name: bytes, value: bytes, *, late: bool) -> None:
    shown = name[:_SHOWN].decode("latin-1")
    if name not in _PSEUDO:
        raise Malformed(400, f'client sent unknown pseudo-header "{shown}"')
    if name in pseudo:
        raise Malformed(400, f'client sent duplicate "{shown}" header')
    if late:
        raise Malformed(400, f'client sent "{shown}" after other headers')
    if _NO_VALUE.search(value):
        raise Malformed(400, f'client sent invalid "{shown}" header')
    pseudo[name] = value


def _check_field(name: bytes, value: bytes) -> None:
    shown = name[:_SHOWN].decode("latin-1")
    if not _NAME.fullmatch(name) or _NO_VALUE.search(value):
        raise Malformed(400, f'client sent invalid header line: "{shown}"')
    if name in _OF_CONNECTIONS or (name == b"te" and value.strip().lower() != b"trailers"):
        raise Malformed(400, f'client sent "{shown}" header, which has no meaning in HTTP/2')


def _request_line(pseudo: dict[bytes, bytes]) -> Field:
    """Return method and target."""
    method = pseudo.get(b":method", b"")
    if not _METHOD.fullmatch(method):
        raise Malformed(400, 'client sent invalid ":method" header' if method else 'client sent no ":method" header')
    if method == b"CONNECT":
        return method, pseudo.get(b":authority") or b"-"
    if pseudo.get(b":scheme", b"").lower() not in (b"http", b"https"):
        raise Malformed(400, 'client sent invalid ":scheme" header')
    target = pseudo.get(b":path", b"")
    if not _TARGET.fullmatch(target) or target[:1] != b"/":
        raise Malformed(400, 'client sent invalid ":path" header' if target else 'client sent no ":path" header')
    return method, target


def _host(authority: bytes | None, named: list[bytes]) -> bytes:
    """Return the host that is asked for."""
    if len(named) > 1:
        raise Malformed(400, 'client sent duplicate header line: "Host"')
    if authority is None and not named:
        raise Malformed(400, 'client sent neither ":authority" nor "Host" header')
    if authority is not None and named and authority.lower() != named[0].lower():
        raise Malformed(400, 'client sent ":authority" and "Host" headers that differ')
    return authority if authority is not None else named[0]


def _length(lengths: list[bytes], *, ended: bool) -> int:
    """Return how long the body is."""
    if len(lengths) > 1:
        raise Malformed(400, 'client sent duplicate header line: "Content-Length"')
    if lengths and not _DIGITS.fullmatch(lengths[0]):
        raise Malformed(400, 'client sent invalid "Content-Length" header')
    if ended:
        if lengths and int(lengths[0]):
            raise Malformed(400, "client prematurely closed stream")
        return 0
    return int(lengths[0]) if lengths else UNKNOWN
