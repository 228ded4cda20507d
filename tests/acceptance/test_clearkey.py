"""A browser plays what is encrypted: Chromium's ClearKey and shaka-player, with the keys of the film's own URL."""

from __future__ import annotations

import io
from collections.abc import Iterator
from fractions import Fraction

import av
import pytest

from hls_mp4.tools.players import FOLDER
from tests.acceptance.browser import Browser, installed
from tests.acceptance.daemon import Daemon, free_port, until
from tests.acceptance.watching import Watched
from tests.films import Library, Recipe, encode, frame_number
from tests.packagers.fmp4.encrypted import KEY, KEY_ID

pytestmark = [
    pytest.mark.skipif(installed() is None, reason="no Chromium is installed: apt-get install chromium"),
    pytest.mark.skipif(not FOLDER.exists(), reason="the players are not fetched: make players"),
]

SECONDS, RATE = 4, 25

CONFIGURATION = """
pid mp4stream.pid;
error_log stderr notice;
error_log error.log info;
http {{
    server {{
        listen 127.0.0.1:{port};
        root {media};
        segment_duration 2s;
        drm_key_file keys.json;
        drm_clear_key on;
        location /cenc/ {{ alias {media}/; dash; }}
        location /cbcs/ {{ alias {media}/; dash; drm_scheme cbcs; }}
    }}
}}
"""

PAGE = """<!doctype html>
<html><head><style>body {margin: 0}</style>
<meta charset="utf-8"><link rel="icon" href="data:,"><script src="shaka.js"></script></head><body>
<video width="160" height="120" muted></video>
<script>
  shaka.polyfill.installAll();
  const player = new shaka.Player(), film = location.hash.slice(1);
  const hex = (text) => [...atob(text.replace(/-/g, "+").replace(/_/g, "/"))]
    .map((letter) => letter.charCodeAt(0).toString(16).padStart(2, "0")).join("");
  window.problem = "";
  (async () => {
    await player.attach(document.querySelector("video"));
    if (!location.search) {
      const {keys} = await (await fetch(film + "/clearkey.json")).json();
      player.configure({drm: {clearKeys: Object.fromEntries(keys.map(({kid, k}) => [hex(kid), hex(k)]))}});
    }
    player.addEventListener("error", (event) => { window.problem = String(event.detail.code); });
    await player.load(film + "/manifest.mpd");
  })().catch((problem) => { window.problem = String(problem.code || problem); });
</script></body></html>
"""


@pytest.fixture(scope="module")
def watched(films: Library, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Daemon, Browser]]:
    """A daemon that encrypts, and a browser."""
    folder = tmp_path_factory.mktemp("clearkey")
    media = folder / "media"
    media.mkdir()
    data = films.made("clearkey", lambda: encode(Recipe(seconds=Fraction(SECONDS))))
    (media / "film.mp4").write_bytes(data)
    for script in FOLDER.glob("shaka-*.js"):
        (media / "shaka.js").write_bytes(script.read_bytes())
    (media / "page.html").write_text(PAGE, encoding="utf-8")
    (folder / "keys.json").write_text(f'{{"key_id": "{KEY_ID}", "key": "{KEY}"}}', encoding="utf-8")
    port = free_port()
    config = folder / "mp4stream.conf"
    config.write_text(CONFIGURATION.format(port=port, media=media), encoding="utf-8")
    daemon = Daemon(folder, ["-n", "mp4stream", "--config", str(config)], port)
    browser = Browser(tmp_path_factory.mktemp("browser"))
    yield daemon, browser
    browser.close()
    daemon.stop()


def shown(browser: Browser) -> int:
    """Return the number of the picture on the screen: pages cannot read what was encrypted, people can."""
    with av.open(io.BytesIO(browser.picture())) as container:
        luma = next(container.decode(video=0)).to_ndarray(format="gray")
    return frame_number(luma[:120, :160])


@pytest.mark.parametrize("scheme", ["cenc", "cbcs"])
def test_a_browser_plays_it_with_the_key(watched: tuple[Daemon, Browser], scheme: str) -> None:
    """To the end and after a seek, each picture at its time: its decryptor shares no code with FFmpeg's."""
    daemon, browser = watched
    browser.open("about:blank")
    browser.open(f"{daemon.url}/page.html#{scheme}/film.mp4")
    film = Watched(browser)
    browser.until("window.problem || document.querySelector('video').readyState >= 3")
    assert browser.run("window.problem") == ""
    assert abs(shown(browser) - 0) <= 1
    film.play(2)
    film.until("film.ended")
    times = [at for at, _ in film.seen()]
    assert len(times) > SECONDS * RATE / 10
    assert abs(times[-1] - SECONDS) < 0.1
    for second in (2.5, 0.7, 3.2):
        film.seek(second)
        until(lambda second=second: abs(shown(browser) - second * RATE) <= 1, "the picture of that moment")  # type: ignore[misc]


def test_without_the_key_it_shows_nothing(watched: tuple[Daemon, Browser]) -> None:
    """What is sent is encrypted, whoever asks."""
    daemon, browser = watched
    browser.open(f"{daemon.url}/page.html?keyless#cenc/film.mp4")
    browser.until("window.problem")
    assert browser.run("document.querySelector('video').readyState") < 2
