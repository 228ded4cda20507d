"""AV1: the codec string of av01 (AV1 Codec ISO Media File Format Binding, sections 2.3 and 5)."""

from __future__ import annotations

from hls_mp4.codecs.records import Records, nclx_colour

ENTRIES = frozenset(("av01",))

_USUAL = ".0.110.01.01.01.0"
"""What the optional part says when it is left out: 4:2:0 of unknown position, BT.709, limited range."""


def describe(entry: str, records: Records) -> str:
    """Return "av01.P.LLT.DD", with the optional part where it says something else than its absence.

    Args:
        entry: four letters of the sample entry.
        records: av1C, an AV1CodecConfigurationRecord; colr, if there is one, for the colours.

    Raises:
        LookupError: there is no record, or it is cut short.
        ValueError: its version is unknown.
    """
    record = records["av1C"]
    form = record[2]
    if record[0] != 0x81:
        raise ValueError("av1C version")
    profile, level = record[1] >> 5, record[1] & 31
    tier = "H" if form & 0x80 else "M"
    depth = (12 if profile == 2 and form & 0x20 else 10) if form & 0x40 else 8
    mono, horizontal, vertical = form >> 4 & 1, form >> 3 & 1, form >> 2 & 1
    position = form & 3 if horizontal and vertical else 0
    primaries, transfer, matrix, full = nclx_colour(records) or (1, 1, 1, 0)
    rest = f".{mono}.{horizontal}{vertical}{position}.{primaries:02}.{transfer:02}.{matrix:02}.{full}"
    return f"{entry}.{profile}.{level:02}{tier}.{depth:02}{'' if rest == _USUAL else rest}"
