"""Names of nginx Plus."""

from __future__ import annotations

import pytest

from hls_mp4.errors import NotFound
from hls_mp4.packagers.elsewhere.plus import PLAYLIST, SEGMENT, begins_at, film_of, led_below, segment_name
from tests.films import Library
from tests.media.test_presentation import presented


def test_a_name_is_a_films_and_a_suffix() -> None:
    """A playlist that is a file of its own has no film in its name."""
    assert film_of("/srv/film.mp4.m3u8", PLAYLIST) == "/srv/film.mp4"
    assert film_of("/srv/film.mp4.ts", SEGMENT) == "/srv/film.mp4"
    assert film_of("/srv/film.mp4.ts", PLAYLIST) is None
    assert film_of("/srv/films.d/list.m3u8", PLAYLIST) is None


@pytest.mark.parametrize(
    ("query", "ms"),
    [(b"start=12.5&end=17", 12500), (b"end=1&start=0", 0), (b"", None), (b"restart=5", None), (b"start=x", None)],
)
def test_a_segment_says_when_it_begins(query: bytes, ms: int | None) -> None:
    """In seconds, as nginx writes them."""
    assert begins_at(query) == ms


def test_segments_of_other_playlists_are_found(films: Library) -> None:
    """The one that begins nearest to the second that is asked for; after the end there is none."""
    film = presented(films.data("h264"))
    count = len(film.segments())
    assert count > 2
    assert segment_name(film, 0) == "seg-1.ts"
    assert segment_name(film, 4100) == "seg-2.ts"
    assert segment_name(film, 11_900) == f"seg-{count}.ts"
    with pytest.raises(NotFound):
        segment_name(film, 13_000)


def test_names_are_led_below_the_film() -> None:
    """Of what stands in a line of its own and in attributes; what is absolute stays."""
    playlist = (
        '#EXTM3U\n#EXT-X-MEDIA:URI="a.m3u8?t=1",NAME="x"\nb.m3u8\n/c.m3u8\nhttps://h/d\n#EXT-X-KEY:URI="https://k"\n'
    )
    assert led_below(playlist, "my film.mp4") == (
        '#EXTM3U\n#EXT-X-MEDIA:URI="my%20film.mp4/a.m3u8?t=1",NAME="x"\nmy%20film.mp4/b.m3u8\n/c.m3u8\nhttps://h/d\n'
        '#EXT-X-KEY:URI="https://k"\n'
    )
