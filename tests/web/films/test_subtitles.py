"""Subtitles beside films and in them."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
import pytest_twisted

from hls_mp4.containers.smil.manifest import Entry, ServerManifest
from hls_mp4.containers.smil.write import write_manifest
from tests.films import Library
from tests.web.films.shelf import ask, body, everything, filled, listening
from tests.web.harness import Served

Serve = Callable[..., Served]

SERVER = r"location / { hls; rendition_pattern '_(\d+)$'; } location /plain/ { alias %s/; hls; sidecar_subtitles off; }"


@pytest.mark.parametrize("url", ["/show.mp4", "/show.ism", "/show_,1080,720,.mp4.urlset"])
@pytest_twisted.ensureDeferred
async def test_files_beside_a_film_are_its_subtitles(serve: Serve, root: Path, films: Library, url: str) -> None:
    """However the film is asked for; each word comes in the segment in which it is spoken."""
    filled(root, films)
    found = await everything(serve(SERVER % root), f"{url}/master.m3u8")
    master = found[f"{url}/master.m3u8"].decode()
    assert master.count("TYPE=SUBTITLES") == 2
    assert 'LANGUAGE="de",NAME="Deutsch"' in master and 'LANGUAGE="en",NAME="English"' in master
    assert b"Hallo" in found[f"{url}/seg-2-t1.vtt"] and b"Hallo" not in found[f"{url}/seg-1-t1.vtt"]
    assert b"Hello" in found[f"{url}/seg-1-t2.vtt"]


@pytest_twisted.ensureDeferred
async def test_tracks_of_a_film_are_its_subtitles(serve: Serve, root: Path, films: Library) -> None:
    """They are read once, and told where a player looks for them; a file of the language stands for the track."""
    filled(root, films)
    site = serve(SERVER % root)
    found = await everything(site, "/words.mp4/master.m3u8")
    assert found["/words.mp4/master.m3u8"].count(b"TYPE=SUBTITLES") == 1
    assert b"00:00:04.500 --> 00:00:07.000\ntwo" in found["/words.mp4/seg-2-t1.vtt"]
    assert b"three" in found["/words.mp4/seg-3-t1.vtt"]


@pytest_twisted.ensureDeferred
async def test_they_can_be_turned_off(serve: Serve, root: Path, films: Library) -> None:
    """Then nothing but the film counts."""
    filled(root, films)
    (root / "film.en.vtt").write_bytes((root / "show.en.vtt").read_bytes())
    site = serve(SERVER % root)
    assert b"SUBTITLES" in await body(site, "/film.mp4/master.m3u8")
    assert b"SUBTITLES" not in await body(site, "/plain/film.mp4/master.m3u8")


@pytest_twisted.ensureDeferred
async def test_what_cannot_be_read_is_left_out(serve: Serve, root: Path, films: Library) -> None:
    """The film is served, and the log says why it has no words, once."""
    filled(root, films)
    (root / "film.en.vtt").write_bytes(b"no subtitles")
    site = serve(SERVER % root)
    with listening() as told:
        for _ in range(3):
            assert b"SUBTITLES" not in await body(site, "/film.mp4/master.m3u8")
    assert [line for line in told if "film.en.vtt" in line and "no WebVTT" in line] == told
    assert len(told) == 1


@pytest_twisted.ensureDeferred
async def test_a_manifest_names_subtitles(serve: Serve, root: Path, films: Library) -> None:
    """With language and label, wherever they lie below the root; not beyond."""
    filled(root, films)
    (root / "words").mkdir()
    (root / "words" / "a.vtt").write_bytes((root / "show.en.vtt").read_bytes())
    entries = (
        Entry("video", "film.mp4"),
        Entry("text", "words/a.vtt", language="fra", label="Paroles"),
        Entry("text", "../../etc/a.vtt"),
        Entry("text", "words/missing.srt"),
    )
    (root / "named.ism").write_bytes(write_manifest(ServerManifest(entries)))
    site = serve(SERVER % root)
    with listening() as told:
        master = await body(site, "/named.ism/master.m3u8")
    assert master.count(b"TYPE=SUBTITLES") == 1
    assert b'LANGUAGE="fr",NAME="Paroles"' in master
    assert b"Hello" in await body(site, "/named.ism/seg-1-t1.vtt")
    assert any("leads out" in line for line in told) and any("missing.srt" in line for line in told)


@pytest_twisted.ensureDeferred
async def test_what_a_manifest_names_is_not_offered_again(serve: Serve, root: Path, films: Library) -> None:
    """A file beside the manifest that it names, as `mp4stream ism` writes it, is one choice in the menu, not two."""
    filled(root, films)
    entries = (Entry("video", "show_720.mp4"), Entry("text", "./show.en.vtt", label="Plain words"))
    (root / "show.ism").write_bytes(write_manifest(ServerManifest(entries)))
    master = (await body(serve(SERVER % root), "/show.ism/master.m3u8")).decode()
    assert master.count("TYPE=SUBTITLES") == 2
    assert 'NAME="Plain words"' in master and 'NAME="Deutsch"' in master


@pytest_twisted.ensureDeferred
async def test_new_subtitles_are_another_version(serve: Serve, root: Path, films: Library) -> None:
    """A playlist that has them is not the one that had not, whatever a client asks with."""
    filled(root, films)
    site = serve(SERVER % root)
    for file in root.iterdir():
        os.utime(file, (1_000_000_000, 1_000_000_000))
    _, before, _ = await ask(site, "/plain/film.mp4/master.m3u8")
    (root / "film.en.vtt").write_bytes((root / "show.en.vtt").read_bytes())
    os.utime(root / "film.en.vtt", (1_100_000_000, 1_100_000_000))
    status, after, _ = await ask(site, "/film.mp4/master.m3u8", f"If-Modified-Since: {before['last-modified']}")
    assert status == 200
    assert after["etag"] != before["etag"] and after["last-modified"] != before["last-modified"]
