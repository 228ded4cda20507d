"""What a player has to know of a track's codec, from its first sample entry (ISO/IEC 14496-12 8.5.2, 8.12, 12.1.3,
12.2.3; QuickTime File Format, "Sound Sample Descriptions").

Entries that are cut short, or hold what are no boxes, give what could be read of them: whoever wants to decode will
notice, whoever wants to name the codec need not fail.
"""

from __future__ import annotations

import struct

from hls_mp4.codecs.configuration import Configuration
from hls_mp4.containers.isobmff.box import Box, boxes_between, name_of
from hls_mp4.errors import StreamingError

_COMMON = 8
_VISUAL = 78
_AUDIO = 28
_QUICKTIME_SOUND = {1: 16, 2: 36}
"""Version of a QuickTime sound description -> bytes that it has more than version 0."""

_PROTECTED = frozenset((b"encv", b"enca", b"enct", b"encs"))


def configuration_of(trak: Box, handler: str) -> Configuration:
    """Return the codec of a track, from its first sample entry.

    Args:
        trak: the track's box.
        handler: "vide", "soun", ...; tells which fields stand before the boxes of the entry.
    """
    stsd = trak.find(b"mdia", b"minf", b"stbl", b"stsd")
    if stsd is None or len(stsd.payload) < 8:
        return Configuration()
    entry = next(iter(_boxes(stsd, stsd.body + 8)), None)
    if entry is None:
        return Configuration()
    records: dict[str, memoryview] = {}
    kind, protected = entry.kind, entry.kind in _PROTECTED
    for box in _boxes(entry, entry.body + _fields(entry, handler, stsd.payload[0])):
        records.setdefault(name_of(box.kind), box.payload)
        if box.kind == b"wave":  # QuickTime puts esds one level deeper
            for inner in _boxes(box, box.body):
                records.setdefault(name_of(inner.kind), inner.payload)
        elif box.kind == b"sinf" and kind in _PROTECTED:
            original = next((inner for inner in _boxes(box, box.body) if inner.kind == b"frma"), None)
            if original is not None and len(original.payload) >= 4:
                kind = bytes(original.payload[:4])
    return Configuration(name_of(kind), protected, records)


def _boxes(parent: Box, start: int) -> list[Box]:
    """Return the boxes from an index on, up to the first thing that is none."""
    found = []
    try:
        for box in boxes_between(parent, start):
            found.append(box)
    except StreamingError:
        pass
    return found


def _fields(entry: Box, handler: str, stsd_version: int) -> int:
    """Return the bytes of a sample entry's fields, before its boxes."""
    payload = entry.payload
    if handler == "vide":
        return _VISUAL
    if handler == "soun":
        # In stsd of version 1, entries of version 1 are ISO's and no longer than those of version 0.
        if stsd_version or len(payload) < _COMMON + 2:
            return _AUDIO
        (version,) = struct.unpack_from(">H", payload, _COMMON)
        return _AUDIO + _QUICKTIME_SOUND.get(version, 0)
    if entry.kind == b"stpp":
        text = bytes(payload[_COMMON:])
        at = 0
        for _ in range(3):  # namespace, schema location, auxiliary MIME types
            at = text.find(b"\0", at) + 1
            if not at:
                return len(payload)
        return _COMMON + at
    return _COMMON
