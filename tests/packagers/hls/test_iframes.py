"""I-frame playlists."""

from __future__ import annotations

import re

from tests.films import Library
from tests.judge import decode
from tests.media.test_presentation import presented
from tests.packagers.fmp4.played import rendered
from tests.packagers.hls.saved import answered, text_of


def test_each_range_is_a_picture(films: Library) -> None:
    """The init segment and the bytes of one range decode to the key frame that its segment begins with."""
    presentation = presented(films.data("h264"))
    playlist = text_of(presentation, "iframes-v1.m3u8")
    init = rendered(answered(presentation, "init-v1.mp4").plan)
    ranges = re.findall(r"#EXT-X-BYTERANGE:(\d+)@0\n(\S+)", playlist)
    assert len(ranges) == len(presentation.segments())
    for number, (length, name) in enumerate(ranges):
        part = rendered(answered(presentation, name).plan.cut(0, int(length)))
        shown = decode(init + part, strict=False).videos[0]
        assert shown[0].number == 100 * number
