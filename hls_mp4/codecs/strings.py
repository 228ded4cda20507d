"""What a player is told of a codec before it downloads anything: the codecs parameter of RFC 6381.

Where four letters say all - Opus, fLaC, ac-3, ec-3, alac, wvtt, tx3g, PCM - they are the answer; so they are where the
codec is unknown, and where its configuration is missing or makes no sense. Hexadecimal digits are capitals.
"""

from __future__ import annotations

from collections.abc import Callable

from hls_mp4.codecs import av1, avc, hevc, mpeg4, subtitles, vp9
from hls_mp4.codecs.records import Records

_DESCRIBERS: dict[str, Callable[[str, Records], str]] = {
    entry: family.describe for family in (avc, hevc, av1, vp9, mpeg4, subtitles) for entry in family.ENTRIES
}


def codec_string(entry: str, records: Records) -> str:
    """Return the codec string of a sample entry.

    Args:
        entry: its four letters; those of the original format when it is protected.
        records: payloads of the boxes in it, by four letters; full boxes with their version and flags.
    """
    describe = _DESCRIBERS.get(entry)
    if describe is None:
        return entry
    try:
        return describe(entry, records)
    except (LookupError, ValueError):
        return entry
