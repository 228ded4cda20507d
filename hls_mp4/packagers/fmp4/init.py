"""Init segments: what a decoder needs before the first fragment (ISO/IEC 14496-12 8.2, 8.8.1 to 8.8.3; CMAF 7.3.1).

A moov without samples: headers, sample descriptions, and what fragments take for granted. Edit lists are carried out by
the presentation, so there is none.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence

from hls_mp4.containers.isobmff.box import Box
from hls_mp4.containers.isobmff.build import make_box, make_full_box
from hls_mp4.media.presentation import Rendition
from hls_mp4.packagers.description import sample_description

BRANDS = (b"iso6", b"cmfc", b"dash", b"mp41")

MOVIE_TIMESCALE = 1000

_MATRIX = struct.pack(">9i", 0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000)
_ENABLED_IN_MOVIE = 7
_TREX = struct.Struct(">IIIII")
_DINF = make_box(b"dinf", make_full_box(b"dref", 0, 0, struct.pack(">I", 1), make_full_box(b"url ", 0, 1)))
_EMPTY_TABLES = b"".join(
    (
        make_full_box(b"stts", 0, 0, bytes(4)),
        make_full_box(b"stsc", 0, 0, bytes(4)),
        make_full_box(b"stsz", 0, 0, bytes(8)),
        make_full_box(b"stco", 0, 0, bytes(4)),
    )
)
_MEDIA_HEADERS = {
    "vide": make_full_box(b"vmhd", 0, 1, bytes(8)),
    "soun": make_full_box(b"smhd", 0, 0, bytes(4)),
    "subt": make_full_box(b"sthd", 0, 0),
}
_NO_MEDIA_HEADER = make_full_box(b"nmhd", 0, 0)


def init_segment(renditions: Sequence[Rendition], descriptions: Sequence[bytes] | None = None) -> bytes:
    """Return the init segment of one rendition, or of several that share their fragments.

    Args:
        renditions: tracks; their number in this order, from 1, is their track id.
        descriptions: stsd boxes to be written instead of their own, of encrypted tracks.

    Raises:
        UnsupportedMedia: MP4 has no sample entry for a codec.
    """
    told = descriptions or [sample_description(each.track) for each in renditions]
    traks = [_trak(each, number, stsd) for number, (each, stsd) in enumerate(zip(renditions, told, strict=True), 1)]
    trexes = [make_full_box(b"trex", 0, 0, _TREX.pack(number, 1, 0, 0, 0)) for number in range(1, len(traks) + 1)]
    moov = make_box(b"moov", _mvhd(len(traks) + 1), *traks, make_box(b"mvex", *trexes))
    return make_box(b"ftyp", BRANDS[0], bytes(4), *BRANDS) + moov


def _mvhd(next_track: int) -> bytes:
    head = struct.pack(">IIII", 0, 0, MOVIE_TIMESCALE, 0)
    return make_full_box(
        b"mvhd", 0, 0, head, struct.pack(">IH10x", 0x10000, 0x100), _MATRIX, bytes(24), struct.pack(">I", next_track)
    )


def _trak(rendition: Rendition, number: int, stsd: bytes) -> bytes:
    track = rendition.track
    handler = track.handler
    mdia = make_box(
        b"mdia",
        make_full_box(b"mdhd", 0, 0, struct.pack(">IIIIH2x", 0, 0, track.timescale, 0, _packed(rendition.language))),
        make_full_box(b"hdlr", 0, 0, bytes(4), handler.encode("latin-1")[:4].ljust(4), bytes(12), b"\0"),
        make_box(
            b"minf",
            _MEDIA_HEADERS.get(handler, _NO_MEDIA_HEADER),
            _DINF,
            make_box(b"stbl", stsd, _EMPTY_TABLES),
        ),
    )
    return make_box(b"trak", _tkhd(rendition, number), mdia)


def _tkhd(rendition: Rendition, number: int) -> bytes:
    """Return a track header: that of an MP4 file but for its number and duration, for it may turn the picture."""
    track = rendition.track
    if isinstance(track.box, Box):
        tkhd = track.box.find(b"tkhd")
        if tkhd is not None and len(tkhd.payload) >= (96 if tkhd.payload[0] else 84):
            payload = tkhd.payload
            at = 36 if payload[0] else 24  # after times, id and duration: layer, group, volume, matrix, size
            tail = bytes(payload[at : at + 60])
            return make_full_box(b"tkhd", 0, _ENABLED_IN_MOVIE, struct.pack(">IIIII", 0, 0, number, 0, 0), tail)
    volume = 0x100 if track.handler == "soun" else 0
    tail = struct.pack(">8xHHHH", 0, 0, volume, 0) + _MATRIX + struct.pack(">II", track.width << 16, track.height << 16)
    return make_full_box(b"tkhd", 0, _ENABLED_IN_MOVIE, struct.pack(">IIIII", 0, 0, number, 0, 0), tail)


def _packed(language: str) -> int:
    """Return a language as mdhd has it: three letters of five bits (8.4.2.3)."""
    code = language if len(language) == 3 and language.isascii() and language.islower() else "und"
    first, second, third = (ord(letter) - 0x60 for letter in code)
    return first << 10 | second << 5 | third
