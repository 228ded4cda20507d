"""The phases come in nginx's order, and whatever they refuse is answered."""

from collections.abc import Callable
from pathlib import Path

import pytest
import pytest_twisted
from twisted.logger import capturedLogs

from tests.web.conftest import BODY, SMALL
from tests.web.harness import Served
from tests.web.test_channel import get
from tests.web.test_content import ask

Serve = Callable[..., Served]


@pytest_twisted.ensureDeferred
async def test_an_index_that_leads_to_itself(serve: Serve) -> None:
    """A cycle of internal redirects ends with 500."""
    assert (await ask(serve("index /folder/;"), "/folder/"))[0] == 500


@pytest_twisted.ensureDeferred
async def test_methods(serve: Serve) -> None:
    """Films are read: everything else is 405 and says what is allowed."""
    served = serve()
    for method in ("POST", "PUT", "DELETE", "OPTIONS", "TRACE", "FOO"):
        status, headers, _ = await ask(served, "/small.mp4", method=method)
        assert (status, headers["allow"]) == (405, "GET, HEAD")


@pytest_twisted.ensureDeferred
async def test_access(serve: Serve) -> None:
    """deny and limit_except keep clients out of a location."""
    served = serve("location / { limit_except GET { deny all; } } location /folder/ { deny 127.0.0.0/8; }")
    assert (await ask(served, "/small.mp4"))[0] == 200
    assert (await ask(served, "/small.mp4", method="HEAD"))[0] == 200
    assert (await ask(served, "/small.mp4", method="POST"))[0] == 403
    assert (await ask(served, "/folder/x"))[0] == 403


@pytest_twisted.ensureDeferred
async def test_virtual_servers(serve: Serve, root: Path) -> None:
    """The Host header chooses the server."""
    (root / "folder" / "small.mp4").write_bytes(b"other")
    served = serve(
        f"server_name one; }} server {{ listen 127.0.0.1:0; server_name a *.example.org; root {root}/folder;"
    )
    client = await served.connect()
    for host, body in (("one", SMALL), ("x.example.org:80", b"other"), ("nobody", SMALL)):
        client.send(b"GET /small.mp4 HTTP/1.1\r\nHost: %s\r\n\r\n" % host.encode())
        assert (await client.answer())[2] == body


@pytest_twisted.ensureDeferred
async def test_a_large_body_announced(serve: Serve) -> None:
    """client_max_body_size of the location holds before the body is read."""
    served = serve("client_max_body_size 10; location /folder/ { client_max_body_size 0; }")
    assert (await ask(served, "/", "Content-Length: 11", method="POST"))[0] == 413
    client = await served.connect()
    client.send(get("/folder/x", "Content-Length: 3000000", method="POST") + BODY)
    assert (await client.answer())[0] == 405


@pytest.mark.parametrize(
    ("rewrite", "path", "status"),
    [
        ("rewrite ^/up/ /folder/x;", "/up/", 405),
        ("rewrite ^/up/ /other;", "/up/", 413),
        ("if ($arg_u) { rewrite ^ /folder/x; }", "/up/?u=1", 405),
        ("if ($arg_u) { rewrite ^ /folder/x; }", "/up/", 413),
        ("return 403;", "/up/", 403),
        ("if ($found = 1) { rewrite ^ /folder/x; }", "/up/", 405),
        ("if ($request_method = POST) { return 299 '$msec'; }", "/up/", 299),
        ("if (-f $document_root/small.mp4) { rewrite ^ /folder/x; }", "/up/", 413),
    ],
)
@pytest_twisted.ensureDeferred
async def test_the_body_of_a_rewritten_request(serve: Serve, rewrite: str, path: str, status: int) -> None:
    """The limit is that of the location that the server's script will choose, known before the body is read."""
    served = serve(
        f"client_max_body_size 10; {rewrite} location /folder/ {{ client_max_body_size 1k; }}",
        http="access_log off; map $uri $found { /up/ 1; }",
    )
    assert (await ask(served, path, "Content-Length: 11", "Connection: close\r\n\r\n12345678901", method="POST"))[
        0
    ] == status


@pytest_twisted.ensureDeferred
async def test_a_look_ahead_changes_nothing(serve: Serve) -> None:
    """What a script does for the limit of a body is done once for the request itself, from its beginning."""
    served = serve(
        "set $args x$args; rewrite ^/a(.*) /b$1; location /b { internal; return 200 '$args|$uri'; }"
        " location /c { return 200 $args; }"
    )
    client = await served.connect()
    client.send(get("/a1?q", "Content-Length: 3", method="POST") + b"abc")
    assert (await client.answer())[2] == b"xq|/b1"
    client.send(get("/c?q", "Content-Length: 3", method="POST") + b"abc")
    assert (await client.answer())[2] == b"xq"
    # What was internal for one request is closed to the next.
    client.send(get("/b"))
    assert (await client.answer())[0] == 404


@pytest_twisted.ensureDeferred
async def test_the_order_of_phases(serve: Serve) -> None:
    """A script goes before access, access before try_files; an `if` that held decides who may come in."""
    served = serve(
        """location /r { deny all; return 402; } location /t { deny all; try_files /small.mp4 =404; }
        location /i { deny all; error_page 403 =200 /small.mp4; if ($arg_a) { error_page 403 =299 /small.mp4; } }
        location = /small.mp4 { }"""
    )
    for path, status in (("/r", 402), ("/t", 403), ("/i", 200), ("/i?a=1", 299)):
        assert (await ask(served, path))[0] == status, path


@pytest_twisted.ensureDeferred
async def test_numbers_of_the_last_expression(serve: Serve) -> None:
    """$1 is of the location after that of the server's name; what has no such group is empty; names remain."""
    served = serve(
        "server_name ~^(?<host_name>.)(x)(y)$; location ~ ^/(.)$ { return 200 '$host_name$1$2'; }"
        " location / { return 200 '$1$2$3'; }"
    )
    client = await served.connect()
    for path, body in (("/q", b"aq"), ("/long", b"axy")):
        client.send(b"GET %s HTTP/1.1\r\nHost: axy\r\n\r\n" % path.encode())
        assert (await client.answer())[2] == body


@pytest_twisted.ensureDeferred
async def test_one_line_for_each_reason(serve: Serve) -> None:
    """A missing file whose page is missing too is two lines, in the order in which it happened."""
    with capturedLogs() as events:
        await ask(serve("error_page 404 /page;"), "/nothing")
    said = [event["reason"].rpartition("/")[2].partition('"')[0] for event in events if "reason" in event]
    assert said == ["nothing", "page"]
