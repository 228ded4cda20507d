"""How long segments last, and how that is written: exact to the tick, without floating point."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from hls_mp4.media.presentation import Rendition, times_of


def segment_starts(rendition: Rendition, parts: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return when a rendition's segments begin, and when the last one ends, on the timeline, in its own timescale.

    Args:
        rendition: whose they are.
        parts: its splits, see `Segments.parts`.
    """
    starts = np.append(times_of(rendition, parts[:-1]), rendition.end)
    # A picture that is shown after the end of the edit list does not make a segment last less than nothing.
    starts[-1] = max(int(starts[-1]), int(starts[-2]) + 1)
    return np.asarray(np.maximum.accumulate(starts))


def decimal(ticks: int, timescale: int, digits: int = 6) -> str:
    """Return ticks as seconds, rounded to some digits."""
    scale = 10**digits
    value = (ticks * scale * 2 + timescale) // (2 * timescale)
    return f"{value // scale}.{value % scale:0{digits}}"


def decimals(ticks: NDArray[np.int64], timescale: int, digits: int = 6) -> list[str]:
    """Return many numbers of ticks as seconds, each rounded."""
    scale = 10**digits
    # In two steps, so that no product leaves 64 bits whatever the timescale is.
    whole, rest = np.divmod(ticks, timescale)
    fraction = (rest * scale * 2 + timescale) // (2 * timescale)
    whole = whole + fraction // scale
    fraction = fraction % scale
    return [f"{second}.{part:0{digits}}" for second, part in zip(whole.tolist(), fraction.tolist(), strict=True)]


def target_duration(ticks: NDArray[np.int64], timescale: int) -> int:
    """Return the target duration of a playlist in seconds: no segment is longer when rounded (RFC 8216 4.3.3.1)."""
    return max(1, (int(ticks.max()) * 2 + timescale) // (2 * timescale))
