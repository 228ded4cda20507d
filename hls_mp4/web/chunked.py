"""Bodies of HTTP/1 requests, cut out of what arrives: by length, and in chunks (RFC 9112 7.1).

Lines of the chunked coding end in CRLF and nothing else: where one recipient ends a line at a lone LF and another does
not, a request can be hidden in a chunk extension. Sizes are hexadecimal digits only; extensions and trailers are
read over, and bounded. Refused with 400: all else.
"""

from __future__ import annotations

import re

from hls_mp4.web.head import TOO_LARGE, HeadRules, Malformed, parse_field

_SIZE = re.compile(rb"([0-9A-Fa-f]{1,16})(?:[ \t]*;[\t\x20-\x7e\x80-\xff]*)?")
_SIZE_BEGINNING = re.compile(rb"[0-9A-Fa-f]{1,16}[ \t]*(?:;[\t\x20-\x7e\x80-\xff]*)?\r?")
_LARGEST = (1 << 63) - 1
_LONGEST_SIZE = 16

_IN_SIZE, _IN_DATA, _AFTER_DATA, _IN_TRAILERS = range(4)


class LengthBody:
    """A body whose length was announced.

    Args:
        length: bytes, at least one.
    """

    __slots__ = ("_left", "announced", "size")

    def __init__(self, length: int) -> None:
        self._left = length
        self.announced = length
        self.size = 0

    @property
    def over(self) -> bool:
        """Whether all of it was read."""
        return not self._left

    def read(self, buffer: bytearray) -> bytes:
        """Take what belongs to the body from the front of a buffer."""
        data = bytes(buffer[: self._left])
        del buffer[: self._left]
        self._left -= len(data)
        self.size += len(data)
        return data


class ChunkedBody:
    """A body in chunks.

    Args:
        rules: for trailers those of a head hold; extensions of all chunks together may be as long as a head.
    """

    __slots__ = ("_left", "_lines", "_rules", "_scanned", "_spent", "_state", "announced", "over", "size")

    def __init__(self, rules: HeadRules) -> None:
        self.announced = 0
        """Length of the body, as far as its chunks were announced."""
        self.over = False
        self.size = 0
        self._rules = rules
        self._state = _IN_SIZE
        self._left = 0  # of the chunk
        self._scanned = 0  # so many bytes hold no line feed
        self._spent = 0  # on extensions and trailers
        self._lines = 0  # of trailers

    def read(self, buffer: bytearray) -> bytes:
        """Take the next data from the front of a buffer, empty when more has to come or `over`.

        Raises:
            Malformed: this is no chunked coding.
        """
        while not self.over:
            if self._state == _IN_DATA:
                data = bytes(buffer[: self._left])
                if not data:
                    break
                self._take(buffer, len(data))
                self._left -= len(data)
                if not self._left:
                    self._state = _AFTER_DATA
                return data
            if self._state == _AFTER_DATA:
                if not b"\r\n".startswith(buffer[:2]):
                    raise Malformed(400, "client sent invalid chunked body")
                if len(buffer) < 2:
                    break
                self._take(buffer, 2)
                self._state = _IN_SIZE
                continue
            line = self._line(buffer)
            if line is None:
                break
            if self._state == _IN_SIZE:
                self._begin_chunk(line)
            elif line:
                self._spend(len(line))
                self._lines += 1
                if self._lines > self._rules.headers:
                    raise Malformed(400, "client sent too many trailer lines")
                parse_field(line)
            else:
                self.over = True
        return b""

    def _begin_chunk(self, line: bytes) -> None:
        found = _SIZE.fullmatch(line)
        if found is None or int(found[1], 16) > _LARGEST:
            raise Malformed(400, "client sent invalid chunked body")
        self._spend(max(0, len(line) - _LONGEST_SIZE))
        self._left = int(found[1], 16)
        self.announced += self._left
        self._state = _IN_DATA if self._left else _IN_TRAILERS

    def _line(self, buffer: bytearray) -> bytes | None:
        """Take a line that ends in CRLF; None when it has not come yet."""
        end = buffer.find(b"\n", self._scanned)
        length = len(buffer) if end < 0 else end
        most = self._rules.line
        if length and self._state == _IN_SIZE and not _SIZE_BEGINNING.fullmatch(buffer[: min(length, most)]):
            raise Malformed(400, "client sent invalid chunked body")
        if length >= most:
            raise Malformed(TOO_LARGE, "client sent too long line in chunked body")
        if end < 0:
            self._scanned = length
            return None
        line = bytes(buffer[:end])
        self._take(buffer, end + 1)
        self._scanned = 0
        if not line.endswith(b"\r") or b"\r" in line[:-1]:
            raise Malformed(400, "client sent invalid chunked body")
        return line[:-1]

    def _take(self, buffer: bytearray, count: int) -> None:
        del buffer[:count]
        self.size += count

    def _spend(self, count: int) -> None:
        self._spent += count
        if self._spent > self._rules.head:
            raise Malformed(TOO_LARGE, "client sent too many chunk extensions or trailers")
