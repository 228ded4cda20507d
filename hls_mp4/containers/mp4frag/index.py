"""OpenHttpStreamer's `index`: which samples of which films the fragments of each quality are.

Versions 1 to 3 are read, 3 is written. All integers are big-endian:

    "mp4frag", version u8, number of films u16, offset of each film's directory u32
    directory   name (u16 and bytes; from version 2 on with a zero byte at its end), AVCDecoderConfigurationRecord and
                AudioSpecificConfig (u16 and bytes each), number of fragments u16, offset of each one's record u32
    record      number of samples u16, bytes of the body u32, then for each sample: offset u32, size u32, timestamp u32
                and composition offset u24 in ms, flags u8 (0 sound, 1 picture, 3 key frame)

Directories are read once and kept; the record of a fragment is read when it is asked for. Refused: what is cut short,
other versions, more films or directories than MOST_FILMS and MOST_BYTES allow; when writing, what does not fit these
fields, above all films of more than 4 GiB.
"""

from __future__ import annotations

import struct
from collections.abc import Generator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hls_mp4.errors import MalformedMedia, MediaTooLarge, UnsupportedMedia
from hls_mp4.interfaces import ReadAt

SIGNATURE = b"mp4frag"
VERSION = 3

MOST_FILMS = 1000
MOST_BYTES = 64 << 20

_HEAD = struct.Struct(">7sBH")
_RECORD = struct.Struct(">HI")
_SAMPLE = np.dtype([("offset", ">u4"), ("size", ">u4"), ("time", ">u4"), ("shift_and_flags", ">u4")])
_U16, _U24, _U32 = 0xFFFF, 0xFFFFFF, 0xFFFFFFFF
_PICTURE, _KEY = 1, 2

Reading = Generator[ReadAt, bytes, "Index"]


@dataclass(frozen=True, slots=True, eq=False)
class Film:
    """A quality.

    Args:
        name: of its file.
        avc: AVCDecoderConfigurationRecord; empty for none.
        aac: AudioSpecificConfig; empty for none.
        records: offset of the record of each fragment.
    """

    name: bytes
    avc: bytes
    aac: bytes
    records: NDArray[np.uint32]


@dataclass(frozen=True, slots=True)
class Index:
    """What an index says before one asks for a fragment.

    Args:
        version: of its format.
        films: its qualities, from 0.
        size: bytes of the file.
    """

    version: int
    films: tuple[Film, ...]
    size: int

    @property
    def weight(self) -> int:
        """Bytes held."""
        return 200 + sum(
            400 + len(each.name) + len(each.avc) + len(each.aac) + 4 * len(each.records) for each in self.films
        )


@dataclass(frozen=True, slots=True, eq=False)
class Record:
    """The samples of a fragment, in the order in which they are sent; arrays of one length.

    Args:
        total: bytes of the body.
        offsets, sizes: where they lie in the film.
        times: timestamps, ms.
        compositions: 24 bits of presentation time minus timestamp, ms.
        video: which are pictures.
        keys: which are key frames.
    """

    total: int
    offsets: NDArray[np.int64]
    sizes: NDArray[np.int64]
    times: NDArray[np.int64]
    compositions: NDArray[np.int64]
    video: NDArray[np.bool_]
    keys: NDArray[np.bool_]

    @classmethod
    def parse(cls, data: bytes | memoryview) -> Record:
        """Return a record.

        Raises:
            MalformedMedia: it is cut short.
        """
        count = samples_in(data)
        if len(data) < _RECORD.size + count * _SAMPLE.itemsize:
            raise MalformedMedia("index of mp4frag is cut short")
        _, total = _RECORD.unpack_from(data)
        rows = np.frombuffer(data, _SAMPLE, count, _RECORD.size) if count else np.empty(0, _SAMPLE)
        flags = rows["shift_and_flags"] & 0xFF
        return cls(
            total,
            rows["offset"].astype(np.int64),
            rows["size"].astype(np.int64),
            rows["time"].astype(np.int64),
            (rows["shift_and_flags"] >> 8).astype(np.int64),
            flags & _PICTURE != 0,
            flags & _KEY != 0,
        )

    def packed(self) -> bytes:
        """Return the bytes of the record.

        Raises:
            UnsupportedMedia: a number does not fit its field.
        """
        count = len(self.sizes)
        if count > _U16:
            raise UnsupportedMedia(f"a fragment of {count} samples, an index can tell of {_U16}")
        fits = (
            ("bytes from the beginning of a film", self.offsets, _U32),
            ("bytes of a sample", self.sizes, _U32),
            ("milliseconds", self.times, _U32),
        )
        for what, values, most in fits:
            if count and int(values.max()) > most:
                raise UnsupportedMedia(f"{int(values.max())} {what}, an index can tell of {most}")
        if self.total > _U32:
            raise UnsupportedMedia(f"a fragment of {self.total} bytes, an index can tell of {_U32}")
        rows = np.empty(count, _SAMPLE)
        rows["offset"], rows["size"], rows["time"] = self.offsets, self.sizes, self.times
        flags = np.where(self.video, _PICTURE, 0) | np.where(self.keys, _KEY, 0)
        rows["shift_and_flags"] = (self.compositions & _U24) << 8 | flags
        return _RECORD.pack(count, self.total) + rows.tobytes()


