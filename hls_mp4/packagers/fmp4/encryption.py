"""Encrypted renditions: init segments and media segments of Common Encryption (ISO/IEC 23001-7), cenc and cbcs.

How long a segment of video is depends on how many slices its pictures have, which nobody knows without a look at them:
so the maps of a segment are found first, by reading it once, and the segment is planned then. Whoever wants one gets a
generator that yields the extents it has to read; of sound, and of segments whose maps are kept, it yields none. What is
sent is read again, from the page cache, and encrypted in parts of a megabyte: a slow client holds no more than that.

Initialization vectors of cenc follow from the key, the version of the film, the track and the sample's number: they are
the same on every server, and never the same for two films with one key.
"""

from __future__ import annotations

import struct
from collections import OrderedDict
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from itertools import pairwise
from typing import Any

import numpy as np

from hls_mp4.containers.isobmff.build import make_box, make_full_box, make_header
from hls_mp4.errors import UnsupportedMedia
from hls_mp4.media.presentation import Presentation, Rendition
from hls_mp4.media.protection import CBCS, CENC, Key, Protection
from hls_mp4.packagers.description import configuration, sample_description
from hls_mp4.packagers.fmp4.encryption_cipher import CRYPTED, SKIPPED, counter_of, encrypt_cbcs, encrypt_cenc
from hls_mp4.packagers.fmp4.encryption_keys import common_box
from hls_mp4.packagers.fmp4.encryption_maps import Mapper, Subsamples, mapper_of
from hls_mp4.packagers.fmp4.fragment import Run, moof
from hls_mp4.packagers.fmp4.init import init_segment
from hls_mp4.packagers.segmenting.extents import PIECE, sample_pieces, stretches
from hls_mp4.plan import Buffer, Extent, Literal, Part, Transformed

Reading = Generator[Extent, Buffer, list[Part]]
"""Yields extents, is sent their bytes, returns parts of a plan."""

Maps = Sequence[Subsamples | None]

MOST_MAPS = 16
"""Segments of a presentation whose maps are kept, fifty kilobytes each: for HEAD, and for ranges of one segment."""

ENCRYPTED_SAMPLE = 28
"""Bytes that a sample of one or two slices takes more: its vector, how it is divided, and how long that is told."""

_SCHEME_VERSION = 0x10000
_IV_SIZE = 8
_SUBSAMPLES = 2  # flag of senc
_FIELDS = {"video": 78, "audio": 28}
"""Bytes of a sample entry's fields, before its boxes."""

_ENTRIES = {"video": b"encv", "audio": b"enca"}


def encryptable(rendition: Rendition, protection: Protection) -> None:
    """Raise UnsupportedMedia where a rendition cannot be encrypted."""
    if rendition.kind not in _ENTRIES:
        raise UnsupportedMedia("subtitles are not encrypted")
    mapper_of(rendition, protection.scheme)


def protected_init(rendition: Rendition, protection: Protection) -> bytes:
    """Return the init segment of an encrypted rendition, with what key systems are told.

    Raises:
        UnsupportedMedia: it cannot be encrypted.
    """
    encryptable(rendition, protection)
    init = init_segment([rendition], [_description(rendition, protection)])
    ftyp = int.from_bytes(init[:4], "big")
    key = protection.key_of(rendition.kind)
    boxes = [common_box([key.key_id]), *(system.box for system in protection.systems)]
    return init[:ftyp] + make_box(b"moov", init[ftyp + 8 :], *boxes)


def protected_segment(
    presentation: Presentation, rendition: Rendition, first: int, stop: int, sequence: int, protection: Protection
) -> Reading:
    """Return a generator that returns the encrypted moof and mdat of samples [first, stop).

    Args:
        presentation: whose rendition it is.
        rendition: whose samples they are.
        first, stop: at least one sample.
        sequence: number of the fragment, from 1.
        protection: how it is encrypted.

    Raises:
        UnsupportedMedia: it cannot be encrypted, or told.
        MalformedMedia: tables or samples make no sense.
    """
    source = presentation.assets[rendition.source].source
    maps = yield from _maps_of(presentation, rendition, first, stop, protection)
    run = Run.of(rendition, first, stop)
    base = _iv_base(source, rendition, protection)
    plain = len(moof(run, sequence))
    head = moof(run, sequence, more=_auxiliary(maps, base, first, plain, protection.scheme))
    return [
        Literal(head + make_header(b"mdat", run.media_bytes)),
        *_encrypted(source, rendition, first, stop, maps, base, protection),
    ]


