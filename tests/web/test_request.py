"""A request is answered once, logged once, and leaves nothing behind."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
import pytest_twisted
from twisted.logger import capturedLogs

from tests.films import Library
from tests.web.conftest import SMALL
from tests.web.harness import Served
from tests.web.test_channel import get
from tests.web.test_content import ask

Serve = Callable[..., Served]


def lines(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8", errors="surrogateescape").splitlines()


@pytest_twisted.ensureDeferred
async def test_the_access_log_has_a_line_for_each_request(serve: Serve, root: Path, tmp_path: Path) -> None:
    """Status and bytes are those of the response, for films, errors and refusals."""
    log = tmp_path / "access.log"
    served = serve(
        f"access_log {log} short;",
        http="log_format short '$request|$status|$body_bytes_sent|$http_x|$sent_http_content_length|$request_length';",
    )
    first = get("/small.mp4?a=b", "X: y", "Connection: close")
    client = await served.connect()
    client.send(first)
    await client.until_closed()
    await ask(served, "/small.mp4", "Range: bytes=0-9")
    await ask(served, "/nothing", method="HEAD")
    client = await served.connect()
    client.send(b"broken\r\n\r\n")
    await client.answer()
    assert lines(log)[0] == f"GET /small.mp4?a=b HTTP/1.1|200|20000|y|20000|{len(first)}"
    assert lines(log)[1].startswith("GET /small.mp4 HTTP/1.1|206|10|-|10|")
    assert lines(log)[2].startswith("HEAD /nothing HTTP/1.1|404|0|")
    assert "|400|" in lines(log)[3]
    assert len(lines(log)) == 4


@pytest_twisted.ensureDeferred
async def test_combined_is_the_default(serve: Serve, tmp_path: Path) -> None:
    """Tools that read nginx's logs read ours."""
    log = tmp_path / "access.log"
    await ask(serve(f"access_log {log};"), "/small.mp4", "Referer: http://x/", 'User-Agent: a"b')
    (line,) = lines(log)
    assert line.startswith("127.0.0.1 - - [")
    assert line.endswith('"GET /small.mp4 HTTP/1.1" 200 20000 "http://x/" "a\\x22b"')


@pytest_twisted.ensureDeferred
async def test_a_broken_off_download_is_logged_with_what_was_sent(serve: Serve, root: Path, tmp_path: Path) -> None:
    """The log tells how much of a film a viewer took."""
    (root / "huge.mp4").write_bytes(bytes(40_000_000))
    log = tmp_path / "access.log"
    served = serve(f"access_log {log} n;", http="log_format n '$status $body_bytes_sent';")
    client = await served.connect()
    client.send(get("/huge.mp4"))
    await client.until(lambda: len(client.data) > 100_000)
    client.transport.abortConnection()
    await served.until(lambda: not served.site.channels)
    status, sent = lines(log)[0].split()
    assert status == "200"
    assert 100_000 <= int(sent) < 40_000_000


@pytest_twisted.ensureDeferred
async def test_what_went_wrong_is_one_line_with_its_place(serve: Serve, root: Path) -> None:
    """The error log names the file, the reason, the client and the request."""
    with capturedLogs() as events:
        await ask(serve(), "/nothing.mp4?x")
    (event,) = [event for event in events if "nothing" in str(event.get("reason"))]
    assert event["reason"] == f'open() "{root}/nothing.mp4" failed (2: No such file or directory)'
    assert (event["client"], event["host"]) == ("127.0.0.1", "a")
    assert event["request"] == "GET /nothing.mp4?x HTTP/1.1"


@pytest_twisted.ensureDeferred
async def test_no_descriptor_is_left_open(serve: Serve) -> None:
    """After a thousand answers of every kind as many files are open as before."""
    served = serve()
    client = await served.connect()
    client.send(get("/small.mp4"))
    await client.answer()
    before = len(os.listdir("/proc/self/fd"))
    for path, headers in (
        ("/small.mp4", ()),
        ("/small.mp4", ("Range: bytes=99999-",)),
        ("/small.mp4", ('If-Match: "x"',)),
        ("/small.mp4", ("If-None-Match: *",)),
        ("/small.mp4?start=1", ()),
        ("/folder", ()),
        ("/nothing", ()),
    ) * 20:
        client.send(get(path, *headers))
        await client.answer()
    assert len(os.listdir("/proc/self/fd")) == before


@pytest_twisted.ensureDeferred
async def test_a_file_that_is_no_film(serve: Serve) -> None:
    """start= on something that is no film is 500 and a line; the next request works."""
    served = serve()
    with capturedLogs() as events:
        assert (await ask(served, "/small.mp4?start=1"))[0] == 500
    assert any("small.mp4" in str(event.get("reason")) for event in events)
    assert (await ask(served, "/small.mp4"))[2] == SMALL


@pytest_twisted.ensureDeferred
async def test_what_takes_long_is_done_in_a_thread(
    serve: Serve, root: Path, films: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A clip whose tables are written in a thread is the same clip, and a start that is not there the same refusal."""
    (root / "film.mp4").write_bytes(films.data("h264"))
    served = serve()
    at_once = await ask(served, "/film.mp4?start=1&end=3")
    monkeypatch.setattr("hls_mp4.packagers.progressive.module.MUCH_WRITTEN", 0)
    later = await ask(served, "/film.mp4?start=1&end=3")
    assert (later[0], later[2]) == (200, at_once[2])
    assert (await ask(served, "/film.mp4?start=1000"))[0] == 500
    assert (await ask(served, "/small.mp4"))[2] == SMALL
