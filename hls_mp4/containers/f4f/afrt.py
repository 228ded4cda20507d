"""Fragment run tables: when fragments begin, and how long they last (Adobe's afrt box, Video File Format 10.1 C.4)."""

from __future__ import annotations

import struct
from dataclasses import dataclass

from hls_mp4.containers.f4f.reading import Fields, all_written
from hls_mp4.containers.isobmff.build import make_full_box

KIND = b"afrt"

END, GAP_IN_NUMBERS, GAP_IN_TIME, GAP_IN_BOTH = range(4)
"""What an entry of no duration stands for."""

_ENTRY = struct.Struct(">IQI")


@dataclass(frozen=True, slots=True)
class FragmentRun:
    """Fragments of one duration, up to the first one of the next entry; or a gap.

    Args:
        first: number of the first fragment.
        timestamp: when it begins.
        duration: of each; 0 for a gap, or for the end of the presentation.
        gap: which of these it is, one of the numbers above; without meaning beside a duration.
    """

    first: int
    timestamp: int
    duration: int
    gap: int = END


NO_MORE = FragmentRun(0, 0, 0, END)
"""The entry that ends a presentation; clients hang on one that has a number, or wait for a minute without one."""


@dataclass(frozen=True, slots=True)
class Afrt:
    """A fragment run table.

    Args:
        timescale: units per second of its times; the bootstrap's own.
        runs: in order.
        qualities: that it is for; empty for all.
        update: whether it adds to a table that was told before.
    """

    timescale: int
    runs: tuple[FragmentRun, ...]
    qualities: tuple[str, ...] = ()
    update: bool = False

    @classmethod
    def parse(cls, fields: Fields) -> Afrt:
        """Return the table in a box.

        Raises:
            MalformedMedia: it is cut short.
        """
        flags = fields.number(4) & 0xFFFFFF
        timescale = fields.number(4)
        qualities = fields.texts()
        count = fields.rows(fields.number(4), _ENTRY.size)
        runs = []
        for _ in range(count):
            first, timestamp, duration = _ENTRY.unpack(fields.take(_ENTRY.size))
            runs.append(FragmentRun(first, timestamp, duration, fields.number(1) if not duration else END))
        return cls(timescale, tuple(runs), qualities, bool(flags & 1))

    def box(self) -> bytes:
        """Return the box."""
        entries = []
        for run in self.runs:
            entries.append(_ENTRY.pack(run.first, run.timestamp, run.duration))
            if not run.duration:
                entries.append(bytes((run.gap,)))
        return make_full_box(
            KIND,
            0,
            int(self.update),
            struct.pack(">I", self.timescale),
            all_written(self.qualities),
            struct.pack(">I", len(self.runs)),
            *entries,
        )
