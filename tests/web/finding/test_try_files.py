"""try_files finds the first file that is there."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
import pytest_twisted
from twisted.logger import capturedLogs

from hls_mp4.web.finding.try_files import read_try_files
from tests.films import Library
from tests.web.conftest import BODY, SMALL
from tests.web.harness import Served
from tests.web.test_content import ask

Serve = Callable[..., Served]


@pytest_twisted.ensureDeferred
async def test_the_first_that_is_there(serve: Serve, root: Path) -> None:
    """Files, folders with a slash, names with variables; the URI is that of what was found."""
    (root / "folder" / "index.html").write_text("index")
    served = serve("location / { try_files $uri $uri/ $uri.mp4 /$arg_name /large.mp4; add_header X $uri; }")
    for path, uri, body in (
        ("/small.mp4", "/small.mp4", SMALL),
        ("/small", "/small.mp4", SMALL),
        ("/nothing?name=small.mp4", "/small.mp4", SMALL),
        ("/nothing", "/large.mp4", BODY),
        ("/folder/", "/folder/index.html", b"index"),
    ):
        _, headers, sent = await ask(served, path)
        assert (headers["x"], sent) == (uri, body), path


@pytest_twisted.ensureDeferred
async def test_arguments(serve: Serve) -> None:
    """What was found keeps the arguments; the last word has those that it names, and no others."""
    served = serve(
        "location / { try_files $uri /show; } location /with { try_files $uri /show?u=$uri&$args; }"
        " location /show { return 200 '$args'; } location /small.mp4 { try_files $uri =404; add_header X $args; }"
    )
    assert (await ask(served, "/small.mp4?start=1"))[1]["x"] == "start=1"
    assert (await ask(served, "/nothing?start=1"))[2] == b""
    assert (await ask(served, "/with?start=1"))[2] == b"u=/with&start=1"


@pytest_twisted.ensureDeferred
async def test_a_clip_of_what_was_found(serve: Serve, root: Path, films: Library) -> None:
    """A player seeks in a film that try_files found; what is there instead of it is sent from its beginning."""
    (root / "film.mp4").write_bytes(films.data("h264"))
    served = serve("location / { try_files $uri $uri.mp4 /film.mp4; mp4; } location = /plain { alias film.mp4; mp4; }")
    clip = (await ask(served, "/film.mp4?start=1"))[2]
    assert 0 < len(clip) < len(films.data("h264"))
    assert (await ask(served, "/film?start=1"))[2] == clip
    assert (await ask(served, "/other?start=1"))[2] == films.data("h264")


@pytest_twisted.ensureDeferred
async def test_the_last_word(serve: Serve) -> None:
    """A status, a named location, which keeps URI and arguments, or a URI that is found like any other."""
    served = serve(
        "location /a/ { try_files $uri =410; } location /b/ { try_files $uri @named; }"
        " location @named { return 200 '$uri|$args'; } location /c/ { try_files $uri /inside; }"
        " location /inside { internal; return 200 inside; } location /d/ { try_files $uri =444; }"
    )
    assert (await ask(served, "/a/x"))[0] == 410
    assert (await ask(served, "/b/x?y"))[2] == b"/b/x|y"
    assert (await ask(served, "/c/x"))[2] == b"inside"
    client = await served.connect()
    client.send(b"GET /d/x HTTP/1.1\r\nHost: a\r\n\r\n")
    await client.until_closed()
    assert not client.data


@pytest_twisted.ensureDeferred
async def test_below_an_alias(serve: Serve, root: Path) -> None:
    """Names are those of URIs: with the location's prefix and without; an expression's alias is what they follow."""
    (root / "folder" / "a.txt").write_text("a")
    served = serve(
        f"location /films/ {{ alias {root}/; try_files $uri /films/folder/a.txt =404; }}"
        f" location ~ ^/re/(.*)$ {{ alias {root}/; try_files $1 =404; }}"
    )
    assert (await ask(served, "/films/small.mp4"))[2] == SMALL
    assert (await ask(served, "/films/nothing"))[2] == b"a"
    assert (await ask(served, "/re/folder/a.txt"))[2] == b"a"
    assert (await ask(served, "/re/nothing"))[0] == 404


@pytest_twisted.ensureDeferred
async def test_it_holds_in_its_own_location(serve: Serve) -> None:
    """A location inside has none, that of a server is for what has no location; an `if` of the location has it."""
    served = serve(
        "try_files /small.mp4 =404; location /a { try_files /small.mp4 =404; location /a/b { }"
        " if ($arg_x) { add_header X x; } }"
    )
    assert (await ask(served, "/anything"))[0] == 200
    assert (await ask(served, "/a"))[0] == 200
    assert (await ask(served, "/a/b"))[0] == 404
    status, headers, _ = await ask(served, "/a?x=1")
    assert (status, headers["x"]) == (200, "x")


@pytest_twisted.ensureDeferred
async def test_nobody_climbs_out_of_the_root(serve: Serve) -> None:
    """An argument finds no file above the root."""
    served = serve("location / { try_files /$arg_a =410; }")
    assert (await ask(served, "/?a=small.mp4"))[0] == 200
    assert (await ask(served, "/?a=../../../../../etc/passwd"))[0] == 410


@pytest_twisted.ensureDeferred
async def test_what_cannot_be_looked_at(serve: Serve, root: Path) -> None:
    """A link that may not be followed is not there, and the log tells; a name that is too long is just not there."""
    (root / "link.mp4").symlink_to(root / "small.mp4")
    served = serve("disable_symlinks on from=$document_root; location / { try_files $uri =410; }")
    with capturedLogs() as events:
        assert (await ask(served, "/link.mp4"))[0] == 410
        assert (await ask(served, "/small.mp4"))[0] == 200
        assert (await ask(served, "/" + "x" * 300))[0] == 410
    said = [event["reason"] for event in events if "reason" in event]
    assert len(said) == 1 and "link.mp4" in said[0]


@pytest.mark.parametrize(
    ("args", "reason"),
    [
        (["$uri"], "invalid number of arguments"),
        (["$uri", "=x"], 'invalid code "x"'),
        (["$uri", "=1000"], 'invalid code "1000"'),
        (["$uri", "="], 'invalid code ""'),
        (["$nothing", "/a"], 'unknown "nothing" variable'),
    ],
)
def test_mistakes(args: list[str], reason: str) -> None:
    """Two words at least, and a status that is one."""
    with pytest.raises(ValueError, match=re.escape(reason)):
        read_try_files(args)
