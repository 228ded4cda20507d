"""The reader of playlists that tests judge by forgives nothing."""

from __future__ import annotations

import pytest

from tests.playlists import read_playlist

MEDIA = b"""#EXTM3U
#EXT-X-VERSION:6
#EXT-X-TARGETDURATION:4
#EXT-X-MAP:URI="init-v1.mp4"
#EXTINF:4.000,
seg-1-v1.m4s
#EXT-X-ENDLIST
"""
MASTER = b"""#EXTM3U
#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="a",NAME="One",DEFAULT=YES,URI="index-a1.m3u8"
#EXT-X-STREAM-INF:BANDWIDTH=5,CODECS="avc1,mp4a",AUDIO="a"
index-v1.m3u8
"""


def test_what_is_right_is_read() -> None:
    """Durations, URLs and attributes come out as they are written."""
    media, master = read_playlist(MEDIA), read_playlist(MASTER)
    assert (media.uris, media.durations, media.named) == (["seg-1-v1.m4s"], [4.0], ["seg-1-v1.m4s", "init-v1.mp4"])
    assert master.all("EXT-X-STREAM-INF") == [{"BANDWIDTH": "5", "CODECS": "avc1,mp4a", "AUDIO": "a"}]


@pytest.mark.parametrize(
    ("playlist", "old", "new"),
    [
        (MEDIA, b"#EXTM3U\n", b""),
        (MEDIA, b"VERSION:6", b"VERSION:3"),
        (MEDIA, b"DURATION:4", b"DURATION:3"),
        (MEDIA, b"DURATION:4", b"DURATION:4.0"),
        (MEDIA, b"4.000,", b"4.000"),
        (MEDIA, b"4.000,", b"0.000,"),
        (MEDIA, b"#EXTINF:4.000,\n", b""),
        (MEDIA, b"ENDLIST", b"ENDLISTS"),
        (MEDIA, b"#EXT-X-ENDLIST\n", b""),
        (MEDIA, b"#EXT-X-ENDLIST\n", b"#EXT-X-ENDLIST"),
        (MEDIA, b"seg-1", b"seg 1"),
        (MEDIA, b'"init-v1.mp4"', b"init-v1.mp4"),
        (MEDIA, b"seg-1", b"\xff"),
        (MASTER, b'AUDIO="a"', b'AUDIO="b"'),
        (MASTER, b'AUDIO="a"', b'AUDIO="a",AUDIO="a"'),
        (MASTER, b'AUDIO="a"', b'AUDIO="a",'),
        (MASTER, b'AUDIO="a"', b'AUDIOS="a"'),
        (MASTER, b"BANDWIDTH=5,", b""),
        (MASTER, b"BANDWIDTH=5", b"BANDWIDTH=5,AVERAGE-BANDWIDTH=6"),
        (MASTER, b"index-v1.m3u8\n", b""),
        (MASTER, b"DEFAULT=YES", b"DEFAULT=YES,AUTOSELECT=NO"),
        (MASTER, b"DEFAULT=YES", b"DEFAULT=yes"),
        (MASTER, b"#EXTM3U\n", b"#EXTM3U\n#EXT-X-ENDLIST\n"),
    ],
)
def test_what_is_wrong_is_found(playlist: bytes, old: bytes, new: bytes) -> None:
    """Each rule can be broken, and is seen to be."""
    assert old in playlist
    with pytest.raises((AssertionError, UnicodeDecodeError)):
        read_playlist(playlist.replace(old, new))
