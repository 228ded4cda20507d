"""Small Flash videos: encoded by PyAV, or put together tag by tag, and a reader of tags that is ours of the tests.

`flvs.data("h264")` are the bytes of a film, `flvs.path("h264")` is its file; `flvs` is the session fixture of
tests/conftest.py.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path

from tests.films import OPUS, SVT, VP9, X265, Audio, Library, Recipe, Video, encode

AUDIO, VIDEO, SCRIPT = 8, 9, 18

FLV = Recipe(form="flv", mux=())
MP3 = Audio("libmp3lame", ())
INDEXED = (("flvflags", "add_keyframe_index"),)

RECIPES: dict[str, Recipe] = {
    # The reference: H.264 with B-frames and a key frame each 2 s, AAC; onMetaData without key frames.
    "h264": FLV,
    "indexed": replace(FLV, mux=INDEXED),
    "video-only": replace(FLV, audio=()),
    "aac": replace(FLV, video=()),
    "mp3": replace(FLV, video=(), audio=(MP3,)),
    "pcm": replace(FLV, video=(), audio=(Audio("pcm_s16le", ()),)),
    "nellymoser": replace(FLV, video=(), audio=(Audio("nellymoser", (), 22050),)),
    "sorenson": replace(FLV, video=(Video("flv", (("g", "50"),)),), audio=(MP3,)),
    "hevc": replace(FLV, seconds=Fraction(8), video=(Video("libx265", X265),)),
    "hevc-indexed": replace(FLV, seconds=Fraction(8), video=(Video("libx265", X265),), mux=INDEXED),
    "av1": replace(FLV, seconds=Fraction(8), video=(Video("libsvtav1", SVT),), audio=(OPUS,)),
    "vp9": replace(FLV, seconds=Fraction(8), video=(Video("libvpx-vp9", VP9),), audio=(OPUS,)),
    "ac3": replace(FLV, seconds=Fraction(4), audio=(Audio("ac3", (("b", "96k"),), 48000),)),
    "two-audios": replace(FLV, seconds=Fraction(8), audio=(Audio(), Audio(rate=48000, seed=2))),
}

ENCODED = sorted(RECIPES)


@dataclass(frozen=True)
class Tag:
    """A tag.

    Args:
        offset: absolute; -1 of one that is in no file yet.
        kind: AUDIO, VIDEO, SCRIPT, or anything else.
        time: 32 bits, ms.
        payload: what it carries.
        back: the size told behind it; None for the right one.
        stream: number of the stream, which is 0.
    """

    kind: int
    time: int
    payload: bytes
    offset: int = -1
    back: int | None = None
    stream: int = 0

    @property
    def end(self) -> int:
        """Offset behind the tag and its size."""
        return self.offset + len(self.payload) + 15

    @property
    def is_key(self) -> bool:
        """Whether it is a key frame of video, in any form that `encode` makes."""
        first = self.payload[0] if self.payload else 0
        if self.kind != VIDEO or first >> 4 & 7 != 1:
            return False
        if first & 0x80:
            return first & 15 in (1, 3)
        return first & 15 != 7 or self.payload[1] == 1

    @property
    def is_header(self) -> bool:
        """Whether it is a sequence header."""
        first = self.payload[0] if self.payload else 0
        if self.kind == VIDEO:
            return first & 15 == 0 if first & 0x80 else first & 15 == 7 and self.payload[1] == 0
        return self.kind == AUDIO and (first == 0x90 or (first >> 4 == 10 and self.payload[1] == 0))


def written(tag: Tag) -> bytes:
    """Return the bytes of a tag and its size behind it."""
    size, time = len(tag.payload), tag.time & 0xFFFFFFFF
    head = struct.pack(
        ">BBHHBBBH", tag.kind, size >> 16, size & 0xFFFF, time >> 8 & 0xFFFF, time & 0xFF, time >> 24, 0, tag.stream
    )
    back = len(tag.payload) + 11 if tag.back is None else tag.back
    return head + tag.payload + struct.pack(">I", back)


def film(tags: Iterable[Tag], flags: int = 5, header: bytes = b"") -> bytes:
    """Return a file of these tags.

    Args:
        tags: in order.
        flags: of the header.
        header: further bytes of the header.
    """
    size = 9 + len(header)
    return b"FLV\x01" + bytes([flags]) + struct.pack(">I", size) + header + bytes(4) + b"".join(map(written, tags))


def tags_of(data: bytes) -> list[Tag]:
    """Return the tags of a sound file; fails on one that is not sound to the last byte."""
    assert data[:4] == b"FLV\x01"
    at = int.from_bytes(data[5:9], "big")
    assert data[at : at + 4] == bytes(4)
    at += 4
    found = []
    while at < len(data):
        size = int.from_bytes(data[at + 1 : at + 4], "big")
        time = int.from_bytes(data[at + 4 : at + 7], "big") | data[at + 7] << 24
        assert data[at] in (AUDIO, VIDEO, SCRIPT), f"tag {data[at]} at {at}"
        assert data[at + 8 : at + 11] == bytes(3)
        assert int.from_bytes(data[at + 11 + size : at + 15 + size], "big") == size + 11, f"size behind the tag at {at}"
        found.append(Tag(data[at], time, data[at + 11 : at + 11 + size], at))
        at += size + 15
    assert at == len(data)
    return found


def later(data: bytes, ms: int) -> bytes:
    """Return a film with all timestamps of samples and headers moved, wrapping around at 32 bits."""
    moved = (tag if tag.kind == SCRIPT else replace(tag, time=tag.time + ms & 0xFFFFFFFF) for tag in tags_of(data))
    return film(moved, data[4])


def without_metadata(data: bytes) -> bytes:
    """Return a film without script data."""
    return film((tag for tag in tags_of(data) if tag.kind != SCRIPT), data[4])


def with_metadata(data: bytes, payload: bytes) -> bytes:
    """Return a film with other script data."""
    return film([Tag(SCRIPT, 0, payload), *(tag for tag in tags_of(data) if tag.kind != SCRIPT)], data[4])


def vp6(seconds: int = 12) -> bytes:
    """Return a film that says it is VP6 with MP3: nobody encodes it any more, so its pictures are none."""
    tags = []
    for number in range(seconds * 25):
        tags.append(
            Tag(VIDEO, number * 40, bytes((0x14 if number % 50 == 0 else 0x24, 0)) + bytes([number % 251]) * 300)
        )
        tags.append(Tag(AUDIO, number * 40, b"\x2f" + bytes([number % 241]) * 160))
    return film(tags)


class FlvLibrary(Library):
    """Flash videos by name."""

    def data(self, name: str) -> bytes:
        """Return the bytes of a film."""
        if name not in self._data:
            path = self._file(name)
            if not path.exists():
                self._keep(path, MADE[name](self) if name in MADE else encode(RECIPES[name]))
            self._data[name] = path.read_bytes()
        return self._data[name]

    def _file(self, name: str) -> Path:
        return self.directory / f"{name}.flv"


MADE: dict[str, Callable[[FlvLibrary], bytes]] = {
    "vp6": lambda _: vp6(),
    # A recording that has run for five hours when it begins, and one whose clock wraps around while it runs.
    "five-hours": lambda films: later(films.data("h264"), 5 * 3600_000),
    "wrapping": lambda films: later(films.data("h264"), (1 << 32) - 5000),
    "no-metadata": lambda films: without_metadata(films.data("h264")),
    "long-header": lambda films: film(tags_of(films.data("h264")), 5, b"header"),
}
