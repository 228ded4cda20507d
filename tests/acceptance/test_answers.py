"""Answers of the real daemon: compressed texts, players on other sites' pages, and what the server says of itself."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest
import pytest_twisted
import treq

from hls_mp4 import __version__
from tests.acceptance.browser import Browser, installed
from tests.acceptance.conftest import Start
from tests.acceptance.daemon import Daemon, Replies
from tests.films import Library

PAGE = "https://player.example"
WORDS = b"00:00.000 --> 00:01.000\nhello\n\n"
TEXT = b"WEBVTT\n\n" + WORDS * 3000

CONFIGURATION = """
error_log stderr notice;
error_log error.log info;
http {{
    log_format answers '$status $body_bytes_sent $gzip_ratio $sent_http_content_encoding $request_method $uri'
                       ' $upstream_addr $connection_requests $request_completion';
    access_log access.log answers;
    gzip_types text/vtt;
    server {{
        listen 127.0.0.1:{port};
        root {folder}/media;
        autoindex on;
        gzip on;
        gzip_comp_level 6;
        location /open/ {{ alias {folder}/media/; mp4; cors on; }}
        location /named/ {{ alias {folder}/media/; mp4; cors on; cors_origin {page}; cors_credentials on; deny all; }}
        location /exact/ {{ alias {folder}/media/; if_modified_since exact; server_tokens off; }}
    }}
}}
"""


@pytest.fixture
def site(start: Start, tmp_path: Path, films: Library) -> Daemon:
    """A daemon that serves a film and its subtitles."""
    media = tmp_path / "media"
    media.mkdir()
    (media / "film.mp4").write_bytes(films.data("h264"))
    (media / "film.vtt").write_bytes(TEXT)
    (media / "page.html").write_text("<!doctype html><title>page</title>")
    for number in range(300):
        (media / f"{number}.txt").touch()
    return start(CONFIGURATION, page=PAGE)


async def ask(site: Daemon, path: str, method: str = "GET", **headers: str) -> tuple[Any, bytes]:
    """Return a response and its body; underscores in header names stand for hyphens."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    response = await treq.request(
        method, site.url + path, headers=named, persistent=False, allow_redirects=False, timeout=30
    )
    return response, await response.content()


def values(response: Any, name: str) -> list[str]:
    """Return the values of a response header."""
    return list(response.headers.getRawHeaders(name, []))


def asked(site: Daemon, path: str, *headers: str, method: str = "GET") -> tuple[int, dict[str, str], bytes]:
    """Return the reply to a request that is sent just so."""
    with site.connect() as client:
        client.sendall("\r\n".join([f"{method} {path} HTTP/1.1", "Host: a", *headers, "", ""]).encode())
        return Replies(client).next(head=method == "HEAD")


@pytest_twisted.ensureDeferred
async def test_a_listing_is_compressed(site: Daemon) -> None:
    """A client that decodes gzip sees the very listing that another one sees, and fewer bytes go over the wire."""
    _, plain, body = asked(site, "/")
    _, headers, packed = asked(site, "/", "Accept-Encoding: gzip, deflate, br")
    assert headers["content-encoding"] == "gzip" and "content-encoding" not in plain
    assert gzip.decompress(packed) == body
    assert len(packed) * 3 < len(body)
    _, decoded = await ask(site, "/")  # treq says that it takes gzip, and decodes it
    assert decoded == body
    site.logged(f"200 {len(packed)} ", "access.log")


def test_a_text_is_compressed_and_the_connection_stays(site: Daemon) -> None:
    """Compressed and plain texts, ranges and conditions follow each other on one connection."""
    with site.connect() as client:
        replies = Replies(client)

        def next_reply(*headers: str, method: str = "GET") -> tuple[int, dict[str, str], bytes]:
            head = "\r\n".join([f"{method} /film.vtt HTTP/1.1", "Host: a", *headers, "", ""])
            client.sendall(head.encode())
            return replies.next(head=method == "HEAD")

        status, packed, body = next_reply("Accept-Encoding: gzip")
        assert (status, gzip.decompress(body)) == (200, TEXT)
        status, headers, _ = next_reply("Accept-Encoding: gzip", method="HEAD")
        assert (status, headers["content-length"]) == (200, str(len(body)))
        status, headers, body = next_reply("Accept-Encoding: gzip", "Range: bytes=8-37")
        assert (status, body) == (206, WORDS[:30])
        assert packed["etag"] == f"W/{headers['etag']}"
        status, _, _ = next_reply("Accept-Encoding: gzip", f"If-None-Match: {packed['etag']}")
        assert status == 304
        status, _, body = next_reply()
        assert (status, body) == (200, TEXT)
    site.logged("/film.vtt - 5 OK", "access.log")
    ratio = site.logged(" gzip GET /film.vtt - 1 OK", "access.log").split()[2]
    assert float(ratio) > 50


@pytest_twisted.ensureDeferred
async def test_films_are_never_compressed(site: Daemon, films: Library) -> None:
    """A film is sent as it is, to everybody."""
    _, headers, body = asked(site, "/film.mp4", "Accept-Encoding: gzip")
    assert body == films.data("h264")
    assert "content-encoding" not in headers and "vary" not in headers


