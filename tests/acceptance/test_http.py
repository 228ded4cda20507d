"""The HTTP edge of the real daemon: what any client may count on."""

from __future__ import annotations

import socket
from email.utils import parsedate_to_datetime
from pathlib import Path

import pytest
import pytest_twisted
import treq
from treq.response import _Response as Response

from tests.acceptance.conftest import Start
from tests.acceptance.daemon import Daemon, Replies, everything
from tests.films import Library


async def ask(daemon: Daemon, path: str, method: str = "GET", **headers: str) -> tuple[Response, bytes]:
    """Return a response and its body; underscores in header names stand for hyphens."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    response = await treq.request(
        method, daemon.url + path, headers=named, persistent=False, allow_redirects=False, timeout=30
    )
    return response, await response.content()


def header(response: Response, name: str) -> str:
    """Return a response header that is there once."""
    if name == "Content-Length":  # the client keeps it for itself
        return str(response.length)
    (value,) = response.headers.getRawHeaders(name)
    return str(value)


@pytest_twisted.ensureDeferred
async def test_a_film_without_arguments_is_the_file(daemon: Daemon, films: Library) -> None:
    """Downloading gives the very bytes on the disk, with the headers players look for."""
    data = films.data("h264")
    response, body = await ask(daemon, "/h264.mp4")
    assert response.code == 200
    assert body == data
    assert header(response, "Content-Type") == "video/mp4"
    assert header(response, "Accept-Ranges") == "bytes"
    assert header(response, "Content-Length") == str(len(data))
    modified = parsedate_to_datetime(header(response, "Last-Modified")).timestamp()
    assert modified == int(films.path("h264").stat().st_mtime)


@pytest_twisted.ensureDeferred
async def test_start_zero_of_a_web_film_is_the_file(daemon: Daemon, films: Library) -> None:
    """`start=0` costs nothing on a film whose moov comes first."""
    _, body = await ask(daemon, "/h264.mp4?start=0")
    assert body == films.data("h264")


def test_head_tells_what_get_would(daemon: Daemon, films: Library) -> None:
    """HEAD has the length, type and tag of the clip, and no body."""
    films.data("h264")
    with daemon.connect() as client:
        replies = Replies(client)
        for path in (b"/h264.mp4", b"/h264.mp4?start=2&end=6", b"/", b"/missing"):
            client.sendall(b"GET " + path + b" HTTP/1.1\r\nHost: a\r\n\r\n")
            status, got, body = replies.next()
            client.sendall(b"HEAD " + path + b" HTTP/1.1\r\nHost: a\r\n\r\n")
            again, head, nothing = replies.next(head=True)
            del got["date"], head["date"]
            assert (again, head, nothing) == (status, got, b"")
            assert int(head["content-length"]) == len(body)


@pytest.mark.parametrize("path", ["/h264.mp4", "/h264.mp4?start=2&end=6", "/fragmented.mp4?start=4"])
@pytest_twisted.ensureDeferred
async def test_ranges_cut_the_generated_body(daemon: Daemon, films: Library, path: str) -> None:
    """A player that asks for a part of a clip gets just that part of the clip."""
    films.data(path[1:].partition(".")[0])
    _, whole = await ask(daemon, path)
    size = len(whole)
    for asked, first, last in (
        ("0-0", 0, 0),
        ("100-", 100, size - 1),
        ("-1000", size - 1000, size - 1),
        (f"1000-{size + 5}", 1000, size - 1),
        (f"-{size * 2}", 0, size - 1),
    ):
        response, body = await ask(daemon, path, Range=f"bytes={asked}")
        assert response.code == 206, asked
        assert header(response, "Content-Range") == f"bytes {first}-{last}/{size}"
        assert body == whole[first : last + 1]


@pytest_twisted.ensureDeferred
async def test_several_ranges_of_a_clip_come_in_parts(daemon: Daemon) -> None:
    """Multi-range works on generated bodies, which nginx's module gives up."""
    _, whole = await ask(daemon, "/h264.mp4?start=2&end=6")
    response, body = await ask(daemon, "/h264.mp4?start=2&end=6", Range="bytes=0-9,500-509,-10")
    assert response.code == 206
    kind, _, boundary = header(response, "Content-Type").partition("; boundary=")
    assert kind == "multipart/byteranges"
    parts = body.split(b"--" + boundary.encode())[1:-1]
    assert [part.partition(b"\r\n\r\n")[2].removesuffix(b"\r\n") for part in parts] == [
        whole[:10],
        whole[500:510],
        whole[-10:],
    ]


