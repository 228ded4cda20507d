"""URLs below a film's, as a packager of somebody else answers them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
import pytest_twisted
from zope.interface import implementer
from zope.interface.verify import verifyObject

from hls_mp4.directives import LOCATION, Presence, directive
from hls_mp4.errors import NotFound
from hls_mp4.interfaces import Delivery, IndexLimits, IPackagerModule
from hls_mp4.media.presentation import Presentation
from hls_mp4.plan import Extent, Literal, Plan
from tests.films import Library
from tests.web.films.shelf import everything, listening
from tests.web.harness import Served
from tests.web.test_content import ask

Serve = Callable[..., Served]


@dataclass(frozen=True, slots=True, kw_only=True)
class CountSettings:
    """Counting."""

    enabled: bool = directive("count", LOCATION, Presence(), default=False, doc="Answers count.txt and deep/n.")


@implementer(IPackagerModule)
class Count:
    """Says how many segments a film has, and sends the first bytes of it."""

    name = "count"
    settings = CountSettings

    def match(self, name: str, query: bytes, settings: CountSettings) -> str | None:
        """Return what is asked for."""
        return name if name in ("count.txt", "slow.txt") or name.startswith("deep/") else None

    def limits(self, settings: CountSettings) -> IndexLimits:
        """Return the usual ones."""
        return IndexLimits()

    def takes_long(self, presentation: Presentation, match: str, settings: CountSettings) -> bool:
        """Tell."""
        return match == "slow.txt"

    def respond(self, presentation: Presentation, match: str, settings: CountSettings, now: float) -> Delivery:
        """Answer."""
        if match.startswith("deep/"):
            if match != "deep/8":
                raise NotFound("there is one depth")
            return Delivery(Plan([Extent(presentation.assets[0].source, 4, 4)]), "deep", content_type="video/mp4")
        text = f"{len(presentation.segments())} segments".encode()
        return Delivery(Plan([Literal(text)]), match, content_type="text/plain", cache="manifest")


@pytest.fixture
def films_of_root(root: Path, films: Library) -> Path:
    """A folder with a film of twelve seconds, and a folder that looks like one."""
    (root / "film.mp4").write_bytes(films.data("h264"))
    (root / "folder" / "count.txt").write_bytes(b"a real file")
    return root


SERVER = "location / { count; segment_duration 2s; } location /long/ { alias %s/; count; segment_duration 1m; }"


def served(serve: Serve, root: Path) -> Served:
    """Serve the folder with the packager turned on."""
    return serve(SERVER % root, packagers=(Count(),))


@pytest_twisted.ensureDeferred
async def test_a_packager_answers_below_a_film(serve: Serve, films_of_root: Path) -> None:
    """At once or from a thread, with a tag of its own, HEAD and conditions too; the film itself stays what it is."""
    verifyObject(IPackagerModule, Count())
    site = served(serve, films_of_root)
    for name in ("count.txt", "slow.txt"):
        status, headers, body = await ask(site, f"/film.mp4/{name}")
        assert (status, body) == (200, b"6 segments")
        assert headers["content-type"] == "text/plain"
        assert (await ask(site, f"/film.mp4/{name}", f"If-None-Match: {headers['etag']}"))[0] == 304
        assert (await ask(site, f"/film.mp4/{name}", method="HEAD"))[1]["content-length"] == "10"
    assert headers["etag"] != (await ask(site, "/film.mp4/count.txt"))[1]["etag"]
    assert (await ask(site, "/film.mp4"))[2] == (films_of_root / "film.mp4").read_bytes()


@pytest_twisted.ensureDeferred
async def test_a_name_may_be_of_several_segments(serve: Serve, films_of_root: Path) -> None:
    """As in Smooth Streaming; ranges of its body are ranges."""
    site = served(serve, films_of_root)
    assert (await ask(site, "/film.mp4/deep/8"))[2] == b"ftyp"
    status, headers, body = await ask(site, "/film.mp4/deep/8", "Range: bytes=1-2")
    assert (status, headers["content-range"], body) == (206, "bytes 1-2/4", b"ty")
    assert (await ask(site, "/film.mp4/deep/9"))[0] == 404


@pytest_twisted.ensureDeferred
async def test_settings_are_those_of_the_location(serve: Serve, films_of_root: Path) -> None:
    """One film may be cut differently at two URLs."""
    site = served(serve, films_of_root)
    assert (await ask(site, "/long/film.mp4/count.txt"))[2] == b"1 segments"
    assert (await ask(site, "/film.mp4/count.txt"))[2] == b"6 segments"


@pytest_twisted.ensureDeferred
async def test_what_is_no_film_is_what_it_was(serve: Serve, films_of_root: Path) -> None:
    """A folder holds real files of these names; what is not there is not there; what is broken is said to be."""
    site = served(serve, films_of_root)
    assert (await ask(site, "/folder/count.txt"))[2] == b"a real file"
    assert (await ask(site, "/count.txt"))[0] == 404
    assert (await ask(site, "/missing.mp4/count.txt"))[0] == 404
    assert (await ask(site, "/film.mp4/other.txt"))[0] == 404
    assert (await ask(site, "/small.mp4/count.txt"))[0] == 500


@pytest_twisted.ensureDeferred
async def test_what_is_asked_for_is_carried_on(serve: Serve, films_of_root: Path) -> None:
    """Part and filter always, tokens when they are to be; whatever is named can be had with it."""
    site = serve("location / { hls; segment_duration 2s; forward_args token; } location /x/ { hls; }")
    query = "vbegin=4&token=a%22b&other=1&vend=8&filter=(type==%22video%22)"
    found = await everything(site, f"/film.mp4/master.m3u8?{query}")
    assert all("vbegin=4&vend=8&filter=%28type%3D%3D%22video%22%29&token=a%22b" in url for url in list(found)[1:])
    assert not any("other" in url for url in list(found)[1:])
    assert sum("/seg-" in url for url in found) == 2
    assert not any("a1" in url for url in found)


@pytest_twisted.ensureDeferred
async def test_parts_are_other_bodies(serve: Serve, films_of_root: Path) -> None:
    """A segment of a part has a tag of its own, though it holds the same pictures; a part that is over is not there."""
    site = serve("location / { hls; segment_duration 2s; forward_args on; }")
    tags = {
        (await ask(site, f"/film.mp4/seg-1-v1.m4s{query}"))[1]["etag"] for query in ("", "?vend=6", "?vend=7", "?t=0-8")
    }
    assert len(tags) == 4
    assert (await ask(site, "/film.mp4/master.m3u8?vbegin=400"))[0] == 404
    assert (await ask(site, "/film.mp4/master.m3u8?filter=type==nothing"))[0] == 404
    assert (await ask(site, "/film.mp4/master.m3u8?filter=what"))[0] == 400
    assert (await ask(site, f"/film.mp4/master.m3u8?a={'x' * 4000}"))[0] == 414


@pytest_twisted.ensureDeferred
async def test_disagreeing_renditions_are_told_once(serve: Serve, films_of_root: Path, films: Library) -> None:
    """A film that players cannot change in smoothly is served, and the log has a line about it."""
    (films_of_root / "other.mp4").write_bytes(films.data("long-gop"))
    site = serve("location / { hls; segment_duration 2s; }")
    with listening() as told:
        for number in (1, 2, 1):
            assert (await ask(site, f"/,film,other,.mp4.urlset/seg-{number}-f1-v1.m4s"))[0] == 200
    assert [line for line in told if "key frames of f2-v1" in line] == told
    assert len(told) == 1


@pytest_twisted.ensureDeferred
async def test_films_with_several_edits_are_told_of_once(serve: Serve, films_of_root: Path, films: Library) -> None:
    """Nobody wonders why half of a film that was cut without encoding is not streamed: the log says how much is."""
    (films_of_root / "cut.mp4").write_bytes(films.data("two-edits"))
    site = serve("location / { hls; segment_duration 2s; }")
    with listening() as told:
        for _ in range(2):
            assert (await ask(site, "/cut.mp4/master.m3u8"))[0] == 200
        assert (await ask(site, "/film.mp4/master.m3u8"))[0] == 200
    assert len(told) == 1
    assert 'cut.mp4" has edits that only mp4 carries out' in told[0]
    assert "v1 to 3.000 s, a1 to 2." in told[0]
