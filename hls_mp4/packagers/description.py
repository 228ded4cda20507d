"""What a packager says of a track's codec, wherever the track comes from.

Init segments hold sample entries of ISO/IEC 14496-12 8.5.2 and 12: those of an MP4 file as they are, but for
QuickTime's sound descriptions, which browsers do not read; those of other containers written anew from their codec's
configuration.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from weakref import WeakKeyDictionary

from hls_mp4.codecs.configuration import Configuration
from hls_mp4.containers.flv.description import FlvDescription
from hls_mp4.containers.isobmff.box import Box
from hls_mp4.containers.isobmff.build import make_box, make_full_box
from hls_mp4.containers.isobmff.configuration import configuration_of
from hls_mp4.errors import UnsupportedMedia
from hls_mp4.media.index import Track

_72_DPI = 0x00480000
_VISUAL = struct.Struct(">6xH16xHHII4xH32xHh")
_AUDIO = struct.Struct(">6xH8xHH4xI")

_CONFIGURED = {
    "avc1": "avcC",
    "avc3": "avcC",
    "hvc1": "hvcC",
    "hev1": "hvcC",
    "av01": "av1C",
    "vp08": "vpcC",
    "vp09": "vpcC",
    "mp4a": "esds",
    "Opus": "dOps",
    "fLaC": "dfLa",
    "ac-3": "dac3",
    "ec-3": "dec3",
}
"""Sample entry -> the box in it that a decoder is configured with."""


def configuration(track: Track) -> Configuration:
    """Return the codec of a track; it lives as long as the track does."""
    found = _CONFIGURATIONS.get(track)
    if found is None:
        box = track.box
        found = box.configuration if isinstance(box, FlvDescription) else configuration_of(box, track.handler)
        _CONFIGURATIONS[track] = found
    return found


def sample_description(track: Track) -> bytes:
    """Return the stsd box of a track, fit for an init segment.

    Raises:
        UnsupportedMedia: nobody could decode it by what is known of its codec.
    """
    box = track.box
    if isinstance(box, Box):
        stsd = box.find(b"mdia", b"minf", b"stbl", b"stsd")
        if stsd is not None and not _is_quicktime_sound(stsd, track.handler):
            return bytes(stsd.raw)
    return make_full_box(b"stsd", 0, 0, struct.pack(">I", 1), _entry(track))


def _is_quicktime_sound(stsd: Box, handler: str) -> bool:
    """Tell whether the first entry is a QuickTime sound description of version 1 or 2, in a table of version 0."""
    payload = stsd.payload
    return handler == "soun" and len(payload) >= 26 and payload[0] == 0 and bytes(payload[24:26]) != b"\0\0"


def _entry(track: Track) -> bytes:
    told = configuration(track)
    kind = _CONFIGURED.get(told.entry)
    record = told.records.get(kind) if kind is not None else None
    if kind is None or record is None:
        raise UnsupportedMedia(f'codec "{told.entry or track.codec}" has no sample entry in MP4 that we could write')
    fields = _FIELDS.get(track.handler)
    if fields is None:
        raise UnsupportedMedia(f'track of handler "{track.handler}" has no sample entry in MP4 that we could write')
    return make_box(told.entry.encode("latin-1"), fields(track), make_box(kind.encode(), bytes(record)))


def _visual(track: Track) -> bytes:
    return _VISUAL.pack(1, track.width, track.height, _72_DPI, _72_DPI, 1, 24, -1)


def _audio(track: Track) -> bytes:
    return _AUDIO.pack(1, track.channels or 2, 16, (track.rate if track.rate < 1 << 16 else 0) << 16)


_FIELDS: dict[str, Callable[[Track], bytes]] = {"vide": _visual, "soun": _audio}
_CONFIGURATIONS: WeakKeyDictionary[Track, Configuration] = WeakKeyDictionary()
