"""What lies at a URI: files, folders, listings, refusals."""

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest
import pytest_twisted

from tests.web.conftest import SMALL
from tests.web.harness import Served
from tests.web.test_channel import get

Serve = Callable[..., Served]


async def ask(served: Served, path: str, *headers: str, method: str = "GET") -> "tuple[int, dict[str, str], bytes]":
    client = await served.connect()
    client.send(get(path, *headers, "Connection: close", method=method))
    return await client.answer(head=method == "HEAD")


@pytest_twisted.ensureDeferred
async def test_a_file_is_sent_with_what_players_need(serve: Serve) -> None:
    """Type, length, validators and ranges are told."""
    status, headers, body = await ask(serve(), "/small.mp4")
    assert (status, body) == (200, SMALL)
    assert headers["content-type"] == "video/mp4"
    assert headers["accept-ranges"] == "bytes"
    assert headers["last-modified"] == "Sun, 09 Sep 2001 01:46:40 GMT"
    assert headers["etag"].startswith('"')
    assert headers["server"].startswith("mp4stream/")
    assert "GMT" in headers["date"]


@pytest_twisted.ensureDeferred
async def test_a_name_that_is_sent_as_it_is(serve: Serve, root: Path) -> None:
    """curl and old players do not escape a Cyrillic name; they get their film all the same."""
    (root / "кино.mp4").write_bytes(SMALL)
    served = serve()
    client = await served.connect()
    for _ in range(2):
        client.send(b"GET /%b HTTP/1.1\r\nHost: a\r\n\r\n" % "кино.mp4".encode())
        status, _, body = await client.answer()
        assert (status, body) == (200, SMALL)


@pytest_twisted.ensureDeferred
async def test_head_is_get_without_the_body(serve: Serve) -> None:
    """HEAD has every header of GET."""
    served = serve()
    _, got, _ = await ask(served, "/large.mp4")
    status, headers, body = await ask(served, "/large.mp4", method="HEAD")
    assert (status, body) == (200, b"")
    assert {**headers, "date": ""} == {**got, "date": ""}


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/nothing", 404),
        ("/small.mp4/x", 404),
        ("/" + "x" * 300, 404),
        ("/folder/", 403),
        ("/nothing/", 404),
        ("/pipe", 404),
    ],
)
@pytest_twisted.ensureDeferred
async def test_what_is_not_there(serve: Serve, root: Path, path: str, status: int) -> None:
    """Missing files, folders without a listing and things that are no files have nginx's statuses."""
    os.mkfifo(root / "pipe")
    assert (await ask(serve(), path))[0] == status


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
@pytest_twisted.ensureDeferred
async def test_what_may_not_be_read(serve: Serve, root: Path) -> None:
    """A file without permission is 403."""
    (root / "small.mp4").chmod(0)
    assert (await ask(serve(), "/small.mp4"))[0] == 403


@pytest_twisted.ensureDeferred
async def test_a_folder_without_its_slash(serve: Serve, root: Path) -> None:
    """301 to the slash, query kept, whatever is in the name."""
    served = serve()
    status, headers, _ = await ask(served, "/folder?a=b")
    assert status == 301
    assert headers["location"] == f"http://a:{served.ports[0].getHost().port}/folder/?a=b"
    (root / "a ?#%é").mkdir()
    _, headers, _ = await ask(served, "//./a%20%3f%23%25%c3%A9#x")
    assert headers["location"].endswith("/a%20%3F%23%25%C3%A9/")


@pytest_twisted.ensureDeferred
async def test_index_files(serve: Serve, root: Path) -> None:
    """The first index file that exists is the folder; its own location decides how it is served."""
    (root / "folder" / "b.html").write_text("hello")
    served = serve("index a.html b.html; location ~ html$ { add_header X-Seen yes; }")
    status, headers, body = await ask(served, "/folder/")
    assert (status, headers["x-seen"], body) == (200, "yes", b"hello")
    assert headers["content-type"] == "text/html"


@pytest_twisted.ensureDeferred
async def test_listings(serve: Serve, root: Path) -> None:
    """A folder is listed for people and for programs, hidden files left out."""
    (root / ".hidden").write_text("x")
    (root / 'q"<&>.mp4').write_bytes(b"x")
    status, headers, body = await ask(serve("autoindex on; location / { mp4; }"), "/")
    assert status == 200
    assert headers["content-type"].startswith("text/html")
    assert b"small.mp4" in body
    assert b"Not a playable film" in body
    assert b".hidden" not in body
    assert b"<&" not in body
    listing = json.loads((await ask(serve("autoindex on; autoindex_format json;"), "/"))[2])
    assert [entry["name"] for entry in listing] == ["folder", "large.mp4", 'q"<&>.mp4', "small.mp4"]


@pytest_twisted.ensureDeferred
async def test_alias(serve: Serve, root: Path) -> None:
    """An alias replaces the prefix, in nested locations too."""
    served = serve(f"location /films/ {{ alias {root}/; location ~ mp4$ {{ add_header X-In nested; }} }}")
    status, headers, body = await ask(served, "/films/small.mp4")
    assert (status, headers["x-in"], body) == (200, "nested", SMALL)
    assert (await ask(serve(f"location = /one {{ alias {root}/small.mp4; }}"), "/one"))[2] == SMALL


@pytest_twisted.ensureDeferred
async def test_symlinks(serve: Serve, root: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    """A link out of the root is followed, unless disable_symlinks says otherwise."""
    outside = tmp_path_factory.mktemp("outside") / "secret"
    outside.write_bytes(b"secret")
    (root / "link.mp4").symlink_to(outside)
    assert (await ask(serve(), "/link.mp4"))[2] == b"secret"
    strict = serve("disable_symlinks on from=$document_root;")
    assert (await ask(strict, "/link.mp4"))[0] == 403
    assert (await ask(strict, "/small.mp4"))[2] == SMALL
