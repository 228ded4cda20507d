"""H.264: the codec string of avc1, avc2, avc3 and avc4 (ISO/IEC 14496-15 Annex E.2, RFC 6381 3.3)."""

from __future__ import annotations

from hls_mp4.codecs.records import Records

ENTRIES = frozenset(("avc1", "avc2", "avc3", "avc4"))


def describe(entry: str, records: Records) -> str:
    """Return "avc1.PPCCLL": profile, constraint flags and level as the AVCDecoderConfigurationRecord has them.

    Args:
        entry: four letters of the sample entry.
        records: avcC.

    Raises:
        LookupError: there is no record, or it is cut short.
        ValueError: its version is unknown.
    """
    record = records["avcC"]
    if record[0] != 1:
        raise ValueError("avcC version")
    return f"{entry}.{record[1]:02X}{record[2]:02X}{record[3]:02X}"
