"""Which films a path stands for."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

import pytest
import pytest_twisted

from hls_mp4.web.films.opening import renditions_named
from tests.films import Library
from tests.web.films.shelf import ask, body, everything, filled, lines_of, listening
from tests.web.harness import Served

Serve = Callable[..., Served]

SERVER = r"location / { hls; rendition_pattern '_(\d+)p?$'; }"


@pytest_twisted.ensureDeferred
async def test_a_server_manifest_is_a_film(serve: Serve, root: Path, films: Library) -> None:
    """Its renditions are those that it names: two pictures, one sound, in two files; all of it can be had."""
    filled(root, films)
    site = serve(SERVER)
    found = await everything(site, "/show.ism/master.m3u8")
    master = found["/show.ism/master.m3u8"].decode()
    assert master.count("#EXT-X-STREAM-INF") == 2
    assert master.count("TYPE=AUDIO") == 1 and 'LANGUAGE="en"' in master
    assert {"/show.ism/seg-1-f1-v1.m4s", "/show.ism/seg-1-f2-v1.m4s", "/show.ism/seg-1-f2-a1.m4s"} <= found.keys()
    assert "/show.ism/seg-1-f1-a1.m4s" not in found
    assert (await ask(site, "/show.ism/seg-1-f3-v1.m4s"))[0] == 404
    assert (await ask(site, "/show.ism/seg-99-f1-v1.m4s"))[0] == 404


@pytest_twisted.ensureDeferred
async def test_one_path_names_several_films(serve: Serve, root: Path, films: Library) -> None:
    """As nginx-vod-module has it; each film's own URL goes on."""
    filled(root, films)
    site = serve(SERVER)
    found = await everything(site, "/show_,1080,720,.mp4.urlset/master.m3u8")
    assert "/show_,1080,720,.mp4.urlset/seg-1-f2-v1.m4s" in found
    assert found["/show_,1080,720,.mp4.urlset/master.m3u8"].count(b"#EXT-X-STREAM-INF") == 2
    assert (await body(site, "/show_1080.mp4/master.m3u8")).count(b"#EXT-X-STREAM-INF") == 1


@pytest_twisted.ensureDeferred
async def test_files_beside_each_other_are_one_film(serve: Serve, root: Path, films: Library) -> None:
    """Under the name that none of them has; the greatest number is the first source."""
    filled(root, films)
    site = serve(SERVER)
    together = await body(site, "/show.mp4/master.m3u8")
    assert together.count(b"#EXT-X-STREAM-INF") == 2
    assert await body(site, "/show.mp4/init-f1-v1.mp4") == await body(site, "/show_1080.mp4/init-v1.mp4")
    assert (await ask(site, "/nothing.mp4/master.m3u8"))[0] == 404
    assert (await ask(serve("location / { hls; }"), "/show.mp4/master.m3u8"))[0] == 404


@pytest_twisted.ensureDeferred
async def test_what_is_broken_is_left_out(serve: Serve, root: Path, films: Library) -> None:
    """The others keep their numbers, and the log says which and why, once."""
    filled(root, films)
    site = serve(SERVER)
    url = "/,broken,missing,film,.mp4.urlset"
    with listening() as told:
        master = await body(site, f"{url}/master.m3u8")
        assert master.count(b"#EXT-X-STREAM-INF") == 1
        playlist = next(line for line in lines_of(master) if line.startswith("index"))
        assert "-f3-" in playlist
        for name in lines_of(await body(site, f"{url}/{playlist}")):
            await body(site, f"{url}/{name}")
    left_out = [reason for reason in told if "left out" in reason and "rendition" in reason]
    assert len(left_out) == 2
    assert "broken.mp4" in left_out[0] and "no known media format" in left_out[0]
    assert "missing.mp4" in left_out[1] and "No such file" in left_out[1]


