"""Cache headers by class."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import pytest_twisted

from tests.films import Library
from tests.web.films.shelf import ask, filled
from tests.web.harness import Served

Serve = Callable[..., Served]

URLS = {"manifest": "/film.mp4/master.m3u8", "init": "/film.mp4/init-v1.mp4", "segment": "/film.mp4/seg-1-v1.m4s"}


@pytest.mark.parametrize(
    ("text", "ages"),
    [
        ("", {"manifest": "max-age=60", "init": "max-age=3600", "segment": "max-age=3600"}),
        (
            "manifest_expires 5s; segment_expires max; init_expires off;",
            {"manifest": "max-age=5", "init": None, "segment": "max-age=315360000"},
        ),
        ("expires 10s;", dict.fromkeys(URLS, "max-age=10")),
        ("add_header Cache-Control private;", dict.fromkeys(URLS, "private")),
        ("manifest_expires epoch;", {"manifest": "no-cache"}),
    ],
)
@pytest_twisted.ensureDeferred
async def test_each_class_has_its_age(
    serve: Serve, root: Path, films: Library, text: str, ages: dict[str, str | None]
) -> None:
    """Manifests are asked for again soon, segments later; what a location says of everything holds alone."""
    filled(root, films)
    site = serve(f"location / {{ hls; mp4; {text} }}")
    for name, age in ages.items():
        status, headers, _ = await ask(site, URLS[name])
        assert (status, headers.get("cache-control")) == (200, age)
        assert ("expires" in headers) == (age is not None and age != "private")
        status, unchanged, _ = await ask(site, URLS[name], f"If-None-Match: {headers['etag']}")
        assert (status, unchanged.get("cache-control")) == (304, age)


@pytest_twisted.ensureDeferred
async def test_films_themselves_have_none(serve: Serve, root: Path, films: Library) -> None:
    """Neither a file nor a clip nor a refusal is of a class; a part of a body is of its own."""
    filled(root, films)
    site = serve("location / { hls; mp4; }")
    for url in ("/film.mp4", "/film.mp4?start=2", "/film.mp4/seg-99-v1.m4s"):
        assert "cache-control" not in (await ask(site, url))[1]
    status, headers, _ = await ask(site, URLS["segment"], "Range: bytes=0-9")
    assert (status, headers["cache-control"]) == (206, "max-age=3600")


@pytest_twisted.ensureDeferred
async def test_manifests_are_compressed_once(serve: Serve, root: Path, films: Library) -> None:
    """With gzip on and their type listed; each part of a film and each token is a text of its own."""
    filled(root, films)
    site = serve(
        "location / { hls; forward_args on; gzip on; gzip_min_length 0; gzip_types application/vnd.apple.mpegurl; }"
    )
    seen = set()
    for url in ("/film.mp4/index-v1.m3u8", "/film.mp4/index-v1.m3u8?vbegin=5", "/film.mp4/index-v1.m3u8?token=1"):
        for _ in range(2):
            status, headers, body = await ask(site, url, "Accept-Encoding: gzip")
            assert (status, headers["content-encoding"]) == (200, "gzip")
            seen.add(body)
    assert len(seen) == 3
    assert site.site.shared.compressor.kept.counts.misses == 3
