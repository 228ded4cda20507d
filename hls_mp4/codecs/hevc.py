"""H.265: the codec string of hvc1 and hev1 (ISO/IEC 14496-15 Annex E.3)."""

from __future__ import annotations

from hls_mp4.codecs.records import Records

ENTRIES = frozenset(("hvc1", "hev1"))

_SPACES = ("", "A", "B", "C")


def describe(entry: str, records: Records) -> str:
    """Return "hvc1.1.6.L93.B0": profile, compatible profiles, tier with level, constraints.

    Args:
        entry: four letters of the sample entry.
        records: hvcC, an HEVCDecoderConfigurationRecord.

    Raises:
        LookupError: there is no record, or it is cut short.
        ValueError: its version is unknown.
    """
    record = records["hvcC"]
    level = record[12]
    if record[0] != 1:
        raise ValueError("hvcC version")
    space, tier, profile = record[1] >> 6, record[1] >> 5 & 1, record[1] & 31
    # The flag of profile 0 is written first in the record, and is the lowest bit of the string's number.
    compatible = int(f"{int.from_bytes(record[2:6], 'big'):032b}"[::-1], 2)
    constraints = [f".{byte:X}" for byte in bytes(record[6:12]).rstrip(b"\0")]
    return f"{entry}.{_SPACES[space]}{profile}.{compatible:X}.{'LH'[tier]}{level}{''.join(constraints)}"
