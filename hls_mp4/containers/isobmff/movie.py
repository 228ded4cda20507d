"""The small boxes of a movie: headers, edit lists (ISO/IEC 14496-12 8.2.2, 8.3.2, 8.4.2, 8.4.3, 8.6.6, 8.8).

Each class is described once, by construct, and goes both ways: `Mvhd.parse(box).build()` gives the box's bytes back,
whatever follows the fields we know. Versions other than 0 are read as version 1, as nginx does.

Refused: boxes shorter than their fields, edit lists longer than any editor writes.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, fields, replace
from typing import Any, ClassVar, Self

from construct import (
    Bytes,
    Construct,
    ConstructError,
    GreedyBytes,
    IfThenElse,
    Int8ub,
    Int16sb,
    Int16ub,
    Int24ub,
    Int32sb,
    Int32ub,
    Int64ub,
    Struct,
    this,
)

from hls_mp4.containers.isobmff.box import Box, Buffer
from hls_mp4.containers.isobmff.build import make_box

MAX_EDITS = 10_000

BIGGEST_32 = 0xFFFFFFFF
UNKNOWN_DURATIONS = (BIGGEST_32, 0xFFFFFFFFFFFFFFFF)

_FULL = (("version", Int8ub), ("flags", Int24ub))
_TIME: Construct = IfThenElse(this.version == 0, Int32ub, Int64ub)


def _layout(*named: tuple[str, Construct]) -> Construct:
    """Return a struct of these fields and of whatever follows them."""
    return Struct(*(name / kind for name, kind in named), "rest" / GreedyBytes)


@dataclass(frozen=True, slots=True, kw_only=True)
class SmallBox:
    """A box whose fields have names."""

    KIND: ClassVar[bytes]
    LAYOUT: ClassVar[Construct]

    version: int = 0
    flags: int = 0
    rest: bytes = b""

    @classmethod
    def parse(cls, box: Box) -> Self:
        """Read the fields of a box.

        Raises:
            MalformedMedia: the box is shorter than its fields.
        """
        try:
            found = cls.LAYOUT.parse(bytes(box.payload))
        except ConstructError:
            raise box.too_small() from None
        del found["_io"]
        return cls(**found)

    def build(self) -> bytes:
        """Return the bytes of the box."""
        return make_box(self.KIND, self.LAYOUT.build({item.name: getattr(self, item.name) for item in fields(self)}))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Timed(SmallBox):
    """A header with a duration, in 32 bits or in 64."""

    creation_time: int = 0
    modification_time: int = 0
    duration: int = 0

    def with_duration(self, duration: int) -> Self:
        """Return the same box with another duration, in version 1 when it needs 64 bits."""
        return replace(self, duration=duration, version=self.version or int(duration > BIGGEST_32))


@dataclass(frozen=True, slots=True, kw_only=True)
class Mvhd(_Timed):
    """Movie header, 8.2.2: timescale and duration of the movie."""

    KIND = b"mvhd"
    LAYOUT = _layout(
        *_FULL,
        ("creation_time", _TIME),
        ("modification_time", _TIME),
        ("timescale", Int32ub),
        ("duration", _TIME),
        ("rate", Int32sb),
        ("volume", Int16sb),
        ("reserved", Bytes(10)),
        ("matrix", Bytes(36)),
        ("predefined", Bytes(24)),
        ("next_track_id", Int32ub),
    )

    timescale: int
    rate: int = 0x10000
    volume: int = 0x100
    reserved: bytes = bytes(10)
    matrix: bytes = bytes.fromhex("00010000 00000000 00000000 00000000 00010000 00000000 00000000 00000000 40000000")
    predefined: bytes = bytes(24)
    next_track_id: int = BIGGEST_32


@dataclass(frozen=True, slots=True, kw_only=True)
class Tkhd(_Timed):
    """Track header, 8.3.2: id, duration in the movie's timescale, size in 16.16 pixels."""

    KIND = b"tkhd"
    LAYOUT = _layout(
        *_FULL,
        ("creation_time", _TIME),
        ("modification_time", _TIME),
        ("track_id", Int32ub),
        ("reserved", Int32ub),
        ("duration", _TIME),
        ("reserved2", Bytes(8)),
        ("layer", Int16sb),
        ("alternate_group", Int16sb),
        ("volume", Int16sb),
        ("reserved3", Int16ub),
        ("matrix", Bytes(36)),
        ("width", Int32ub),
        ("height", Int32ub),
    )
    ENABLED: ClassVar[int] = 1

    track_id: int
    reserved: int = 0
    reserved2: bytes = bytes(8)
    layer: int = 0
    alternate_group: int = 0
    volume: int = 0
    reserved3: int = 0
    matrix: bytes = bytes.fromhex("00010000 00000000 00000000 00000000 00010000 00000000 00000000 00000000 40000000")
    width: int = 0
    height: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Mdhd(_Timed):
    """Media header, 8.4.2: timescale and duration of a track's media, and its language."""

    KIND = b"mdhd"
    LAYOUT = _layout(
        *_FULL,
        ("creation_time", _TIME),
        ("modification_time", _TIME),
        ("timescale", Int32ub),
        ("duration", _TIME),
        ("language_code", Int16ub),
        ("predefined", Int16ub),
    )

    timescale: int
    language_code: int = 0x55C4
    predefined: int = 0

    @property
    def language(self) -> str:
        """Three letters of ISO 639-2, "und" when the box has none: QuickTime numbers languages."""
        code = self.language_code
        letters = [(code >> shift & 31) + 0x60 for shift in (10, 5, 0)]
        return "".join(map(chr, letters)) if all(0x61 <= letter <= 0x7A for letter in letters) else "und"


