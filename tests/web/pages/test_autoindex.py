"""Folders over HTTP: what is listed, what is told of films, and to whom."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest
import pytest_twisted

from hls_mp4.web.pages.folder import PAGE
from tests.films import Library
from tests.web.harness import Served
from tests.web.pages.reading import Page
from tests.web.test_content import ask

Serve = Callable[..., Served]


@pytest.fixture
def root(tmp_path: Path, films: Library) -> Path:
    """A folder with a film, one of two languages, a broken one, and a text."""
    (tmp_path / "film.mp4").write_bytes(films.data("h264"))
    (tmp_path / "broken.mp4").write_bytes(films.data("h264")[:5000])
    (tmp_path / "a.txt").write_text("text")
    (tmp_path / "folder").mkdir()
    return tmp_path


async def listed(served: Served, path: str = "/") -> Page:
    status, headers, body = await ask(served, path)
    assert (status, headers["content-type"]) == (200, "text/html; charset=utf-8")
    return Page(body)


@pytest_twisted.ensureDeferred
async def test_a_listing_tells_of_films(serve: Serve) -> None:
    """Length, resolution and codecs at the first load, with links into the film; a broken one says so."""
    page = await listed(serve("autoindex on; mp4_start_arg t; location / { mp4; }"))
    for told in ("0:12", "160\u00d7120", "H.264, AAC", "Not a playable film: it is damaged or incomplete."):
        assert told in page.texts["p"]
    assert page.leads("film.mp4") == "film.mp4?player"
    assert page.leads("from 0:05") == "film.mp4?player&from=0:05"
    assert page.leads("broken.mp4") == "broken.mp4"
    assert page.leads("a.txt") == "a.txt"
    assert "?t=30" in page.texts["code"]


@pytest_twisted.ensureDeferred
async def test_a_page_has_a_policy(serve: Serve) -> None:
    """A browser is told that nothing but the page's own style may come in; HEAD tells the same."""
    served = serve("autoindex on;")
    _, headers, body = await ask(served, "/")
    assert headers["content-security-policy"].startswith("default-src 'none'")
    assert headers["x-content-type-options"] == "nosniff"
    _, told, _ = await ask(served, "/", method="HEAD")
    assert told["content-length"] == str(len(body))


@pytest_twisted.ensureDeferred
async def test_facts_can_be_turned_off(serve: Serve) -> None:
    """`autoindex_films off` leaves names, sizes and times, as nginx has them; so does a location without modules."""
    for text in ("autoindex_films off; location / { mp4; }", "location / { }"):
        page = await listed(serve("autoindex on; player off; " + text))
        assert "160" not in page.texts["main"]
        assert page.leads("film.mp4") == "film.mp4"
        assert "Not a playable film" not in page.texts["main"]


@pytest_twisted.ensureDeferred
async def test_films_of_a_location_of_their_own(serve: Serve) -> None:
    """Films are mostly served by a location for their suffix: what holds there is what a listing offers."""
    page = await listed(serve(r"autoindex on; player off; location / { } location ~ \.mp4$ { mp4; player on; }"))
    assert page.leads("film.mp4") == "film.mp4?player"
    assert "160\u00d7120" in page.texts["p"]


@pytest.mark.parametrize(
    "rules",
    [
        "deny all;",
        "internal;",
        "if ($arg_key = '') { return 403; }",
        "root /tmp;",
        "limit_except POST { deny all; }",
        "allow 127.0.0.1; deny all;",
    ],
)
@pytest_twisted.ensureDeferred
async def test_what_is_kept_from_a_client_is_not_told(serve: Serve, rules: str) -> None:
    """Where a location of its own has conditions for a film, the listing shows the name and nothing else of it."""
    page = await listed(serve(rf"autoindex on; location / {{ }} location ~ \.mp4$ {{ mp4; {rules} }}"))
    assert "160\u00d7120" not in page.texts["main"]
    assert "film.mp4" in page.texts["main"]


@pytest_twisted.ensureDeferred
async def test_the_same_conditions_are_met_already(serve: Serve) -> None:
    """Rules that hold for folder and film alike were passed by whoever sees the listing."""
    served = serve(r"autoindex on; allow 127.0.0.1; deny all; location / { } location ~ \.mp4$ { mp4; }")
    assert "160\u00d7120" in (await listed(served)).texts["p"]


@pytest_twisted.ensureDeferred
async def test_links_out_of_the_folder(serve: Serve, root: Path) -> None:
    """A link that `disable_symlinks` forbids is listed without facts."""
    (root / "film.mp4").rename(root / "folder" / "film.mp4")
    (root / "link.mp4").symlink_to("folder/film.mp4")
    strict = serve("autoindex on; disable_symlinks on from=$document_root; location / { mp4; }")
    assert "160\u00d7120" not in (await listed(strict)).texts["main"]
    assert "160\u00d7120" in (await listed(serve("autoindex on; location / { mp4; }"))).texts["main"]


@pytest_twisted.ensureDeferred
async def test_a_large_folder(serve: Serve, root: Path) -> None:
    """It comes in pages for people and whole for programs; a token in the address stays there."""
    for number in range(PAGE + 20):
        (root / "folder" / f"{number:03}.mp4").touch()
    served = serve("autoindex on; location / { mp4; }")
    first = await listed(served, "/folder/?md5=a&page=1")
    assert first.leads("Next") == "?page=2&md5=a"
    last = await listed(served, "/folder/?md5=a&page=2")
    assert last.leads("119.mp4") == "119.mp4"
    assert last.leads("Previous") == "?page=1&md5=a"
    everything = await ask(serve("autoindex on; autoindex_format json;"), "/folder/?page=2")
    assert len(json.loads(everything[2])) == PAGE + 20


@pytest_twisted.ensureDeferred
async def test_listings_for_programs(serve: Serve) -> None:
    """Each form has nginx's type; a callback that is no name is 400."""
    for form, kind in (
        ("json", "application/json"),
        ("xml", "text/xml; charset=utf-8"),
        ("jsonp", "application/javascript"),
    ):
        status, headers, body = await ask(serve(f"autoindex on; autoindex_format {form};"), "/?callback=show")
        assert (status, headers["content-type"]) == (200, kind)
        assert b"film.mp4" in body
        assert "content-security-policy" not in headers
    assert (await ask(serve("autoindex on; autoindex_format jsonp;"), "/?callback=a()"))[0] == 400


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
@pytest_twisted.ensureDeferred
async def test_a_folder_that_may_not_be_read(serve: Serve, root: Path) -> None:
    """It is 403, as nginx says."""
    (root / "folder").chmod(0o100)
    assert (await ask(serve("autoindex on;"), "/folder/"))[0] == 403
    (root / "folder").chmod(0o700)
