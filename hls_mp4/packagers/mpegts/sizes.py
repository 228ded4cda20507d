"""How long segments are, exactly and without a look at the media."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from hls_mp4.media.presentation import Presentation
from hls_mp4.packagers.mpegts.totals import totals_of


def segment_sizes(presentation: Presentation, numbers: Sequence[int], *, scrambled: bool = False) -> NDArray[np.int64]:
    """Return the bytes of each segment of some renditions.

    Args:
        presentation: whose they are.
        numbers: at most one video and one sound, of one film.
        scrambled: whether samples are encrypted by SAMPLE-AES.

    Raises:
        UnsupportedMedia: they cannot be in a transport stream.
        MalformedMedia: the film's tables make no sense.
    """
    return totals_of(presentation, numbers, scrambled=scrambled).sizes
