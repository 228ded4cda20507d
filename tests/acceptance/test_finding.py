"""How a vhost of a video site finds its files, on the real daemon."""

from __future__ import annotations

from pathlib import Path

import pytest
import pytest_twisted
import treq

from tests.acceptance.conftest import Start
from tests.acceptance.daemon import Daemon, run
from tests.films import Library
from tests.judge import decode

VHOST = """
error_log stderr notice;
http {{
    map $http_user_agent $player {{
        default browser;
        "~*^(?<client>vlc|mpv)/" $client;
    }}
    map $arg_q $quality {{ 480p 480p; default 1080p; }}
    log_format found '$request $status $uri $player $quality $shelf';
    access_log access.log found;

    server {{
        listen 127.0.0.1:{port};
        server_name films.example;
        root {media};
        port_in_redirect off;

        error_page 404 /sorry.html;
        error_page 403 @login;

        rewrite ^/movies/(.*)$ /films/$1 permanent;
        rewrite ^/watch/(\\d+)$ /films/$1.mp4;
        set $shelf none;

        location /films/ {{
            set $shelf films;
            if ($arg_key = "") {{ return 403; }}
            if ($player ~ ^VLC$) {{ add_header X-Player "a player"; }}
            alias {media}/;
            try_files /films$uri $uri /films/h264.mp4?$args;
            mp4;
        }}

        location ~ ^/by/(?<name>[a-z0-9]+)/clip$ {{
            rewrite ^ /inside/$name.mp4 last;
        }}

        location /inside/ {{
            internal;
            alias {media}/;
            mp4;
        }}

        location = /sorry.html {{
            internal;
            default_type text/html;
            root {folder};
        }}

        location @login {{
            return 302 /login?from=$request_uri;
        }}

        location /health {{ return 200 "ok $request_method $host\\n"; }}
    }}
}}
"""


@pytest.fixture
def site(start: Start, films: Library, tmp_path: Path) -> Daemon:
    """The vhost, with a film and a page for what is missing."""
    films.data("h264")
    (tmp_path / "sorry.html").write_text("<p>No such film.")
    return start(VHOST, media=films.directory)


async def ask(site: Daemon, path: str, method: str = "GET", **headers: str) -> tuple[int, dict[str, str], bytes]:
    """Return status, headers and body."""
    named = {"Host": "films.example", **{name.replace("_", "-"): value for name, value in headers.items()}}
    response = await treq.request(
        method, site.url + path, headers=named, persistent=False, allow_redirects=False, timeout=30
    )
    got = {name.decode().lower(): values[0].decode() for name, values in response.headers.getAllRawHeaders()}
    return response.code, got, await response.content()


@pytest_twisted.ensureDeferred
async def test_a_clip_behind_it_all(site: Daemon, films: Library) -> None:
    """try_files in front, a rewrite before it, an if beside it: the clip is that of the film."""
    status, headers, clip = await ask(site, "/films/h264.mp4?key=1&start=4&end=8")
    assert (status, headers["content-type"]) == (200, "video/mp4")
    pictures = decode(clip).videos[0]
    wanted = [picture.number for picture in decode(films.data("h264")).videos[0] if 4 <= picture.time < 8]
    assert [picture.number for picture in pictures if picture.time >= 0][: len(wanted)] == wanted
    assert (await ask(site, "/by/h264/clip?start=4&end=8"))[2] == clip
    status, headers, part = await ask(site, "/films/h264.mp4?key=1&start=4&end=8", Range="bytes=100-199")
    assert (status, part) == (206, clip[100:200])
    status, headers, again = await ask(site, "/films/h264.mp4?key=1&start=4&end=8", User_Agent="VLC/3.0")
    assert (headers["x-player"], again) == ("a player", clip)


@pytest_twisted.ensureDeferred
async def test_what_is_not_there(site: Daemon, films: Library) -> None:
    """A film that is missing among the films is replaced, anything else has a page with its own type, and 404."""
    assert (await ask(site, "/films/gone.mp4?key=1"))[::2] == (200, films.data("h264"))
    status, headers, body = await ask(site, "/elsewhere", Range="bytes=0-3")
    assert (status, headers["content-type"], body) == (404, "text/html", b"<p>No such film.")
    assert (await ask(site, "/sorry.html"))[0] == 404
    assert (await ask(site, "/inside/h264.mp4"))[0] == 404
    assert (await ask(site, "/elsewhere", "HEAD"))[::2] == (404, b"")


@pytest_twisted.ensureDeferred
async def test_where_clients_are_sent(site: Daemon) -> None:
    """Old addresses, and those who have to log in first."""
    status, headers, _ = await ask(site, "/movies/a.mp4?start=5")
    assert (status, headers["location"]) == (301, "http://films.example/films/a.mp4?start=5")
    status, headers, _ = await ask(site, "/films/h264.mp4?start=5")
    assert (status, headers["location"]) == (302, "http://films.example/login?from=/films/h264.mp4?start=5")
    assert (await ask(site, "/health", "POST"))[2] == b"ok POST films.example\n"


@pytest_twisted.ensureDeferred
async def test_the_log_tells_what_was_found(site: Daemon, tmp_path: Path) -> None:
    """Variables of maps, sets and rewrites are those that the request had in the end."""
    await ask(site, "/watch/7?key=1&q=480p", User_Agent="mpv/1")
    await ask(site, "/elsewhere")
    site.stop()
    first, second = (tmp_path / "access.log").read_text().splitlines()
    assert first == "GET /watch/7?key=1&q=480p HTTP/1.1 200 /films/h264.mp4 mpv 480p films"
    assert second == "GET /elsewhere HTTP/1.1 404 /sorry.html browser 1080p none"


def test_every_mistake_is_found_before_the_start(tmp_path: Path) -> None:
    """The daemon does not start, and says what is wrong, line by line."""
    config = tmp_path / "wrong.conf"
    config.write_text(
        """http {
  map $uri $kind {
    a;
  }
  server {
    return forbidden;
    rewrite ( /a;
    set $uri x;
    if ($nothing) { }
    location / {
      try_files $uri;
      error_page 200 /x;
      if ($args) { if ($args) { } }
    }
  }
}
"""
    )
    ended = run("-n", "mp4stream", "--config", str(config))
    assert ended.returncode == 1
    said = [line.rpartition(f"{config}:")[2] for line in ended.stderr.splitlines() if "[emerg]" in line]
    assert [line.partition(":")[0] for line in said] == ["3", "6", "7", "8", "9", "11", "12", "13"]
