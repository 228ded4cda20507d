"""The clock of Smooth Streaming: ticks of 100 ns (MS-SSTR 2.2.2.1, TimeScale), which many players take for granted.

What is rounded are instants, never durations: durations are differences of rounded instants, so that they add up to
them, however long a film is.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from hls_mp4.errors import UnsupportedMedia

TICKS = 10_000_000
"""In a second."""

_LATEST = 1 << 62


def to_ticks(times: NDArray[np.int64], timescale: int) -> NDArray[np.int64]:
    """Return instants on this clock, each rounded to the nearest tick.

    Args:
        times: instants, none negative; the last one is the latest within a reordering of pictures.
        timescale: of these.

    Raises:
        UnsupportedMedia: they are too late for 64 bits.
    """
    if len(times) and int(times.max()) // timescale >= _LATEST // TICKS:
        raise UnsupportedMedia("a film of more than ten thousand years")
    # In two steps, so that no product leaves 64 bits whatever the timescale is.
    whole, rest = np.divmod(times, timescale)
    return np.asarray(whole * TICKS + (rest * (2 * TICKS) + timescale) // (2 * timescale))


def tick(time: int, timescale: int) -> int:
    """Return an instant on this clock, rounded to the nearest tick."""
    return (time * TICKS * 2 + timescale) // (2 * timescale)


def rising(ticks: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return instants of which each is later than the one before, by a tick at least."""
    steps = np.arange(len(ticks))
    return np.asarray(np.maximum.accumulate(ticks - steps) + steps)
