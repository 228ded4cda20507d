"""URLs of fragments that were cut beforehand, over real sockets."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import pytest_twisted

from hls_mp4.tools.mp4frag import main
from tests.films import Library
from tests.packagers.f4f.test_module import packaged
from tests.packagers.mp4frag.bodies import prescribed
from tests.web.harness import Served
from tests.web.test_content import ask

Serve = Callable[..., Served]

LOCATION = r"location ~ /Seg(\d+)-Frag(\d+)$ { mp4frag; f4f; hds; }"


@pytest.fixture
def listed(root: Path, films: Library, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a film and its index, in two qualities."""
    folder = root / "film"
    folder.mkdir()
    (folder / "a.mp4").write_bytes(films.data("h264"))
    (root / "b.mp4").write_bytes(films.data("moov-last"))
    words = ["--src", str(folder / "a.mp4"), "--src", "../b.mp4", "--index"]
    monkeypatch.chdir(folder)
    assert main(words) == 0
    return folder


def relisted(folder: Path, *films: str) -> None:
    """Write the index anew, of films by these names."""
    words = [word for film in films for word in ("--src", film)]
    assert main([*words, "--template", "--manifest", str(folder / "manifest.f4m")]) == 0


@pytest_twisted.ensureDeferred
async def test_fragments_are_those_of_the_original(serve: Serve, listed: Path, root: Path) -> None:
    """To the byte; with what the original lacks: a type, an ETag, ranges, HEAD without a body."""
    site = serve(LOCATION)
    index = (listed / "index").read_bytes()
    for quality in (0, 1):
        for number in (1, 2, 3):
            wanted = prescribed(index, lambda name: (listed / name).read_bytes(), quality, number)
            status, headers, body = await ask(site, f"/film/{quality}/Seg1-Frag{number}")
            assert (status, body) == (200, wanted)
            assert headers["x-mp4frag-version"] == "0.4"
            assert headers["content-type"] == "video/f4f"
            assert headers["content-length"] == str(len(wanted))
    path = "/film/1/Seg1-Frag3"
    assert (await ask(site, path, f"If-None-Match: {headers['etag']}"))[0] == 304
    status, headers, body = await ask(site, path, "Range: bytes=100-199")
    assert (status, body) == (206, wanted[100:200])
    status, headers, body = await ask(site, path, method="HEAD")
    assert (status, headers["content-length"]) == (200, str(len(wanted)))


@pytest.mark.parametrize("path", ["0/Seg1-Frag0", "0/Seg1-Frag99", "2/Seg1-Frag1", "0/Seg2-Frag1"])
@pytest_twisted.ensureDeferred
async def test_what_is_not_there_is_404(serve: Serve, listed: Path, path: str) -> None:
    """A quality too many too, which was 500."""
    assert (await ask(serve(LOCATION), f"/film/{path}"))[0] == 404


@pytest_twisted.ensureDeferred
async def test_other_methods_are_405(serve: Serve, listed: Path) -> None:
    """Nothing is posted to a fragment."""
    assert (await ask(serve(LOCATION), "/film/0/Seg1-Frag1", "Content-Length: 0", method="POST"))[0] == 405


@pytest_twisted.ensureDeferred
async def test_errors_tell_the_version_too(serve: Serve, listed: Path) -> None:
    """As the original does."""
    assert (await ask(serve(LOCATION), "/film/9/Seg1-Frag1"))[1]["x-mp4frag-version"] == "0.4"


@pytest_twisted.ensureDeferred
async def test_without_an_index_files_are_files(serve: Serve, listed: Path, root: Path) -> None:
    """Fragments may have been written one by one; a film's own fragments are not mp4frag's."""
    (listed / "index").unlink()
    assert (await ask(serve(LOCATION), "/film/0/Seg1-Frag1"))[0] == 404
    (listed / "0").mkdir()
    (listed / "0" / "Seg1-Frag1").write_bytes(b"a fragment")
    site = serve(LOCATION)
    assert (await ask(site, "/film/0/Seg1-Frag1"))[2] == b"a fragment"
    assert (await ask(site, "/film/a.mp4/Seg1-Frag1"))[1]["content-type"] == "video/f4f"


@pytest_twisted.ensureDeferred
async def test_a_film_that_is_gone_or_shorter_is_500(serve: Serve, listed: Path) -> None:
    """The index says that it is there; nobody gets half a fragment."""
    site = serve(LOCATION)
    with open(listed / "a.mp4", "r+b") as film:
        film.truncate(1000)
    assert (await ask(site, "/film/0/Seg1-Frag3"))[0] == 500
    (listed / "a.mp4").unlink()
    assert (await ask(site, "/film/0/Seg1-Frag3"))[0] == 500
    assert (await ask(site, "/film/1/Seg1-Frag3"))[0] == 200


