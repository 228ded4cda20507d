"""Bootstraps: what a client has to know to ask for fragments (Adobe's abst box, Video File Format 10.1 C.2).

The errata of 2014 leave a bootstrap with one segment run table and one fragment run table; more are read, and written,
all the same. Refused: boxes that are cut short, or hold other boxes than these where they belong.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

from hls_mp4.containers.f4f import afrt, asrt
from hls_mp4.containers.f4f.afrt import Afrt
from hls_mp4.containers.f4f.asrt import Asrt
from hls_mp4.containers.f4f.reading import Fields, all_written, written
from hls_mp4.containers.isobmff.build import make_full_box

KIND = b"abst"

_LIVE, _UPDATE, _PROFILE = 0x20, 0x10, 6
_HEAD = struct.Struct(">IBIQQ")
MOST_TABLES = 255


@dataclass(frozen=True, slots=True)
class Abst:
    """A bootstrap.

    Args:
        timescale: units per second of its times.
        media_time: when the last fragment ends; of a live stream, when its last sample is.
        segments: segment run tables.
        fragments: fragment run tables.
        version: grows whenever a live stream's does.
        live: whether there is more to come.
        update: whether this adds to a bootstrap that was told before.
        profile: 0 for fragments with numbers in their names.
        smpte_offset: of the time code; nobody uses it.
        movie: name of the presentation.
        servers, qualities: parts of URLs; empty where the manifest tells them.
        drm, metadata: texts.
    """

    timescale: int
    media_time: int
    segments: tuple[Asrt, ...]
    fragments: tuple[Afrt, ...]
    version: int = 1
    live: bool = False
    update: bool = False
    profile: int = 0
    smpte_offset: int = 0
    movie: str = ""
    servers: tuple[str, ...] = ()
    qualities: tuple[str, ...] = ()
    drm: str = ""
    metadata: str = ""

    @classmethod
    def parse(cls, data: bytes | memoryview) -> Abst:
        """Return the bootstrap that a buffer begins with.

        Raises:
            MalformedMedia: it is none, or cut short.
            MediaTooLarge: it has texts of more than 64 KiB.
        """
        fields = Fields(data, "abst").box(KIND)
        fields.take(4)
        version, kinds, timescale, media_time, smpte_offset = _HEAD.unpack(fields.take(_HEAD.size))
        return cls(
            movie=fields.text(),
            servers=fields.texts(),
            qualities=fields.texts(),
            drm=fields.text(),
            metadata=fields.text(),
            segments=tuple(Asrt.parse(fields.box(asrt.KIND)) for _ in range(fields.number(1))),
            fragments=tuple(Afrt.parse(fields.box(afrt.KIND)) for _ in range(fields.number(1))),
            version=version,
            live=bool(kinds & _LIVE),
            update=bool(kinds & _UPDATE),
            profile=kinds >> _PROFILE,
            timescale=timescale,
            media_time=media_time,
            smpte_offset=smpte_offset,
        )

    def box(self) -> bytes:
        """Return the box."""
        kinds = self.profile << _PROFILE | (_LIVE if self.live else 0) | (_UPDATE if self.update else 0)
        return make_full_box(
            KIND,
            0,
            0,
            _HEAD.pack(self.version, kinds, self.timescale, self.media_time, self.smpte_offset),
            written(self.movie),
            all_written(self.servers),
            all_written(self.qualities),
            written(self.drm),
            written(self.metadata),
            bytes((len(self.segments),)),
            *(table.box() for table in self.segments),
            bytes((len(self.fragments),)),
            *(table.box() for table in self.fragments),
        )
