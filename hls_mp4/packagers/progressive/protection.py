"""What encrypted samples carry beside themselves (ISO/IEC 14496-12 8.7.8 saiz, 8.7.9 saio; ISO/IEC 23001-7 7.2 senc).

Auxiliary information lies anywhere in the film, found by offsets of its own: a clip carries the part that belongs
to its samples among its media data, with saiz cut and saio pointing there, and cuts senc by the same sizes.

Refused: saiz and saio that do not belong together, a senc that only its sample entries could measure, and protected
samples in movie fragments.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from weakref import WeakKeyDictionary

import numpy as np
import numpy.typing as npt

from hls_mp4.containers.isobmff.box import Box
from hls_mp4.errors import UnsupportedMedia
from hls_mp4.media.index import Track
from hls_mp4.packagers.progressive.framing import Framed, Offsets, frame
from hls_mp4.packagers.progressive.layout import Needed, Region

KINDS = frozenset((b"saiz", b"saio", b"senc"))
TYPED = 1


@dataclass(frozen=True, slots=True)
class Auxiliary:
    """One kind of auxiliary information of a track.

    Args:
        head: version, flags and type, as saiz has them.
        default: bytes of each sample's information; 0 when they differ.
        sizes: bytes for each sample; empty when `default` is not 0.
        offsets: absolute, one for all or one for each chunk of the film.
    """

    head: bytes
    default: int
    sizes: npt.NDArray[np.uint8]
    offsets: npt.NDArray[np.int64]

    def bytes_before(self, sample: int) -> int:
        """Return the bytes of all samples before this one."""
        return sample * self.default if self.default else int(self.sizes[:sample].sum(dtype=np.int64))

    def region(self, track: Track, first: int, stop: int) -> Region:
        """Return where the information of samples [first, stop) lies in the film."""
        if len(self.offsets) == 1:
            begin = self.bytes_before(first)
            length = self.bytes_before(stop) - begin
            return Region(self.offsets + begin, np.array([length], np.int64))
        before = track.samples.chunks(0, first + 1)
        chunk = len(before) - 1
        skipped = int(before.samples[-1]) - 1
        samples = track.samples.chunks(first, stop).samples
        edges = first + np.concatenate(([0], np.cumsum(samples)))
        if chunk + len(samples) > len(self.offsets):
            raise UnsupportedMedia("mp4 saio atom has fewer offsets than there are chunks")
        offsets = self.offsets[chunk : chunk + len(samples)].copy()
        offsets[0] += self.bytes_before(first) - self.bytes_before(first - skipped)
        if self.default:
            return Region(offsets, samples * self.default)
        sums = np.concatenate(([0], np.cumsum(self.sizes[:stop], dtype=np.int64)))
        return Region(offsets, np.diff(sums[edges]))

    def boxes(self, first: int, stop: int, places: Offsets) -> Iterator[Framed]:
        """Yield saiz and saio of samples [first, stop), whose information begins at these places in the media data."""
        sizes = b"" if self.default else self.sizes[first:stop].tobytes()
        yield frame(b"saiz", self.head, struct.pack(">BI", self.default, stop - first), sizes)
        head = bytes([int(places.wide)]) + self.head[1:]
        yield frame(b"saio", head, struct.pack(">I", len(places.values)), places)


@dataclass(frozen=True, slots=True)
class Protection:
    """All auxiliary information of a track.

    Args:
        kinds: each with its saiz and saio.
        senc: the same information as a box of its own, None when there is none.
    """

    kinds: tuple[Auxiliary, ...]
    senc: Box | None

    @classmethod
    def of(cls, track: Track, *, fragmented: bool) -> Protection | None:
        """Return what a track's samples carry beside themselves; None when they carry nothing. Looked for once.

        Raises:
            UnsupportedMedia: see the module.
        """
        try:
            return _FOUND[track]
        except KeyError:
            found = _FOUND[track] = cls._found(track, fragmented=fragmented)
            return found

    @classmethod
    def _found(cls, track: Track, *, fragmented: bool) -> Protection | None:
        stbl = track.box.need(b"mdia", b"minf", b"stbl")
        if fragmented:
            if track.codec in ("encv", "enca", "enct", "encs"):
                raise UnsupportedMedia("encrypted samples in mp4 fragments are not supported", box=track.box.path)
            return None
        saiz, saio = stbl.all(b"saiz"), stbl.all(b"saio")
        senc = stbl.find(b"senc")
        if not saiz and not saio and senc is None:
            return None
        if len(saiz) != len(saio) or not saiz:
            raise UnsupportedMedia("mp4 saiz and saio atoms do not belong together", box=stbl.path, offset=stbl.offset)
        kinds = tuple(_read(size, place, track.samples.count) for size, place in zip(saiz, saio, strict=True))
        return cls(kinds, senc)

    def needed(self, track: Track, first: int, stop: int) -> list[Needed]:
        """Return where the information of samples [first, stop) of the track lies in the film, for each kind."""
        return [Needed.of(kind.region(track, first, stop)) for kind in self.kinds]

    def boxes(self, first: int, stop: int, places: Sequence[Offsets]) -> Iterator[Framed]:
        """Yield the boxes that tell where the information of samples [first, stop) lies.

        Args:
            first, stop: zero-based.
            places: in the clip's media data, for each kind.
        """
        for kind, where in zip(self.kinds, places, strict=True):
            yield from kind.boxes(first, stop, where)
        if self.senc is not None:
            payload = self.senc.payload
            begin, end = (8 + self.kinds[0].bytes_before(sample) for sample in (first, stop))
            if end <= len(payload):
                yield frame(b"senc", bytes(payload[:4]), struct.pack(">I", stop - first), payload[begin:end])


_FOUND: WeakKeyDictionary[Track, Protection | None] = WeakKeyDictionary()


def _read(saiz: Box, saio: Box, samples: int) -> Auxiliary:
    """Return what a saiz box and its saio box say."""
    sizes, places = saiz.payload, saio.payload
    if len(sizes) < 9:
        raise saiz.too_small()
    if len(places) < 8:
        raise saio.too_small()
    head = 12 if sizes[3] & TYPED else 4
    if len(sizes) < head + 5:
        raise saiz.too_small()
    default, count = struct.unpack_from(">BI", sizes, head)
    listed = 0 if default else count
    if count != samples or len(sizes) < head + 5 + listed:
        raise saiz.too_small()
    at = 12 if places[3] & TYPED else 4
    if len(places) < at + 4:
        raise saio.too_small()
    entries = int.from_bytes(places[at : at + 4], "big")
    width = 8 if places[0] else 4
    if not entries or len(places) < at + 4 + entries * width:
        raise saio.too_small()
    offsets = np.frombuffer(places, f">u{width}", entries, at + 4)
    if int(offsets.max()) >= 1 << 62:
        raise saio.malformed("too large chunk offset")
    return Auxiliary(
        bytes(sizes[:head]), default, np.frombuffer(sizes, np.uint8, listed, head + 5), offsets.astype(np.int64)
    )
