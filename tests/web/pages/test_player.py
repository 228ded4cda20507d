"""A film's page over HTTP, in the location of the film."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import pytest_twisted

from hls_mp4.packagers.progressive.module import Mp4Module
from hls_mp4.packagers.progressive.settings import Mp4Settings
from hls_mp4.web.pages.addresses import PlayerQuery
from hls_mp4.web.pages.facts import FilmFacts
from hls_mp4.web.pages.place import Clips
from hls_mp4.web.pages.player import sources_of, streams_of, within
from tests.films import Library
from tests.flvs import FlvLibrary
from tests.web.harness import Served
from tests.web.pages.reading import Page
from tests.web.test_content import ask

Serve = Callable[..., Served]
CLIPS = Clips(Mp4Module(), Mp4Settings(enabled=True))
FILM = FilmFacts("mp4", 60_000, at_once=True)


@pytest.fixture
def root(tmp_path: Path, films: Library) -> Path:
    """A folder with films."""
    for name in ("tagged", "moov-last", "fragmented"):
        (tmp_path / f"{name}.mp4").write_bytes(films.data(name))
    (tmp_path / "broken.mp4").write_bytes(b"\0\0\0\x18ftypmp42" + b"\xff" * 500)
    (tmp_path / "film.webm").write_bytes(b"\x1a\x45\xdf\xa3" + bytes(100))
    (tmp_path / "notes.txt").write_text("text")
    return tmp_path


async def page(served: Served, path: str) -> Page:
    status, headers, body = await ask(served, path)
    assert (status, headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert "content-security-policy" in headers
    assert headers["x-content-type-options"] == "nosniff"
    return Page(body)


@pytest_twisted.ensureDeferred
async def test_a_film_has_a_page(serve: Serve) -> None:
    """It plays the file, knows its chapters and tracks, and leads to its folder."""
    found = await page(serve("autoindex on; location / { mp4; }"), "/tagged.mp4?player")
    assert found.all("source") == [{"src": "?"}]
    assert found.leads("0:04Second") == "?player&from=0:04"
    assert "H.264 avc1.4D400B" in found.texts["table"]
    assert found.leads("Home") == "./"


@pytest.mark.parametrize("name", ["moov-last", "fragmented"])
@pytest_twisted.ensureDeferred
async def test_a_file_that_does_not_begin_at_once(serve: Serve, name: str) -> None:
    """What browsers are slow to begin, or to seek in, is made a plain film on the way."""
    found = await page(serve("autoindex on; location / { mp4; }"), f"/{name}.mp4?player&from=5&md5=a")
    assert found.all("source") == [{"src": "?start=0&md5=a#t=5"}]
    without = await page(serve("player on;"), f"/{name}.mp4?player&from=5&md5=a")
    assert without.all("source") == [{"src": "?md5=a#t=5"}]


@pytest_twisted.ensureDeferred
async def test_head_of_a_page(serve: Serve) -> None:
    """HEAD tells what GET would send."""
    served = serve("player on; location / { mp4; }")
    _, _, body = await ask(served, "/tagged.mp4?player")
    status, headers, nothing = await ask(served, "/tagged.mp4?player", method="HEAD")
    assert (status, headers["content-length"], nothing) == (200, str(len(body)), b"")


@pytest.mark.parametrize(
    ("rules", "there"),
    [
        ("", False),
        ("autoindex on;", True),
        ("player on;", True),
        ("autoindex on; player off;", False),
        ("autoindex off; player auto;", False),
    ],
)
@pytest_twisted.ensureDeferred
async def test_where_pages_are(serve: Serve, rules: str, there: bool) -> None:
    """Where folders are listed, unless it is said otherwise; elsewhere the argument means nothing."""
    status, headers, body = await ask(serve(f"location / {{ mp4; {rules} }}"), "/tagged.mp4?player")
    assert status == 200
    assert headers["content-type"] == ("text/html; charset=utf-8" if there else "video/mp4")
    assert (b"<!doctype html>" in body) is there


@pytest_twisted.ensureDeferred
async def test_what_keeps_a_film_keeps_its_page(serve: Serve) -> None:
    """The page is in the location of the film: a key that opens the film opens the page, and nothing else does."""
    served = serve(
        r'player on; location ~ \.mp4$ { mp4; if ($arg_key != "open") { return 403; } } location /no/ { deny all; }'
    )
    assert (await ask(served, "/tagged.mp4?player"))[0] == 403
    found = await page(served, "/tagged.mp4?key=open&player")
    (source,) = found.all("source")
    status, headers, _ = await ask(served, "/tagged.mp4" + source["src"])
    assert (status, headers["content-type"]) == (200, "video/mp4")
    for href, _ in found.links:
        if href.startswith("?"):
            assert (await ask(served, "/tagged.mp4" + href))[0] == 200
    assert (await ask(served, "/no/tagged.mp4?player"))[0] == 403
    assert (await ask(served, "/nothing.mp4?player"))[0] == 403
    assert (await ask(served, "/nothing.mp4?key=open&player"))[0] == 404


@pytest_twisted.ensureDeferred
async def test_a_broken_film(serve: Serve) -> None:
    """Its page says so; the daemon goes on."""
    found = await page(serve("player on; location / { mp4; }"), "/broken.mp4?player")
    assert "Not a playable film: it is damaged or incomplete." in found.texts["p"]
    assert found.all("video") == []


@pytest_twisted.ensureDeferred
async def test_flash_video(serve: Serve, root: Path, flvs: FlvLibrary) -> None:
    """No browser plays it: its page says so, and offers it and parts of it for other players."""
    (root / "film.flv").write_bytes(flvs.data("indexed"))
    served = serve("player on; location / { mp4; flv; flv_start time; }")
    found = await page(served, "/film.flv?player&from=0:02&to=0:04")
    assert "Browsers do not play FLV files" in found.texts["p"]
    assert found.all("video") == []
    assert "H.264 avc1" in found.texts["table"]
    part = found.leads("Download this part")
    assert part.startswith("?start=2")
    assert (await ask(served, "/film.flv" + part))[2].startswith(b"FLV")
    whole = await page(serve("player on; location / { flv; }"), "/film.flv?player")
    assert whole.all("form") == []


@pytest_twisted.ensureDeferred
async def test_other_files(serve: Serve) -> None:
    """What only the browser knows is played as it is; what is neither picture nor sound has no page."""
    served = serve("player on; location / { mp4; }")
    found = await page(served, "/film.webm?player&from=1:00&to=1:30")
    assert found.all("source") == [{"src": "?#t=60,90"}]
    assert "Download this part" not in found.texts["main"]
    assert (await ask(served, "/notes.txt?player"))[2] == b"text"


@pytest_twisted.ensureDeferred
async def test_a_part_is_a_clip(serve: Serve) -> None:
    """A part with an end is cut by the server, by the configured names."""
    served = serve("player on; location / { mp4; mp4_start_arg t; mp4_end_arg to; }")
    found = await page(served, "/tagged.mp4?player=&from=0%3A02&to=0%3A04.5")
    assert found.all("source") == [{"src": "?t=2&to=4.5"}]
    status, headers, _ = await ask(served, "/tagged.mp4" + found.leads("Download this part"))
    assert (status, headers["x-clip-start"]) == (200, "2.000")


def test_times_beyond_the_film() -> None:
    """A beginning after the end is none, an end after the end is the end, and all of it is no part."""

    def times(begin: int | None, end: int | None) -> tuple[int | None, int | None]:
        asked = within(PlayerQuery(begin, end, ()), FILM)
        return asked.from_ms, asked.to_ms

    assert times(59_999, None) == (59_999, None)
    assert times(60_000, None) == (None, None)
    assert times(70_000, 80_000) == (None, None)
    assert times(10_000, 80_000) == (10_000, 60_000)
    assert times(None, 60_000) == (None, None)
    assert times(None, 30_000) == (None, 30_000)
    assert within(PlayerQuery(70_000, None, ()), None).from_ms == 70_000


def test_sources() -> None:
    """The file, the clip from its beginning, the clip of a part; nothing for what no browser plays."""

    def url(facts: FilmFacts | None, begin: int | None, end: int | None, clips: Clips | None = CLIPS) -> str:
        return " ".join(source.url for source in sources_of(PlayerQuery(begin, end, ()), facts, clips))

    late = FilmFacts("mp4", 60_000, at_once=False)
    assert url(FILM, None, None) == "?"
    assert url(FILM, 1500, None) == "?#t=1.5"
    assert url(late, 1500, None) == "?start=0#t=1.5"
    assert url(late, 1500, 3000) == "?start=1.5&end=3"
    assert url(late, None, 3000) == "?start=0&end=3"
    assert url(late, None, 3000, None) == "?#t=0,3"
    assert url(None, None, None, None) == "?"
    assert url(FilmFacts("flv", 60_000), None, None) == ""
    assert url(FilmFacts(problem="it is damaged"), None, None) == ""


@pytest_twisted.ensureDeferred
async def test_streams_that_browsers_play_by_themselves(serve: Serve) -> None:
    """Behind the file there is HLS for those that know it, with what opens the film; scripts or none."""
    found = await page(serve("player on; location / { mp4; hls; }"), "/tagged.mp4?md5=a&player")
    assert found.all("source") == [
        {"src": "?md5=a"},
        {"src": "tagged.mp4/master.m3u8?md5=a", "type": "application/vnd.apple.mpegurl"},
    ]
    served = serve(r"player on; location ~ \.mp4$ { mp4; hls; }")
    assert (await page(served, "/tagged.mp4?player")).all("source") == [{"src": "?"}]


@pytest_twisted.ensureDeferred
async def test_a_stream_alone(serve: Serve, root: Path, flvs: FlvLibrary) -> None:
    """A location that only makes streams has pages with all that is known of its films; FLV plays as a stream."""
    (root / "flash.flv").write_bytes(flvs.data("h264"))
    found = await page(serve("player on; location / { hls; }"), "/flash.flv?player")
    assert [source["src"] for source in found.all("source")] == ["flash.flv/master.m3u8"]
    assert "H.264" in found.texts["table"]
    broken = await page(serve("player on; location / { hls; }"), "/broken.mp4?player")
    assert broken.all("source") == []


def test_addresses_of_streams() -> None:
    """They are relative to the page, and a part is a stream of its own."""
    offered = {"hls": ("master.m3u8", None), "dash": ("manifest.mpd", None)}
    assert [stream.url for stream in streams_of("/a/b c:?.mp4", PlayerQuery(5000, None, ()), offered)] == [
        "b%20c%3A%3F.mp4/master.m3u8",
        "b%20c%3A%3F.mp4/manifest.mpd",
    ]
    part = PlayerQuery(1500, 60_000, ((b"md5", b"x"),))
    (hls, _) = streams_of("/film.mp4", part, offered)
    assert hls.url == "film.mp4/master.m3u8?vbegin=1.5&vend=60&md5=x"
