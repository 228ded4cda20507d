"""Presentations of open films, and what is kept of them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest_twisted

from hls_mp4.interfaces import IndexLimits
from hls_mp4.media.presentation import Presentation
from hls_mp4.packagers.elsewhere.vod import Parts
from hls_mp4.web.films.asked import wanted
from hls_mp4.web.films.making import MOST_PARTS, MOST_WHOLE, presentation_of
from hls_mp4.web.films.opening import films_at
from tests.films import Library
from tests.web.films.shelf import ask, filled, listening
from tests.web.films.test_claims import rules_of
from tests.web.harness import Served

Serve = Callable[..., Served]


class Asking:
    """As much of a request as films are asked for with."""

    def __init__(self, site: Served) -> None:
        self.shared = site.site.shared
        self.lines: list[str] = []

    def report(self, reason: str, *, level: str = "error") -> None:
        """Keep a line."""
        self.lines.append(reason)

    def facts(self) -> Any:
        """Return nothing: no root here has variables."""


async def made(site: Served, root: Path, name: str, query: bytes = b"", path: str = "/") -> Presentation:
    """Return what is made of a film."""
    asking: Any = Asking(site)
    rules = rules_of(site, path)
    films = await films_at(asking, rules, f"{root}/{name}", IndexLimits())
    assert films is not None
    try:
        return (await presentation_of(asking, rules, films, wanted(query, Parts()))).presentation
    finally:
        films.release()


@pytest_twisted.ensureDeferred
async def test_what_was_found_out_is_kept(serve: Serve, root: Path, films: Library) -> None:
    """Segments are found once for each film, policy and part, by whomever; the bytes are those of the open file."""
    filled(root, films)
    site = serve("location / { hls; } location /long/ { hls; segment_duration 1m; }")
    for name, query in (("film.mp4", b""), ("film.mp4", b"vbegin=4"), ("show.ism", b"filter=type=='video'")):
        first, second = [await made(site, root, name, query) for _ in range(2)]
        assert first.segments() is second.segments()
        assert first.kept is second.kept
        assert first.assets[0].source is not second.assets[0].source
    long = await made(site, root, "film.mp4", path="/long/")
    assert len(long.segments()) == 1
    assert len((await made(site, root, "film.mp4")).segments()) == 3


@pytest_twisted.ensureDeferred
async def test_no_more_than_a_few_are_kept(serve: Serve, root: Path, films: Library) -> None:
    """Whatever parts strangers ask for: those of the whole film stay."""
    filled(root, films)
    site = serve("location / { hls; }")
    whole = await made(site, root, "film.mp4")
    for ms in range(1, 60):
        await made(site, root, "film.mp4", f"vbegin=0.{ms:03}".encode())
    derived = whole.assets[0].index.derived
    assert len(derived["parts"]) == MOST_PARTS
    assert len(derived["presentations"]) <= MOST_WHOLE
    assert (await made(site, root, "film.mp4")).segments_made is whole.segments_made


@pytest_twisted.ensureDeferred
async def test_nothing_is_kept_of_an_index_that_has_gone(serve: Serve, root: Path, films: Library) -> None:
    """Of two films one may be replaced, or its index be dropped: the presentation is made anew."""
    filled(root, films)
    site = serve("location / { hls; }")
    before = await made(site, root, "show.ism")
    second = root / "show_720.mp4"
    second.write_bytes(films.data("no-b-frames"))
    after = await made(site, root, "show.ism")
    assert after.assets[0].index is before.assets[0].index
    assert after.assets[1].index is not before.assets[1].index
    assert after.segments_made is not before.segments_made


@pytest_twisted.ensureDeferred
async def test_long_films_are_presented_in_a_thread(serve: Serve, root: Path, films: Library, monkeypatch: Any) -> None:
    """It is the same presentation."""
    filled(root, films)
    site = serve("location / { hls; }")
    monkeypatch.setattr("hls_mp4.web.films.making.MUCH", 0)
    for name in ("film.mp4", "show.ism"):
        presentation = await made(site, root, name, b"vbegin=4&vend=8")
        assert presentation.end_ms - presentation.lead_ms <= 4100


@pytest_twisted.ensureDeferred
async def test_a_film_whose_tables_make_no_sense_is_left_out(serve: Serve, root: Path, films: Library) -> None:
    """The others are presented; the log says what is wrong, once. Alone it is an error."""
    filled(root, films)
    data = bytearray(films.data("h264"))
    at = data.index(b"stss")
    data[at + 12 : at + 16] = (999_999).to_bytes(4, "big")  # the first key frame is one that there is not
    (root / "odd.mp4").write_bytes(data)
    site = serve("location / { hls; }")
    with listening() as told:
        for _ in range(2):
            assert (await ask(site, "/,odd,film,.mp4.urlset/seg-1-f2-v1.m4s"))[0] == 200
            assert (await ask(site, "/,odd,film,.mp4.urlset/seg-1-f1-v1.m4s"))[0] == 404
    assert [line for line in told if "odd.mp4" in line and "stss" in line and "left out" in line] == told[:1]
    assert (await ask(site, "/odd.mp4/seg-1-v1.m4s"))[0] == 500
