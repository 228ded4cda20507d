"""A rendition as one file: init segment, index, and all segments, which nobody wrote and of which anybody takes ranges.

Where each segment lies follows from the sample tables; headers of segments are made when they are sent.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hls_mp4.media.presentation import Presentation
from hls_mp4.packagers.dash.carried import Carried
from hls_mp4.packagers.fmp4.fragment import media_segment
from hls_mp4.packagers.fmp4.init import init_segment
from hls_mp4.packagers.fmp4.lengths import segment_lengths
from hls_mp4.packagers.fmp4.sidx import sidx
from hls_mp4.plan import Folded, Literal, Part, Plan


@dataclass(frozen=True, slots=True, eq=False)
class Single:
    """What is known of such a file.

    Args:
        head: init segment and index.
        init: bytes of the init segment.
        offsets: where the segments begin behind the head, and where the last one ends.
    """

    head: bytes
    init: int
    offsets: NDArray[np.int64]


def single(presentation: Presentation, member: Carried) -> Single:
    """Return a rendition as one file; it is kept.

    Raises:
        UnsupportedMedia: it cannot be told in fragmented MP4, or has a segment that is too long.
        MalformedMedia: the film's tables make no sense.
    """
    return presentation.keep(("dash single", member.number), lambda: _made(member))


def is_known(presentation: Presentation, member: Carried) -> bool:
    """Tell whether `single` has nothing to find out."""
    return ("dash single", member.number) in presentation.kept


def _made(member: Carried) -> Single:
    init = init_segment([member.rendition])
    lengths = segment_lengths(member.rendition, member.parts)
    index = sidx(lengths, member.starts, member.timescale, sap=member.access)
    return Single(init + index, len(init), np.append(0, np.cumsum(lengths)))


def single_plan(presentation: Presentation, member: Carried) -> Plan:
    """Return the file: a part for the head, and one for all segments, which are found as they are sent."""
    known = single(presentation, member)
    source = presentation.assets[member.rendition.source].source

    def unfold(start: int, stop: int) -> Iterator[Part]:
        number = int(known.offsets.searchsorted(start, "right")) - 1
        while start < stop:
            begin, end = int(known.offsets[number]), int(known.offsets[number + 1])
            first, last = int(member.parts[number]), int(member.parts[number + 1])
            segment = Plan(media_segment(member.rendition, source, first, last, number + 1))
            yield from segment.cut(start - begin, min(stop, end) - begin).parts
            start = end
            number += 1

    return Plan([Literal(known.head), Folded(int(known.offsets[-1]), unfold)])
