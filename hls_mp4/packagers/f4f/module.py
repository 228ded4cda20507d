"""The f4f module: what nginx's commercial module of that name, and inventos/f4f-hds, answer.

`nameSeg<s>-Frag<n>` is fragment n of segment s: the boxes afra, abst, moof and mdat that begin where the global entries
of `nameSeg<s>.f4x` say, in `nameSeg<s>.f4f`. They are sent as they lie there, encrypted or not. Refused: entries that
point into the middle of a fragment, places where these boxes are not, and fragments that leave their file.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Generator
from dataclasses import dataclass
from typing import Any

from zope.interface import implementer

from hls_mp4.containers.f4f.afra import Afra
from hls_mp4.errors import MalformedMedia, MediaTooLarge, NotFound
from hls_mp4.interfaces import Asking, Delivery, IPrecutModule, Media, ReadAt, ReadFrom, Table, Tabled
from hls_mp4.packagers.f4f.settings import F4fSettings
from hls_mp4.packagers.hds.module import FRAGMENT_TYPE
from hls_mp4.plan import Extent, Plan

_NAME = re.compile(r"(?P<name>[^/]*Seg(?P<segment>[1-9][0-9]{0,8}))-Frag(?P<fragment>[1-9][0-9]{0,8})")
_BOXES = (b"afra", b"abst", b"moof", b"mdat")
_HEADER = struct.Struct(">I4sQ")


@dataclass(frozen=True, slots=True)
class Asked:
    """A fragment.

    Args:
        name: of its files, without their suffix.
        segment, fragment: numbers.
    """

    name: str
    segment: int
    fragment: int


@dataclass(frozen=True, slots=True)
class Places:
    """What an .f4x file says.

    Args:
        afra: the box in it.
        size: bytes of the file.
    """

    afra: Afra
    size: int

    @property
    def weight(self) -> int:
        """Bytes held."""
        return 500 + self.size


@implementer(IPrecutModule)
class F4fModule:
    """Fragments that Adobe's packager wrote."""

    name = "f4f"
    settings = F4fSettings
    headers: tuple[tuple[str, str], ...] = ()

    def match(self, name: str, settings: F4fSettings) -> Asked | None:
        """Return the fragment that a name means, None when it means none."""
        found = _NAME.fullmatch(name)
        return Asked(found["name"], int(found["segment"]), int(found["fragment"])) if found is not None else None

    def answer(self, match: Asked, settings: F4fSettings) -> Asking:
        """Return what answers a fragment.

        Raises:
            NotFound: the files have none of these numbers.
            StreamingError: they make no sense, or do not belong together.
        """
        tabled: Tabled = yield Table(f"{match.name}.f4x", lambda size: _read(size, settings.buffer_size))
        places: Places = tabled.table
        place = places.afra.place(match.segment, match.fragment)
        if place is None:
            raise NotFound(f"no fragment {match.fragment} of segment {match.segment}")
        if place.from_afra:
            raise MalformedMedia(f"fragment {match.fragment} is told by a place in its middle")
        source: Any = yield Media(f"{match.name}.f4f".encode("utf-8", "surrogateescape"))
        at = place.offset
        for kind in _BOXES:
            at += yield from _box(source, at, kind)
        return Delivery(
            Plan((Extent(source, place.offset, at - place.offset),)),
            f"{match.segment}-{match.fragment}-{place.offset}-{at}",
            content_type=FRAGMENT_TYPE,
            cache="segment",
        )


def _read(size: int, most: int) -> Generator[ReadAt, bytes, Places]:
    """Return what reads an .f4x file."""
    if size > most:
        raise MediaTooLarge(f"f4x file is too large:{size}, you may want to increase f4f_buffer_size")
    data = yield ReadAt(0, size)
    afra = Afra.parse(bytes(data))
    if afra.places is None:
        raise MalformedMedia("f4x file has no global entries")
    return Places(afra, size)


def _box(source: Any, at: int, kind: bytes) -> Generator[ReadFrom, bytes, int]:
    """Return the bytes of a box that has to begin at an offset, and to end in the file."""
    room = source.size - at
    if room < 8:
        raise MalformedMedia(f"f4f file has no {kind.decode()} box at {at}")
    head = bytes((yield ReadFrom(source, at, min(16, room))))
    size, found, large = _HEADER.unpack(head.ljust(16, b"\0"))
    least = 8
    if size == 1:
        size, least = large, 16
    if found != kind or not least <= size <= room:
        raise MalformedMedia(f"f4f file has no {kind.decode()} box at {at}")
    return int(size)
