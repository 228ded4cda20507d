"""Fragment random access: where fragments lie in files (Adobe's afra box, Video File Format 10.1 C.1).

A file of fragments, .f4f, has one in front of each; the file beside it, .f4x, is one with nothing but global entries,
which tell where these lie. Entries stay the bytes that they are until one is asked for.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hls_mp4.containers.f4f.reading import Fields
from hls_mp4.containers.isobmff.build import make_full_box
from hls_mp4.errors import MalformedMedia

KIND = b"afra"

_LONG_IDS, _LONG_OFFSETS, _GLOBAL = 0x80, 0x40, 0x20
_HEAD = struct.Struct(">BII")


def _local(long_offsets: bool) -> np.dtype[np.void]:
    return np.dtype([("time", ">u8"), ("offset", ">u8" if long_offsets else ">u4")])


def _global(long_ids: bool, long_offsets: bool) -> np.dtype[np.void]:
    number, offset = ">u4" if long_ids else ">u2", ">u8" if long_offsets else ">u4"
    return np.dtype(
        [("time", ">u8"), ("segment", number), ("fragment", number), ("afra", offset), ("from_afra", offset)]
    )


@dataclass(frozen=True, slots=True)
class Place:
    """Where a fragment lies.

    Args:
        time: of a random access point in it.
        segment, fragment: its numbers.
        offset: of its afra box in the segment's file.
        from_afra: offset of the sample from that box; 0 for the box itself.
    """

    time: int
    segment: int
    fragment: int
    offset: int
    from_afra: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class Afra:
    """A table of places.

    Args:
        timescale: units per second of its times.
        local: rows of time and offset from the box's begin, of the fragment that it stands in front of.
        places: rows of time, segment, fragment, afra, from_afra; None when there is no such table.
        long_ids, long_offsets: whether numbers and offsets are written with twice as many bytes.
    """

    timescale: int
    local: NDArray[np.void]
    places: NDArray[np.void] | None = None
    long_ids: bool = False
    long_offsets: bool = False

    @classmethod
    def parse(cls, data: bytes | memoryview) -> Afra:
        """Return the table that a buffer begins with.

        Raises:
            MalformedMedia: it is none, or cut short.
        """
        fields = Fields(data, "afra").box(KIND)
        fields.take(4)
        form, timescale, count = _HEAD.unpack(fields.take(_HEAD.size))
        long_ids, long_offsets = bool(form & _LONG_IDS), bool(form & _LONG_OFFSETS)
        local = _rows(fields, _local(long_offsets), count)
        places = None
        if form & _GLOBAL:
            places = _rows(fields, _global(long_ids, long_offsets), fields.number(4))
        return cls(timescale, local, places, long_ids, long_offsets)

    @classmethod
    def of_places(cls, timescale: int, places: tuple[Place, ...]) -> Afra:
        """Return the table of an .f4x file, with numbers and offsets as short as they may be."""
        long_ids = any(max(each.segment, each.fragment) > 0xFFFF for each in places)
        long_offsets = any(max(each.offset, each.from_afra) > 0xFFFFFFFF for each in places)
        rows = np.array(
            [(each.time, each.segment, each.fragment, each.offset, each.from_afra) for each in places],
            _global(long_ids, long_offsets),
        )
        return cls(timescale, np.empty(0, _local(long_offsets)), rows, long_ids, long_offsets)

    def place(self, segment: int, fragment: int) -> Place | None:
        """Return where a fragment lies by the global entries, None where they do not have it."""
        if self.places is None:
            return None
        rows = np.flatnonzero((self.places["segment"] == segment) & (self.places["fragment"] == fragment))
        return Place(*(int(value) for value in self.places[rows[0]].tolist())) if len(rows) else None

    def box(self) -> bytes:
        """Return the box."""
        form = (_LONG_IDS if self.long_ids else 0) | (_LONG_OFFSETS if self.long_offsets else 0)
        parts = [self.local.tobytes()]
        if self.places is not None:
            form |= _GLOBAL
            parts += [struct.pack(">I", len(self.places)), self.places.tobytes()]
        return make_full_box(KIND, 0, 0, _HEAD.pack(form, self.timescale, len(self.local)), *parts)


def _rows(fields: Fields, row: np.dtype[np.void], count: int) -> NDArray[np.void]:
    data = fields.take(fields.rows(count, row.itemsize) * row.itemsize)
    if not count:
        return np.empty(0, row)
    found = np.frombuffer(data, row, count)
    if len(found) != count:
        raise MalformedMedia("afra box is cut short")
    return found
