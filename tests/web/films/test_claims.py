"""What paths ask of whom."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest_twisted

from hls_mp4.packagers.elsewhere.vod import Parts
from hls_mp4.web.films.claims import Claim, claims
from hls_mp4.web.rules import LocationRules
from tests.films import Library
from tests.web.films.shelf import ask, body, filled, lines_of
from tests.web.harness import Served

Serve = Callable[..., Served]


def rules_of(site: Served, path: str = "/") -> LocationRules:
    """Return what holds at a path."""
    location, _ = site.site.servers.default.locate(path)
    assert location is not None
    rules: LocationRules = location.payload
    return rules


def claimed(site: Served, filename: str, query: bytes = b"") -> list[Claim]:
    """Return what a path asks for."""
    return list(claims(rules_of(site), filename, query))


def test_a_name_is_seen_from_its_end(serve: Serve) -> None:
    """What comes before it is the film, and what is said of that; nothing is opened to find out."""
    site = serve("location / { hls; }")
    (claim,) = claimed(site, "/srv/a.mp4/master.m3u8")
    assert (claim.film, claim.parts, claim.enabled.module.name) == ("/srv/a.mp4", Parts(), "hls")
    (claim,) = claimed(site, "/srv/a.mp4/clipFrom/1000/tracks/v1/index-v1.m3u8")
    assert (claim.film, claim.parts) == ("/srv/a.mp4", Parts(1000, None, (("video", 1),)))
    assert claimed(site, "/srv/a.mp4") == []
    assert claimed(site, "/srv/a.mp4/.m3u8") == []
    assert claimed(serve("location / { mp4; }"), "/srv/a.mp4/master.m3u8") == []


def test_other_servers_names_are_known(serve: Serve) -> None:
    """Those of Unified Streaming where they are to be; those of nginx Plus wherever there is HLS."""
    site = serve("location / { usp_handle_ism; }")
    assert {claim.film for claim in claimed(site, "/srv/a.ism/.m3u8")} == {"/srv/a.ism"}
    (claim,) = [each for each in claimed(site, "/srv/a.ism/hls/a-video=5-1.m4s") if each.film == "/srv/a.ism"]
    assert claim.named is not None
    site = serve("location / { hls; }")
    (claim,) = claimed(site, "/srv/a.mp4.m3u8")
    assert (claim.film, claim.beside) == ("/srv/a.mp4", "a.mp4")
    (claim,) = claimed(site, "/srv/a.mp4.ts", b"start=4&end=8")
    assert claim.film == "/srv/a.mp4" and claim.named is not None
    assert claimed(site, "/srv/a.mp4.ts") == []


@pytest_twisted.ensureDeferred
async def test_playlists_of_nginx_plus(serve: Serve, root: Path, films: Library) -> None:
    """They lie beside the film; what they name lies below it and can be had, whatever the film is called."""
    filled(root, films)
    (root / "my film.mp4").write_bytes(films.data("h264"))
    site = serve("location / { hls; hls_forward_args on; hls_fragment 2s; hls_mp4_buffer_size 64k; }")
    for url, folder in (("/film.mp4.m3u8", "film.mp4"), ("/my%20film.mp4.m3u8", "my%20film.mp4")):
        master = await body(site, f"{url}?token=x")
        (playlist,) = [line for line in lines_of(master) if "index-v1" in line]
        assert playlist == f"{folder}/index-v1.m3u8?token=x"
        assert len(lines_of(await body(site, f"/{playlist}"))) == 6
    assert (await ask(site, "/missing.mp4.m3u8"))[0] == 404


@pytest_twisted.ensureDeferred
async def test_segments_of_nginx_plus(serve: Serve, root: Path, films: Library) -> None:
    """A playlist that a cache still has goes on: its seconds lead to our segments."""
    filled(root, films)
    site = serve("location / { hls; hls_segment_format ts; }")
    ours = await body(site, "/film.mp4/seg-2.ts")
    assert await body(site, "/film.mp4.ts?start=4.00&end=8.00") == ours
    assert (await ask(site, "/film.mp4.ts?start=400&end=404"))[0] == 404
    assert (await ask(site, "/film.mp4.ts"))[0] == 404


@pytest_twisted.ensureDeferred
async def test_clips_and_tracks_in_paths(serve: Serve, root: Path, films: Library) -> None:
    """As nginx-vod-module has them; relative names stay within."""
    filled(root, films)
    site = serve("location / { hls; segment_duration 2s; }")
    folder = "/film.mp4/clipFrom/4000/clipTo/8000"
    playlist = await body(site, f"{folder}/index-v1.m3u8")
    assert len(lines_of(playlist)) == 2
    first = await body(site, f"{folder}/seg-1-v1.m4s")
    whole = await body(site, "/film.mp4/seg-3-v1.m4s")
    assert first[-1000:] == whole[-1000:] and first != whole
    assert (await ask(site, f"{folder}/seg-3-v1.m4s"))[0] == 404
    master = await body(site, "/film.mp4/tracks/v1/master.m3u8")
    assert b"AUDIO" not in master
    assert (await ask(site, "/film.mp4/tracks/a7/master.m3u8"))[0] == 404