@pytest_twisted.ensureDeferred
async def test_a_range_past_the_end_is_416(daemon: Daemon) -> None:
    """The client is told how long the body is."""
    _, whole = await ask(daemon, "/h264.mp4?start=2&end=6")
    response, _ = await ask(daemon, "/h264.mp4?start=2&end=6", Range=f"bytes={len(whole)}-")
    assert response.code == 416
    assert header(response, "Content-Range") == f"bytes */{len(whole)}"


@pytest_twisted.ensureDeferred
async def test_every_clip_has_a_tag_of_its_own(daemon: Daemon) -> None:
    """No two bodies made of one film share an ETag, so no cache can mix them up."""
    tags = set()
    for query in ("", "?start=2", "?start=4", "?start=4&end=6", "?start=6&end=8", "?start=6.001&end=8"):
        response, _ = await ask(daemon, f"/h264.mp4{query}")
        tags.add(header(response, "ETag"))
    key, _ = await ask(daemon, "/key/h264.mp4?start=2.5")
    plain, _ = await ask(daemon, "/h264.mp4?start=2.5")
    tags |= {header(key, "ETag"), header(plain, "ETag")}
    assert len(tags) == 8


@pytest_twisted.ensureDeferred
async def test_what_has_not_changed_is_not_sent_again(daemon: Daemon) -> None:
    """A browser that comes back with what it knows is answered 304 without a body."""
    path = "/h264.mp4?start=2&end=6"
    first, _ = await ask(daemon, path)
    tag, modified = header(first, "ETag"), header(first, "Last-Modified")
    for known in (
        {"If_None_Match": tag},
        {"If_None_Match": f'"other", W/{tag}'},
        {"If_None_Match": "*"},
        {"If_Modified_Since": modified},
    ):
        response, body = await ask(daemon, path, **known)
        assert (response.code, body) == (304, b""), known
        assert header(response, "ETag") == tag
    for other in ({"If_None_Match": '"other"'}, {"If_None_Match": '"other"', "If_Modified_Since": modified}):
        response, _ = await ask(daemon, path, **other)
        assert response.code == 200, other


@pytest_twisted.ensureDeferred
async def test_preconditions_are_kept(daemon: Daemon) -> None:
    """If-Match and If-Unmodified-Since that do not hold give 412."""
    first, _ = await ask(daemon, "/h264.mp4")
    assert (await ask(daemon, "/h264.mp4", If_Match=header(first, "ETag")))[0].code == 200
    assert (await ask(daemon, "/h264.mp4", If_Match='"other"'))[0].code == 412
    before = "Thu, 01 Jan 1998 00:00:00 GMT"
    assert (await ask(daemon, "/h264.mp4", If_Unmodified_Since=before))[0].code == 412


@pytest_twisted.ensureDeferred
async def test_a_resumed_download_is_of_the_same_body(daemon: Daemon) -> None:
    """If-Range: the part when the clip is the same, all of it when it is another."""
    path = "/h264.mp4?start=2&end=6"
    first, whole = await ask(daemon, path)
    other, _ = await ask(daemon, "/h264.mp4?start=4&end=6")
    same, part = await ask(daemon, path, Range="bytes=100-199", If_Range=header(first, "ETag"))
    assert (same.code, part) == (206, whole[100:200])
    changed, all_of_it = await ask(daemon, path, Range="bytes=100-199", If_Range=header(other, "ETag"))
    assert (changed.code, all_of_it) == (200, whole)


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS", "PROPFIND"])
@pytest_twisted.ensureDeferred
async def test_other_methods_are_405(daemon: Daemon, method: str) -> None:
    """Films are for reading, and the answer says so."""
    response, body = await ask(daemon, "/h264.mp4", method)
    assert response.code == 405
    assert b"405" in body


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/missing.mp4", 404),
        ("/missing.mp4?start=5", 404),
        ("/h264.mp4/inside", 404),
        ("/h264.mp4/", 404),
        ("/" + "x" * 300, 404),
        ("/denied/h264.mp4", 403),
        ("/key/", 403),
        ("/h264.mp4?start=100", 500),
        ("/h264.mp4?start=12", 500),
    ],
)
@pytest_twisted.ensureDeferred
async def test_statuses_are_nginxs(daemon: Daemon, films: Library, path: str, status: int) -> None:
    """What cannot be answered gets nginx's status and a short page."""
    films.data("h264")
    response, body = await ask(daemon, path)
    assert response.code == status
    assert header(response, "Content-Type").startswith("text/html")
    assert str(status).encode() in body
    assert len(body) < 1000