RECORD_HEAD = _RECORD.size


def samples_in(head: bytes | memoryview) -> int:
    """Return the samples of a record from its first bytes; raises MalformedMedia when these are too few."""
    if len(head) < _RECORD.size:
        raise MalformedMedia("index of mp4frag is cut short")
    return int(_RECORD.unpack_from(head)[0])


def record_length(samples: int) -> int:
    """Return the bytes of a record."""
    return _RECORD.size + samples * _SAMPLE.itemsize


def read_index(size: int) -> Reading:
    """Return a generator of ReadAt that returns the Index of a file.

    Args:
        size: bytes of the file.

    Raises:
        MalformedMedia: it is no index, or makes no sense.
        MediaTooLarge: it has more films, or longer directories, than can be held.
        UnsupportedMedia: its version is unknown.
    """
    head = yield from _bytes(size, 0, _HEAD.size)
    signature, version, count = _HEAD.unpack(head)
    if signature != SIGNATURE:
        raise MalformedMedia("no index of mp4frag", offset=0)
    if not 1 <= version <= VERSION:
        raise UnsupportedMedia(f"index of mp4frag has version {version}, known are 1 to {VERSION}", offset=7)
    if count > MOST_FILMS:
        raise MediaTooLarge(f"index of mp4frag has {count} films, more than {MOST_FILMS}")
    places = np.frombuffer((yield from _bytes(size, _HEAD.size, 4 * count)), ">u4").tolist()
    films = []
    left = MOST_BYTES
    for place in places:
        name, at = yield from _counted(size, place)
        avc, at = yield from _counted(size, at)
        aac, at = yield from _counted(size, at)
        fragments = int.from_bytes((yield from _bytes(size, at, 2)), "big")
        records = np.frombuffer((yield from _bytes(size, at + 2, 4 * fragments)), ">u4").astype(np.uint32)
        left -= len(name) + len(avc) + len(aac) + 4 * fragments
        if left < 0:
            raise MediaTooLarge(f"index of mp4frag has directories of more than {MOST_BYTES} bytes")
        films.append(Film(name.partition(b"\0")[0], avc, aac, records))
    return Index(version, tuple(films), size)


def _counted(size: int, at: int) -> Generator[ReadAt, bytes, tuple[bytes, int]]:
    """Return bytes whose number stands in front of them, and where they end."""
    length = int.from_bytes((yield from _bytes(size, at, 2)), "big")
    return (yield from _bytes(size, at + 2, length)), at + 2 + length


def _bytes(size: int, at: int, length: int) -> Generator[ReadAt, bytes, bytes]:
    if at + length > size:
        raise MalformedMedia("index of mp4frag is cut short", offset=at)
    if not length:
        return b""
    data = yield ReadAt(at, length)
    if len(data) != length:
        raise MalformedMedia("index of mp4frag is cut short", offset=at)
    return bytes(data)


@dataclass(frozen=True, slots=True)
class Written:
    """A quality that is to be written.

    Args:
        name: of its file, from the index's folder on.
        avc, aac: as in `Film`.
        records: of its fragments, packed.
    """

    name: bytes
    avc: bytes
    aac: bytes
    records: Sequence[bytes]


def packed_index(films: Sequence[Written]) -> bytes:
    """Return an index of version 3, as mp4frag lays it out: each film's records behind its directory.

    Raises:
        UnsupportedMedia: a number does not fit its field.
    """
    _check("films", len(films), _U16)
    at = _HEAD.size + 4 * len(films)
    places = []
    pieces: list[bytes] = []
    for film in films:
        places.append(at)
        head = b""
        for what, data in (("a name", film.name + b"\0"), ("avcC", film.avc), ("AudioSpecificConfig", film.aac)):
            _check(f"bytes of {what}", len(data), _U16)
            head += struct.pack(">H", len(data)) + data
        _check("fragments", len(film.records), _U16)
        head += struct.pack(">H", len(film.records))
        at += len(head) + 4 * len(film.records)
        offsets = []
        for record in film.records:
            offsets.append(at)
            at += len(record)
        _check("bytes of an index", at, _U32)
        pieces += [head, struct.pack(f">{len(offsets)}I", *offsets), *film.records]
    return b"".join((_HEAD.pack(SIGNATURE, VERSION, len(films)), struct.pack(f">{len(places)}I", *places), *pieces))


def _check(what: str, count: int, most: int) -> None:
    if count > most:
        raise UnsupportedMedia(f"{count} {what}, an index can tell of {most}")
