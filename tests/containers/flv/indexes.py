"""Indexing Flash videos that are held in memory."""

from __future__ import annotations

from hls_mp4.containers.flv import FlvFormat
from hls_mp4.containers.flv.layout import FlvLayout
from hls_mp4.containers.flv.scan import Tags, scan_tags
from hls_mp4.containers.flv.tag import FileHeader
from hls_mp4.interfaces import IndexLimits
from hls_mp4.media.drive import index_bytes
from hls_mp4.media.index import MediaIndex
from hls_mp4.testing.formats import drive

USUAL = IndexLimits()


def indexed(data: bytes, limits: IndexLimits = USUAL, *, samples: bool = True) -> MediaIndex:
    """Return the index of a film."""
    found = limits if samples else limits.without_samples()
    return drive(FlvFormat(), data, found).index


def layout_of(data: bytes, *, samples: bool = True) -> FlvLayout:
    """Return what is known of a film besides its samples."""
    layout: FlvLayout = indexed(data, samples=samples).header
    return layout


def scanned(data: bytes, limits: IndexLimits = USUAL) -> Tags:
    """Return the tags of a film."""
    tags: Tags = index_bytes(scan_tags(len(data), limits, FileHeader.parse(data).first_tag), data)
    return tags
