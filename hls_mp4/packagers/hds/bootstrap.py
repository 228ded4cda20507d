"""The bootstrap of a recorded presentation, in the one form that all clients take.

One segment with the exact number of fragments; an entry for each fragment, so that the last one has its own; then the
entry that ends the presentation, all zeros. Milliseconds; the time of the media is the end of its last fragment.
"""

from __future__ import annotations

from hls_mp4.containers.f4f.abst import Abst
from hls_mp4.containers.f4f.afrt import NO_MORE, Afrt, FragmentRun
from hls_mp4.containers.f4f.asrt import Asrt, SegmentRun
from hls_mp4.packagers.hds.cutting import Cutting

TIMESCALE = 1000


def bootstrap(cutting: Cutting, *, version: int = 1, ended: bool = True) -> bytes:
    """Return the bootstrap of some fragments.

    Args:
        cutting: where they are; one at least.
        version: of the bootstrap.
        ended: whether the entry that ends the presentation is written.
    """
    entries = zip(cutting.starts.tolist(), cutting.durations.tolist(), strict=True)
    runs = [FragmentRun(number, start, duration) for number, (start, duration) in enumerate(entries, 1)]
    return Abst(
        timescale=TIMESCALE,
        media_time=cutting.end,
        segments=(Asrt((SegmentRun(1, len(cutting)),)),),
        fragments=(Afrt(TIMESCALE, (*runs, NO_MORE) if ended else tuple(runs)),),
        version=version,
    ).box()