@pytest_twisted.ensureDeferred
async def test_nothing_left_is_the_first_ones_error(serve: Serve, root: Path, films: Library) -> None:
    """A status that says what is wrong."""
    filled(root, films)
    site = serve(SERVER)
    assert (await ask(site, "/,missing,gone,.mp4.urlset/master.m3u8"))[0] == 404
    assert (await ask(site, "/,broken,gone,.mp4.urlset/master.m3u8"))[0] == 500
    assert (await ask(site, "/broken.mp4/master.m3u8"))[0] == 500


@pytest.mark.parametrize(
    ("text", "status", "reason"),
    [
        ('<!DOCTYPE a [<!ENTITY b "c">]><smil/>', 500, "document type"),
        ('<smil><body><video src="../secret.mp4"/></body></smil>', 403, "leads out"),
        ('<smil><body><video src="/etc/passwd"/></body></smil>', 403, "relative"),
        ('<smil><body><video src="http://127.0.0.1/film.mp4"/></body></smil>', 500, "another server"),
        ('<smil><body><video src="missing.mp4"/></body></smil>', 404, "missing.mp4"),
        ('<smil><body><video src="film.mp4"><param name="trackID" value="7"/></video></body></smil>', 500, "track 7"),
        ('<smil><head><meta name="module" content="liveSmoothStreaming"/></head></smil>', 404, "live"),
        ('<smil><body><textstream src="film.vtt"/></body></smil>', 500, "no film"),
        ("<smil>" + " " * (1 << 20) + "</smil>", 500, "too large"),
    ],
)
@pytest_twisted.ensureDeferred
async def test_bad_manifests_are_refused(
    serve: Serve, root: Path, films: Library, text: str, status: int, reason: str
) -> None:
    """With a status that fits, and a line that says why; no file outside of the root is touched."""
    filled(root, films)
    (root.parent / "secret.mp4").write_bytes(films.data("h264"))
    (root / "bad.ism").write_text(text)
    with listening() as told:
        assert (await ask(serve(SERVER), "/bad.ism/master.m3u8"))[0] == status
    assert any(reason in line and "bad.ism" in line for line in told) or reason in "".join(told)


@pytest_twisted.ensureDeferred
async def test_paths_do_not_climb(serve: Serve, root: Path, films: Library) -> None:
    """Not even in pieces."""
    filled(root, films)
    (root.parent / "secret.mp4").write_bytes(films.data("h264"))
    (root / "inner").mkdir()
    site = serve(SERVER)
    for path in ("/.,./secret,x,.mp4.urlset", "/inner/,/../../secret,x,.mp4.urlset", "/.,.,/secret.mp4.urlset"):
        assert (await ask(site, f"{quote(path)}/master.m3u8"))[0] == 404


@pytest_twisted.ensureDeferred
async def test_paths_do_not_lead_to_other_locations(serve: Serve, root: Path, films: Library) -> None:
    """Films in folders below can be named together, but not those that a password, or a refusal, stands before."""
    for folder in ("members", "one", "two"):
        (root / folder).mkdir()
        filled(root / folder, films)
    site = serve(
        f"location / {{ hls; }} location /members/ {{ hls; deny all; }} location /films/ {{ alias {root}/; hls; }}"
    )
    assert (await ask(site, "/,one/film,two/film,.mp4.urlset/master.m3u8"))[0] == 200
    assert (await ask(site, "/films/,one/film,two/film,.mp4.urlset/master.m3u8"))[0] == 200
    for path in (
        "/,members/film,one/film,.mp4.urlset",
        "/,one/film,/members/film,.mp4.urlset",
        "/.,/members/film,/one/film,.mp4.urlset",
        "/one/x,/../../members/film,y,.mp4.urlset",
    ):
        with listening() as told:
            assert (await ask(site, f"{path}/master.m3u8"))[0] in (403, 404)
        assert "another location" in told[0] or "forbidden by rule" in told[0]
    assert (await ask(site, "/members/,film,show_720,.mp4.urlset/master.m3u8"))[0] == 403


