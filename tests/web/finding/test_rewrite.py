"""rewrite and break change what is asked for as nginx does."""

import re
from collections.abc import Callable

import pytest
import pytest_twisted
from twisted.logger import capturedLogs

from hls_mp4.web.finding.rewrite import read_break, read_rewrite
from tests.web.harness import Served
from tests.web.test_content import ask

Serve = Callable[..., Served]

SHOW = "location /show { return 200 '$uri|$args'; }"


async def body(served: Served, path: str) -> bytes:
    return (await ask(served, path))[2]


@pytest.mark.parametrize(
    ("rewrite", "path", "shown"),
    [
        ("^/old/(.*)$ /show/$1 last", "/old/a.mp4?start=5", b"/show/a.mp4|start=5"),
        ("^/old/(.*)$ /show?file=$1 last", "/old/a.mp4?start=5", b"/show|file=a.mp4&start=5"),
        ("^/old/(.*)$ /show?file=$1? last", "/old/a.mp4?start=5", b"/show|file=a.mp4"),
        ("^ /show? last", "/old?start=5", b"/show|"),
        ("^ /show?a?b last", "/old", b"/show|a?b"),
        ("^/old/(.*)$ /show?file=$1 last", "/old/a%26b%20c", b"/show|file=a%26b%20c"),
        ("^/old/(.*)$ /show?file=$1 last", "/old/a&b", b"/show|file=a&b"),
        ("^/old/(.*)$ /show/$1 last", "/old/a%26b%20c", b"/show/a&b c|"),
        ("^/(?<year>[0-9]+)/(?<name>.*) /show/$name-$year last", "/1984/dune", b"/show/dune-1984|"),
        ("^ /show/$arg_x$2 last", "/old?x=1", b"/show/1|x=1"),
    ],
)
@pytest_twisted.ensureDeferred
async def test_another_uri(serve: Serve, rewrite: str, path: str, shown: bytes) -> None:
    """Captures, arguments and what was escaped arrive as in nginx."""
    assert await body(serve(f"{SHOW} location / {{ rewrite {rewrite}; }}"), path) == shown


@pytest.mark.parametrize(
    ("rewrite", "path", "status", "location"),
    [
        ("^/old/(.*)$ /new/$1 redirect", "/old/a?b=c", 302, "http://a/new/a?b=c"),
        ("^/old/(.*)$ /new/$1? permanent", "/old/a?b=c", 301, "http://a/new/a"),
        ("^/old/(.*)$ https://other/$1?x=y", "/old/a?b=c", 302, "https://other/a?x=y&b=c"),
        ("^ $scheme://other$uri last", "/old", 302, "http://other/old"),
        ("^/old/(.*)$ /new/$1 redirect", "/old/a%20b%0dX:y", 302, "http://a/new/a%20b%0DX:y"),
        ("^/old/(.*)$ /new/$1 redirect", "/old/a%3fb", 302, "http://a/new/a%3Fb"),
    ],
)
@pytest_twisted.ensureDeferred
async def test_a_redirect(serve: Serve, rewrite: str, path: str, status: int, location: str) -> None:
    """The client is told where to go; what it escaped stays escaped, so that no line is added to the header."""
    found, headers, _ = await ask(serve(f"port_in_redirect off; rewrite {rewrite};"), path)
    assert (found, headers["location"]) == (status, location)


@pytest_twisted.ensureDeferred
async def test_the_order_of_statements_counts(serve: Serve) -> None:
    """Without a flag the next statement sees the new URI; break and last end the script."""
    served = serve(
        f"""{SHOW}
        location /a/ {{ rewrite ^/a/ /b/x; rewrite ^/b/(.*) /show/b/$1 last; rewrite ^ /show/never; }}
        location /c/ {{ rewrite ^/c/ /small.mp4; break; return 403; }}
        location /d/ {{ rewrite ^/d/ /small.mp4 break; return 403; }}"""
    )
    assert await body(served, "/a/") == b"/show/b/x|"
    assert (await ask(served, "/c/"))[0] == 200
    assert (await ask(served, "/d/"))[0] == 200


@pytest_twisted.ensureDeferred
async def test_in_a_server_before_locations(serve: Serve) -> None:
    """A rewrite of the server chooses the location, with last and without; break keeps the others from being done."""
    served = serve(f"rewrite ^/x/(.*) /show/$1 break; rewrite ^ /show/all; {SHOW} location / {{ return 403; }}")
    assert await body(served, "/x/1") == b"/show/1|"
    assert await body(served, "/y") == b"/show/all|"


@pytest_twisted.ensureDeferred
async def test_a_cycle_ends(serve: Serve) -> None:
    """A rewrite to itself is 500 and a line, after ten rounds; nine are fine."""
    served = serve(
        "location /round { rewrite ^ /round last; }"
        " location ~ ^/down/(?<rest>x*)x$ { rewrite ^ /down/$rest last; } location = /down/ { return 200 arrived; }"
    )
    with capturedLogs() as events:
        assert (await ask(served, "/round"))[0] == 500
    cycle = 'rewrite or internal redirection cycle while processing "/round"'
    assert [event["reason"] for event in events if "reason" in event] == [cycle]
    assert await body(served, "/down/" + "x" * 10) == b"arrived"
    assert (await ask(served, "/down/" + "x" * 11))[0] == 500


@pytest_twisted.ensureDeferred
async def test_a_uri_of_nothing(serve: Serve) -> None:
    """Nothing is asked for: 500, and the log says why."""
    with capturedLogs() as events:
        assert (await ask(serve("rewrite ^ $arg_to last;"), "/x"))[0] == 500
    assert "the rewritten URI has a zero length" in [event.get("reason") for event in events]


@pytest_twisted.ensureDeferred
async def test_nobody_climbs_out_of_the_root(serve: Serve) -> None:
    """An argument that becomes a path leads to no file above the root, where nginx would send it."""
    served = serve("location / { rewrite ^ /$arg_file break; }")
    assert (await ask(served, "/?file=small.mp4"))[0] == 200
    assert (await ask(served, "/?file=../../../../../../etc/passwd"))[0] == 404


@pytest_twisted.ensureDeferred
async def test_the_log_of_rewriting(serve: Serve) -> None:
    """rewrite_log tells what matched and what became of it, in nginx's words."""
    served = serve(f"rewrite_log on; rewrite ^/y /z; rewrite ^/x(.) /show?n=$1 last; {SHOW}")
    with capturedLogs() as events:
        await ask(served, "/x1")
    assert [event["reason"] for event in events if "reason" in event] == [
        '"^/y" does not match "/x1"',
        '"^/x(.)" matches "/x1"',
        'rewritten data: "/show", args: "n=1"',
    ]


@pytest.mark.parametrize(
    ("args", "reason"),
    [
        (["^"], "invalid number of arguments"),
        (["^", "/a", "last", "break"], "invalid number of arguments"),
        (["^", "/a", "first"], 'invalid parameter "first"'),
        (["(", "/a"], 'invalid regular expression "("'),
        (["^", ""], "empty replacement"),
        (["^", "/$nothing"], 'unknown "nothing" variable'),
    ],
)
def test_mistakes(args: list[str], reason: str) -> None:
    """What nginx refuses is refused."""
    with pytest.raises(ValueError, match=re.escape(reason)):
        read_rewrite(args)


def test_break_stands_alone() -> None:
    """It has no arguments."""
    with pytest.raises(ValueError, match="invalid number of arguments"):
        read_break(["now"])
