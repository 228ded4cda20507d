"""A trak box as a track (ISO/IEC 14496-12 8.3 to 8.7): headers read, sample tables laid over their bytes.

Refused: tracks without mdhd, stts, stsc, sample sizes or chunk offsets, two boxes where one is to be chosen from
(stsz and stz2, stco and co64), a timescale of 0. Missing tkhd, hdlr, stsd, ctts and stss are no mistake.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

from hls_mp4.containers.isobmff.box import Box, name_of
from hls_mp4.containers.isobmff.movie import UNKNOWN_DURATIONS, Elst, Hdlr, Mdhd, Tkhd
from hls_mp4.containers.isobmff.tables import Co64, Ctts, Stco, Stsc, Stss, Stsz, Stts, Stz2
from hls_mp4.media.chunks import ChunkMap
from hls_mp4.media.index import Edit, Track
from hls_mp4.media.runs import Durations, Runs
from hls_mp4.media.samples import SampleTable, SyncTable
from hls_mp4.media.sizes import ListedSizes, Sizes, UniformSizes

_VIDEO = struct.Struct(">24xHH")
_AUDIO = struct.Struct(">16xH6xI")


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
        samples=samples_of(stbl, file_size),
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
    """

    codec: str = ""
    width: int = 0
    height: int = 0
    channels: int = 0
    rate: int = 0


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
    width = height = channels = rate = 0
    if len(body) >= _VIDEO.size:
        width, height = _VIDEO.unpack_from(body)
    if len(body) >= _AUDIO.size:
        channels, fixed = _AUDIO.unpack_from(body)
        rate = fixed >> 16
    return SampleEntry(name_of(bytes(payload[12:16])), width, height, channels, rate)


def _one_of(stbl: Box, *kinds: bytes) -> Box:
    """Return the one box of these kinds that a sample table has."""
    found = [box for kind in kinds if (box := stbl.find(kind)) is not None]
    if not found:
        raise stbl.malformed(f"no mp4 {name_of(kinds[0])} atom was found")
    if len(found) > 1:
        raise found[1].malformed(f"duplicate mp4 {'/'.join(map(name_of, kinds))} atom")
    return found[0]


def samples_of(stbl: Box, file_size: int) -> SampleTable:
    """Return the samples of a sample table box, laid over its bytes.

    Raises:
        MalformedMedia: a table is missing, or too small for its count.
    """
    durations, chunk_runs = stbl.need(b"stts"), stbl.need(b"stsc")
    listed = _one_of(stbl, b"stsz", b"stz2")
    places = _one_of(stbl, b"stco", b"co64")
    sizes: Sizes
    if listed.kind == b"stsz":
        stsz = Stsz.parse(listed)
        count = stsz.count
        if stsz.sample_size * count > file_size:
            raise listed.malformed(f"mp4 stsz atom has {count} samples of {stsz.sample_size} bytes")
        sizes = UniformSizes(stsz.sample_size) if stsz.sample_size else ListedSizes.over(stsz.entries)
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
