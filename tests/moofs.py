"""Movie fragments box by box, for tests that need them in every legal and illegal form."""

from __future__ import annotations

import struct
from collections.abc import Sequence

from hls_mp4.containers.isobmff.box import Box
from tests.boxes import make, make_full

SYNC, NON_SYNC = 0x2000000, 0x1010000
BASE_IS_MOOF, DURATION_IS_EMPTY = 0x20000, 0x10000


def trex(track: int, description: int = 1, duration: int = 0, size: int = 0, flags: int = 0) -> bytes:
    """Return the defaults of a track."""
    return make_full(b"trex", 0, 0, struct.pack(">5I", track, description, duration, size, flags))


def moov_of(*defaults: bytes) -> Box:
    """Return a moov with these trex boxes."""
    return Box.parse(make(b"moov", make(b"mvex", *defaults)))


def tfhd(
    track: int,
    *,
    base: int | None = None,
    description: int | None = None,
    duration: int | None = None,
    size: int | None = None,
    flags: int | None = None,
    more: int = 0,
) -> bytes:
    """Return a track fragment header with the fields that are given."""
    bits, body = more, struct.pack(">I", track)
    for bit, form, value in (
        (0x1, ">Q", base),
        (0x2, ">I", description),
        (0x8, ">I", duration),
        (0x10, ">I", size),
        (0x20, ">I", flags),
    ):
        if value is not None:
            bits |= bit
            body += struct.pack(form, value)
    return make_full(b"tfhd", 0, bits, body)


def tfdt(time: int, version: int = 1) -> bytes:
    """Return a decode time."""
    return make_full(b"tfdt", version, 0, struct.pack(">Q" if version else ">I", time))


def trun(
    count: int,
    *,
    at: int | None = None,
    first: int | None = None,
    durations: Sequence[int] | None = None,
    sizes: Sequence[int] | None = None,
    flags: Sequence[int] | None = None,
    offsets: Sequence[int] | None = None,
    version: int = 1,
) -> bytes:
    """Return a track run with the fields and columns that are given."""
    bits, body = 0, struct.pack(">I", count)
    if at is not None:
        bits |= 0x1
        body += struct.pack(">i", at)
    if first is not None:
        bits |= 0x4
        body += struct.pack(">I", first)
    columns = [(0x100, durations), (0x200, sizes), (0x400, flags), (0x800, offsets)]
    bits |= sum(bit for bit, column in columns if column is not None)
    rows = zip(*(column for _, column in columns if column is not None), strict=True)
    body += b"".join(struct.pack(">I", value & 0xFFFFFFFF) for row in rows for value in row)
    return make_full(b"trun", version, bits, body)


def moof_of(*trafs: Sequence[bytes], offset: int = 1000) -> Box:
    """Return a fragment of these trafs at an offset of the file."""
    boxes = (make(b"traf", *boxes) for boxes in trafs)
    return Box.parse(make(b"moof", make_full(b"mfhd", 0, 0, bytes(4)), *boxes), offset)
