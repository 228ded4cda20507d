"""Which module answers for a file, and from which index."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import pytest_twisted
from twisted.logger import capturedLogs

from tests.films import Library
from tests.flvs import FlvLibrary, tags_of
from tests.web.harness import Served
from tests.web.test_content import ask

Serve = Callable[..., Served]

NGINX_HEADER = b"FLV\x01\x05\0\0\0\x09\0\0\0\0"


@pytest.fixture
def root(root: Path, films: Library, flvs: FlvLibrary) -> Path:
    """A folder with films whose names say nothing true."""
    (root / "mp4.flv").write_bytes(films.data("h264"))
    (root / "flv.mp4").write_bytes(flvs.data("h264"))
    (root / "flv.flv").write_bytes(flvs.data("h264"))
    (root / "indexed.flv").write_bytes(flvs.data("indexed"))
    (root / "cut.flv").write_bytes(flvs.data("h264")[:-100])
    (root / "page.html").write_bytes(b"<p>hello")
    (root / "empty.flv").write_bytes(b"")
    return root


@pytest_twisted.ensureDeferred
async def test_a_file_is_served_by_what_it_is(serve: Serve, films: Library, flvs: FlvLibrary) -> None:
    """`mp4; flv;` in one location: the first bytes of a file decide, never its name or the order of the directives."""
    for text in ("location / { mp4; flv; }", "location / { flv; mp4; }"):
        served = serve(text)
        status, headers, body = await ask(served, "/mp4.flv?start=5")
        assert (status, body[4:8], headers["x-clip-start"]) == (200, b"ftyp", "5.000")
        for name in ("flv.mp4", "flv.flv"):
            status, _, body = await ask(served, f"/{name}?start=500")
            assert (status, body) == (200, NGINX_HEADER + flvs.data("h264")[500:])


@pytest_twisted.ensureDeferred
async def test_a_module_leaves_other_films_alone(serve: Serve, films: Library, flvs: FlvLibrary) -> None:
    """With one of the two, films of the other kind are files."""
    assert (await ask(serve("location / { flv; }"), "/mp4.flv?start=5"))[2] == films.data("h264")
    assert (await ask(serve("location / { mp4; }"), "/flv.flv?start=5"))[2] == flvs.data("h264")


@pytest_twisted.ensureDeferred
async def test_what_is_no_film(serve: Serve) -> None:
    """A clip of it is an error as in nginx; bytes are bytes, as in nginx; a page in the same folder is a page."""
    assert (await ask(serve("location / { mp4; }"), "/page.html?start=5"))[0] == 500
    assert (await ask(serve("location / { flv; }"), "/page.html?start=5"))[2] == NGINX_HEADER + b"llo"
    assert (await ask(serve("location / { flv; }"), "/empty.flv?start=5"))[2] == b""
    assert (await ask(serve("location / { flv; flv_start time; }"), "/page.html?start=5"))[0] == 500
    for text in ("flv; flv_metadata on;", "mp4; mp4_limit_rate on;"):
        served = serve(f"location / {{ {text} }}")
        for path in ("/page.html", "/empty.flv"):
            assert (await ask(served, path))[0] == 200


@pytest_twisted.ensureDeferred
async def test_nothing_is_indexed_for_bytes(serve: Serve) -> None:
    """nginx's bytes cost no look into the film."""
    served = serve("location / { flv; }")
    indexes = served.site.shared.indexes
    await ask(served, "/flv.flv?start=500")
    assert (len(indexes), indexes.counts.misses) == (0, 0)


@pytest_twisted.ensureDeferred
async def test_an_index_is_made_once_for_what_it_is_good_for(serve: Serve) -> None:
    """Key frames are enough for a start; an end asks for samples, and then there are both."""
    served = serve("location / { flv; flv_start time; }")
    counts = served.site.shared.indexes.counts
    for query, misses in (("start=5", 1), ("start=7", 1), ("start=5&end=6", 2), ("start=9", 2), ("start=1&end=3", 2)):
        assert (await ask(served, f"/indexed.flv?{query}"))[0] == 200
        assert counts.misses == misses, query
    # Without true metadata all tags were read for the start already.
    for query in ("start=5", "start=5&end=6"):
        assert (await ask(served, f"/flv.flv?{query}"))[0] == 200
        assert counts.misses == 3


@pytest_twisted.ensureDeferred
async def test_a_broken_film_is_served_and_complained_about(serve: Serve) -> None:
    """What is right of it goes out; the log has file, place and reason."""
    served = serve("location / { flv; flv_start time; }")
    with capturedLogs() as events:
        status, _, body = await ask(served, "/cut.flv?start=5")
    assert status == 200
    tags_of(body)
    (event,) = (event for event in events if "truncated" in event.get("reason", ""))
    assert event["severity"] == "warn"
    assert "cut.flv" in event["reason"]
