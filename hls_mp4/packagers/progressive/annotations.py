"""Tables that say something of samples without being needed to find them, cut to a range of samples.

ISO/IEC 14496-12: sdtp 8.6.4, stsh 8.6.3, stdp 8.5.3, padb 8.7.6, subs 8.7.7, sbgp 8.9.2, cslg 8.6.1.4; QuickTime's
stps (partial sync samples). Each function takes the payload of a full box (version and flags included) and a range
of samples, and returns the payload that holds for the range alone, or None when nothing true is left to say. A
table that contradicts itself is left out of the clip: none of these is needed to play it.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

Payload = bytes | memoryview
Crop = Callable[[Payload, int, int, int], bytes | None]

_SUBS_ENTRY = {0: 8, 1: 10}


def _entries(payload: Payload, at: int, columns: int) -> npt.NDArray[Any] | None:
    """Return the rows of 32-bit numbers that a count at `at` announces; None when the box is shorter."""
    if len(payload) < at + 4:
        return None
    count = int.from_bytes(payload[at : at + 4], "big")
    if at + 4 + count * columns * 4 > len(payload):
        return None
    return np.frombuffer(payload, ">u4", count * columns, at + 4).reshape(count, columns)


def crop_sdtp(payload: Payload, first: int, stop: int, _count: int) -> bytes | None:
    """Return one byte per sample (8.6.4)."""
    return _fixed(payload, first, stop, 1)


def crop_stdp(payload: Payload, first: int, stop: int, _count: int) -> bytes | None:
    """Return two bytes per sample (8.5.3)."""
    return _fixed(payload, first, stop, 2)


def _fixed(payload: Payload, first: int, stop: int, width: int) -> bytes | None:
    if len(payload) < 4 + stop * width:
        return None
    return bytes(payload[:4]) + bytes(payload[4 + first * width : 4 + stop * width])


def crop_padb(payload: Payload, first: int, stop: int, _count: int) -> bytes | None:
    """Return four bits per sample behind their count (8.7.6)."""
    if len(payload) < 8 + (stop + 1) // 2:
        return None
    packed = np.frombuffer(payload, np.uint8, offset=8)[first // 2 : (stop + 1) // 2]
    bits = np.empty(len(packed) * 2 + 1, np.uint8)
    bits[:-1:2] = packed >> 4
    bits[1::2] = packed & 15
    bits[-1] = 0
    mine = bits[first % 2 : first % 2 + stop - first + (stop - first) % 2]
    if (stop - first) % 2:
        mine[-1] = 0
    return bytes(payload[:4]) + struct.pack(">I", stop - first) + (mine[::2] << 4 | mine[1::2]).tobytes()


def crop_stps(payload: Payload, first: int, stop: int, _count: int) -> bytes | None:
    """Return numbers of samples, counted from 1."""
    numbers = _entries(payload, 4, 1)
    if numbers is None:
        return None
    mine = numbers[(numbers > first) & (numbers <= stop)]
    return bytes(payload[:4]) + struct.pack(">I", len(mine)) + (mine - first).astype(">u4").tobytes()


def crop_stsh(payload: Payload, first: int, stop: int, _count: int) -> bytes | None:
    """Return pairs of samples, both of which are in the range (8.6.3)."""
    pairs = _entries(payload, 4, 2)
    if pairs is None:
        return None
    mine = pairs[((pairs > first) & (pairs <= stop)).all(axis=1)]
    if not len(mine):
        return None
    return bytes(payload[:4]) + struct.pack(">I", len(mine)) + (mine - first).astype(">u4").tobytes()


def crop_sbgp(payload: Payload, first: int, stop: int, _count: int) -> bytes | None:
    """Return runs of samples of one group (8.9.2, versions 0 and 1)."""
    at = 12 if payload[0] else 8
    table = _entries(payload, at, 2)
    if table is None:
        return None
    if len(table) == 1 and stop <= int(table[0, 0]):  # every sample of the film, as with audio's pre-roll
        return bytes(payload[:at]) + struct.pack(">II", 1, stop - first) + bytes(payload[at + 8 : at + 12])
    ends = np.cumsum(table[:, 0], dtype=np.int64)
    low = int(np.searchsorted(ends, first, "right"))
    high = int(np.searchsorted(ends, stop, "left")) + 1
    mine = table[low:high].copy()
    if not len(mine):
        return None
    begins = ends[low:high] - mine[:, 0]
    mine[:, 0] = np.minimum(ends[low:high], stop) - np.maximum(begins, first)
    return bytes(payload[:at]) + struct.pack(">I", len(mine)) + mine.tobytes()


def crop_cslg(payload: Payload, first: int, stop: int, count: int) -> bytes | None:
    """Return the bounds of composition offsets while they are those of the whole track (8.6.1.4)."""
    return bytes(payload) if first == 0 and stop == count else None


def crop_subs(payload: Payload, first: int, stop: int, _count: int) -> bytes | None:
    """Return the sub-samples of samples (8.7.7); entries lie at distances from each other, and are of any size."""
    width = _SUBS_ENTRY.get(payload[0])
    if width is None or len(payload) < 8:
        return None
    count = int.from_bytes(payload[4:8], "big")
    at, sample, kept = 8, -1, 0
    begin = end = at
    head = 0
    for _ in range(count):
        if at + 6 > len(payload):
            return None
        delta, parts = struct.unpack_from(">IH", payload, at)
        sample += delta
        if sample >= stop:
            break
        after = at + 6 + parts * width
        if sample >= first:
            if not kept:
                begin, head = at, sample - first + 1
            kept += 1
            end = after
        at = after
    if not kept or end > len(payload):
        return None
    return bytes(payload[:4]) + struct.pack(">II", kept, head) + bytes(payload[begin + 4 : end])


_CROPS: dict[bytes, Crop] = {
    b"sdtp": crop_sdtp,
    b"stdp": crop_stdp,
    b"padb": crop_padb,
    b"stps": crop_stps,
    b"stsh": crop_stsh,
    b"sbgp": crop_sbgp,
    b"cslg": crop_cslg,
    b"subs": crop_subs,
}

KINDS = frozenset(_CROPS)
"""Boxes that `crop` cuts."""


def crop(kind: bytes, payload: Payload, first: int, stop: int, count: int) -> bytes | None:
    """Return what a table says of samples [first, stop); None when that is nothing.

    Args:
        kind: one of `KINDS`.
        payload: of the box.
        first, stop: zero-based.
        count: samples of the track.
    """
    return _CROPS[kind](payload, first, stop, count) if len(payload) >= 4 else None