@dataclass(frozen=True, slots=True)
class Encrypted:
    """Encrypted samples.

    Args:
        rows: of senc, or of PIFF's box of the same contents.
        divided: whether they tell of subsamples.
        parts: the samples.
    """

    rows: Sequence[bytes]
    divided: bool
    parts: Sequence[Part]


def encrypted_samples(
    presentation: Presentation, rendition: Rendition, first: int, stop: int, protection: Protection
) -> Generator[Extent, Buffer, Encrypted]:
    """Return a generator that returns encrypted samples for a header of one's own; see `protected_segment`."""
    source = presentation.assets[rendition.source].source
    maps = yield from _maps_of(presentation, rendition, first, stop, protection)
    base = _iv_base(source, rendition, protection)
    rows = _rows(maps, base, first, protection.scheme)
    parts = tuple(_encrypted(source, rendition, first, stop, maps, base, protection))
    return Encrypted(rows, maps[0] is not None, parts)


def _maps_of(
    presentation: Presentation, rendition: Rendition, first: int, stop: int, protection: Protection
) -> Generator[Extent, Buffer, Maps]:
    """Return a generator that returns what of each sample is encrypted; the latest are kept."""
    source = presentation.assets[rendition.source].source
    mapper = mapper_of(rendition, protection.scheme)
    if mapper is None:
        return [None] * (stop - first)
    known: OrderedDict[Any, Maps] = presentation.keep(("subsamples",), OrderedDict)
    key = (rendition.source, rendition.track.id, first, stop, protection.scheme)
    found = known.get(key)
    if found is None:
        found = yield from _read_maps(source, rendition, mapper, first, stop)
        while len(known) >= MOST_MAPS:
            known.popitem(last=False)
        known[key] = found
    return found


def _description(rendition: Rendition, protection: Protection) -> bytes:
    """Return the stsd box with every entry turned into an encrypted one (8.2; 14496-12 8.12)."""
    stsd = sample_description(rendition.track)
    entries, at = [], 16
    while at + 8 <= len(stsd):
        size, kind = struct.unpack_from(">I4s", stsd, at)
        if size < 8 + _FIELDS[rendition.kind] or at + size > len(stsd):
            raise UnsupportedMedia("a sample entry that cannot be encrypted")
        sinf = make_box(
            b"sinf",
            make_box(b"frma", kind),
            make_full_box(b"schm", 0, 0, protection.scheme.encode(), struct.pack(">I", _SCHEME_VERSION)),
            make_box(b"schi", _tenc(rendition.kind, protection)),
        )
        entries.append(make_box(_ENTRIES[rendition.kind], stsd[at + 8 : at + size], sinf))
        at += size
    return make_box(b"stsd", stsd[8:16], *entries)


def _tenc(kind: str, protection: Protection) -> bytes:
    """Return the box that tells what holds for all samples (8.2.2)."""
    key = protection.key_of(kind)
    if protection.scheme == CENC:
        return make_full_box(b"tenc", 0, 0, bytes((0, 0, 1, _IV_SIZE)), key.key_id)
    pattern = CRYPTED << 4 | SKIPPED if kind == "video" else 0
    return make_full_box(b"tenc", 1, 0, bytes((0, pattern, 1, 0)), key.key_id, bytes((len(key.iv),)), key.iv)


def _auxiliary(maps: Maps, base: int, first: int, offset: int, scheme: str) -> bytes:
    """Return senc, and saiz and saio that lead to what is in it (7.2; 14496-12 8.7.8, 8.7.9); nothing if it is empty.

    Args:
        maps: of the samples.
        base: of their initialization vectors.
        first: number of the first sample.
        offset: of these boxes, from the begin of the moof.
        scheme: "cenc" or "cbcs".
    """
    divided = maps[0] is not None
    rows = _rows(maps, base, first, scheme)
    sizes = bytes(map(len, rows))
    if not any(sizes):
        return b""
    same = len(set(sizes)) == 1
    told = struct.pack(">BI", sizes[0] if same else 0, len(sizes)) + (b"" if same else sizes)
    saiz = make_full_box(b"saiz", 0, 0, told)
    place = offset + len(saiz) + 20 + 16  # behind saio, and the head of senc
    saio = make_full_box(b"saio", 0, 0, struct.pack(">II", 1, place))
    senc = make_full_box(b"senc", 0, _SUBSAMPLES if divided else 0, struct.pack(">I", len(rows)), *rows)
    return saiz + saio + senc


