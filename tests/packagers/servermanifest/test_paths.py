"""Where the files of a server manifest are looked for."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hls_mp4.errors import StreamingError
from hls_mp4.packagers.servermanifest.paths import source_path


@pytest.mark.parametrize(
    ("source", "path"),
    [
        ("a.mp4", "/srv/media/films/a.mp4"),
        ("sub/a.mp4", "/srv/media/films/sub/a.mp4"),
        ("sub\\a.mp4", "/srv/media/films/sub/a.mp4"),
        ("../other/a.mp4", "/srv/media/other/a.mp4"),
        ("./a%20b.mp4", "/srv/media/films/a%20b.mp4"),
    ],
)
def test_files_lie_beside_the_manifest(source: str, path: str) -> None:
    """Or in folders from there that are served too."""
    assert source_path("/srv/media/films/film.ism", source, "/srv/media") == path
    assert source_path("/srv/media/films/film.ism", source, "/srv/media/") == path


@pytest.mark.parametrize(
    ("source", "status"),
    [
        *((source, 403) for source in ("../../etc/passwd", "/etc/passwd", "\\etc\\passwd", "../../media2/a.mp4")),
        *((source, 403) for source in ("../..", "../../media", "sub/../../../x", "a\0b")),
        *((source, 500) for source in ("http://host/a.mp4", "file:///etc/passwd", "//host/a", "\\\\host\\a")),
    ],
)
def test_nothing_else_is_read(source: str, status: int) -> None:
    """A manifest cannot name what is not served, nor have other servers asked."""
    with pytest.raises(StreamingError) as refused:
        source_path("/srv/media/films/film.ism", source, "/srv/media")
    assert refused.value.status_hint == status


@given(st.text(alphabet="./\\a:", max_size=30))
def test_no_path_leads_out(source: str) -> None:
    """However it is written."""
    try:
        found = source_path("/srv/media/films/film.ism", source, "/srv/media")
    except StreamingError:
        return
    assert found.startswith("/srv/media/")
    assert ".." not in found.split("/")