@dataclass(frozen=True, slots=True, kw_only=True)
class Hdlr(SmallBox):
    """What kind of track, 8.4.3; the name is what follows the fields."""

    KIND = b"hdlr"
    LAYOUT = _layout(*_FULL, ("predefined", Bytes(4)), ("handler_type", Bytes(4)), ("reserved", Bytes(12)))

    predefined: bytes = bytes(4)
    handler_type: bytes
    reserved: bytes = bytes(12)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mehd(SmallBox):
    """Duration of a fragmented movie, 8.8.2, movie timescale."""

    KIND = b"mehd"
    LAYOUT = _layout(*_FULL, ("fragment_duration", _TIME))

    fragment_duration: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Trex(SmallBox):
    """Defaults of a track's fragments, 8.8.3."""

    KIND = b"trex"
    LAYOUT = _layout(
        *_FULL,
        ("track_id", Int32ub),
        ("sample_description_index", Int32ub),
        ("sample_duration", Int32ub),
        ("sample_size", Int32ub),
        ("sample_flags", Int32ub),
    )

    track_id: int
    sample_description_index: int = 1
    sample_duration: int = 0
    sample_size: int = 0
    sample_flags: int = 0


@dataclass(frozen=True, slots=True)
class ElstEntry:
    """One edit.

    Args:
        segment_duration: movie timescale.
        media_time: media timescale; -1 shows nothing for that long.
        rate_integer: 1 for normal speed, 0 holds one picture.
        rate_fraction: 16 bits after the point.
    """

    segment_duration: int
    media_time: int
    rate_integer: int = 1
    rate_fraction: int = 0


@dataclass(frozen=True, slots=True)
class Elst:
    """Edit list, 8.6.6.

    Args:
        entries: in presentation order.
        version: 0 for 32-bit times, else 1.
        flags: 24 bits.
        rest: bytes after the last entry.
    """

    KIND: ClassVar[bytes] = b"elst"
    _FORMS: ClassVar[tuple[struct.Struct, struct.Struct]] = (struct.Struct(">IihH"), struct.Struct(">QqhH"))

    entries: tuple[ElstEntry, ...]
    version: int = 0
    flags: int = 0
    rest: Buffer = b""

    @classmethod
    def parse(cls, box: Box) -> Elst:
        """Read an edit list.

        Raises:
            MalformedMedia: the box is too small for its count, or the list is longer than MAX_EDITS.
        """
        payload = box.payload
        if len(payload) < 8:
            raise box.too_small()
        head, count = struct.unpack_from(">II", payload)
        form = cls._FORMS[bool(head >> 24)]
        stop = 8 + count * form.size
        if stop > len(payload):
            raise box.too_small()
        if count > MAX_EDITS:
            raise box.malformed(f"mp4 elst atom has {count} entries")
        entries = tuple(ElstEntry(*entry) for entry in form.iter_unpack(payload[8:stop]))
        return cls(entries, head >> 24, head & 0xFFFFFF, bytes(payload[stop:]))

    @classmethod
    def of(cls, *entries: ElstEntry) -> Elst:
        """Make an edit list in the smallest version that holds it."""
        wide = any(entry.segment_duration > BIGGEST_32 or not -(2**31) <= entry.media_time < 2**31 for entry in entries)
        return cls(entries, int(wide))

    def build(self) -> bytes:
        """Return the bytes of the box."""
        form = self._FORMS[bool(self.version)]
        packed = [
            form.pack(entry.segment_duration, entry.media_time, entry.rate_integer, entry.rate_fraction)
            for entry in self.entries
        ]
        head = struct.pack(">II", self.version << 24 | self.flags, len(self.entries))
        return make_box(self.KIND, head, *packed, self.rest)


_TIMED: dict[bytes, tuple[type[_Timed], int, int]] = {
    b"mvhd": (Mvhd, 16, 24),
    b"tkhd": (Tkhd, 20, 28),
    b"mdhd": (Mdhd, 16, 24),
}
"""Kind -> class, and where in the payload the duration lies in version 0 and in version 1."""


def with_duration(box: Box, duration: int) -> bytes:
    """Return an mvhd, tkhd or mdhd box with another duration, in version 1 when it needs 64 bits.

    Writes over a copy of the bytes: 1.5 us against 50 us through construct, five times for each clip of two tracks.

    Args:
        box: as it lies in the file; its fields were read before, so it is long enough.
        duration: in the timescale of that box.
    """
    kind, narrow, wide = _TIMED[box.kind]
    version = box.data[box.body]
    if not version and duration > BIGGEST_32:
        return kind.parse(box).with_duration(duration).build()
    raw = bytearray(box.raw)
    struct.pack_into(">Q" if version else ">I", raw, box.header + (wide if version else narrow), duration)
    return bytes(raw)


def fields_of(record: SmallBox) -> dict[str, Any]:
    """Return a box's fields by name, for showing."""
    return {item.name: getattr(record, item.name) for item in fields(record)}