def _rows(maps: Maps, base: int, first: int, scheme: str) -> list[bytes]:
    """Return what senc tells of each sample: its initialization vector, and its subsamples."""
    rows = []
    for number, subsamples in enumerate(maps, first):
        row = counter_of(base, number) if scheme == CENC else b""
        if subsamples is not None:
            row += struct.pack(">H", len(subsamples))
            row += b"".join(struct.pack(">HI", clear, hidden) for clear, hidden in subsamples)
        rows.append(row)
    return rows


def _iv_base(source: Any, rendition: Rendition, protection: Protection) -> int:
    """Return what the initialization vectors of a track count from."""
    key = protection.key_of(rendition.kind)
    samples, track = rendition.track.samples, rendition.track
    told = sha256(b"cenc" + key.key_id + key.key)
    told.update(repr((source_name(source), track.id, samples.count, samples.duration, track.timescale)).encode())
    told.update(samples.sizes(0, min(samples.count, 1024)).astype("<i8").tobytes())
    told.update(b"".join(bytes(record) for record in configuration(track).records.values()))
    return int.from_bytes(told.digest()[:8], "big")


def source_name(source: Any) -> str:
    """Return what tells the version of a film from others; empty for bytes in memory."""
    return str(getattr(source, "validator", ""))


def _groups(rendition: Rendition, first: int, stop: int) -> Iterator[tuple[int, int]]:
    """Yield ranges of samples of a megabyte, or of one sample that is longer."""
    sizes = np.cumsum(rendition.track.samples.sizes(first, stop))
    start = 0
    while start < len(sizes):
        before = int(sizes[start - 1]) if start else 0
        end = max(start + 1, int(sizes.searchsorted(before + PIECE, "right")))
        yield first + start, first + end
        start = end


def _read_maps(
    source: Any, rendition: Rendition, mapper: Mapper, first: int, stop: int
) -> Generator[Extent, Buffer, Maps]:
    """Read samples, and return what of each is encrypted."""
    found: list[Subsamples] = []
    for begin, end in _groups(rendition, first, stop):
        inputs, gather = _gathering(source, rendition, begin, end)
        read = []
        for extent in inputs:
            read.append((yield extent))
        view = memoryview(gather(read))
        edges = np.append(0, np.cumsum(rendition.track.samples.sizes(begin, end))).tolist()
        found += [mapper.map(view[low:high]) for low, high in pairwise(edges)]
    return found


def _gathering(
    source: Any, rendition: Rendition, first: int, stop: int
) -> tuple[tuple[Extent, ...], Callable[[Sequence[Buffer]], bytearray]]:
    """Return what has to be read for some samples, and what puts them together."""
    pieces = sample_pieces(rendition.track.samples, first, stop)
    if not len(pieces.sizes):
        return (), lambda found: bytearray()
    inputs, places = stretches(source, pieces)
    sizes = pieces.sizes.tolist()

    def gather(found: Sequence[Buffer]) -> bytearray:
        views = [memoryview(data) for data in found]
        return bytearray().join(
            [views[number][at : at + size] for (number, at), size in zip(places, sizes, strict=True)]
        )

    return inputs, gather


def _encrypted(
    source: Any, rendition: Rendition, first: int, stop: int, maps: Maps, base: int, protection: Protection
) -> Iterator[Part]:
    """Yield the bytes of samples as parts that are encrypted when they are sent."""
    key = protection.key_of(rendition.kind)
    for begin, end in _groups(rendition, first, stop):
        sizes = rendition.track.samples.sizes(begin, end).tolist()
        total = sum(sizes)
        if not total:
            continue
        inputs, gather = _gathering(source, rendition, begin, end)
        here = maps[begin - first : end - first]
        ivs = [counter_of(base, number) for number in range(begin, end)]
        yield Transformed(total, inputs, _making(gather, sizes, here, key, ivs, protection.scheme))


def _making(
    gather: Callable[[Sequence[Buffer]], bytearray],
    sizes: Sequence[int],
    maps: Maps,
    key: Key,
    ivs: Sequence[bytes],
    scheme: str,
) -> Callable[[Sequence[Buffer]], bytearray]:
    def make(found: Sequence[Buffer]) -> bytearray:
        data = gather(found)
        if scheme == CBCS:
            encrypt_cbcs(data, sizes, maps, key.key, key.iv)
        else:
            encrypt_cenc(data, sizes, maps, key.key, ivs)
        return data

    return make
