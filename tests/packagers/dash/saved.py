"""A presentation as a player of DASH fetches it: every URL that a manifest names, saved as a file."""

from __future__ import annotations

from hls_mp4.interfaces import Asset
from hls_mp4.media.presentation import Presentation
from tests.containers.flv.indexes import indexed


def flash(*films: bytes) -> Presentation:
    """Return the presentation of Flash videos."""
    return Presentation.of([Asset(indexed(data), data) for data in films])
