"""root and alias, with variables, and nothing outside of them."""

from collections.abc import Callable
from pathlib import Path

import pytest
import pytest_twisted
from twisted.logger import capturedLogs

from hls_mp4.web.finding.root import refuse_climbing
from hls_mp4.web.refusal import Refusal
from hls_mp4.web.settings import parse_place
from tests.web.conftest import SMALL
from tests.web.harness import Served
from tests.web.test_content import ask

Serve = Callable[..., Served]


@pytest_twisted.ensureDeferred
async def test_a_root_for_each_host(serve: Serve, root: Path) -> None:
    """Variables, captures and maps name folders; what comes out relative is below the prefix."""
    (root / "folder" / "x.txt").write_text("inside")
    served = serve(
        f"location /x.txt {{ root {root}/$arg_in; add_header X $document_root; }}"
        " location /rel/ { root $arg_in; rewrite ^/rel(.*) $1 break; }"
        f" location ~ ^/u/(\\w+)/(.*)$ {{ alias {root}/$1/$2; add_header X $request_filename; }}"
    )
    _, headers, body = await ask(served, "/x.txt?in=folder")
    assert (headers["x"], body) == (f"{root}/folder", b"inside")
    assert (await ask(served, "/rel/x.txt?in=folder"))[2] == b"inside"
    _, headers, body = await ask(served, "/u/folder/x.txt")
    assert (headers["x"], body) == (f"{root}/folder/x.txt", b"inside")


@pytest.mark.parametrize("path", ["/up../secret", "/u../secret", "/arg?in=../secret", "/arg?in=.."])
@pytest_twisted.ensureDeferred
async def test_nobody_climbs(serve: Serve, root: Path, path: str) -> None:
    """An alias without its slash, a capture, an argument: no way leads out of the folder that was meant."""
    (root / "folder" / "small.mp4").write_bytes(b"small")
    (root / "secret").write_text("secret")
    served = serve(
        f"location /up {{ alias {root}/folder/; }} location ~ ^/u(?<name>\\..*)$ {{ alias {root}/folder/$name; }}"
        f" location /arg {{ root {root}/folder/$arg_in; }}"
    )
    status, _, body = await ask(served, path)
    assert status in (400, 404) and b"secret" not in body
    assert (await ask(served, "/upsmall.mp4"))[2] == b"small"


@pytest_twisted.ensureDeferred
async def test_an_alias_needs_the_uri_that_it_stands_for(serve: Serve, root: Path) -> None:
    """After a rewrite in the same location nobody can tell what is to be replaced: 500, and the log says so."""
    served = serve(f"location /a/ {{ alias {root}/; rewrite ^/a/b(.*) /a$1 break; }}")
    assert (await ask(served, "/a/small.mp4"))[2] == SMALL
    with capturedLogs() as events:
        assert (await ask(served, "/a/b/small.mp4"))[0] == 500
    assert any('"alias" cannot be used' in str(event.get("reason")) for event in events)


@pytest_twisted.ensureDeferred
async def test_symbolic_links_below_a_variable(serve: Serve, root: Path) -> None:
    """The trusted part is the root that the request has."""
    (root / "folder" / "real.txt").write_text("real")
    (root / "linked").symlink_to(root / "folder")
    served = serve(f"location / {{ root {root}/$arg_in; disable_symlinks on from=$document_root; }}")
    assert (await ask(served, "/real.txt?in=linked"))[2] == b"real"
    assert (await ask(served, "/linked/real.txt?in="))[0] == 403


def test_dots_that_are_no_way_up() -> None:
    """Only a segment of two dots leads upwards."""
    refuse_climbing("/a..b/..c/d..")
    with pytest.raises(Refusal, match="unsafe URI"):
        refuse_climbing("/a/..")


def test_a_root_is_not_made_of_itself() -> None:
    """$document_root in root, and $realpath_root, are errors."""
    for name in ("document_root", "realpath_root"):
        with pytest.raises(ValueError, match="cannot be used"):
            parse_place(["root", f"${name}/x"])
