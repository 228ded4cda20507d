"""A second, naive reader of MP4 files, for judging: lists of objects, one per sample, after ISO/IEC 14496-12.

It shares nothing with `hls_mp4`, is slow, trusts its input, and reads plain (not fragmented) files only.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction

CONTAINERS = frozenset(
    {b"moov", b"trak", b"mdia", b"minf", b"stbl", b"edts", b"dinf", b"udta", b"tref", b"gmhd", b"mvex"}
)
CONTAINERS_IN_FRAGMENTS = frozenset({b"moof", b"traf"})


@dataclass
class Box:
    """One box: where it is, and what is in it."""

    kind: bytes
    offset: int
    header: int
    payload: bytes
    children: list[Box] = field(default_factory=list)

    @property
    def size(self) -> int:
        """Bytes with header."""
        return self.header + len(self.payload)

    def find(self, path: str) -> Box | None:
        """Return the first box at a path such as "mdia/minf/stbl"."""
        return next(self.all(path), None)

    def all(self, path: str) -> Iterator[Box]:
        """Yield every box at a path."""
        head, _, rest = path.partition("/")
        for child in self.children:
            if child.kind == head.encode("latin-1"):
                if rest:
                    yield from child.all(rest)
                else:
                    yield child

    def need(self, path: str) -> Box:
        """Return the first box at a path, which must be there."""
        found = self.find(path)
        assert found is not None, f"no {path}"
        return found


def boxes(data: bytes, start: int = 0, stop: int | None = None) -> list[Box]:
    """Return the boxes of data[start:stop], containers with their children."""
    found = []
    stop = len(data) if stop is None else stop
    while start + 8 <= stop:
        size, kind = struct.unpack_from(">I4s", data, start)
        header = 8
        if size == 1:
            size = struct.unpack_from(">Q", data, start + 8)[0]
            header = 16
        elif size == 0:
            size = stop - start
        assert header <= size <= stop - start, f"{kind!r} at {start}: size {size} of {stop - start}"
        box = Box(kind, start, header, b"" if kind == b"mdat" else bytes(data[start + header : start + size]))
        if kind == b"mdat":
            box.payload = memoryview(data)[start + header : start + size]  # type: ignore[assignment]
        if kind in CONTAINERS | CONTAINERS_IN_FRAGMENTS:
            box.children = boxes(data, start + header, start + size)
        found.append(box)
        start += size
    return found


def tree(data: bytes) -> Box:
    """Return a file as a box whose children are its top level."""
    return Box(b"file", 0, 0, data, boxes(data))


def make(kind: bytes, *payload: bytes) -> bytes:
    """Return one box."""
    body = b"".join(payload)
    return struct.pack(">I4s", 8 + len(body), kind) + body


def make_full(kind: bytes, version: int, flags: int, *payload: bytes) -> bytes:
    """Return one full box."""
    return make(kind, struct.pack(">I", version << 24 | flags), *payload)


@dataclass(frozen=True)
class Sample:
    """One sample with everything the tables say of it."""

    decode: int
    duration: int
    composition: int
    sync: bool
    offset: int
    size: int
    description: int


@dataclass(frozen=True)
class EditEntry:
    """One line of an edit list."""

    duration: int
    media_time: int
    rate: int


@dataclass
class NaiveTrack:
    """A track as plain lists."""

    box: Box
    track_id: int
    handler: bytes
    timescale: int
    media_duration: int
    track_duration: int
    edits: list[EditEntry]
    samples: list[Sample]
    chunk_count: int
    has_stss: bool


@dataclass
class NaiveMovie:
    """A film as plain lists."""

    file: Box
    timescale: int
    duration: int
    tracks: list[NaiveTrack]

    def presentation(self, track: NaiveTrack) -> Iterator[tuple[Fraction, Sample]]:
        """Yield (movie time in seconds, sample) of every sample that begins to be shown within an edit."""
        position = Fraction(0)
        for edit in track.edits or [EditEntry(0, 0, 1)]:
            length = Fraction(edit.duration, self.timescale)
            if edit.media_time >= 0:
                for sample in track.samples:
                    at = Fraction(sample.decode + sample.composition - edit.media_time, track.timescale)
                    if at == 0 or (at > 0 and edit.rate and (at < length or not edit.duration)):
                        yield position + at, sample
            position += length


def _u32s(payload: bytes, at: int, count: int) -> list[int]:
    return list(struct.unpack_from(f">{count}I", payload, at))


def _pairs(box: Box, signed: bool = False) -> list[tuple[int, int]]:
    count = struct.unpack_from(">I", box.payload, 4)[0]
    assert len(box.payload) == 8 + 8 * count, f"{box.kind!r}: {count} entries in {len(box.payload)} bytes"
    return list(struct.iter_unpack(">Ii" if signed else ">II", box.payload[8:]))


def sample_sizes(stbl: Box) -> list[int]:
    """Return the sizes of stsz or stz2."""
    stsz = stbl.find("stsz")
    if stsz is not None:
        uniform, count = struct.unpack_from(">II", stsz.payload, 4)
        if uniform:
            return [uniform] * count
        assert len(stsz.payload) == 12 + 4 * count
        return _u32s(stsz.payload, 12, count)
    stz2 = stbl.need("stz2")
    bits, count = struct.unpack_from(">BI", stz2.payload, 7)
    body = stz2.payload[12:]
    if bits == 16:
        return list(struct.unpack(f">{count}H", body))
    if bits == 8:
        return list(body[:count])
    return [(body[i // 2] >> (0 if i & 1 else 4)) & 15 for i in range(count)]


def chunk_offsets(stbl: Box) -> list[int]:
    """Return the chunk offsets of stco or co64."""
    stco = stbl.find("stco")
    if stco is not None:
        count = struct.unpack_from(">I", stco.payload, 4)[0]
        assert len(stco.payload) == 8 + 4 * count
        return _u32s(stco.payload, 8, count)
    co64 = stbl.need("co64")
    count = struct.unpack_from(">I", co64.payload, 4)[0]
    assert len(co64.payload) == 8 + 8 * count
    return list(struct.unpack_from(f">{count}Q", co64.payload, 8))


def chunk_runs(stbl: Box, chunk_count: int) -> list[tuple[int, int]]:
    """Return (samples, description) of each chunk."""
    stsc = stbl.need("stsc")
    count = struct.unpack_from(">I", stsc.payload, 4)[0]
    assert len(stsc.payload) == 8 + 12 * count
    entries = list(struct.iter_unpack(">III", stsc.payload[8:]))
    runs = []
    for number, (first, per_chunk, description) in enumerate(entries):
        after = entries[number + 1][0] if number + 1 < len(entries) else chunk_count + 1
        assert 1 <= first < after <= chunk_count + 1, f"stsc entry {number}: {entries}"
        runs += [(per_chunk, description)] * (after - first)
    return runs


def edit_list(trak: Box) -> list[EditEntry]:
    """Return the edit list of a trak; empty when there is none."""
    elst = trak.find("edts/elst")
    if elst is None:
        return []
    version = elst.payload[0]
    count = struct.unpack_from(">I", elst.payload, 4)[0]
    form = ">QqHH" if version else ">IiHH"
    assert len(elst.payload) == 8 + struct.calcsize(form) * count
    return [EditEntry(d, m, r) for d, m, r, _ in struct.iter_unpack(form, elst.payload[8:])]


def _times(box: Box, head: int) -> tuple[int, int]:
    """Return (timescale, duration) of mvhd or mdhd."""
    form, at = (">IQ", 4 + 16 + head) if box.payload[0] else (">II", 4 + 8 + head)
    return struct.unpack_from(form, box.payload, at)


def read_track(trak: Box) -> NaiveTrack:
    """Return a trak box as plain lists; asserts that its tables agree with each other."""
    stbl = trak.need("mdia/minf/stbl")
    sizes = sample_sizes(stbl)
    durations = [delta for count, delta in _pairs(stbl.need("stts")) for _ in range(count)]
    ctts = stbl.find("ctts")
    compositions = [0] * len(sizes)
    if ctts is not None:
        compositions = [value for count, value in _pairs(ctts, signed=True) for _ in range(count)]
    stss = stbl.find("stss")
    syncs = set(range(1, len(sizes) + 1)) if stss is None else set(_u32s(stss.payload, 8, (len(stss.payload) - 8) // 4))
    offsets = chunk_offsets(stbl)
    assert len(durations) == len(sizes) == len(compositions), (len(durations), len(sizes), len(compositions))
    samples: list[Sample] = []
    decode = 0
    runs = chunk_runs(stbl, len(offsets))
    for offset, (count, description) in zip(offsets, runs, strict=True):
        at = offset
        for _ in range(count):
            number = len(samples)
            samples.append(
                Sample(
                    decode, durations[number], compositions[number], number + 1 in syncs, at, sizes[number], description
                )
            )
            decode += durations[number]
            at += sizes[number]
    assert len(samples) == len(sizes), (len(samples), len(sizes))
    tkhd = trak.need("tkhd").payload
    track_id = struct.unpack_from(">I", tkhd, 20 if tkhd[0] else 12)[0]
    track_duration = struct.unpack_from(">Q" if tkhd[0] else ">I", tkhd, 28 if tkhd[0] else 20)[0]
    timescale, media_duration = _times(trak.need("mdia/mdhd"), 0)
    return NaiveTrack(
        box=trak,
        track_id=track_id,
        handler=trak.need("mdia/hdlr").payload[8:12],
        timescale=timescale,
        media_duration=media_duration,
        track_duration=track_duration,
        edits=edit_list(trak),
        samples=samples,
        chunk_count=len(offsets),
        has_stss=stss is not None,
    )


def read_movie(data: bytes) -> NaiveMovie:
    """Return a plain MP4 file as lists."""
    file = tree(data)
    timescale, duration = _times(file.need("moov/mvhd"), 0)
    return NaiveMovie(file, timescale, duration, [read_track(trak) for trak in file.all("moov/trak")])
