"""Players of the world play what packagers make: hls.js and dash.js on the film's page, shaka-player by itself.

Each picture of the films shows its number, which is read off the picture that the browser shows: a stream is right
when the pictures are those of their times, from the first to the last, also after a seek and in another quality.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

import pytest

from hls_mp4.service.plugins import discover
from hls_mp4.tools.players import FOLDER
from hls_mp4.web.pages.players import read_players
from tests.acceptance.browser import Browser, installed
from tests.acceptance.daemon import Daemon, free_port, until
from tests.acceptance.watching import Watched
from tests.films import Library, Recipe, Video, encode
from tests.flvs import FlvLibrary

pytestmark = [
    pytest.mark.skipif(installed() is None, reason="no Chromium is installed: apt-get install chromium"),
    pytest.mark.skipif(not FOLDER.exists(), reason="the players are not fetched: make players"),
]

SECONDS = 6
RATE = 25
LAST = SECONDS * RATE - 1
OTHER = 4096
"""Number of the first picture of the second rendition."""

LOW = Video(first_number=OTHER, options=(("preset", "ultrafast"), ("x264-params", "bframes=0:keyint=50:crf=40")))
RECIPES = {"film": Recipe(seconds=Fraction(SECONDS)), "two": Recipe(seconds=Fraction(SECONDS), video=(Video(), LOW))}

CONFIGURATION = """
pid mp4stream.pid;
error_log stderr notice;
error_log error.log info;
http {{
    server {{
        listen 127.0.0.1:{port};
        root {media};
        segment_duration 2s;
        location / {{ mp4; flv; {streams} autoindex on; }}
        location /ts/ {{ alias {media}/; mp4; hls; hls_segment_format ts; player on; }}
        location /keyed/ {{ alias {media}/; mp4; {streams} player on; if ($arg_key != "open") {{ return 403; }} }}
    }}
}}
"""

SHAKA = """<!doctype html>
<html><head><meta charset="utf-8"><link rel="icon" href="data:,"><script src="shaka.js"></script></head><body>
<video width="160" height="120" muted></video>
<script>
  shaka.polyfill.installAll();
  const player = new shaka.Player();
  window.loaded = player.attach(document.querySelector("video")).then(() => player.load(location.hash.slice(1)));
