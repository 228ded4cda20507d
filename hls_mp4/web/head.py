"""The head of an HTTP/1 request: its lines one by one, and the ordinary head in one go.

RFC 9112 3, 5 and 6, with nginx's idea of a method, of names of headers, and of how long lines may be. Refused: whatever
two recipients could read in two ways (RFC 9112 11.2) - a folded line, a blank before the colon, a bare CR, a NUL, two
lengths, a length beside a transfer coding, a coding other than `chunked`, and HTTP/0.9, whose answers have no head.

Nearly every request of a player arrives as one segment: a request line, a few headers, no body. `ordinary_head` splits
those in 3 microseconds, where line by line takes 13; whatever is unusual in any way it leaves to `HeadBuilder`, so
that there is one judge of what is malformed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import NamedTuple

CHUNKED = -1
"""Length of a body that says itself where it ends."""

TOO_LARGE = 494
"""nginx's own number for a head beyond its buffers: error_page knows it, a client sees 400."""

_LONGEST = 8192
_MOST_LINES = 100
_ORDINARY_LINE = re.compile(rb"([A-Z_-]+) ([!-~]+) (HTTP/1\.[01])")
_REQUEST_LINE = re.compile(rb"([A-Z_-]+) ([^\0-\x20\x7f]+) (HTTP/([0-9]{1,3})\.([0-9]{1,3}))")
_BEGINNING = re.compile(rb"[A-Z_-]+(?: (?:[^\0-\x20\x7f]+(?: [HTP/.0-9]*\r?)?)?)?|\r")
_TOKEN = re.compile(rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
_PLAIN_NAME = re.compile(rb"[0-9A-Za-z-]+")  # nginx calls all others invalid
_DIGITS = re.compile(rb"[0-9]{1,19}")
_LARGEST = (1 << 63) - 1
_TLS_RECORD = 0x16
_SHOWN = 200

# What decides about a body, or asks for something before the answer.
_UNUSUAL = frozenset((b"content-length", b"transfer-encoding", b"expect", b"upgrade"))
_PLAIN, _CONDITION, _STRANGE = range(3)
_names: dict[bytes, int] = {}
_MOST_NAMES = 2000

Fields = list[tuple[bytes, bytes]]


class Malformed(Exception):
    """What a client sent is no request, or too much of one: nothing after it can be trusted.

    Args:
        status: of the answer.
        reason: for the error log.
    """

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(status, reason)
        self.status = status
        self.reason = reason


@dataclass(frozen=True, slots=True)
class HeadRules:
    """What a head may be.

    Args:
        line: longest line, its end included.
        head: longest head.
        headers: most headers.
        ignore_invalid: whether headers whose names nginx calls invalid are dropped (else kept).
        underscores: whether underscores make a name invalid.
    """

    line: int = 8192
    head: int = 33792
    headers: int = 1000
    ignore_invalid: bool = True
    underscores: bool = False


class Head(NamedTuple):
    """The head of a request.

    Args:
        method: capital letters, hyphens and underscores.
        target: no blank and no control character; perhaps bytes that are not ASCII.
        version: as sent, `HTTP/1.x`.
        headers: names in the client's spelling, values without blanks around them.
        conditional: whether a name begins with "If-".
        size: bytes from the method to the empty line.
        length: of the body; CHUNKED when it is in chunks.
        expectation: of an Expect header, lower case; HTTP/1.0 has none.
        ignored: lines that were dropped, for the log.
    """

    method: bytes
    target: bytes
    version: bytes
    headers: Fields
    conditional: bool
    size: int
    length: int = 0
    expectation: bytes = b""
    ignored: tuple[bytes, ...] = ()


def ordinary_head(data: bytes, rules: HeadRules) -> Head | None:
    """Return the head that a segment is when it is one ordinary head and nothing else.

    Args:
        data: what arrived while nothing was buffered.
        rules: what a head may be.

    Returns:
        None for everything that is to be judged line by line.
    """
    size = len(data)
    if data[-4:] != b"\r\n\r\n" or size > _LONGEST or size > rules.line or b"\0" in data:
        return None
    lines = data[:-4].split(b"\r\n")
    count = len(lines)
    if count > _MOST_LINES or count > rules.headers:
        return None
    # Bare CRs and LFs, and a second head behind the first, show in these counts.
    if data.count(b"\n") != count + 1 or data.count(b"\r") != count + 1:
        return None
    first = _ORDINARY_LINE.fullmatch(lines[0])
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
    return Head(first[1], first[2], first[3], headers, conditional, size)


def _learn(name: bytes) -> int:
    """Return what kind of header a name is; remembered up to a bound."""
    lower = name.lower()
    if lower in _UNUSUAL or not _PLAIN_NAME.fullmatch(name):
        kind = _STRANGE
    else:
        kind = _CONDITION if lower.startswith(b"if-") else _PLAIN
    if len(_names) < _MOST_NAMES:
        _names[name] = kind
    return kind


def check_beginning(data: bytes) -> None:
    """Refuse what cannot become a request line however it goes on; raises Malformed."""
    if not _BEGINNING.fullmatch(data):
        raise Malformed(400, _what_is_wrong(data))


def _what_is_wrong(line: bytes) -> str:
    """Say what a first line looks like that is none."""
    if line[:1] and line[0] == _TLS_RECORD:
        return "client sent a TLS handshake to a plain HTTP port"
    if not re.match(rb"[A-Z_-]+(?: |$)", line):
        return "client sent invalid method while reading client request line"
    if re.fullmatch(rb"[A-Z_-]+ [^\0-\x20\x7f]+", line):
        return "client sent HTTP/0.9 request, which is not served"
    return "client sent invalid request while reading client request line"


def parse_request_line(line: bytes) -> tuple[bytes, bytes, bytes]:
    """Return (method, target, version); raises Malformed, with 505 for another major version (RFC 9110 15.6.6)."""
    found = _REQUEST_LINE.fullmatch(line)
    if found is None:
        raise Malformed(400, _what_is_wrong(line))
    major, minor = found[4], found[5]
    if int(major) > 1:
        raise Malformed(505, "client sent invalid version while reading client request line")
    if major != b"1" or len(minor) != 1:
        raise Malformed(400, "client sent invalid version while reading client request line")
    return found[1], found[2], found[3]


def parse_field(line: bytes) -> tuple[bytes, bytes]:
    """Return name and value of a header line; raises Malformed."""
    name, colon, value = line.partition(b":")
    if not colon or not _TOKEN.fullmatch(name) or b"\0" in value or b"\r" in value:
        shown = line[:_SHOWN].decode("latin-1")
        raise Malformed(400, f'client sent invalid header line: "{shown}"')
    return name, value.strip(b" \t")


class HeadBuilder:
    """Takes the lines of a head, without their ends.

    Args:
        rules: what a head may be.
        line: the first.

    Raises:
        Malformed: it is no request line.
    """

    __slots__ = ("_conditional", "_count", "_decisive", "_headers", "_ignored", "_rules", "first")

    def __init__(self, rules: HeadRules, line: bytes) -> None:
        self.first = parse_request_line(line)
        self._rules = rules
        self._headers: Fields = []
        self._ignored: list[bytes] = []
        self._count = 0
        self._conditional = False
        self._decisive: dict[bytes, list[bytes]] = {}

    def add(self, line: bytes) -> None:
        """Take a header line; raises Malformed."""
        rules = self._rules
        name, value = parse_field(line)
        self._count += 1
        if self._count > rules.headers:
            raise Malformed(400, "client sent too many header lines")
        if rules.ignore_invalid and not _PLAIN_NAME.fullmatch(name.replace(b"_", b"-") if rules.underscores else name):
            if not self._ignored:
                self._ignored.append(line[:_SHOWN])
            return
        lower = name.lower()
        if lower in _UNUSUAL:
            self._decisive.setdefault(lower, []).append(value)
        elif lower.startswith(b"if-"):
            self._conditional = True
        self._headers.append((name, value))

    def finish(self, size: int) -> Head:
        """Return the head, now that its empty line came; raises Malformed.

        Args:
            size: of the head, in bytes.
        """
        expectation = b""
        if self.first[2] != b"HTTP/1.0":
            expectation = b", ".join(self._decisive.get(b"expect", ())).lower()
        return Head(
            *self.first, self._headers, self._conditional, size, self._length(), expectation, tuple(self._ignored)
        )

    def _length(self) -> int:
        """Return how long the body is (RFC 9112 6.3)."""
        lengths = self._decisive.get(b"content-length", ())
        if len(lengths) > 1:
            raise Malformed(400, 'client sent duplicate header line: "Content-Length"')
        if lengths and (not _DIGITS.fullmatch(lengths[0]) or int(lengths[0]) > _LARGEST):
            raise Malformed(400, 'client sent invalid "Content-Length" header')
        codings = self._decisive.get(b"transfer-encoding")
        if codings is None:
            return int(lengths[0]) if lengths else 0
        if self.first[2] == b"HTTP/1.0":
            raise Malformed(400, 'client sent HTTP/1.0 request with "Transfer-Encoding" header')
        if lengths:
            raise Malformed(400, 'client sent "Content-Length" and "Transfer-Encoding" headers at the same time')
        if len(codings) > 1:
            raise Malformed(400, 'client sent duplicate header line: "Transfer-Encoding"')
        value = codings[0].lower()
        if value == b"chunked":
            return CHUNKED
        names = [coding.partition(b";")[0].strip(b" \t") for coding in value.split(b",")]
        if b"chunked" in names[:-1] or not all(map(_TOKEN.fullmatch, names)):
            # Nobody could tell where the body ends.
            raise Malformed(400, 'client sent invalid "Transfer-Encoding" header')
        raise Malformed(501, 'client sent unknown "Transfer-Encoding" header')
