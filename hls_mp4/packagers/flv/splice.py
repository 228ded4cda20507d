"""Bodies made of a film's own tags, with something else in front of them.

A clip is the header of the file, onMetaData, what the decoders have to know, and the tags from a key frame on: two
parts, of which the second is never touched, its timestamps neither. Configurations that are repeated have the
timestamp of the first tag that follows, so that no decoder is told to wait; onMetaData has 0, as it has in every file
(FFmpeg takes later script data for subtitles).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hls_mp4.containers.flv.layout import FlvLayout
from hls_mp4.containers.flv.metadata import KeyFrames
from hls_mp4.containers.flv.tag import SCRIPT, file_header, tag
from hls_mp4.interfaces import Asset
from hls_mp4.packagers.flv.metadata import Facts, metadata_tag
from hls_mp4.packagers.flv.seek import Place
from hls_mp4.plan import Extent, Literal, Plan


@dataclass(frozen=True, slots=True)
class Whole:
    """A whole film as it is sent.

    Args:
        plan: the body.
        at: offset in the file from which it is another one.
        taken: bytes of the file that are not sent, from there on.
        given: bytes that are sent in their place.
    """

    plan: Plan
    at: int = 0
    taken: int = 0
    given: int = 0

    def in_file(self, offset: int) -> int:
        """Return which byte of the file a byte of the body is; where metadata was put in, the tag that follows."""
        if offset < self.at:
            return offset
        return self.at + self.taken + max(0, offset - self.at - self.given)


def whole_film(asset: Asset) -> Plan:
    """Return the file as it is."""
    return Plan((Extent(asset.source, 0, asset.source.size),))


def with_metadata(asset: Asset, layout: FlvLayout) -> Whole:
    """Return the file with true metadata: itself when it has it."""
    if layout.truthful:
        return Whole(whole_film(asset))
    size = asset.source.size
    old = layout.metadata
    at, taken = (old.offset, min(old.length, size - old.offset)) if old is not None else (layout.first, 0)

    def served(offsets: NDArray[np.int64], given: int) -> NDArray[np.int64]:
        return np.where(offsets < at, offsets, offsets + given - taken)

    facts = Facts(layout.duration_ms, layout.last, size - taken, layout.keys, served)
    made = metadata_tag(layout, facts)
    parts = (Extent(asset.source, 0, at), Literal(made), Extent(asset.source, at + taken, size - at - taken))
    return Whole(Plan(parts), at, taken, len(made))


def clip(asset: Asset, layout: FlvLayout, place: Place, stop: int, end_ms: int | None, *, metadata: bool) -> Plan:
    """Return the tags of [place, stop) of a film, decodable from the first one.

    Args:
        asset: the film.
        layout: its layout.
        place: a tag to begin at.
        stop: absolute offset behind the last tag.
        end_ms: when that is, None for the end of the film.
        metadata: whether onMetaData has to be true of the clip; it is the film's otherwise.
    """
    header = file_header(layout.flags)
    configs = b"".join(tag(config.kind, place.time, config.payload) for config in layout.configs_at(place.offset))
    length = stop - place.offset
    told = b""
    if metadata:
        rows = slice(*layout.keys.offsets.searchsorted((place.offset, stop)).tolist())
        keys = KeyFrames(layout.keys.offsets[rows], layout.keys.times[rows])
        before = len(header) + len(configs)

        def served(offsets: NDArray[np.int64], given: int) -> NDArray[np.int64]:
            return offsets - place.offset + before + given

        until = layout.duration_ms if end_ms is None else min(end_ms, layout.duration_ms)
        last = layout.last if end_ms is None else min(layout.last, layout.begin + end_ms)
        told = metadata_tag(layout, Facts(until, last, before + length, keys, served))
    elif layout.metadata is not None:
        told = tag(SCRIPT, 0, layout.metadata.payload)
    return Plan((Literal(header + told + configs), Extent(asset.source, place.offset, length)))
