"""Media playlists."""

from __future__ import annotations

import re
from fractions import Fraction

import pytest

from hls_mp4.media.segments import SegmentPolicy
from tests.films import Library
from tests.media.test_presentation import presented
from tests.packagers.hls.saved import named, text_of


@pytest.mark.parametrize("name", ["h264", "ntsc", "audio-only", "late-audio"])
@pytest.mark.parametrize("ms", [1000, 2000, 4500])
def test_durations_add_up_to_the_film(films: Library, name: str, ms: int) -> None:
    """Exact to the last digit: a player's clock does not drift from the segments' own times."""
    presentation = presented(films.data(name))
    presentation.policy = SegmentPolicy(ms)
    for rendition in presentation.renditions:
        tracks = f"{rendition.kind[0]}{rendition.number}"
        playlist = text_of(presentation, f"index-{tracks}.m3u8")
        seconds = [Fraction(found) for found in re.findall(r"#EXTINF:([0-9.]+),", playlist)]
        whole = Fraction(rendition.end - rendition.begin, rendition.track.timescale)
        assert abs(sum(seconds) - whole) < Fraction(len(seconds), 10**6)
        target = int(re.findall(r"#EXT-X-TARGETDURATION:(\d+)", playlist)[0])
        assert all(round(length) <= target for length in seconds)
        assert playlist.endswith("#EXT-X-ENDLIST\n")
        assert named(playlist)[0] == f"init-{tracks}.mp4"
