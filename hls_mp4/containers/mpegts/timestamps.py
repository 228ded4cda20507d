"""Time in a transport stream: a clock of 90 kHz and 33 bits, and how it is written (ISO/IEC 13818-1 2.4.3.5, 2.4.3.7).

Many at a time, as rows of bytes. What is given is whatever the timeline has; the written clock wraps after 26.5 hours.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

CLOCK = 90_000
"""Ticks per second."""

WRAP = 1 << 33
"""Ticks after which the clock begins at 0 again."""

STAMP, REFERENCE = 5, 6
"""Bytes of a PTS or DTS, and of a PCR."""

ONLY_PTS, PTS_OF_BOTH, DTS_OF_BOTH = 2, 3, 1
"""The four bits before a stamp: a PTS alone, a PTS that is followed by a DTS, and that DTS."""

_MARKERS = 1 << 32 | 1 << 16 | 1
_RESERVED = 0x3F << 9


def to_clock(times: NDArray[np.int64], timescale: int) -> NDArray[np.int64]:
    """Return times of another timescale in ticks of the clock, each rounded to the nearest; never out of order.

    Args:
        times: up to 2^62.
        timescale: below 2^32.
    """
    if timescale == CLOCK:
        return times
    if CLOCK % timescale == 0:
        return times * (CLOCK // timescale)
    # In two steps, so that no product leaves 64 bits; whole seconds may wrap, by a multiple of the written clock's.
    whole, rest = np.divmod(times, timescale)
    rest *= 2 * CLOCK
    rest += timescale
    rest //= 2 * timescale
    whole *= CLOCK
    whole += rest
    return whole


def stamps(prefix: int | NDArray[np.int64], times: NDArray[np.int64]) -> NDArray[np.uint8]:
    """Return PTS or DTS fields, a row each.

    Args:
        prefix: the four bits that come first.
        times: in ticks of the clock.
    """
    value = prefix << 36 | (times & 0x1C0000000) << 3 | (times & 0x3FFF8000) << 2 | (times & 0x7FFF) << 1 | _MARKERS
    return _last_bytes(np.asarray(value, ">i8"), STAMP)


def references(times: NDArray[np.int64]) -> NDArray[np.uint8]:
    """Return PCR fields, a row each; their extension of 27 MHz is 0.

    Args:
        times: in ticks of the clock.
    """
    return _last_bytes(np.asarray((times & WRAP - 1) << 15 | _RESERVED, ">i8"), REFERENCE)


def _last_bytes(values: NDArray[np.int64], count: int) -> NDArray[np.uint8]:
    return values.view(np.uint8).reshape(-1, 8)[:, 8 - count :]
