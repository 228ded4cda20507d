"""SegmentTimeline (ISO/IEC 23009-1 5.3.9.6): when segments begin and how long they last, runs of equal ones told once.

Every segment begins where the one before it ends, so only the first one's time is written.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def timeline(starts: NDArray[np.int64]) -> list[str]:
    """Return the S elements of segments.

    Args:
        starts: when each begins, and when the last one ends; rising.
    """
    durations = np.diff(starts)
    begins = np.flatnonzero(np.append(True, durations[1:] != durations[:-1]))
    repeats = np.diff(np.append(begins, len(durations))) - 1
    told = [
        f'<S d="{duration}" r="{repeat}"/>' if repeat else f'<S d="{duration}"/>'
        for duration, repeat in zip(durations[begins].tolist(), repeats.tolist(), strict=True)
    ]
    told[0] = f'<S t="{int(starts[0])}"{told[0][2:]}'
    return told
