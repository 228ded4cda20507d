"""Configuration records: the payloads of the boxes that follow the fields of a sample entry, by their four letters."""

from __future__ import annotations

from collections.abc import Mapping

Record = bytes | memoryview
Records = Mapping[str, Record]


def nclx_colour(records: Records) -> tuple[int, int, int, int] | None:
    """Return primaries, transfer, matrix and full range of a colr box of video (ISO/IEC 14496-12 12.1.5), or None."""
    colr = records.get("colr", b"")
    if len(colr) < 11 or bytes(colr[:4]) != b"nclx":
        return None
    primaries, transfer, matrix = (int.from_bytes(colr[at : at + 2], "big") for at in (4, 6, 8))
    return primaries, transfer, matrix, colr[10] >> 7
