"""Players as files at the films' own URLs."""

from __future__ import annotations

import gzip
from base64 import b64encode
from collections.abc import Callable, Iterator
from hashlib import sha384
from pathlib import Path

import pytest
import pytest_twisted

from hls_mp4.web.pages import players as module
from hls_mp4.web.pages.players import is_player_file, read_players
from tests.films import Library
from tests.web.harness import Served
from tests.web.test_content import ask

Serve = Callable[..., Served]
SCRIPT = b"window.Hls = class {};\n" * 100


@pytest.fixture
def fetched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Players as `make players` leaves them: hls.js alone, and something that is none."""
    folder = tmp_path / "fetched"
    folder.mkdir()
    (folder / "hls-1.2.3.js").write_bytes(SCRIPT)
    (folder / "hls-1.2.3.txt").write_text("Copyright")
    (folder / "shaka-5.0.0.js").write_bytes(b"")
    monkeypatch.setattr(module.read_players, "__defaults__", (folder,))
    for kept in (module.players, module._packed):
        kept.cache_clear()
    yield folder
    for kept in (module.players, module._packed):
        kept.cache_clear()


@pytest.fixture
def root(tmp_path: Path, films: Library) -> Path:
    """A folder with a film."""
    media = tmp_path / "media"
    media.mkdir()
    (media / "film.mp4").write_bytes(films.data("h264"))
    return media


def test_what_was_fetched_is_found(fetched: Path) -> None:
    """Each with its version, what it is called, and the digest that browsers check it by."""
    (found,) = read_players(fetched).values()
    assert (found.title, found.terms, found.file) == ("hls.js 1.2.3", "Apache License 2.0", "hls-1.2.3.js")
    assert found.home.startswith("https://github.com/")
    assert found.integrity == "sha384-" + b64encode(sha384(SCRIPT).digest()).decode()
    assert read_players(fetched / "nothing") == {}


@pytest.mark.parametrize(
    ("value", "is_one"),
    [
        (b"hls-1.2.3.js", True),
        (b"dash-5.2.1.txt", True),
        (b"hls", False),
        (b"hls-1.js", False),
        (b"../hls-1.2.3.js", False),
        (b"hls-1.2.3.js\n", False),
        (b"jw-1.2.3.js", False),
        (b"\xff", False),
    ],
)
def test_names_of_players(value: bytes, is_one: bool) -> None:
    """An argument of a site's own that is called like ours keeps its meaning, but for these names."""
    assert is_player_file(value) is is_one


@pytest.mark.usefixtures("fetched")
@pytest_twisted.ensureDeferred
async def test_a_player_is_served_for_good(serve: Serve) -> None:
    """As a script, to be kept for ever whatever the location says of its films, compressed for who takes that."""
    served = serve("player on; expires -1; gzip on; gzip_types *; location / { mp4; }")
    status, headers, body = await ask(served, "/film.mp4?player=hls-1.2.3.js")
    assert (status, body) == (200, SCRIPT)
    assert headers["content-type"] == "text/javascript; charset=utf-8"
    assert headers["cache-control"] == "public, max-age=31536000, immutable"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["vary"] == "Accept-Encoding"
    assert "expires" not in headers
    assert "content-encoding" not in headers
    status, headers, body = await ask(served, "/film.mp4?a=1&player=hls-1.2.3.js", "Accept-Encoding: gzip")
    assert (status, headers["content-encoding"]) == (200, "gzip")
    assert int(headers["content-length"]) == len(body) < len(SCRIPT)
    assert gzip.decompress(body) == SCRIPT
    status, headers, body = await ask(served, "/film.mp4?player=hls-1.2.3.txt")
    assert (status, headers["content-type"], body) == (200, "text/plain; charset=utf-8", b"Copyright")


@pytest.mark.usefixtures("fetched")
@pytest_twisted.ensureDeferred
async def test_a_player_that_is_not_there(serve: Serve) -> None:
    """An old page that asks for an old version gets a 404, not a film."""
    served = serve("player on; location / { mp4; }")
    assert (await ask(served, "/film.mp4?player=hls-1.0.0.js"))[0] == 404
    assert (await ask(served, "/film.mp4?player=dash-1.0.0.txt"))[0] == 404


@pytest.mark.usefixtures("fetched")
@pytest_twisted.ensureDeferred
async def test_what_keeps_the_film_keeps_the_player(serve: Serve) -> None:
    """It lies where the film lies: no film or no page, no player."""
    served = serve("player on; location / { mp4; } location /no/ { deny all; } location /off/ { player off; }")
    assert (await ask(served, "/nothing.mp4?player=hls-1.2.3.js"))[0] == 404
    assert (await ask(served, "/no/film.mp4?player=hls-1.2.3.js"))[0] == 403
    status, headers, _ = await ask(serve("player off;"), "/film.mp4?player=hls-1.2.3.js")
    assert (status, headers["content-type"]) == (200, "video/mp4")
