"""The boxes of a clip that speak of time, of other tracks or of places in the file.

ISO/IEC 14496-12: mvhd 8.2.2, tkhd 8.3.2, mdhd 8.4.2, elst 8.6.6, tref 8.3.3, meta 8.11.1 with iloc 8.11.3, ftyp 4.3.
"""

from __future__ import annotations

import struct
from collections.abc import Collection, Sequence

from hls_mp4.containers.isobmff.box import Box, boxes_between
from hls_mp4.containers.isobmff.build import make_box
from hls_mp4.containers.isobmff.movie import BIGGEST_32, Elst, ElstEntry, with_duration
from hls_mp4.errors import StreamingError
from hls_mp4.packagers.progressive.timeline import Piece

_U32 = struct.Struct(">I")
_ONE_EDIT = struct.Struct(">I4sI4sIIIihH")

NO_FTYP = make_box(b"ftyp", b"mp41", bytes(4), b"mp41")
"""What a file without ftyp counts as (4.3.1)."""

FRAGMENTED_BRANDS = frozenset(
    {b"dash", b"msdh", b"msix", b"sims", b"risx", b"lmsg", b"dsms", b"piff", b"isml", b"hlsf", b"ccff", b"iso5"}
    | {b"iso6", b"cmfc", b"cmf2", b"cmff", b"cmfs", b"cmfl"}
)
"""Brands that promise movie fragments, or features of theirs."""


def retimed(box: Box, timescale: int, duration: int) -> bytes:
    """Return an mvhd or mdhd box with another timescale and duration, in version 1 when it needs 64 bits."""
    made = bytearray(with_duration(box, duration))
    header = 8 if made[:4] != b"\0\0\0\1" else 16
    _U32.pack_into(made, header + (20 if made[header] else 12), timescale)
    return bytes(made)


def edit_list(pieces: Sequence[Piece], unit: int, movie_timescale: int, scale: int, origin: int) -> tuple[bytes, int]:
    """Return an edts box and the duration of what it shows, in the clip's movie timescale.

    Args:
        pieces: what is shown, media times those of the film.
        unit: of the pieces' lengths, per second.
        movie_timescale: of the clip.
        scale: the clip's media timescale over the film's.
        origin: where the clip's media time begins in the film's, in the clip's media timescale.
    """
    if len(pieces) == 1 and pieces[0].media >= 0:  # The usual clip: written at once, in 0.6 us.
        (piece,) = pieces
        duration, media = -(-piece.length * movie_timescale // unit), piece.media * scale // unit - origin
        if duration <= BIGGEST_32 and -(1 << 31) <= media < 1 << 31:
            whole, fraction = piece.rate >> 16 & 0x7FFF, piece.rate & 0xFFFF
            return _ONE_EDIT.pack(36, b"edts", 28, b"elst", 0, 1, duration, media, whole, fraction), duration
    entries = []
    elapsed = written = 0
    for piece in pieces:
        elapsed += piece.length
        # Ends are rounded, not lengths: errors do not add up.
        until = -(-elapsed * movie_timescale // unit)
        media = piece.media * scale // unit - origin if piece.media >= 0 else -1
        rate = piece.rate if piece.media >= 0 else 1 << 16
        entries.append(ElstEntry(until - written, media, rate >> 16 & 0x7FFF, rate & 0xFFFF))
        written = until
    return make_box(b"edts", Elst.of(*entries).build()), written


def references(tref: Box, kept: Collection[int]) -> bytes | None:
    """Return tref without references to tracks that are not in the clip; None when none is left."""
    lists = []
    for box in tref.children:
        payload = box.payload
        ids = struct.unpack(f">{len(payload) // 4}I", payload[: len(payload) // 4 * 4])
        there = [track_id for track_id in ids if track_id in kept]
        if there:
            lists.append(make_box(box.kind, struct.pack(f">{len(there)}I", *there)))
    return make_box(b"tref", *lists) if lists else None


def points_into_file(meta: Box) -> bool:
    """Tell whether a meta box locates items by file offsets, which are others in a clip."""
    # QuickTime's meta is a plain box: its first child begins where ISO's has version and flags.
    plain = bytes(meta.payload[4:8]) == b"hdlr"
    try:
        for box in boxes_between(meta, meta.body + (0 if plain else 4)):
            if box.kind == b"iloc":
                return True
    except StreamingError:
        return True
    return False


def file_type(ftyp: bytes | None, *, fragmented: bool) -> bytes:
    """Return a clip's ftyp: the film's, without promising fragments that the clip does not have.

    Args:
        ftyp: the film's box, None when it has none.
        fragmented: whether the film is.
    """
    if ftyp is None or len(ftyp) < 16:
        return NO_FTYP
    if not fragmented:
        return ftyp
    brands = [ftyp[at : at + 4] for at in range(16, len(ftyp) - 3, 4)]
    kept = [brand for brand in brands if brand not in FRAGMENTED_BRANDS and brand != b"isom"]
    major = ftyp[8:12] if ftyp[8:12] not in FRAGMENTED_BRANDS else b"isom"
    return make_box(b"ftyp", major, ftyp[12:16], b"isom", *kept)
