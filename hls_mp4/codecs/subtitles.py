"""Subtitles: the codec string of stpp, TTML in XML (ISO/IEC 14496-30 Annex A; W3C TTML media type registration)."""

from __future__ import annotations

import re

from hls_mp4.codecs.records import Records

ENTRIES = frozenset(("stpp",))

_PROFILES = re.compile(rb'^application/ttml\+xml\s*;\s*codecs\s*=\s*"?([A-Za-z0-9+|]{1,64})"?\s*$', re.IGNORECASE)


def describe(entry: str, records: Records) -> str:
    """Return "stpp.ttml.im1t": the profile that the mime box names.

    Args:
        entry: four letters of the sample entry.
        records: mime with its version and flags.

    Raises:
        LookupError: there is no mime box.
        ValueError: it names no profile.
    """
    found = _PROFILES.match(bytes(records["mime"][4:]).rstrip(b"\0"))
    if found is None:
        raise ValueError("no TTML profile")
    return f"{entry}.ttml.{found[1].decode('ascii')}"
