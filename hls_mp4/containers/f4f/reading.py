"""Fields of Adobe's boxes, read one after the other, never beyond the end of what is there.

Integers are big-endian; strings are UTF-8 and end with a zero byte.
"""

from __future__ import annotations

from hls_mp4.errors import MalformedMedia, MediaTooLarge

LONGEST_TEXT = 64 * 1024
"""Bytes of a string."""


class Fields:
    """Fields of a box.

    Args:
        data: what the box holds, or a file of boxes.
        name: the box's four letters, for errors.
        at: where to begin.
    """

    def __init__(self, data: bytes | memoryview, name: str, at: int = 0) -> None:
        self.data = memoryview(data)
        self.name = name
        self.at = at

    @property
    def left(self) -> int:
        """Bytes that were not read yet."""
        return len(self.data) - self.at

    def take(self, count: int) -> memoryview:
        """Return the next bytes.

        Raises:
            MalformedMedia: there are fewer.
        """
        if count > self.left:
            raise self.malformed("is cut short")
        self.at += count
        return self.data[self.at - count : self.at]

    def number(self, size: int) -> int:
        """Return the next unsigned number of so many bytes."""
        return int.from_bytes(self.take(size), "big")

    def text(self) -> str:
        """Return the next string.

        Raises:
            MalformedMedia: it does not end.
            MediaTooLarge: it is too long.
        """
        beginning = bytes(self.data[self.at : self.at + LONGEST_TEXT])
        end = beginning.find(b"\0")
        if end < 0:
            if self.left > LONGEST_TEXT:
                raise MediaTooLarge(f"{self.name} box has a string of more than {LONGEST_TEXT} bytes")
            raise self.malformed("has a string that does not end")
        self.at += end + 1
        return beginning[:end].decode("utf-8", "replace")

    def texts(self) -> tuple[str, ...]:
        """Return the next strings, whose number comes first."""
        return tuple(self.text() for _ in range(self.number(1)))

    def box(self, kind: bytes) -> Fields:
        """Return the fields of the next box, which has to be of a kind, and of which nothing is missing.

        Raises:
            MalformedMedia: it is another, or longer than what holds it.
        """
        size, header = self.number(4), 8
        found = bytes(self.take(4))
        if size == 1:
            size, header = self.number(8), 16
        name = kind.decode("latin-1")
        if found != kind:
            raise self.malformed(f"has no {name} box where one belongs")
        if size < header:
            raise self.malformed(f"holds a {name} box that is too small:{size}")
        return Fields(self.take(size - header), name)

    def rows(self, count: int, least: int) -> int:
        """Return a count of entries that are still to come, each of so many bytes at least.

        Raises:
            MalformedMedia: there are not as many bytes left.
        """
        if count * least > self.left:
            raise self.malformed(f"has room for less than {count} entries")
        return count

    def malformed(self, what: str) -> MalformedMedia:
        """Return the error of a box that makes no sense."""
        return MalformedMedia(f"{self.name} box {what}")


def written(text: str) -> bytes:
    """Return a string as a box holds it; what cannot stand in one is left out."""
    return text.replace("\0", "").encode("utf-8", "replace") + b"\0"


def all_written(texts: tuple[str, ...]) -> bytes:
    """Return strings with their number in front; at most 255."""
    return bytes((len(texts),)) + b"".join(written(text) for text in texts)
