"""error_page answers in the place of errors."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
import pytest_twisted
from twisted.logger import capturedLogs

from hls_mp4.web.finding.error_page import read_error_page
from tests.web.conftest import SMALL
from tests.web.harness import Served
from tests.web.test_content import ask

Serve = Callable[..., Served]


@pytest.fixture
def pages(root: Path) -> Path:
    """A page for missing films."""
    (root / "missing.html").write_text("no such film")
    return root


@pytest_twisted.ensureDeferred
async def test_a_page_has_the_status_of_the_error(serve: Serve, pages: Path) -> None:
    """The page is sent with its own type, whole and unconditionally, and the line of the missing file is logged."""
    served = serve("error_page 404 /missing.html;")
    with capturedLogs() as events:
        status, headers, body = await ask(served, "/nothing", "Range: bytes=0-1", "If-None-Match: *", "If-Match: x")
    assert (status, body) == (404, b"no such film")
    assert headers["content-type"] == "text/html"
    assert "accept-ranges" not in headers and "content-range" not in headers
    assert len([event for event in events if "nothing" in str(event.get("reason"))]) == 1


@pytest_twisted.ensureDeferred
async def test_a_film_in_the_place_of_a_missing_one(serve: Serve) -> None:
    """With another status it is a film like any other; with its own it is 404 and has no parts."""
    served = serve(
        "location /a/ { error_page 404 /small.mp4; } location /b/ { error_page 404 =200 /small.mp4; }"
        " location /c/ { error_page 404 = /small.mp4; }"
    )
    assert (await ask(served, "/a/x"))[::2] == (404, SMALL)
    for folder in ("b", "c"):
        assert (await ask(served, f"/{folder}/x"))[::2] == (200, SMALL)
        assert (await ask(served, f"/{folder}/x", "Range: bytes=0-9"))[::2] == (206, SMALL[:10])


@pytest.mark.parametrize(
    ("directive", "status", "body"),
    [
        ("404 @show", 404, b"/x|q=1"),
        ("404 = @show", 200, b"/x|q=1"),
        ("404 =202 @show", 202, b"/x|q=1"),
        ("404 /show", 404, b"/show|"),
        ("404 /show?a=b", 404, b"/show|a=b"),
        ("404 /show?$args", 404, b"/show|q=1"),
        ("403 404 410 =201 /show", 201, b"/show|"),
    ],
)
@pytest_twisted.ensureDeferred
async def test_where_it_leads(serve: Serve, directive: str, status: int, body: bytes) -> None:
    """A named location keeps URI and arguments, a URI has those that it names; the status is as it was said."""
    show = "return 200 '$uri|$args'"
    served = serve(f"error_page {directive}; location /show {{ {show}; }} location @show {{ {show}; }}")
    assert (await ask(served, "/x?q=1"))[::2] == (status, body)


@pytest_twisted.ensureDeferred
async def test_another_server(serve: Serve) -> None:
    """A URL is told to the client: 302, or the redirect that was asked for."""
    served = serve("error_page 404 https://b/$uri; location /m { error_page 404 =301 https://b/; }")
    status, headers, _ = await ask(served, "/x")
    assert (status, headers["location"]) == (302, "https://b//x")
    assert (await ask(served, "/m"))[0] == 301


@pytest_twisted.ensureDeferred
async def test_errors_of_every_phase(serve: Serve) -> None:
    """Access, methods, broken targets, ranges and preconditions have their pages too."""
    served = serve(
        """error_page 400 403 405 416 412 =299 /show; location = /show { allow all; return 200 '$status'; }
        location /closed { deny all; } location /refused { return 403; }"""
    )
    for path, headers, method in (
        ("/closed", (), "GET"),
        ("/refused", (), "GET"),
        ("/small.mp4", (), "DELETE"),
        ("/a%zz", (), "GET"),
        ("/small.mp4", ("Range: bytes=99999-",), "GET"),
        ("/small.mp4", ('If-Match: "x"',), "GET"),
    ):
        assert (await ask(served, path, *headers, method=method))[::2] == (299, b"299"), (path, method)


@pytest_twisted.ensureDeferred
async def test_the_method_becomes_get(serve: Serve, tmp_path: Path) -> None:
    """A page is read with GET, HEAD stays HEAD; the access log has what the client sent."""
    log = tmp_path / "access.log"
    served = serve(f"access_log {log} l; error_page 405 =200 /small.mp4;", http="log_format l '$request $status';")
    assert (await ask(served, "/small.mp4", method="DELETE"))[::2] == (200, SMALL)
    status, headers, body = await ask(serve("error_page 404 /small.mp4;"), "/nothing", method="HEAD")
    assert (status, headers["content-length"], body) == (404, "20000", b"")
    assert log.read_text().splitlines() == ["DELETE /small.mp4 HTTP/1.1 200"]


@pytest_twisted.ensureDeferred
async def test_headers_of_the_error_stay(serve: Serve) -> None:
    """What the client has to know is told beside the page: the length for 416, the methods for 405."""
    served = serve("error_page 416 405 /show; location /show { return 200 shown; }")
    assert (await ask(served, "/small.mp4", "Range: bytes=99999-"))[1]["content-range"] == "bytes */20000"
    assert (await ask(served, "/small.mp4", method="PUT"))[1]["allow"] == "GET, HEAD"


@pytest_twisted.ensureDeferred
async def test_pages_of_pages(serve: Serve) -> None:
    """A page that is missing is a plain 404; recursive_error_pages lets it have a page, and a cycle ends with 500."""
    once = "error_page 404 /nowhere;"
    assert b"<!doctype" in (await ask(serve(once), "/x"))[2]
    served = serve(
        "recursive_error_pages on; location /a { error_page 404 /b; } location /b { error_page 404 =200 /small.mp4; }"
        " location /c { error_page 404 /c/c; }"
    )
    assert (await ask(served, "/a"))[::2] == (200, SMALL)
    with capturedLogs() as events:
        assert (await ask(served, "/c"))[0] == 500
    assert any("redirection cycle" in str(event.get("reason")) for event in events)


@pytest_twisted.ensureDeferred
async def test_a_page_that_is_refused(serve: Serve) -> None:
    """Who may not come in may not see the page either, and gets a plain one."""
    status, _, body = await ask(serve("deny all; error_page 403 /small.mp4;"), "/x")
    assert status == 403 and b"<!doctype" in body


@pytest_twisted.ensureDeferred
async def test_no_body_where_there_can_be_none(serve: Serve) -> None:
    """A page that is sent as 204 has no body, no type and no length."""
    status, headers, body = await ask(serve("error_page 404 =204 /small.mp4;"), "/x")
    assert (status, body) == (204, b"")
    assert "content-length" not in headers and "content-type" not in headers


@pytest_twisted.ensureDeferred
async def test_a_named_location_that_is_not_there(serve: Serve) -> None:
    """The client gets 500, the log the name."""
    with capturedLogs() as events:
        assert (await ask(serve("error_page 404 @nowhere;"), "/x"))[0] == 500
    assert 'could not find named location "@nowhere"' in [event.get("reason") for event in events]


@pytest_twisted.ensureDeferred
async def test_a_block_with_one_has_none_of_the_outer_ones(serve: Serve) -> None:
    """Inheritance is that of nginx's arrays, in an `if` too."""
    served = serve(
        "error_page 404 =201 /small.mp4; location /a { error_page 403 /x; }"
        " location /b { if ($arg_a) { error_page 404 =202 /small.mp4; } }"
    )
    assert [(await ask(served, path))[0] for path in ("/x", "/a", "/b", "/b?a=1")] == [201, 404, 201, 202]


@pytest.mark.parametrize(
    ("args", "reason"),
    [
        (["404"], "invalid number of arguments"),
        (["=200", "/a"], 'invalid value "=200"'),
        (["x", "/a"], 'invalid value "x"'),
        (["499", "/a"], 'invalid value "499"'),
        (["200", "/a"], 'value "200" must be between 300 and 599'),
        (["404", "=x", "/a"], 'invalid value "=x"'),
        (["404", "=99", "/a"], 'value "=99" must be between 200 and 599'),
        (["404", "/$nothing"], 'unknown "nothing" variable'),
    ],
)
def test_mistakes(args: list[str], reason: str) -> None:
    """What nginx refuses is refused; so are statuses that no answer can have."""
    with pytest.raises(ValueError, match=re.escape(reason)):
        read_error_page(args)
