"""Segment run tables: how many fragments each segment has (Adobe's asrt box, Video File Format 10.1 C.3)."""

from __future__ import annotations

import struct
from dataclasses import dataclass

from hls_mp4.containers.f4f.reading import Fields, all_written
from hls_mp4.containers.isobmff.build import make_full_box

KIND = b"asrt"

_RUN = struct.Struct(">II")


@dataclass(frozen=True, slots=True)
class SegmentRun:
    """Segments of the same number of fragments, up to the next run.

    Args:
        first: number of the first one, from 1.
        fragments: in each.
    """

    first: int
    fragments: int


@dataclass(frozen=True, slots=True)
class Asrt:
    """A segment run table.

    Args:
        runs: in order; the last one is a single segment.
        qualities: that it is for; empty for all.
        update: whether it adds to a table that was told before.
    """

    runs: tuple[SegmentRun, ...]
    qualities: tuple[str, ...] = ()
    update: bool = False

    @classmethod
    def parse(cls, fields: Fields) -> Asrt:
        """Return the table in a box.

        Raises:
            MalformedMedia: it is cut short.
        """
        flags = fields.number(4) & 0xFFFFFF
        qualities = fields.texts()
        count = fields.rows(fields.number(4), _RUN.size)
        runs = tuple(SegmentRun(*_RUN.unpack(fields.take(_RUN.size))) for _ in range(count))
        return cls(runs, qualities, bool(flags & 1))

    @property
    def fragments(self) -> int:
        """Fragments of all segments."""
        total = 0
        for run, following in zip(self.runs, self.runs[1:], strict=False):
            total += max(0, following.first - run.first) * run.fragments
        return total + (self.runs[-1].fragments if self.runs else 0)

    def box(self) -> bytes:
        """Return the box."""
        return make_full_box(
            KIND,
            0,
            int(self.update),
            all_written(self.qualities),
            struct.pack(">I", len(self.runs)),
            *(_RUN.pack(run.first, run.fragments) for run in self.runs),
        )
