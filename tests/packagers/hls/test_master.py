"""The multivariant playlist."""

from __future__ import annotations

import re

from hls_mp4.media.presentation import Presentation
from hls_mp4.packagers.hls.master import quoted
from tests.films import Library
from tests.media.test_presentation import presented
from tests.packagers.fmp4.played import rendered
from tests.packagers.hls.saved import answered, named, text_of


def bandwidth_of(playlist: str) -> list[int]:
    """Return the peak of each variant."""
    return [int(found) for found in re.findall(r"#EXT-X-STREAM-INF:BANDWIDTH=(\d+)", playlist)]


def measured(presentation: Presentation, tracks: str) -> float:
    """Return the peak bit rate of a playlist's segments, by downloading them."""
    playlist = text_of(presentation, f"index-{tracks}.m3u8")
    seconds = [float(found) for found in re.findall(r"#EXTINF:([0-9.]+)", playlist)]
    sizes = [len(rendered(answered(presentation, name).plan)) for name in named(playlist) if name.startswith("seg")]
    target = max(seconds)
    return max(8 * size / length for size, length in zip(sizes, seconds, strict=True) if 2 * length >= target)


def test_bandwidth_is_what_a_download_takes(films: Library) -> None:
    """The peak of pictures and sound together, within one in a hundred: players choose by it."""
    presentation = presented(films.data("ntsc"))
    (told,) = bandwidth_of(text_of(presentation, "master.m3u8"))
    need = measured(presentation, "v1") + measured(presentation, "a1")
    assert need * 0.99 <= told <= need * 1.03


def test_variants_come_in_the_order_of_their_bandwidth(films: Library) -> None:
    """A player that takes the first one begins with the smallest."""
    both = presented(films.data("two-videos"), films.data("no-b-frames"))
    told = bandwidth_of(text_of(both, "master.m3u8"))
    assert told == sorted(told)
    assert len(told) == 3


def test_everything_a_player_chooses_by_is_told(films: Library) -> None:
    """Codecs of picture and sound, size, rate, range; and that there are no captions inside."""
    (line,) = [
        line
        for line in text_of(presented(films.data("hevc")), "master.m3u8").splitlines()
        if line.startswith("#EXT-X-STREAM-INF")
    ]
    assert re.search(r'CODECS="hvc1\.[^,"]+,mp4a\.40\.2"|CODECS="hev1\.[^,"]+,mp4a\.40\.2"', line)
    for attribute in ("RESOLUTION=160x120", "FRAME-RATE=25.000", "VIDEO-RANGE=SDR", "CLOSED-CAPTIONS=NONE"):
        assert attribute in line


def test_a_playlist_of_key_frames_is_offered_where_it_is_wanted(films: Library) -> None:
    """hls_iframe_playlists off leaves it out."""
    presentation = presented(films.data("h264"))
    assert "I-FRAME-STREAM-INF" in text_of(presentation, "master.m3u8")
    assert "I-FRAME-STREAM-INF" not in text_of(presentation, "master.m3u8", iframes=False)


def test_no_title_breaks_a_playlist() -> None:
    """Quotes and line ends of a label do not end an attribute."""
    assert quoted('Director\'s "cut"\r\n#EXT') == "\"Director's 'cut'  #EXT\""