@pytest_twisted.ensureDeferred
async def test_commas_of_the_root_are_its_own(serve: Serve, root: Path, films: Library) -> None:
    """A folder that is called "a,b" serves films; an alias is a root too."""
    folder = root / "a,b"
    folder.mkdir()
    filled(folder, films)
    site = serve(f"location /x/ {{ alias {folder}/; hls; }} location ~ ^/y/(.*)$ {{ alias {folder}/$1; hls; }}")
    for prefix in ("x", "y"):
        assert (await ask(site, f"/{prefix}/show.ism/master.m3u8"))[0] == 200
    assert (await ask(site, "/x/show_,720,1080,.mp4.urlset/master.m3u8"))[0] == 200


@pytest_twisted.ensureDeferred
async def test_validators_are_of_all_files(serve: Serve, root: Path, films: Library) -> None:
    """A film that is replaced, or another manifest, is another version; 304 holds until then."""
    filled(root, films)
    site = serve(SERVER)
    url = "/show.ism/seg-1-f1-v1.m4s"
    _, headers, _ = await ask(site, url)
    assert (await ask(site, url, f"If-None-Match: {headers['etag']}"))[0] == 304
    assert (await ask(site, url, "Range: bytes=4-7"))[2] in (b"moof", b"styp")
    assert (await ask(site, url, method="HEAD"))[1]["content-length"] == headers["content-length"]
    other = root / "show_720.mp4"
    other.write_bytes(other.read_bytes() + b"\0\0\0\x08free")
    status, changed, _ = await ask(site, url, f"If-None-Match: {headers['etag']}")
    assert status == 200 and changed["etag"] != headers["etag"]


def test_the_greatest_number_leads() -> None:
    """Whatever the pattern finds is the rendition's; other films, other suffixes and the name itself are not."""
    names = ["a_720.mp4", "a_1080.mp4", "a.mp4", "b_720.mp4", "a_720.mov", "a_low.mp4", "a_480p.mp4", "a_1080_x.mp4"]
    assert renditions_named("a.mp4", names, re.compile(r"_(\d+)p?$")) == ["a_1080.mp4", "a_720.mp4", "a_480p.mp4"]
    assert renditions_named("a.mp4", names, re.compile(r"_(?:low|\d+)$")) == ["a_1080.mp4", "a_720.mp4", "a_low.mp4"]
    assert renditions_named("c.mp4", names, re.compile(r"_(\d+)$")) == []


@pytest_twisted.ensureDeferred
async def test_every_file_is_closed(serve: Serve, root: Path, films: Library) -> None:
    """Whatever became of the request: answered, refused, or its client gone before the films were open."""
    filled(root, films)
    site = serve(SERVER)
    urls = [
        "/show.ism",
        "/show.mp4",
        "/film.mp4",
        "/words.mp4",
        "/,broken,film,gone,.mp4.urlset",
        "/,broken,gone,.mp4.urlset",
    ]
    names = ["master.m3u8", "seg-1-v1.m4s", "seg-99-v1.m4s", "index-f9.m3u8", "seg-1-t1.vtt", "master.m3u8?filter=("]
    for url in urls:
        for name in names:
            await ask(site, f"{url}/{name}")
    for url in urls:
        site.site.shared.indexes = type(site.site.shared.indexes)(0)
        client = await site.connect()
        client.send(f"GET {url}/master.m3u8 HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        client.transport.abortConnection()  # type: ignore[union-attr]
    await site.until(lambda: not site.site.channels)
    await site.until(lambda: not open_files(root))


def open_files(folder: Path) -> list[str]:
    """Return the files of a folder that are open."""
    found = []
    for link in Path("/proc/self/fd").iterdir():
        try:
            found.append(str(link.readlink()))
        except OSError:
            continue
    return [path for path in found if path.startswith(f"{folder}/")]
