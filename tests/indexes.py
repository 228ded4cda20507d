"""Indexing films that are held in memory, and asking everything of an index."""

from __future__ import annotations

from hls_mp4.containers.isobmff import IsobmffFormat
from hls_mp4.interfaces import IndexLimits
from hls_mp4.media.drive import index_bytes
from hls_mp4.media.index import MediaIndex

USUAL = IndexLimits()


def indexed(data: bytes, limits: IndexLimits = USUAL) -> MediaIndex:
    """Return the index of a film."""
    index = index_bytes(IsobmffFormat().index(len(data), limits), data)
    assert isinstance(index, MediaIndex)
    return index


def used(data: bytes) -> MediaIndex:
    """Return the index of a film after every sample of it was asked for."""
    index = indexed(data)
    assert index.duration >= 0
    for track in index.tracks:
        assert track.samples.duration >= 0
        assert track.samples.presentation_end >= 0 or track.samples.composition_bounds[0] < 0
        track.samples.chunks(0, track.samples.count)
        if track.samples.count:
            assert track.samples.sync_at_or_before(0) in (0, None)
            track.samples.span(0, track.samples.count)
    return index
