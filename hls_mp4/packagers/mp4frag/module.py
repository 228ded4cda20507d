"""The mp4frag module: what OpenHttpStreamer's nginx module of that name answers, byte for byte.

`folder/quality/Seg1-Frag<n>` is fragment n, from 1, of a quality, from 0, of `folder/index`. Numbers are read as
atoi(3) reads them, so a folder that is no number is quality 0. A fragment is an mdat with the configurations of both
decoders, empty where the index has none, and the samples that the record lists, in its order.

Other than there a quality that is not in the index is 404, not 500; a film that is shorter than what its index says of
it is noticed before anything is sent.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from zlib import crc32

import numpy as np
from zope.interface import implementer

from hls_mp4.containers.f4f.tags import AAC, AVC_FRAME, AVC_KEY, Tags, aac_header, avc_header
from hls_mp4.containers.mp4frag.index import RECORD_HEAD, Film, Index, Record, read_index, record_length, samples_in
from hls_mp4.errors import MalformedMedia, NotFound
from hls_mp4.interfaces import Asking, Delivery, IPrecutModule, Media, ReadFrom, Table, Tabled
from hls_mp4.packagers.hds.body import Samples, body_length, fragment_parts
from hls_mp4.packagers.hds.module import FRAGMENT_TYPE
from hls_mp4.packagers.mp4frag.settings import Mp4fragSettings
from hls_mp4.plan import Plan

INDEX = "index"
VERSION = "0.4"

_NAME = re.compile(r"(?P<quality>[^/]+)/Seg1-Frag(?P<number>[^/]*)")
_ATOI = re.compile(r"[ \t\n\v\f\r]*([+-]?[0-9]{1,10})")
_SIGNED_24 = 1 << 23


@dataclass(frozen=True, slots=True)
class Asked:
    """A fragment.

    Args:
        quality: from 0.
        number: from 1.
    """

    quality: int
    number: int


@implementer(IPrecutModule)
class Mp4fragModule:
    """Fragments that mp4frag has listed."""

    name = "mp4frag"
    settings = Mp4fragSettings
    headers = (("X-Mp4frag-Version", VERSION),)

    def match(self, name: str, settings: Mp4fragSettings) -> Asked | None:
        """Return the fragment that a name means, None when it means none."""
        found = _NAME.fullmatch(name)
        return Asked(atoi(found["quality"]), atoi(found["number"])) if found is not None else None

    def answer(self, match: Asked, settings: Mp4fragSettings) -> Asking:
        """Return what answers a fragment.

        Raises:
            NotFound: the index has none of this number.
            StreamingError: the index makes no sense, or is not that of the film.
        """
        tabled: Tabled = yield Table(INDEX, read_index)
        index: Index = tabled.table
        if not 0 <= match.quality < len(index.films):
            raise NotFound(f"no quality {match.quality} of {len(index.films)}")
        film = index.films[match.quality]
        if not 1 <= match.number <= len(film.records):
            raise NotFound(f"no fragment {match.number} of {len(film.records)}")
        at = int(film.records[match.number - 1])
        if at + RECORD_HEAD > index.size:
            raise MalformedMedia("index of mp4frag is cut short", offset=at)
        head = yield ReadFrom(tabled.source, at, RECORD_HEAD)
        length = record_length(samples_in(head))
        if at + length > index.size:
            raise MalformedMedia("index of mp4frag is cut short", offset=at)
        data = yield ReadFrom(tabled.source, at, length)
        record = Record.parse(data)
        source = yield Media(film.name, settings.folders)
        if len(record.sizes) and int((record.offsets + record.sizes).max()) > source.size:
            raise MalformedMedia(f"is not of this film: fragment {match.number} ends behind its {source.size} bytes")
        samples = samples_of(record)
        headers = headers_of(film, record)
        told = body_length(headers, samples.tags)
        if told != record.total:
            raise MalformedMedia(f"index of mp4frag has {record.total} bytes for {told}", offset=at)
        variant = f"{crc32(data, crc32(film.avc + film.aac)):08x}-{match.quality}-{match.number}"
        return Delivery(
            Plan(fragment_parts(headers, samples, (source,))), variant, content_type=FRAGMENT_TYPE, cache="segment"
        )


def atoi(text: str) -> int:
    """Return the number that a text begins with, 0 without one; of more than ten digits the first ten."""
    found = _ATOI.match(text)
    return int(found[1]) if found is not None else 0


def headers_of(film: Film, record: Record) -> list[bytes]:
    """Return the tags that a fragment begins with, of its first sample's time."""
    time = int(record.times[0]) if len(record.times) else 0
    return [avc_header(film.avc, time), aac_header(film.aac, time)]


def samples_of(record: Record) -> Samples:
    """Return the samples of a record; raises UnsupportedMedia when one is too large for its tag."""
    count = len(record.sizes)
    firsts = np.where(record.video, np.where(record.keys, AVC_KEY, AVC_FRAME), AAC).astype(np.uint8)
    shifts = np.where(record.compositions >= _SIGNED_24, record.compositions - 2 * _SIGNED_24, record.compositions)
    tags = Tags(record.video, firsts, record.times, shifts, record.sizes)
    tags.check()
    return Samples(tags, record.offsets, np.zeros(count, np.int64), record.keys)
