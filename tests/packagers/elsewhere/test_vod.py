"""Paths of nginx-vod-module."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hls_mp4.packagers.elsewhere.vod import MOST_SOURCES, Parts, several, split_parts


@pytest.mark.parametrize(
    ("path", "film", "parts"),
    [
        ("/a.mp4", "/a.mp4", Parts()),
        ("/a.mp4/clipFrom/1500", "/a.mp4", Parts(1500)),
        ("/a.mp4/clipFrom/1500/clipTo/9000", "/a.mp4", Parts(1500, 9000)),
        ("/a.mp4/clipTo/9000", "/a.mp4", Parts(0, 9000)),
        ("/a.mp4/clipTo/0", "/a.mp4", Parts()),
        ("/a.mp4/tracks/v1-a2-t0", "/a.mp4", Parts(tracks=(("video", 1), ("audio", 2), ("text", 0)))),
        ("/a.mp4/clipFrom/5/clipTo/6/tracks/a1", "/a.mp4", Parts(5, 6, (("audio", 1),))),
        ("/clipFrom/x/a.mp4/clipFrom/-1", "/clipFrom/x/a.mp4/clipFrom/-1", Parts()),
        ("/a.mp4/tracks/x1", "/a.mp4/tracks/x1", Parts()),
    ],
)
def test_clips_and_tracks_stand_behind_the_film(path: str, film: str, parts: Parts) -> None:
    """Milliseconds and tracks, in the order in which links have them."""
    assert split_parts(path) == (film, parts)


@pytest.mark.parametrize(
    ("path", "films"),
    [
        ("/f_,1080,720,.mp4.urlset", ("/f_1080.mp4", "/f_720.mp4")),
        ("/,dir1/a,dir2/b,.mp4.urlset", ("/dir1/a.mp4", "/dir2/b.mp4")),
        ("/f,a,,a,.mp4.urlset", ("/fa.mp4",)),
        ("/f,a,b,.urlset", ("/fa", "/fb")),
        ("/f.mp4", ()),
        ("/f.mp4.urlset", ()),
        ("/f,.mp4.urlset", ()),
        (f"/f,{'x,' * (MOST_SOURCES + 1)}.mp4.urlset", ()),
    ],
)
def test_one_path_stands_for_several_films(path: str, films: tuple[str, ...]) -> None:
    """What comes first and last is of all, what lies between of each."""
    assert several(path) == films


@given(st.text(alphabet="/clipFromT1,.urlset-av", max_size=60))
def test_any_path_ends(path: str) -> None:
    """Whatever is asked for."""
    film, _ = split_parts(path)
    assert path.startswith(film)
    assert len(several(path)) <= MOST_SOURCES