@pytest_twisted.ensureDeferred
async def test_arguments_that_are_no_times_give_the_file(daemon: Daemon, films: Library) -> None:
    """nginx's grammar: what is not a number is no argument at all."""
    for query in ("start=abc", "start=-5", "start=%35", "start=5;end=7", "start=&start=5", "end=0", "start=1e1"):
        _, body = await ask(daemon, f"/h264.mp4?{query}")
        assert body == films.data("h264"), query


@pytest_twisted.ensureDeferred
async def test_a_folder_is_a_page_of_links(daemon: Daemon, films: Library) -> None:
    """autoindex shows films by name, and a folder without its slash leads to it."""
    films.data("h264")
    response, page = await ask(daemon, "/")
    assert response.code == 200
    assert header(response, "Content-Type").startswith("text/html")
    assert b'href="h264.mp4"' in page
    (films.directory / "inner").mkdir(exist_ok=True)
    redirect, _ = await ask(daemon, "/inner?x=1")
    assert redirect.code == 301
    assert header(redirect, "Location") == f"{daemon.url}/inner/?x=1"


@pytest.mark.parametrize(
    "target",
    [
        b"/../mp4stream.conf",
        b"/../../../../../../etc/passwd",
        b"/%2e%2e/%2e%2e/%2e%2e/etc/passwd",
        b"/..%2f..%2f..%2fetc/passwd",
        b"/key/../../etc/passwd",
        b"/h264.mp4%00.txt",
        b"/%00",
        b"/%",
        b"/%zz",
        b"/%4",
        b"/plain/..%2f..%2fmp4stream.conf",
        b"/plain../../etc/passwd",
    ],
)
def test_nothing_outside_the_root_is_reached(daemon: Daemon, target: bytes) -> None:
    """Dots, escapes and NULs in a path are refused or stay inside."""
    reply = daemon.raw(b"GET " + target + b" HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
    status = int(reply.split()[1])
    assert status in (400, 403, 404), reply
    assert b"root:" not in reply
    assert b"worker_shutdown_timeout" not in reply


@pytest.mark.parametrize(
    ("request_bytes", "status"),
    [
        (b"GET / HTTP/1.1\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost : a\r\n\r\n", 400),
        (b"nonsense\r\n\r\n", 400),
        (b"GET  HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        (b"GET / HTTP/9.9\r\nHost: a\r\n\r\n", 505),
        (b"GET /" + b"x" * 9000 + b" HTTP/1.1\r\nHost: a\r\n\r\n", 414),
        (b"GET / HTTP/1.1\r\nHost: a\r\nX: " + b"x" * 9000 + b"\r\n\r\n", 400),
        (
            b"GET / HTTP/1.1\r\nHost: a\r\n"
            + b"X: y" * 1000
            + b"\r\n" * 1
            + b"".join(b"A%d: %s\r\n" % (n, b"y" * 4000) for n in range(20))
            + b"\r\n",
            400,
        ),
        (b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999\r\n\r\n", 413),
        (b"GET / HTTP/1.1\r\nHost: a\r\nContent-Length: x\r\n\r\n", 400),
    ],
)
def test_malformed_requests_are_refused_and_the_next_client_is_served(
    daemon: Daemon, request_bytes: bytes, status: int
) -> None:
    """A client that talks nonsense reads why, and disturbs nobody."""
    reply = daemon.raw(request_bytes)
    assert reply.startswith(b"HTTP/1.1 %d " % status), reply[:200]
    assert b"\r\nConnection: close\r\n" in reply
    assert daemon.raw(b"HEAD / HTTP/1.0\r\n\r\n").startswith(b"HTTP/1.1 200 ")


def test_a_connection_is_kept_and_pipelined_requests_are_answered_in_order(daemon: Daemon, films: Library) -> None:
    """Four requests sent at once on one connection come back whole, in their order."""
    data = films.data("h264")
    with daemon.connect() as client:
        client.sendall(
            b"GET /h264.mp4 HTTP/1.1\r\nHost: localhost\r\nRange: bytes=0-99999\r\n\r\n"
            b"HEAD /h264.mp4 HTTP/1.1\r\nHost: localhost\r\n\r\n"
            b"GET /missing HTTP/1.1\r\nHost: localhost\r\n\r\n"
            b"GET /h264.mp4 HTTP/1.1\r\nHost: localhost\r\nRange: bytes=7-9\r\nConnection: close\r\n\r\n"
        )
        replies = Replies(client)
        assert replies.next()[2] == data[:100000]
        assert replies.next(head=True)[1]["content-length"] == str(len(data))
        assert replies.next()[0] == 404
        status, headers, body = replies.next()
        assert (status, headers["connection"], body) == (206, "close", data[7:10])
        assert everything(client) == b""


def test_http_1_0_is_answered_as_1_1_and_closed(daemon: Daemon, films: Library) -> None:
    """Old clients get the server's own version in the status line, and a closed connection unless they ask."""
    data = films.data("h264")
    reply = daemon.raw(b"GET /h264.mp4?start=0 HTTP/1.0\r\n\r\n")
    head, _, body = reply.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200 OK\r\n")
    assert b"\r\nConnection: close" in head
    assert body == data
    with daemon.connect() as client:
        replies = Replies(client)
        for _ in range(2):
            client.sendall(b"HEAD /h264.mp4 HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
            assert replies.next(head=True)[1]["connection"] == "keep-alive"


def test_a_unix_socket_serves_the_same(daemon: Daemon, films: Library) -> None:
    """A front server on the same machine can use a unix socket."""
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(30)
        client.connect(str(daemon.folder / "mp4stream.sock"))
        client.sendall(b"GET /h264.mp4 HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        assert everything(client).partition(b"\r\n\r\n")[2] == films.data("h264")


def test_each_request_is_a_line_of_the_access_log(daemon: Daemon) -> None:
    """Combined format: who, when, what, status, bytes of the body, referrer and agent."""
    daemon.raw(
        b"GET /h264.mp4?start=2&mark=access HTTP/1.1\r\nHost: localhost\r\nRange: bytes=0-99\r\n"
        b'Referer: http://there/\r\nUser-Agent: a "quoted" one\r\nConnection: close\r\n\r\n'
    )
    line = daemon.logged("mark=access", "access.log")
    assert line.startswith("127.0.0.1 - - [")
    assert line.endswith(
        '"GET /h264.mp4?start=2&mark=access HTTP/1.1" 206 100 "http://there/" "a \\x22quoted\\x22 one"'
    )


def test_a_missing_film_is_a_line_of_the_error_log(daemon: Daemon, films: Library) -> None:
    """In nginx's words and order, with the path that was looked for."""
    daemon.raw(b"GET /nothing-here.mp4?start=1 HTTP/1.1\r\nHost: localhost:80\r\nConnection: close\r\n\r\n")
    line = daemon.logged("nothing-here.mp4")
    path = Path(films.directory, "nothing-here.mp4")
    assert f'#0: open() "{path}" failed (2: No such file or directory), client: 127.0.0.1, server: localhost, ' in line
    assert line.endswith('request: "GET /nothing-here.mp4?start=1 HTTP/1.1", host: "localhost:80"')


SMUGGLED = b"GET /smuggled HTTP/1.1\r\nHost: localhost\r\n\r\n"


@pytest.mark.parametrize(
    ("headers", "body", "status"),
    [
        (b"Content-Length: 5\r\nContent-Length: 0\r\n", b"", 400),
        (b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", b"0\r\n\r\n", 400),
        (b"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n", b"0\r\n\r\n", 400),
        (b"Transfer-Encoding: chunked, identity\r\n", b"0\r\n\r\n", 400),
        (b"Transfer-Encoding: identity\r\n", b"", 501),
        (b"Transfer-Encoding: \x0bchunked\r\n", b"0\r\n\r\n", 400),
        (b"Transfer-Encoding : chunked\r\n", b"0\r\n\r\n", 400),
        (b"X: y\r\n Transfer-Encoding: chunked\r\n", b"0\r\n\r\n", 400),
        (b"X: y\rTransfer-Encoding: chunked\r\n", b"0\r\n\r\n", 400),
        (b"Content-Length: +5\r\n", b"hello", 400),
        (b"Transfer-Encoding: chunked\r\n", b"5;x\nhello\r\n0\r\n\r\n", 400),
        (b"Transfer-Encoding: chunked\r\n", b"5\r\nhello0\r\n\r\n", 400),
        (b"Transfer-Encoding: chunked\r\n", b"0x5\r\nhello\r\n0\r\n\r\n", 400),
        (b"Transfer-Encoding: chunked\r\n", b"0\r\nX : y\r\n\r\n", 400),
    ],
)
def test_nothing_is_smuggled_past_a_front_server(daemon: Daemon, headers: bytes, body: bytes, status: int) -> None:
    """A request whose length two servers could read in two ways is the last of its connection, whatever follows."""
    reply = daemon.raw(b"POST /h264.mp4 HTTP/1.1\r\nHost: localhost\r\n" + headers + b"\r\n" + body + SMUGGLED)
    assert reply.startswith(b"HTTP/1.1 %d " % status), reply[:200]
    assert reply.count(b"HTTP/1.1 ") == 1
    daemon.raw(b"GET /h264.mp4 HTTP/1.0\r\nUser-Agent: after-smuggling\r\n\r\n")
    daemon.logged("after-smuggling", "access.log")
    assert not any("/smuggled" in line for line in daemon.lines("access.log"))


def test_requests_typed_by_hand(daemon: Daemon, films: Library) -> None:
    """A lone line feed ends a line, empty lines before a request do no harm, and names may be UTF-8 as they are."""
    data = films.data("h264")
    path = films.directory / "кино.mp4"
    path.write_bytes(data)
    try:
        for head in ("\n\r\nGET /h264.mp4 HTTP/1.1\nHost: a\nConnection: close\n\n", "GET /кино.mp4 HTTP/1.0\n\n"):
            assert daemon.raw(head.encode()).partition(b"\r\n\r\n")[2] == data
    finally:
        path.unlink()


def test_https_to_a_plain_port_is_told_of(daemon: Daemon) -> None:
    """Who connects with https:// where http:// is served gets an answer at once, and the log says what it was."""
    assert daemon.raw(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03").startswith(b"HTTP/1.1 400 ")
    line = daemon.logged("TLS handshake")
    assert "[info]" in line
    assert 'request: "' in line


def test_a_body_is_asked_for_only_where_it_is_read(daemon: Daemon, films: Library) -> None:
    """curl, which asks before it uploads, hears the refusal instead of sending megabytes."""
    films.data("h264")
    asking = b" HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n"
    reply = daemon.raw(b"PUT /h264.mp4" + asking)
    assert reply.startswith(b"HTTP/1.1 405 ")
    assert b"\r\nAllow: GET, HEAD\r\n" in reply
    with daemon.connect() as client:
        client.sendall(b"GET /missing" + asking)
        assert client.recv(1000) == b"HTTP/1.1 100 Continue\r\n\r\n"
        client.sendall(b"hello")
        assert Replies(client).next()[0] == 404


IMPATIENT = """
error_log stderr notice;
http {{
    access_log access.log;
    client_header_timeout 1s;
    client_body_timeout 1s;
    server {{
        listen 127.0.0.1:{port};
        server_name first;
        root {folder};
        large_client_header_buffers 2 256;
        client_header_buffer_size 256;
        max_headers 5;
    }}
    server {{
        listen 127.0.0.1:{port};
        server_name second;
        large_client_header_buffers 4 8k;
        client_header_timeout 1h;
    }}
}}
"""


def test_clients_that_are_too_slow_or_say_too_much(start: Start) -> None:
    """Time-outs and sizes are those of the address's default server, whichever server a request names."""
    daemon = start(IMPATIENT)
    for begun, shown in (
        (b"GET /begun", '"GET /begun" 408 0'),
        (b"GET /headers HTTP/1.1\r\nHost: second\r\n", '"GET /headers HTTP/1.1" 408 0'),
        (b"POST /body HTTP/1.1\r\nHost: second\r\nContent-Length: 5\r\n\r\nhel", '"POST /body HTTP/1.1" 408 0'),
    ):
        assert daemon.raw(begun) == b""
        daemon.logged(shown, "access.log")
    for sent, status in (
        (b"GET /" + b"x" * 300 + b" HTTP/1.1\r\nHost: second\r\n\r\n", 414),
        (b"GET / HTTP/1.1\r\nHost: second\r\nX: " + b"x" * 300 + b"\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: second\r\n" + b"X: %s\r\n" % (b"x" * 190) * 4 + b"\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: second\r\n" + b"X: y\r\n" * 5 + b"\r\n", 400),
        (b"GET /missing HTTP/1.1\r\nHost: second\r\nConnection: close\r\n" + b"X: y\r\n" * 3 + b"\r\n", 404),
    ):
        assert daemon.raw(sent).startswith(b"HTTP/1.1 %d " % status)