@pytest_twisted.ensureDeferred
async def test_a_broken_index_is_500(serve: Serve, listed: Path) -> None:
    """Cut short, or something else of that name."""
    whole = (listed / "index").read_bytes()
    for data in (b"", b"hello", whole[:200], whole[:8] + b"\xff" * 100):
        (listed / "index").write_bytes(data)
        assert (await ask(serve(LOCATION), "/film/0/Seg1-Frag3"))[0] == 500


@pytest_twisted.ensureDeferred
async def test_an_index_leads_nowhere_but_to_what_is_served(
    serve: Serve, listed: Path, root: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Neither upwards nor by an absolute path; a folder of films elsewhere has to be named."""
    away = tmp_path_factory.mktemp("elsewhere")
    shutil.copy(listed / "a.mp4", away / "a.mp4")
    for name in (str(away / "a.mp4"), os.path.relpath(away / "a.mp4", Path.cwd())):
        relisted(listed, name)
        assert (await ask(serve(LOCATION), "/film/0/Seg1-Frag1"))[0] == 500
        allowed = serve(LOCATION.replace("mp4frag;", f"mp4frag; mp4frag_media {away};"))
        assert (await ask(allowed, "/film/0/Seg1-Frag1"))[0] == 200
        near = serve(LOCATION.replace("mp4frag;", f"mp4frag; mp4frag_media {str(away)[:-1]};"))
        assert (await ask(near, "/film/0/Seg1-Frag1"))[0] == 500


@pytest_twisted.ensureDeferred
async def test_an_index_that_was_written_anew_is_read_anew(serve: Serve, listed: Path) -> None:
    """What is kept of it is of one version of the file; so is the ETag."""
    site = serve(LOCATION)
    _, before, _ = await ask(site, "/film/0/Seg1-Frag1")
    relisted(listed, str(listed / "../b.mp4"))
    status, after, _ = await ask(site, "/film/0/Seg1-Frag1")
    assert status == 200
    assert after["etag"] != before["etag"]
    assert (await ask(site, "/film/1/Seg1-Frag1"))[0] == 404


@pytest_twisted.ensureDeferred
async def test_packaged_files_are_sent(serve: Serve, root: Path) -> None:
    """f4f: from the file beside its table; a fragment too many is 404."""
    table, film, fragments = packaged()
    (root / "filmSeg1.f4x").write_bytes(table)
    (root / "filmSeg1.f4f").write_bytes(film)
    site = serve("location / { f4f; mp4frag; }")
    for number, fragment in enumerate(fragments, 1):
        status, headers, body = await ask(site, f"/filmSeg1-Frag{number}")
        assert (status, body) == (200, fragment)
        assert "x-mp4frag-version" not in headers
    assert (await ask(site, "/filmSeg1-Frag4"))[0] == 404
    assert (await ask(site, "/otherSeg1-Frag1"))[0] == 404
    (root / "filmSeg1.f4f").unlink()
    assert (await ask(site, "/filmSeg1-Frag1"))[0] == 500


@pytest_twisted.ensureDeferred
async def test_unified_streamings_directives_hold(serve: Serve, root: Path) -> None:
    """usp_handle_f4f turns f4f on, and usp_status says how a fragment that is not there is refused."""
    table, film, _ = packaged()
    (root / "filmSeg1.f4x").write_bytes(table)
    (root / "filmSeg1.f4f").write_bytes(film)
    site = serve("location / { usp_handle_f4f; usp_status hds not_found 410; }")
    assert (await ask(site, "/filmSeg1-Frag1"))[0] == 200
    assert (await ask(site, "/filmSeg1-Frag9"))[0] == 410


@pytest_twisted.ensureDeferred
async def test_nothing_stays_open(serve: Serve, listed: Path) -> None:
    """Index and film are closed when the answer went, whether it was one or an error."""
    site = serve(LOCATION)
    for path in ("/film/0/Seg1-Frag1", "/film/0/Seg1-Frag99", "/film/9/Seg1-Frag1"):
        await ask(site, path)
    names = [os.readlink(f"/proc/self/fd/{fd}") for fd in os.listdir("/proc/self/fd") if _is_open(fd)]
    assert [name for name in names if name.startswith(str(listed))] == []


def _is_open(fd: str) -> bool:
    return os.path.lexists(f"/proc/self/fd/{fd}")
