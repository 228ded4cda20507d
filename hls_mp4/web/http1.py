"""HTTP/1 requests out of bytes: fed with what arrives, a reader tells head, body and end, and does no I/O itself.

RFC 9112. Twisted's own parser is lenient where it must not be and strict where nginx is not: a lone LF does not end a
line for it, folded lines are joined, `Transfer-Encoding: identity` is passed over, a line that is no header is found
out one line later, HTTP/1.2 is refused, and 100 Continue is sent whatever becomes of the request. h11 judges well, but
has one bound for a whole head, no statuses of its own, none of nginx's rules for names, and takes 19 microseconds for a
head where this takes 13 (and `ordinary_head` 3, for nearly all). So this is the one reader of all of HTTP/1, and
Twisted's channel keeps to transports.

Lines of a head end in CRLF or a lone LF (2.2), empty ones before a request line are passed over, a line is judged when
it is complete, and a first line as soon as it cannot become one any more. After `Malformed` a reader is of no use.
"""

from __future__ import annotations

import enum

from hls_mp4.web.chunked import ChunkedBody, LengthBody
from hls_mp4.web.head import CHUNKED, TOO_LARGE, Head, HeadBuilder, HeadRules, Malformed, check_beginning

_GLANCE = 64  # of a first line that is still incomplete: enough to tell a request from a TLS record


class End(enum.Enum):
    """What follows the last byte of a body."""

    END = enum.auto()


END = End.END

Event = Head | bytes | End


class RequestReader:
    """Reads the requests of a connection, one after the other.

    Args:
        rules: what a head may be.
    """

    __slots__ = ("_body", "_buffer", "_builder", "_rules", "_scanned", "_size", "body_size", "line")

    def __init__(self, rules: HeadRules) -> None:
        self._rules = rules
        self._buffer = bytearray()
        self._scanned = 0  # so many bytes of the buffer hold no line feed
        self._size = 0  # of the head so far
        self._builder: HeadBuilder | None = None
        self._body: LengthBody | ChunkedBody | None = None
        self.line = b""
        """The first line of a head under way, as far as it came."""
        self.body_size = 0
        """Bytes that the body under way, or the last one, has taken on the wire."""

    @property
    def first(self) -> tuple[bytes, bytes, bytes] | None:
        """Method, target and version of the head under way; None when its first line was not understood (yet)."""
        return self._builder.first if self._builder is not None else None

    @property
    def idle(self) -> bool:
        """Whether nothing of a request is here: neither read in part nor waiting to be read."""
        return not self._buffer and self._body is None and self._builder is None

    @property
    def in_body(self) -> bool:
        """Whether a body is being read."""
        return self._body is not None

    @property
    def waiting(self) -> bool:
        """Whether bytes wait to be read."""
        return bool(self._buffer)

    @property
    def begun(self) -> bytes:
        """What came of the first line of a request, for logs."""
        return self.line or bytes(self._buffer[: self._rules.line])

    @property
    def announced(self) -> int:
        """Length of the body under way, as far as the client has announced it."""
        return self._body.announced if self._body is not None else 0

    def feed(self, data: bytes) -> None:
        """Take what arrived."""
        self._buffer += data

    def next(self) -> Event | None:
        """Return what comes next: a head, data of its body, the body's end; None when more has to arrive.

        A head with length 0 has no body, and no end: the next event is another head.

        Raises:
            Malformed: what came is no request; nothing that follows means anything.
        """
        body = self._body
        if body is None:
            return self._head()
        data = body.read(self._buffer)
        self.body_size = body.size
        if data:
            return data
        if not body.over:
            return None
        self._body = None
        return END

    def _head(self) -> Head | None:
        while True:
            line = self._line()
            if line is None:
                return None
            builder = self._builder
            if builder is not None:
                if line:
                    builder.add(line)
                    continue
                head = builder.finish(self._size)
                self._builder = None
                self._size = 0
                self.line = b""
                if head.length:
                    self._body = ChunkedBody(self._rules) if head.length == CHUNKED else LengthBody(head.length)
                return head
            if line:
                self.line = line
                self._builder = HeadBuilder(self._rules, line)
            else:
                self._size = 0

    def _line(self) -> bytes | None:
        """Take a line without its end; None when it has not come yet."""
        buffer = self._buffer
        rules = self._rules
        end = buffer.find(b"\n", self._scanned)
        length = end + 1 if end >= 0 else len(buffer)
        if length > rules.line or (end < 0 and length == rules.line):
            if self._builder is None:
                self._glance()
                self.line = bytes(buffer[: rules.line])
                raise Malformed(414, "client sent too long URI")
            raise Malformed(TOO_LARGE, "client sent too long header line")
        if self._size + length > rules.head:
            raise Malformed(TOO_LARGE, "client sent too large request header")
        if end < 0:
            if buffer and self._builder is None:
                self._glance()
            self._scanned = length
            return None
        line = bytes(buffer[:end])
        del buffer[:length]
        self._scanned = 0
        self._size += length
        return line.removesuffix(b"\r")

    def _glance(self) -> None:
        """Refuse a first line that cannot become one, though its end has not come; raises Malformed."""
        check_beginning(bytes(self._buffer[: min(_GLANCE, self._rules.line)]))
