"""What every clip of a film has alike: boxes that no cut changes, found and joined once.

A clip of ten seconds is a few kilobytes of tables among thirty boxes, most of which are the film's own. Looking for
them, and copying them one by one, took 20 us of the 310 that such a clip took then.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from weakref import WeakKeyDictionary

from hls_mp4.containers.isobmff.box import Box
from hls_mp4.media.index import MediaIndex, Track
from hls_mp4.packagers.progressive.annotations import KINDS as ANNOTATIONS
from hls_mp4.packagers.progressive.headers import file_type, points_into_file
from hls_mp4.packagers.progressive.protection import KINDS as PROTECTION

MOST_COPIED = 1024
"""Bytes that are joined at each level of a film's boxes, which bounds what is held beside the moov itself."""

TABLES = frozenset((b"stsd", b"stts", b"ctts", b"stss", b"stsc", b"stsz", b"stz2", b"stco", b"co64", *PROTECTION))

Item = bytes | memoryview | Box
"""Bytes that a clip has as they are, or the box that is to be made anew."""


def joined_boxes(boxes: Iterable[Box], remade: Collection[bytes], dropped: Collection[bytes] = ()) -> tuple[Item, ...]:
    """Return what a container holds in a clip.

    Args:
        boxes: its children.
        remade: kinds that are made anew for each clip.
        dropped: kinds that no clip has.
    """
    items: list[Item] = []
    left = MOST_COPIED
    for box in boxes:
        if box.kind in dropped:
            continue
        if box.kind in remade:
            items.append(box)
        elif box.size > left:
            items.append(box.raw)
        else:
            left -= box.size
            before = items.pop() if items and isinstance(items[-1], bytes) else b""
            assert isinstance(before, bytes)
            items.append(before + bytes(box.raw))
    return tuple(items)


def _movable(boxes: Iterable[Box]) -> Iterator[Box]:
    """Yield the boxes that mean the same wherever the media data lie."""
    return (box for box in boxes if box.kind != b"meta" or not points_into_file(box))


@dataclass(frozen=True, slots=True, eq=False)
class KeptMovie:
    """What the clips of a film have alike.

    Args:
        ftyp: their file type.
        moov: what their moov holds; made anew are mvhd, trak, and user data that have chapter marks.
    """

    ftyp: bytes
    moov: Sequence[Item]

    @classmethod
    def of(cls, index: MediaIndex) -> KeptMovie:
        """Return that of a film; it lives as long as the index does."""
        kept = _MOVIES.get(index)
        if kept is None:
            kept = _MOVIES[index] = cls._made(index)
        return kept

    @classmethod
    def _made(cls, index: MediaIndex) -> KeptMovie:
        moov: Box = index.header.moov
        remade = {b"mvhd", b"trak"}
        if any(box.kind == b"udta" and box.find(b"chpl") is not None for box in moov.children):
            remade.add(b"udta")
        ftyp = file_type(index.header.ftyp, fragmented=index.fragmented)
        return cls(ftyp, joined_boxes(_movable(moov.children), remade, (b"mvex",)))


@dataclass(frozen=True, slots=True, eq=False)
class KeptTrack:
    """What the tracks that are cut from one of a film have alike.

    Args:
        trak: what their trak holds; made anew are tkhd, tref and mdia.
        mdia: made anew are mdhd and minf.
        minf: made anew is stbl.
        stsd: sample descriptions.
        stbl: what comes after the tables that find samples; made anew are those that speak of each sample.
    """

    trak: Sequence[Item]
    mdia: Sequence[Item]
    minf: Sequence[Item]
    stsd: Sequence[memoryview]
    stbl: Sequence[Item]

    @classmethod
    def of(cls, track: Track) -> KeptTrack:
        """Return that of a track; it lives as long as the track does.

        Raises:
            MalformedMedia: its boxes make no sense.
        """
        kept = _TRACKS.get(track)
        if kept is None:
            kept = _TRACKS[track] = cls._made(track.box)
        return kept

    @classmethod
    def _made(cls, trak: Box) -> KeptTrack:
        mdia = trak.need(b"mdia")
        minf = mdia.need(b"minf")
        stbl = minf.need(b"stbl")
        return cls(
            joined_boxes(_movable(trak.children), (b"tkhd", b"tref", b"mdia"), (b"edts",)),
            joined_boxes(mdia.children, (b"mdhd", b"minf")),
            joined_boxes(minf.children, (b"stbl",)),
            tuple(box.raw for box in stbl.all(b"stsd")),
            joined_boxes(stbl.children, ANNOTATIONS, TABLES),
        )


_MOVIES: WeakKeyDictionary[MediaIndex, KeptMovie] = WeakKeyDictionary()
_TRACKS: WeakKeyDictionary[Track, KeptTrack] = WeakKeyDictionary()
