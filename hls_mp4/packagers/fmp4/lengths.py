"""How long media segments are to the byte, of a whole rendition at once: what an index of segments has to know.

`fragment.moof` decides what a header tells of each sample and what once for all; this counts the same without writing
it, in some milliseconds for a film of hours.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hls_mp4.media.presentation import Rendition
from hls_mp4.media.samples import SampleTable
from hls_mp4.packagers.fmp4.sizes import media_sizes

_MOOF = 8 + 16 + 8  # headers of moof and traf, mfhd
_TFHD, _TFDT, _TRUN = 16, 20, 20
_BIGGEST_32 = 0xFFFFFFFF


def moof_lengths(rendition: Rendition, parts: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the bytes of the moof of each segment.

    Args:
        rendition: whose they are.
        parts: its splits, see `Segments.parts`.

    Raises:
        MalformedMedia: the film's tables make no sense.
    """
    samples = rendition.track.samples
    counts = np.diff(parts)
    fixed = np.full(len(counts), _MOOF + _TFHD + _TFDT + _TRUN)
    columns = np.zeros(len(counts), np.int64)

    fixed += 4 * _described(samples, parts)
    _said(_several(*samples.durations(int(parts[0]), int(parts[-1])), parts), fixed, columns)
    _said(np.full(len(counts), not samples.uniform_size), fixed, columns)
    if samples.all_sync:
        fixed += 4
    else:
        here = np.diff(samples.sync_samples.searchsorted(parts))
        # Both are in order; np.isin would sort them, and load numpy.ma to do so.
        sync = samples.sync_samples
        begins = sync.searchsorted(parts[:-1], "right") > sync.searchsorted(parts[:-1])
        each = (here > 1) | ((here == 1) & ~begins)
        _said(each, fixed, columns)
        fixed += 4 * (~each & (here == 1))
    if samples.has_composition:
        runs, offsets = samples.composition_offsets(int(parts[0]), int(parts[-1]))
        shifted = np.repeat(offsets + rendition.delay != 0, runs)
        columns += np.logical_or.reduceat(shifted, parts[:-1] - parts[0])
    return np.asarray(fixed + 4 * columns * counts)


def segment_lengths(rendition: Rendition, parts: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the bytes of each segment: moof and mdat.

    Args:
        rendition: whose they are.
        parts: its splits, see `Segments.parts`.

    Raises:
        MalformedMedia: the film's tables make no sense.
    """
    media = media_sizes(rendition, parts)
    return np.asarray(moof_lengths(rendition, parts) + media + np.where(media + 8 <= _BIGGEST_32, 8, 16))


def _said(each: NDArray[np.bool_], fixed: NDArray[np.int64], columns: NDArray[np.int64]) -> None:
    """Count a value that is told of each sample in some segments, and once in the others."""
    columns += each
    fixed += 4 * ~each


def _several(counts: NDArray[Any], values: NDArray[np.int64], parts: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Tell in which segments there are several runs."""
    changes = int(parts[0]) + np.cumsum(counts[:-1], dtype=np.int64)
    return np.asarray(changes.searchsorted(parts[1:], "left") > changes.searchsorted(parts[:-1], "right"))


def _described(samples: SampleTable, parts: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Tell which segments have another sample description than the first one."""
    bounds = parts.tolist()
    if samples.descriptions(bounds[0], bounds[-1]) == [1]:
        return np.zeros(len(bounds) - 1, np.bool_)
    return np.array([samples.descriptions(first, stop)[0] != 1 for first, stop in pairwise(bounds)])
