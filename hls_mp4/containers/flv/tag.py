"""The frame of an FLV file: its header and its tags (Video File Format Specification 10.1, Annex E.2 to E.4.1).

A file is nine bytes of header, then tags, each followed by four bytes that repeat its size. Timestamps are
milliseconds, 24 bits and eight more above them; they wrap around after 49.7 days.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

from hls_mp4.errors import MalformedMedia

AUDIO, VIDEO, SCRIPT = 8, 9, 18
KIND = 0x1F
"""Bits of a tag's first byte that say what it is; the one above tells that it is encrypted."""

SIGNATURE = b"FLV"
FILE_HEADER = 9
TAG_HEADER = 11
BACK = 4
"""Bytes behind a tag that repeat its size."""

AROUND = TAG_HEADER + BACK
BIGGEST = 0xFFFFFF
"""Bytes that a tag can carry."""

WRAP = 1 << 32

HAS_AUDIO, HAS_VIDEO = 4, 1

_FILE = struct.Struct(">3sBBI")
_HEAD = struct.Struct(">IIHB")
_BACK = struct.Struct(">I")


@dataclass(frozen=True, slots=True)
class FileHeader:
    """What a file begins with.

    Args:
        version: 1 in all files that there are.
        flags: whether there is audio and video, as the writer says.
        size: bytes of the header; the size of a tag before the first follows it.
    """

    version: int
    flags: int
    size: int

    @property
    def first_tag(self) -> int:
        """Offset of the first tag."""
        return self.size + BACK

    @classmethod
    def parse(cls, head: bytes | memoryview) -> FileHeader:
        """Return the header that a file begins with.

        Raises:
            MalformedMedia: it is no FLV file, or too short for one.
        """
        if len(head) < FILE_HEADER:
            raise MalformedMedia("flv file truncated", offset=len(head))
        signature, version, flags, size = _FILE.unpack_from(head)
        if signature != SIGNATURE or size < FILE_HEADER:
            raise MalformedMedia("no flv header", offset=0)
        return cls(version, flags, size)


def file_header(flags: int) -> bytes:
    """Return the header of a file, and the size of the tag before its first one: 13 bytes."""
    return _FILE.pack(SIGNATURE, 1, flags, FILE_HEADER) + bytes(BACK)


def tag_header(kind: int, size: int, timestamp: int) -> bytes:
    """Return the header of a tag.

    Args:
        kind: AUDIO, VIDEO or SCRIPT.
        size: bytes that it carries, at most BIGGEST.
        timestamp: milliseconds; what is above 32 bits is dropped.
    """
    low, high = timestamp & 0xFFFFFF, timestamp >> 24 & 0xFF
    return _HEAD.pack(kind << 24 | size, low << 8 | high, 0, 0)


def tag(kind: int, timestamp: int, payload: bytes | memoryview) -> bytes:
    """Return a whole tag with its size behind it; arguments as for `tag_header`."""
    return b"".join((tag_header(kind, len(payload), timestamp), payload, _BACK.pack(TAG_HEADER + len(payload))))
