"""VP8 and VP9: the codec string of vp08 and vp09 (VP Codec ISO Media File Format Binding)."""

from __future__ import annotations

from hls_mp4.codecs.records import Records

ENTRIES = frozenset(("vp08", "vp09"))

_COLLOCATED = 1
_BT709 = 1
_UNSPECIFIED = 2


def describe(entry: str, records: Records) -> str:
    """Return "vp09.PP.LL.DD", with the optional part where it says something else than its absence.

    A colour that the record calls unspecified counts as absent: there is nothing in it for a player to decide by.

    Args:
        entry: four letters of the sample entry.
        records: vpcC, a VPCodecConfigurationBox with its version and flags.

    Raises:
        LookupError: there is no record, or it is cut short.
        ValueError: its version is unknown.
    """
    record = records["vpcC"]
    if record[0] != 1:
        raise ValueError("vpcC version")
    profile, level, form, *colours = record[4], record[5], record[6], record[7], record[8], record[9]
    depth, chroma, full = form >> 4, form >> 1 & 7, form & 1
    told = f"{entry}.{profile:02}.{level:02}.{depth:02}"
    if chroma == _COLLOCATED and not full and all(colour in (_BT709, _UNSPECIFIED) for colour in colours):
        return told
    primaries, transfer, matrix = colours
    return f"{told}.{chroma:02}.{primaries:02}.{transfer:02}.{matrix:02}.{full:02}"