</script></body></html>
"""


@dataclass
class Site:
    """A daemon that serves films in every form that there is, and a browser."""

    daemon: Daemon
    browser: Browser
    streams: frozenset[str]

    def page(self, path: str, stream: str = "") -> Watched:
        """Return the film of a page, played as a stream that is chosen by its button."""
        if stream and stream not in self.streams:
            pytest.skip(f"{stream} is not there")
        self.browser.open(self.daemon.url + path)
        if stream:
            self.browser.click(f"button[data-format={stream}]")
        return Watched(self.browser)


@pytest.fixture(scope="module")
def site(films: Library, flvs: FlvLibrary, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("players")
    media = folder / "media"
    media.mkdir()
    for name, recipe in RECIPES.items():
        data = films.made(f"players-{name}", lambda recipe=recipe: encode(recipe))  # type: ignore[misc]
        (media / f"{name}.mp4").write_bytes(data)
    (media / "flash.flv").write_bytes(flvs.data("h264"))
    for script in FOLDER.glob("shaka-*.js"):
        (media / "shaka.js").write_bytes(script.read_bytes())
    (media / "shaka.html").write_text(SHAKA, encoding="utf-8")
    there = frozenset(packager.name for packager in discover().packagers) & {"hls", "dash"}
    port = free_port()
    config = folder / "mp4stream.conf"
    streams = " ".join(f"{name};" for name in sorted(there))
    config.write_text(CONFIGURATION.format(port=port, media=media, streams=streams), encoding="utf-8")
    daemon = Daemon(folder, ["-n", "mp4stream", "--config", str(config)], port)
    browser = Browser(tmp_path_factory.mktemp("browser"))
    browser.size(1000, 900)
    yield Site(daemon, browser, there)
    browser.close()
    daemon.stop()


def assert_pictures(seen: list[tuple[float, int]], first: int = 0) -> None:
    """Assert that each picture was shown at its time, one after the other.

    All times of a stream may be late by the same lead, pictures and sound alike: that of pictures which are stored
    before those that they follow, two frames here. A busy machine reads a picture late, and finds a newer one.
    """
    lags = sorted(at * RATE - (number - first) for at, number in seen)
    middle = lags[len(lags) // 2]
    assert -1 <= middle <= 3, seen
    assert lags[0] >= middle - RATE / 2, seen
    assert lags[-1] <= middle + 1.1, seen
    numbers = [number for _, number in seen]
    assert numbers == sorted(numbers)


def assert_plays(watched: Watched) -> None:
    """Play a film of one rendition to its end, then from a seek to its end again."""
    watched.until("film.readyState >= 3")
    assert abs(watched.film("duration") - SECONDS) < 0.1
    watched.play(3)
    watched.until("film.ended")
    seen = watched.seen()
    assert_pictures(seen)
    assert seen[0][1] <= 3
    assert seen[-1][1] >= LAST - 1
    assert len(seen) > SECONDS * RATE / 10
    watched.seek(3.3)
    until(lambda: watched.browser.run("window.number()") in range(79, 84), "the picture of that moment")
    watched.play(3)
    watched.until("film.ended")
    assert_pictures(watched.seen())
    assert watched.browser.run("window.number()") >= LAST - 1


@pytest.mark.parametrize("stream", ["hls", "dash"])
def test_a_film_plays_on_its_page(site: Site, stream: str) -> None:
    """hls.js and dash.js play it to the end and after a seek; nothing is asked of another host, nothing is blocked."""
    watched = site.page("/film.mp4?player", stream)
    assert_plays(watched)
    assert site.browser.run("document.getElementById('trouble').textContent") == ""
    assert site.browser.complaints() == []
    asked = site.browser.run("performance.getEntriesByType('resource').map((one) => one.name)")
    assert all(url.startswith((site.daemon.url, "blob:")) for url in asked)


def test_a_film_plays_in_transport_streams(site: Site) -> None:
    """hls.js takes MPEG-TS apart."""
    assert_plays(site.page("/ts/film.mp4?player", "hls"))
    assert site.browser.complaints() == []


@pytest.mark.parametrize("stream", ["hls", "dash"])
def test_shaka_player_plays_it(site: Site, stream: str) -> None:
    """Another player, which reads manifests its own way."""
    if stream not in site.streams:
        pytest.skip(f"{stream} is not there")
    manifest = {"hls": "/film.mp4/master.m3u8", "dash": "/film.mp4/manifest.mpd"}[stream]
    site.browser.open("about:blank")
    site.browser.open(f"{site.daemon.url}/shaka.html#{manifest}")
    site.browser.run("window.loaded.then(() => true)")
    assert_plays(Watched(site.browser))
    assert site.browser.complaints() == []


@pytest.mark.parametrize("stream", ["hls", "dash"])
def test_qualities_are_chosen(site: Site, stream: str) -> None:
    """A film with two videos plays on in the one that was chosen, picture by picture."""
    watched = site.page("/two.mp4?player", stream)
    browser = site.browser
    browser.until("document.querySelectorAll('#quality option').length === 3")
    watched.until("film.readyState >= 3")
    for option in (2, 1):
        browser.run(
            f"(() => {{ const menu = document.getElementById('quality'); menu.selectedIndex = {option};"
            " menu.dispatchEvent(new Event('change')); })()"
        )
        first = {1: 0, 2: OTHER}[option]
        watched.seek(0)
        watched.play()
        until(lambda first=first: 0 <= browser.run("window.number()") - first <= LAST, f"rendition {first}")  # type: ignore[misc]
        watched.seen()
        until(lambda: browser.run("window.seen.length") >= 10, "ten pictures more")
        watched.film("pause()")
        # What a player had buffered of the other one before it was told may be shown in between.
        chosen = [each for each in watched.seen() if 0 <= each[1] - first <= LAST]
        assert len(chosen) >= 5
        assert_pictures(chosen, first)
    assert browser.complaints() == []


def test_the_way_it_is_played_is_chosen(site: Site) -> None:
    """From the file to a stream and back, the film goes on where it was; the picture of bitrate and buffer is drawn."""
    watched = site.page("/film.mp4?player&from=2")
    browser = site.browser
    watched.until("film.currentTime >= 2")
    for name in (*sorted(site.streams), "file"):
        at = watched.film("currentTime")
        browser.click(f"button[data-format={name}]")
        assert browser.run("document.querySelector('[aria-pressed=true]').dataset.format") == name
        watched.until(f"film.readyState >= 3 && !film.seeking && film.currentTime >= {at - 0.1}")
        assert (watched.film("currentSrc").startswith("blob:")) is (name != "file")
        watched.film("pause()")
        browser.until("document.getElementById('rate').value.endsWith('bit/s')")
    browser.until("document.querySelector('polyline.buffer').getAttribute('points').includes(' ')")
    assert browser.complaints() == []


def test_flash_films_play(site: Site) -> None:
    """Browsers do not know FLV; as a stream they play it."""
    watched = site.page("/flash.flv?player")
    watched.until("film.readyState >= 3")
    watched.seek(3)
    until(lambda: site.browser.run("window.number()") in range(72, 77), "the picture of that moment")
    watched.play()
    watched.until("film.currentTime > 3.2")
    assert site.browser.complaints() == []


@pytest.mark.parametrize("stream", ["hls", "dash"])
def test_what_opens_the_page_opens_the_stream(site: Site, stream: str) -> None:
    """An argument that a location wants is sent with the player, the manifest and each segment."""
    watched = site.page("/keyed/film.mp4?key=open&player", stream)
    watched.until("film.readyState >= 3")
    watched.seek(SECONDS - 1)
    watched.play()
    watched.until("film.ended")
    assert site.browser.complaints() == []


def test_a_part_is_a_stream(site: Site) -> None:
    """The page of a part plays just that part of the stream."""
    watched = site.page("/film.mp4?player&from=0:02&to=0:04", "hls")
    watched.until("film.readyState >= 3")
    assert abs(watched.film("duration") - 2) < 0.1
    assert abs(site.browser.run("window.number()") - 2 * RATE) <= 1
    assert site.browser.complaints() == []


def test_on_a_phone(site: Site) -> None:
    """Menus and the picture fit its window, in light and dark."""
    site.browser.size(390, 844, phone=True)
    watched = site.page("/two.mp4?player", "hls")
    watched.until("film.readyState >= 3")
    width, window = site.browser.run("[document.documentElement.scrollWidth, innerWidth]")
    site.browser.size(1000, 900)
    assert width <= window


def test_the_players_are_those_of_the_tool() -> None:
    """What the daemon finds is what was fetched, each with the text of its licence."""
    found = read_players()
    assert sorted(found) == ["dash", "hls"]
    for player in found.values():
        assert b"Copyright" in player.licence
