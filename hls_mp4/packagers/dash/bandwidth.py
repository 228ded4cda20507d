"""@bandwidth of a representation (ISO/IEC 23009-1 5.3.5.2): the least rate at which it never stops.

A player that receives so many bits per second, and begins to play when it has received them for as long as
@minBufferTime, has every segment in time, wherever it began. So for any segments from i to j

    bits of i to j <= bandwidth * (minBufferTime + start of j - start of i)

and the bandwidth is the largest of these quotients, rounded up. It is found as Dinkelbach finds one: a rate is tried,
the segments it is worst for make the next one; five rounds do for a film of hours.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

FINEST = 100_000
"""Ticks per second that are counted with. Finer clocks are rounded, so that no product leaves 64 bits."""

MOST = 2**32 - 1
_ROUNDS = 100


def bandwidth(sizes: NDArray[np.int64], starts: NDArray[np.int64], timescale: int, buffer_ms: int) -> int:
    """Return bits per second.

    Args:
        sizes: bytes of each segment; one at least.
        starts: when each begins, and when the last one ends.
        timescale: of these.
        buffer_ms: minBufferTime, above 0.
    """
    times, units, doubt = starts[:-1] - starts[0], timescale, 0
    if timescale > FINEST:
        whole, rest = np.divmod(times, timescale)
        times, units, doubt = whole * FINEST + rest * FINEST // timescale, FINEST, 1
    buffer = max(1, buffer_ms * units // 1000 - doubt)
    sums = np.append(0, np.cumsum(sizes * (8 * units)))
    rate = -(-int(sizes.max()) * 8 * units // buffer)
    for _ in range(_ROUNDS):
        spent = rate * times
        least = np.minimum.accumulate(sums[:-1] - spent)
        excess = sums[1:] - spent - least
        last = int(excess.argmax())
        if int(excess[last]) <= rate * buffer:
            break
        first = int((sums[: last + 1] - spent[: last + 1]).argmin())
        better = -(-int(sums[last + 1] - sums[first]) // (buffer + int(times[last] - times[first])))
        if better <= rate:
            break
        rate = better
    return min(max(1, rate), MOST)
