"""Texts are compressed for who takes it, and nothing else is."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import pytest_twisted

from hls_mp4.config.loader import ConfigErrors, load_from_text
from hls_mp4.plan import Extent, Generated, Literal, Plan
from hls_mp4.service.settings_classes import settings_classes
from hls_mp4.web.gzip import MOST, GzipSettings, client_takes, compressible, proxy_takes, weak
from tests.web.harness import Served
from tests.web.test_content import ask

Serve = Callable[..., Served]

TEXT = b"WEBVTT\n\n" + b"00:00.000 --> 00:01.000\nhello\n\n" * 400
ON = "gzip on; gzip_types text/vtt;"
TAKES = "Accept-Encoding: gzip, br"


def settings(text: str) -> GzipSettings:
    """Return what a configuration says."""
    return load_from_text(f"http {{ {text} }}", settings_classes()).http[GzipSettings]


@pytest.fixture
def subtitles(root: Path) -> Path:
    """A folder with subtitles."""
    (root / "film.vtt").write_bytes(TEXT)
    return root


@pytest.mark.usefixtures("subtitles")
@pytest_twisted.ensureDeferred
async def test_a_text_is_compressed(serve: Serve) -> None:
    """A client that takes gzip gets the text compressed, with its length, and a tag that says it is not the file."""
    served = serve(ON)
    status, plain, body = await ask(served, "/film.vtt")
    assert (status, body) == (200, TEXT)
    status, headers, body = await ask(served, "/film.vtt", TAKES)
    assert status == 200
    assert gzip.decompress(body) == TEXT
    assert headers["content-length"] == str(len(body))
    assert headers["content-encoding"] == "gzip"
    assert headers["content-type"] == plain["content-type"]
    assert headers["etag"] == "W/" + plain["etag"]
    assert headers["vary"] == plain["vary"] == "Accept-Encoding"
    assert "accept-ranges" not in headers
    assert "content-encoding" not in plain


@pytest.mark.usefixtures("subtitles")
@pytest_twisted.ensureDeferred
async def test_head_is_get_without_the_body(serve: Serve) -> None:
    """HEAD tells of the compressed text what GET tells."""
    served = serve(ON)
    _, got, _ = await ask(served, "/film.vtt", TAKES)
    _, headers, body = await ask(served, "/film.vtt", TAKES, method="HEAD")
    assert body == b""
    assert {**headers, "date": ""} == {**got, "date": ""}


@pytest.mark.usefixtures("subtitles")
@pytest_twisted.ensureDeferred
async def test_ranges_are_of_the_file(serve: Serve) -> None:
    """Who asks for a range gets bytes of the text itself, under its strong tag."""
    status, headers, body = await ask(serve(ON), "/film.vtt", TAKES, "Range: bytes=2-9")
    assert (status, body) == (206, TEXT[2:10])
    assert "content-encoding" not in headers
    assert headers["etag"].startswith('"')
    assert headers["vary"] == "Accept-Encoding"


@pytest.mark.usefixtures("subtitles")
@pytest_twisted.ensureDeferred
async def test_a_compressed_text_that_is_known_already(serve: Serve) -> None:
    """A cache that holds the compressed text is told so under its tag; an If-Range with it gets the whole."""
    served = serve(ON)
    _, headers, whole = await ask(served, "/film.vtt", TAKES)
    status, again, _ = await ask(served, "/film.vtt", TAKES, f"If-None-Match: {headers['etag']}")
    assert (status, again["etag"], again["vary"]) == (304, headers["etag"], "Accept-Encoding")
    status, _, body = await ask(served, "/film.vtt", TAKES, "Range: bytes=2-9", f"If-Range: {headers['etag']}")
    assert (status, body) == (200, whole)


@pytest.mark.parametrize(
    ("directives", "headers"),
    [
        ("gzip off; gzip_types text/vtt;", [TAKES]),
        ("gzip on;", [TAKES]),
        (ON, []),
        (ON, ["Accept-Encoding: gzip;q=0"]),
        (ON, [TAKES, "Via: 1.1 cache"]),
        (ON + "gzip_min_length 1m;", [TAKES]),
        (ON + 'gzip_disable "bad.*player";', [TAKES, "User-Agent: A BAD old Player"]),
    ],
)
@pytest.mark.usefixtures("subtitles")
@pytest_twisted.ensureDeferred
async def test_what_stays_as_it_is(serve: Serve, directives: str, headers: list[str]) -> None:
    """Without `gzip on`, the type, the length or the client's word nothing is compressed."""
    _, got, body = await ask(serve(directives), "/film.vtt", *headers)
    assert body == TEXT
    assert "content-encoding" not in got


@pytest_twisted.ensureDeferred
async def test_a_listing_is_compressed(serve: Serve) -> None:
    """What the server writes itself is compressed too: text/html without being named."""
    served = serve("gzip on; autoindex on;")
    _, headers, body = await ask(served, "/", TAKES)
    assert headers["content-encoding"] == "gzip"
    assert b"small.mp4" in gzip.decompress(body)


@pytest.mark.usefixtures("subtitles")
@pytest_twisted.ensureDeferred
async def test_caches_that_know_it(serve: Serve) -> None:
    """`gzip_vary off` leaves Vary out."""
    _, headers, _ = await ask(serve(ON + "gzip_vary off;"), "/film.vtt", TAKES)
    assert "vary" not in headers


@pytest.mark.usefixtures("subtitles")
@pytest_twisted.ensureDeferred
async def test_the_tag_of_the_administrator_stays(serve: Serve) -> None:
    """An ETag that add_header gives is sent as it is given."""
    _, headers, _ = await ask(serve(ON + "add_header ETag '\"mine\"';"), "/film.vtt", TAKES)
    assert headers["etag"] == '"mine"'
    assert headers["content-encoding"] == "gzip"


