"""The frame of every page."""

from __future__ import annotations

import os

from hypothesis import given

from hls_mp4.web.pages.markup import crumbs, kind_of, page, picture
from hls_mp4.web.pages.style import SHAPES
from hls_mp4.web.pages.words import readable
from tests.web.pages.names import names
from tests.web.pages.reading import Page


def test_the_way_up() -> None:
    """There are links to every folder above, relative ones that hold behind any prefix."""
    found = Page(page("t", crumbs(["films", "science fiction", "1980s"])))
    assert found.links == [("../../../", "Home"), ("../../", "films"), ("../", "science fiction")]
    assert crumbs([]) == ""


def test_the_way_up_from_a_film() -> None:
    """A film's page leads to its folder too."""
    assert Page(page("t", crumbs(["a", "b"], inside=True))).links == [("../../", "Home"), ("../", "a"), ("./", "b")]
    assert Page(page("t", crumbs([], inside=True))).links == [("./", "Home")]


@given(names)
def test_any_name_is_a_title(name: str) -> None:
    """Titles and crumbs show any name, and the page is well formed."""
    found = Page(page(readable(name), crumbs([readable(name)], inside=True)))
    assert found.texts["title"] == os.fsencode(name).decode("utf-8", "replace")
    assert found.links[-1][1] == os.fsencode(name).decode("utf-8", "replace")


def test_a_phone_can_read_it() -> None:
    """A page is as wide as the screen, has a language and follows the scheme of the reader."""
    found = Page(page("t", ""))
    assert found.all("html") == [{"lang": "en"}]
    metas = {meta.get("name"): meta.get("content") for meta in found.all("meta")}
    assert metas["viewport"] == "width=device-width, initial-scale=1"
    assert metas["color-scheme"] == "light dark"


def test_pictures() -> None:
    """Each kind of file has a picture that is there."""
    for name, kind in (("a.MP4", "film"), ("a.flv", "film"), ("a.m4a", "sound"), ("a.txt", "file"), ("mp4", "file")):
        assert kind_of(name) == kind
    for kind in ("up", "folder", "film", "sound", "file"):
        assert f'"#{kind}"' in picture(kind)
        assert f'<symbol id="{kind}"' in SHAPES