@pytest_twisted.ensureDeferred
async def test_a_player_on_another_site(site: Daemon, films: Library) -> None:
    """It asks whether it may, then seeks with a range, and may read where it is in the film."""
    asks = {"Origin": PAGE, "Access_Control_Request_Method": "GET", "Access_Control_Request_Headers": "if-range,range"}
    response, body = await ask(site, "/open/film.mp4", "OPTIONS", **asks)
    assert (response.code, body) == (204, b"")
    assert values(response, "Access-Control-Allow-Origin") == ["*"]
    allowed = values(response, "Access-Control-Allow-Headers")[0].lower().split(", ")
    assert {"range", "if-range"} <= set(allowed)
    response, body = await ask(site, "/open/film.mp4", Origin=PAGE, Range="bytes=10-19")
    assert (response.code, body) == (206, films.data("h264")[10:20])
    assert values(response, "Access-Control-Allow-Origin") == ["*"]
    (exposed,) = values(response, "Access-Control-Expose-Headers")
    assert {"Content-Range", "Content-Length", "Accept-Ranges", "Date"} <= set(exposed.split(", "))
    response, _ = await ask(site, "/open/film.mp4?start=1", Origin=PAGE)
    assert values(response, "X-Clip-Start") and "X-Clip-Start" in exposed


@pytest_twisted.ensureDeferred
async def test_a_closed_location(site: Daemon) -> None:
    """The preflight of a named site is answered, its request is refused readably, and others are told nothing."""
    asks = {"Access_Control_Request_Method": "GET"}
    for origin, told in ((PAGE, [PAGE]), ("https://evil.example", [])):
        for method, status, more in (("OPTIONS", 204, asks), ("GET", 403, {})):
            response, _ = await ask(site, "/named/film.mp4", method, Origin=origin, **more)
            assert response.code == status
            assert values(response, "Access-Control-Allow-Origin") == told
            assert values(response, "Access-Control-Allow-Credentials") == ["true"] * len(told)
            assert values(response, "Vary") == ["Origin"]


def test_without_cors_nothing_changes(site: Daemon) -> None:
    """A location that does not say so answers no preflight and names no site."""
    preflight = (f"Origin: {PAGE}", "Access-Control-Request-Method: GET")
    status, headers, _ = asked(site, "/film.mp4", *preflight, method="OPTIONS")
    assert (status, headers["allow"]) == (405, "GET, HEAD")
    assert not any(name.startswith("access-control") for name in headers)


def test_what_is_told_of_the_server(site: Daemon) -> None:
    """Name and version are in the header and on the page of an error, unless the location keeps them back."""
    status, headers, body = asked(site, "/none<b>")
    assert (status, headers["server"]) == (404, f"mp4stream/{__version__}")
    assert f"<p>mp4stream/{__version__}</p>".encode() in body and b"none" not in body
    _, headers, body = asked(site, "/exact/none")
    assert headers["server"] == "mp4stream" and __version__.encode() not in body


def test_dates(site: Daemon) -> None:
    """A date after the file's own means that it is known, unless the location wants the very date."""
    later = "If-Modified-Since: Fri, 31 Dec 2100 23:59:59 GMT"
    assert asked(site, "/film.vtt", later)[0] == 304
    assert asked(site, "/exact/film.vtt", later)[0] == 200
    _, headers, _ = asked(site, "/exact/film.vtt")
    assert asked(site, "/exact/film.vtt", f"If-Modified-Since: {headers['last-modified']}")[0] == 304


@pytest.mark.skipif(installed() is None, reason="no Chromium is installed: apt-get install chromium")
def test_in_a_real_browser(site: Daemon, films: Library, tmp_path_factory: pytest.TempPathFactory) -> None:
    """A script of another site's page seeks and reads headers where `cors` is on, and gets nothing where it is off."""
    browser = Browser(tmp_path_factory.mktemp("browser"))
    try:
        browser.open(f"{site.url}/page.html")

        def fetched(path: str, condition: str) -> Any:
            url = json.dumps(f"http://localhost:{site.port}{path}")  # another origin than that of the page
            headers = json.dumps({"Range": "bytes=10-19", "If-Range": condition, "X-Requested-With": "player"})
            return browser.run(
                f"fetch({url}, {{headers: {headers}}}).then(async answer => [answer.status,"
                " answer.headers.get('Content-Range'), answer.headers.get('Date') !== null,"
                " (await answer.arrayBuffer()).byteLength], problem => 'refused')"
            )

        whole = len(films.data("h264"))
        tag = asked(site, "/open/film.mp4", method="HEAD")[1]["etag"]
        assert fetched("/open/film.mp4", tag) == [206, f"bytes 10-19/{whole}", True, 10]
        assert fetched("/open/film.mp4", '"another"') == [200, None, True, whole]
        assert fetched("/open/none.mp4", tag)[0] == 404
        assert fetched("/film.mp4", tag) == "refused"
        assert fetched("/named/film.mp4", tag) == "refused"
    finally:
        browser.close()
    preflights = [line for line in site.lines("access.log") if " OPTIONS " in line]
    assert [line.split()[0] for line in preflights].count("204") >= 2
