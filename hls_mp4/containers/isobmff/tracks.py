"""A trak box as a track (ISO/IEC 14496-12 8.3 to 8.7): headers read, sample tables laid over their bytes.

Refused: tracks without mdhd, stts, stsc, sample sizes or chunk offsets, two boxes where one is to be chosen from
(stsz and stz2, stco and co64), a timescale of 0, sound of QuickTime in packets of one size that the file does not
tell. Missing tkhd, hdlr, stsd, ctts and stss are no mistake.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

from hls_mp4.containers.isobmff.box import Box, name_of
from hls_mp4.containers.isobmff.movie import UNKNOWN_DURATIONS, Elst, Hdlr, Mdhd, Tkhd
from hls_mp4.containers.isobmff.tables import Co64, Ctts, Stco, Stsc, Stss, Stsz, Stts, Stz2
from hls_mp4.errors import UnsupportedMedia
from hls_mp4.media.chunks import ChunkMap
from hls_mp4.media.index import Edit, Track
from hls_mp4.media.runs import Durations, Runs
from hls_mp4.media.samples import SampleTable, SyncTable
from hls_mp4.media.sizes import ListedSizes, Sizes, UniformSizes

_VIDEO = struct.Struct(">24xHH")
_AUDIO = struct.Struct(">8xH6xHHHHI")
_QUICKTIME_1 = struct.Struct(">28xIII")
_QUICKTIME_2 = struct.Struct(">32xdI4xI4xII")

_PCM_BITS = {"in24": 24, "in32": 32, "fl32": 32, "fl64": 64, "ulaw": 8, "alaw": 8}
_PCM = frozenset(("raw ", "twos", "sowt", "NONE", "lpcm", *_PCM_BITS))
"""Codecs of QuickTime whose frames have one size, which sample tables may leave out (QuickTime File Format, "stsz")."""


def track_of(trak: Box, number: int, file_size: int) -> Track:
    """Return the track that a trak box describes.

    Args:
        trak: the box.
        number: of the track in the file, from 1: its id where it has none.
        file_size: bytes.

    Raises:
        MalformedMedia: a box that is needed is missing, too small, or twice there.
    """
    header = trak.find(b"tkhd")
    tkhd = Tkhd.parse(header) if header is not None else None
    mdia = trak.need(b"mdia")
    media_header = mdia.need(b"mdhd")
    mdhd = Mdhd.parse(media_header)
    if not mdhd.timescale:
        raise media_header.malformed("mp4 mdhd timescale is zero")
    described = mdia.find(b"hdlr")
    handler = name_of(Hdlr.parse(described).handler_type) if described is not None else ""
    stbl = mdia.need(b"minf", b"stbl")
    entry = sample_entry(stbl)
    return Track(
        id=tkhd.track_id if tkhd is not None else number,
        handler=handler,
        timescale=mdhd.timescale,
        declared_duration=0 if mdhd.duration in UNKNOWN_DURATIONS else mdhd.duration,
        language=mdhd.language,
        codec=entry.codec,
        enabled=tkhd is None or bool(tkhd.flags & Tkhd.ENABLED),
        width=entry.width if handler == "vide" else 0,
        height=entry.height if handler == "vide" else 0,
        channels=entry.channels if handler == "soun" else 0,
        rate=entry.rate if handler == "soun" else 0,
        edits=edits_of(trak),
        samples=samples_of(stbl, file_size, entry if handler == "soun" else None),
        box=trak,
    )


def edits_of(trak: Box) -> tuple[Edit, ...]:
    """Return the edit list of a track; empty when it has none."""
    elst = trak.find(b"edts", b"elst")
    if elst is None:
        return ()
    return tuple(
        Edit(entry.segment_duration, entry.media_time, entry.rate_integer, entry.rate_fraction)
        for entry in Elst.parse(elst).entries
    )


@dataclass(frozen=True, slots=True)
class SampleEntry:
    """What the first sample description says.

    Args:
        codec: four letters; empty when there is none.
        width, height: pixels, if it is one of video.
        channels, rate: if it is one of sound; samples per second.
        frame_size: bytes of a frame of QuickTime's uncompressed sound; 0 for everything else.
        frames_per_packet: frames that QuickTime's compressed sound puts into packets of one size; else 0.
    """

    codec: str = ""
    width: int = 0
    height: int = 0
    channels: int = 0
    rate: int = 0
    frame_size: int = 0
    frames_per_packet: int = 0


def sample_entry(stbl: Box) -> SampleEntry:
    """Return the first sample description of a track, fields that are cut short as 0."""
    stsd = stbl.find(b"stsd")
    if stsd is None:
        return SampleEntry()
    payload = stsd.payload
    if len(payload) < 8:
        raise stsd.too_small()
    if len(payload) < 16:
        return SampleEntry()
    body = payload[16:]
    codec = name_of(bytes(payload[12:16]))
    width = height = channels = rate = frame_size = packed = 0
    if len(body) >= _VIDEO.size:
        width, height = _VIDEO.unpack_from(body)
    if len(body) >= _AUDIO.size:
        version, channels, bits, _, _, fixed = _AUDIO.unpack_from(body)
        rate = fixed >> 16
        frame_size = _PCM_BITS.get(codec, bits) // 8 * channels if codec in _PCM else 0
        # In stsd of version 1, entries of version 1 are ISO's, without QuickTime's further fields.
        if version == 1 and not payload[0] and len(body) >= _QUICKTIME_1.size and codec not in _PCM:
            packed = _QUICKTIME_1.unpack_from(body)[0]
        elif version == 2 and not payload[0] and len(body) >= _QUICKTIME_2.size:
            exact, channels, _, size, frames = _QUICKTIME_2.unpack_from(body)
            rate = int(exact) if 0 < exact < 1 << 32 else 0
            frame_size = size // frames if codec in _PCM and frames else 0
    return SampleEntry(codec, width, height, channels, rate, frame_size, packed)


def _one_of(stbl: Box, *kinds: bytes) -> Box:
    """Return the one box of these kinds that a sample table has."""
    found = [box for kind in kinds if (box := stbl.find(kind)) is not None]
    if not found:
        raise stbl.malformed(f"no mp4 {name_of(kinds[0])} atom was found")
    if len(found) > 1:
        raise found[1].malformed(f"duplicate mp4 {'/'.join(map(name_of, kinds))} atom")
    return found[0]


def _frame_size(stsz: Box, sound: SampleEntry) -> int:
    """Return the bytes of a sample where stsz says 1, as QuickTime does of sound whatever it takes."""
    if sound.frames_per_packet > 1 and not sound.frame_size:
        raise UnsupportedMedia("sound in packets of one size is not supported", box=stsz.path, offset=stsz.offset)
    return sound.frame_size or 1


def samples_of(stbl: Box, file_size: int, sound: SampleEntry | None = None) -> SampleTable:
    """Return the samples of a sample table box, laid over its bytes.

    Args:
        stbl: the box.
        file_size: bytes.
        sound: what a sound track is coded in; None for other tracks.

    Raises:
        MalformedMedia: a table is missing, or too small for its count.
        UnsupportedMedia: the file does not say how large its samples are.
    """
    durations, chunk_runs = stbl.need(b"stts"), stbl.need(b"stsc")
    listed = _one_of(stbl, b"stsz", b"stz2")
    places = _one_of(stbl, b"stco", b"co64")
    sizes: Sizes
    if listed.kind == b"stsz":
        stsz = Stsz.parse(listed)
        count = stsz.count
        size = stsz.sample_size
        if size == 1 and sound is not None:
            size = _frame_size(listed, sound)
        if size * count > file_size:
            raise listed.malformed(f"mp4 stsz atom has {count} samples of {size} bytes")
        sizes = UniformSizes(size) if size else ListedSizes.over(stsz.entries)
    else:
        stz2 = Stz2.parse(listed)
        count = stz2.count
        sizes = ListedSizes(stz2.part, count)
    offsets = (Stco if places.kind == b"stco" else Co64).parse(places).entries
    stts = Stts.parse(durations)
    shifted = stbl.find(b"ctts")
    compositions = None
    if shifted is not None:
        ctts = Ctts.parse(shifted)
        if len(ctts):
            compositions = Runs(ctts.counts, ctts.offsets, count)
    synced = stbl.find(b"stss")
    return SampleTable(
        count,
        Durations(stts.counts, stts.deltas, count, durations.malformed),
        compositions,
        sizes,
        ChunkMap(
            Stsc.parse(chunk_runs).entries, offsets, count, sizes, file_size, chunk_runs.malformed, places.malformed
        ),
        SyncTable(Stss.parse(synced).entries, count, synced.malformed) if synced is not None else None,
    )
