"""How long media segments are, without making them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from hls_mp4.media.presentation import Rendition


def media_sizes(rendition: Rendition, parts: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the bytes of samples in each segment of a rendition.

    Args:
        rendition: whose they are.
        parts: its splits, see `Segments.parts`.
    """
    samples = rendition.track.samples
    first, stop = int(parts[0]), int(parts[-1])
    if samples.uniform_size:
        return np.asarray(np.diff(parts) * samples.uniform_size)
    return np.asarray(np.add.reduceat(samples.sizes(first, stop), parts[:-1] - first))


def segment_sizes(rendition: Rendition, parts: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the bytes of each segment of a rendition, to thirty: for bandwidths.

    A header has a column of sizes, one of durations, one of flags and one of composition offsets for each sample, where
    these differ within the segment.
    """
    samples = rendition.track.samples
    columns = np.full(len(parts) - 1, int(not samples.uniform_size) + int(samples.has_composition))
    if not samples.all_sync:
        columns += np.diff(samples.sync_samples.searchsorted(parts)) > 1
    counts, _ = samples.durations(int(parts[0]), int(parts[-1]))
    changes = int(parts[0]) + np.cumsum(counts[:-1], dtype=np.int64)
    columns += changes.searchsorted(parts[1:], "left") > changes.searchsorted(parts[:-1], "right")
    return np.asarray(media_sizes(rendition, parts) + np.diff(parts) * 4 * columns + _HEADERS)


_HEADERS = 112
"""Bytes of moof and mdat headers without rows, more or less."""
