"""Sample tables as lists of samples, and sample tables made of such lists, for judging one by the other."""

from __future__ import annotations

import struct
from collections.abc import Sequence

import numpy as np

from hls_mp4.containers.isobmff.box import Box
from hls_mp4.containers.isobmff.tracks import samples_of
from hls_mp4.media.samples import SampleTable
from tests.boxes import Sample, make, make_full

EMPTY_FILE = 1 << 40
"""Size of a file that no offset of a test leaves."""


def listed(table: SampleTable, start: int = 0, stop: int | None = None) -> list[Sample]:
    """Return samples [start, stop) of a table, asked for in bulk."""
    stop = table.count if stop is None else stop
    durations = np.repeat(*reversed(table.durations(start, stop))).tolist()
    compositions = np.repeat(*reversed(table.composition_offsets(start, stop))).tolist()
    sizes = table.sizes(start, stop).tolist()
    sync = set(table.sync_samples.tolist())
    chunks = table.chunks(start, stop)
    found: list[Sample] = []
    decode = table.decode_time(start)
    rows = zip(
        chunks.offsets.tolist(),
        chunks.samples.tolist(),
        chunks.sizes.tolist(),
        chunks.descriptions.tolist(),
        strict=True,
    )
    for offset, count, length, description in rows:
        at = offset
        for _ in range(count):
            number = len(found)
            found.append(
                Sample(
                    decode,
                    durations[number],
                    compositions[number],
                    start + number in sync,
                    at,
                    sizes[number],
                    description,
                )
            )
            decode += durations[number]
            at += sizes[number]
        assert at - offset == length
    assert len(found) == len(durations) == len(compositions) == len(sizes) == stop - start
    return found


def asked_one_by_one(table: SampleTable) -> list[Sample]:
    """Return all samples of a table, each asked for alone."""
    descriptions = np.repeat(table.chunks(0, table.count).descriptions, table.chunks(0, table.count).samples).tolist()
    return [
        Sample(
            table.decode_time(number),
            table.decode_time(number + 1) - table.decode_time(number),
            table.presentation_time(number) - table.decode_time(number),
            table.sync_at_or_before(number) == number,
            table.offset(number),
            table.size(number),
            descriptions[number],
        )
        for number in range(table.count)
    ]


def counted(kind: bytes, form: str, rows: Sequence[Sequence[int]], version: int = 0) -> bytes:
    """Return a table box of these rows."""
    return make_full(kind, version, 0, struct.pack(">I", len(rows)), *(struct.pack(form, *row) for row in rows))


def stbl_of(
    *,
    stts: Sequence[tuple[int, int]],
    sizes: Sequence[int],
    stsc: Sequence[tuple[int, int, int]],
    stco: Sequence[int],
    ctts: Sequence[tuple[int, int]] | None = None,
    stss: Sequence[int] | None = None,
) -> bytes:
    """Return an stbl box of these tables, as they are written."""
    parts = [
        counted(b"stts", ">II", stts),
        counted(b"stsc", ">III", stsc),
        make_full(b"stsz", 0, 0, struct.pack(f">II{len(sizes)}I", 0, len(sizes), *sizes)),
        counted(b"co64", ">Q", [(at,) for at in stco]),
    ]
    if ctts is not None:
        parts.append(counted(b"ctts", ">Ii", ctts, 1))
    if stss is not None:
        parts.append(counted(b"stss", ">I", [(number,) for number in stss]))
    return make(b"stbl", *parts)


def table_of(stbl: bytes, file_size: int = EMPTY_FILE) -> SampleTable:
    """Return the sample table of an stbl box."""
    return samples_of(Box.parse(stbl), file_size)


def no_samples() -> SampleTable:
    """Return the table of a track whose moov has no samples."""
    return table_of(stbl_of(stts=[], sizes=[], stsc=[], stco=[]))
