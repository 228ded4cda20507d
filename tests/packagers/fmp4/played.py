"""Playing segments as a player of fragments does: init segment, then one media segment after the other."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise

from hls_mp4.media.presentation import Presentation, Rendition
from hls_mp4.packagers.fmp4.fragment import media_segment
from hls_mp4.packagers.fmp4.init import init_segment
from hls_mp4.plan import Plan, render
from tests.judge import Picture, Shown, decode


def rendered(plan: Plan) -> bytes:
    """Return the bytes of a plan over films in memory."""
    return render(plan, lambda source, offset, length: source[offset : offset + length])


def segments_of(presentation: Presentation, number: int) -> list[bytes]:
    """Return the media segments of a rendition."""
    rendition = presentation.renditions[number]
    source = presentation.assets[rendition.source].source
    parts = presentation.segments().parts[number].tolist()
    return [
        rendered(Plan(media_segment(rendition, source, first, stop, sequence)))
        for sequence, (first, stop) in enumerate(pairwise(parts), 1)
    ]


def played(presentation: Presentation, number: int, *, strict: bool = True) -> Shown:
    """Return what FFmpeg shows of a rendition, from its init segment and all its media segments."""
    rendition = presentation.renditions[number]
    return decode(init_segment([rendition]) + b"".join(segments_of(presentation, number)), strict=strict)


def assert_same_pictures(
    original: Sequence[Picture], shown: Sequence[Picture], rendition: Rendition, lead_ms: int
) -> None:
    """Assert that all pictures of a film are shown, each at its time, and decode to the same pixels."""
    assert [picture.number for picture in shown] == [picture.number for picture in original]
    tick = Fraction(2, rendition.track.timescale) + Fraction(1, 1000)
    for before, after in zip(original, shown, strict=True):
        assert abs(before.time + Fraction(lead_ms, 1000) - after.time) <= tick
        assert (before.pixels == after.pixels).all()