def generated(start: int, stop: int) -> Iterator[bytes]:
    yield bytes(stop - start)


@pytest.mark.parametrize(
    ("text", "kind", "plan", "expected"),
    [
        ("gzip on;", "text/html", Plan([Literal(bytes(20))]), True),
        ("gzip on;", "text/html; charset=utf-8", Plan([Literal(bytes(20))]), True),
        ("gzip on;", "Text/HTML", Plan([Literal(bytes(20))]), True),
        ("gzip on;", "text/html", Plan([Literal(bytes(19))]), False),
        ("gzip on;", "text/vtt", Plan([Literal(bytes(20))]), False),
        ("gzip on; gzip_types text/vtt;", "text/html", Plan([Literal(bytes(20))]), True),
        ("gzip on; gzip_types *;", "video/mp4", Plan([Extent(None, 0, MOST)]), True),
        ("gzip on; gzip_types *;", "video/mp4", Plan([Extent(None, 0, MOST + 1)]), False),
        ("gzip on; gzip_min_length 0;", "text/html", Plan([]), False),
        ("gzip on;", "text/html", Plan([Generated(100, generated)]), False),
    ],
)
def test_what_is_compressed(text: str, kind: str, plan: Plan, expected: bool) -> None:
    """Texts of the types that are named, neither tiny nor too large to be held in memory."""
    assert compressible(settings(text), kind, plan) is expected


@pytest.mark.parametrize(
    ("text", "protocol", "agent", "expected"),
    [
        ("", "HTTP/1.1", "mpv", True),
        ("", "HTTP/2.0", "mpv", True),
        ("", "HTTP/1.0", "mpv", False),
        ("gzip_http_version 1.0;", "HTTP/1.0", "mpv", True),
        ("gzip_disable msie6;", "HTTP/1.1", "Mozilla/4.0 (compatible; MSIE 6.0; Windows NT 5.1)", False),
        ("gzip_disable msie6;", "HTTP/1.1", "Mozilla/4.0 (compatible; MSIE 6.0; Windows NT 5.1; SV1)", True),
        ("gzip_disable msie6;", "HTTP/1.1", "Mozilla/4.0 (compatible; MSIE 7.0)", True),
        ("gzip_disable degradation;", "HTTP/1.1", "degradation", True),
        ("gzip_disable msie6 ^curl;", "HTTP/1.1", "curl/8", False),
    ],
)
def test_which_clients(text: str, protocol: str, agent: str, expected: bool) -> None:
    """Old clients and those that are named get texts as they are."""
    headers = {"accept-encoding": "gzip", "user-agent": agent}
    assert client_takes(settings(text), protocol, headers.get) is expected


@pytest.mark.parametrize(
    ("text", "request_headers", "answer", "expected"),
    [
        ("off", {}, [], True),
        ("off", {"via": "x"}, [], False),
        ("any", {"via": "x"}, [], True),
        ("auth", {"via": "x", "authorization": "y"}, [("Expires", "no date")], True),
        ("auth", {"via": "x"}, [("Expires", "no date")], False),
        ("expired", {"via": "x"}, [("Expires", "Thu, 01 Jan 1970 00:00:01 GMT")], True),
        ("expired", {"via": "x"}, [("Expires", "Thu, 31 Dec 2037 23:55:55 GMT")], False),
        ("expired", {"via": "x"}, [("Expires", "never")], False),
        ("no-cache", {"via": "x"}, [("Cache-Control", "no-cache")], True),
        ("no-store private", {"via": "x"}, [("cache-control", "max-age=1, Private")], True),
        ("no-store", {"via": "x"}, [("Cache-Control", "max-age=1")], False),
        ("no_last_modified", {"via": "x"}, [("Last-Modified", "z")], False),
        ("no_last_modified", {"via": "x"}, [("ETag", "z")], True),
        ("no_etag", {"via": "x"}, [("ETag", "z")], False),
        ("no_etag", {"via": "x"}, [], True),
    ],
)
def test_proxies(text: str, request_headers: dict[str, str], answer: list[tuple[str, str]], expected: bool) -> None:
    """What comes through a proxy is compressed as `gzip_proxied` says, in nginx's order."""
    assert proxy_takes(settings(f"gzip_proxied {text};"), request_headers.get, answer, 1e9) is expected


def test_tags() -> None:
    """A tag is weakened once."""
    assert weak('"a"') == weak('W/"a"') == 'W/"a"'


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("gzip_types;", 'invalid number of arguments in "gzip_types" directive'),
        ("gzip_proxied;", "invalid number of arguments"),
        ("gzip_proxied sometimes;", 'invalid value "sometimes"'),
        ("gzip_proxied off any;", '"off" cannot be combined'),
        ("gzip_comp_level 10;", "value must be between 1 and 9"),
        ("gzip_http_version 2;", 'invalid value "2"'),
        ("gzip_disable;", "invalid number of arguments"),
        ("gzip_disable (;", "invalid regular expression"),
        ("gzip_buffers 4;", "invalid number of arguments"),
    ],
)
def test_mistakes(text: str, reason: str) -> None:
    """A mistake is named when the configuration is read."""
    with pytest.raises(ConfigErrors, match=reason.replace("(", r"\(")):
        settings(text)


def test_buffers_are_understood() -> None:
    """A configuration with gzip_buffers loads."""
    assert settings("gzip_buffers 16 8k;").buffers == (16, 8192)
