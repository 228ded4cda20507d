"""The pages in a real browser: readable on a phone and a desk, films play and are sought in, with and without scripts.

A plain <video> of H.264 and AAC is all it takes; Debian's Chromium has both.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import av
import pytest

from tests.acceptance.browser import Browser, installed
from tests.acceptance.daemon import Daemon, free_port, until
from tests.films import Library, frame_number

pytestmark = pytest.mark.skipif(installed() is None, reason="no Chromium is installed: apt-get install chromium")

PHONE = (390, 844)
DESK = (1280, 800)
FILMS = ("fragmented", "h264", "moov-last", "tagged", "two-audios")
LONG_NAME = 'A film & "its" <i>sequel, or what came of it in the end, which nobody would have thought of.mp4'
"""Markup, quotes, and more than a line of a phone."""


@dataclass
class Site:
    """A folder that `twistd mp4stream --root` serves, and a browser."""

    daemon: Daemon
    browser: Browser

    def open(self, path: str) -> Browser:
        """Return the browser at a page of the site."""
        self.browser.open(self.daemon.url + path)
        return self.browser


@pytest.fixture(scope="module")
def shared(films: Library, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("pages")
    media = folder / "media"
    (media / "series").mkdir(parents=True)
    for name in FILMS:
        (media / f"{name}.mp4").write_bytes(films.data(name))
    (media / LONG_NAME).write_bytes(films.data("h264"))
    (media / "broken.mp4").write_bytes(films.data("h264")[:9000])
    (media / "series" / "Episode 2.mp4").write_bytes(films.data("h264"))
    port = free_port()
    words = ["-n", "mp4stream", "--root", str(media), "--listen", f"127.0.0.1:{port}"]
    daemon = Daemon(folder, words, port)
    browser = Browser(tmp_path_factory.mktemp("browser"))
    yield Site(daemon, browser)
    browser.close()
    daemon.stop()


@pytest.fixture
def site(shared: Site) -> Site:
    """The site, in a browser as a person has it: a desk, a light scheme, scripts."""
    shared.browser.size(*DESK)
    shared.browser.dark(False)
    shared.browser.scripts(True)
    return shared


def assert_fits(browser: Browser) -> None:
    """Assert that nothing is wider than the window, and that the browser had nothing to complain of."""
    width, window = browser.run("[document.documentElement.scrollWidth, innerWidth]")
    assert width <= window
    assert browser.complaints() == []


def number_shown(browser: Browser) -> int:
    """Return the number of the frame that the player shows, read off the screen."""
    # The bar of the player lies over the picture, and goes.
    box = browser.run(
        "(() => { const film = document.querySelector('video'); film.controls = false; film.scrollIntoView();"
        " const box = film.getBoundingClientRect(); return [box.x, box.y, box.width, box.height]; })()"
    )
    x, y, width, height = map(round, box)
    with av.open(io.BytesIO(browser.picture())) as screen:
        luma = next(screen.decode(video=0)).to_ndarray(format="gray")
    return frame_number(luma[y : y + height, x : x + width])


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_a_folder_can_be_read(site: Site, size: tuple[int, int], dark: bool) -> None:
    """Every film with its facts, nothing out of the window, in the reader's colours, with fingers' room for links."""
    site.browser.size(*size, phone=size == PHONE)
    site.browser.dark(dark)
    browser = site.open("/")
    assert_fits(browser)
    rows = browser.run("[...document.querySelectorAll('.rows li')].map((row) => row.innerText)")
    for name in (*(f"{name}.mp4" for name in FILMS), LONG_NAME):
        (row,) = (row for row in rows if row.startswith(name))
        assert "0:12" in row
        assert "160\u00d7120" in row
        assert "H.264, AAC" in row
    assert any(row.startswith("broken.mp4") and "Not a playable film" in row for row in rows)
    red = browser.run("getComputedStyle(document.body).backgroundColor.match(/[0-9]+/)[0]")
    assert (int(red) < 64) is dark
    heights = browser.run("[...document.querySelectorAll('.chip')].map((chip) => chip.getBoundingClientRect().height)")
    assert min(heights) >= 24


def test_a_film_plays(site: Site) -> None:
    """From the listing to the film's page, and it plays: time goes on, and pictures are decoded."""
    browser = site.open("/")
    browser.follow("a[href='h264.mp4?player']")
    assert_fits(browser)
    browser.run("document.querySelector('video').play()")
    browser.until("document.querySelector('video').currentTime > 0.2")
    assert browser.run("[document.querySelector('video').videoWidth, document.querySelector('video').videoHeight]") == [
        *(160, 120)
    ]
    assert browser.run("document.querySelector('video').getVideoPlaybackQuality().totalVideoFrames") > 0
    assert browser.complaints() == []


@pytest.mark.parametrize("name", ["tagged", "moov-last", "fragmented"])
@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
def test_a_link_into_the_film(site: Site, name: str, scripts: bool) -> None:
    """A chapter, or a time of a film without: the player is there, and shows the picture of that moment.

    With scripts the page stays, without it is loaded again; in files with the metadata behind or in pieces too.
    """
    site.browser.scripts(scripts)
    browser = site.open(f"/{name}.mp4?player")
    begin = 4 if name == "tagged" else 5
    link = f".marks a[href='?player&from=0:0{begin}']"
    if scripts:
        browser.run("window.here = true")
        browser.click(link)
        browser.until("document.querySelector('video').currentTime > 0")
        assert browser.run("window.here") is True
    else:
        browser.follow(link)
    assert browser.run("location.search") == f"?player&from=0:0{begin}"
    browser.until(f"document.querySelector('video').currentTime >= {begin}")
    browser.run("document.querySelector('video').pause()")
    browser.until("!document.querySelector('video').seeking && document.querySelector('video').readyState >= 2")
    at = browser.run("document.querySelector('video').currentTime")
    assert begin <= at < begin + 5
    until(lambda: abs(number_shown(browser) - at * 25) <= 3, "the picture of that moment")
    assert browser.complaints() == []


def test_a_part_without_scripts(site: Site) -> None:
    """The form alone makes a part of the film: the player shows just that, and a link saves it."""
    site.browser.size(*PHONE, phone=True)
    site.browser.scripts(False)
    browser = site.open("/h264.mp4?player")
    browser.run("document.getElementById('from').value = '0:02'; document.getElementById('to').value = '0:04.5'")
    browser.follow("button.main")
    assert_fits(browser)
    browser.until("document.querySelector('video').readyState >= 2")
    assert abs(browser.run("document.querySelector('video').duration") - 2.5) < 0.1
    browser.run("document.querySelector('video').pause(); document.querySelector('video').currentTime = 0")
    browser.until("!document.querySelector('video').seeking && document.querySelector('video').readyState >= 2")
    until(lambda: abs(number_shown(browser) - 50) <= 2, "the first picture of the part")
    saved = browser.run("document.querySelector('a[download]').href")
    assert saved.endswith("/h264.mp4?start=2&end=4.5")


def test_the_way_through_the_site_without_scripts(site: Site) -> None:
    """Folders, films and the way back are links: no page needs a script."""
    site.browser.scripts(False)
    browser = site.open("/")
    browser.follow("a[href='series/']")
    browser.follow("a[href^='Episode%202']")
    assert browser.run("document.querySelector('h1').innerText") == "Episode 2.mp4"
    assert browser.run("[...document.querySelectorAll('button[data-field]')].every((one) => one.hidden)") is True
    browser.follow("nav a[href='./']")
    assert browser.run("document.querySelector('h1').innerText") == "series"
    browser.follow("nav a[href='../']")
    assert browser.run("location.pathname") == "/"


def test_where_the_film_is_can_be_written_down(site: Site) -> None:
    """With scripts, buttons put the player's time into the form."""
    browser = site.open("/h264.mp4?player&from=0:03")
    browser.until("document.querySelector('video').currentTime >= 3")
    browser.run("document.querySelector('video').pause()")
    at = browser.run("document.querySelector('video').currentTime")
    browser.click("button[data-field='from']")
    minutes, _, seconds = browser.run("document.getElementById('from').value").partition(":")
    assert abs(int(minutes) * 60 + float(seconds) - at) <= 0.1


def test_everything_can_be_reached_by_keyboard(site: Site) -> None:
    """The tabulator goes to the first link, and shows where it is."""
    browser = site.open("/")
    browser.call("Input.dispatchKeyEvent", type="rawKeyDown", key="Tab", code="Tab", windowsVirtualKeyCode=9)
    browser.until("document.activeElement.tagName === 'A'")
    assert browser.run("getComputedStyle(document.activeElement).outlineStyle") == "solid"


def test_a_broken_film_has_a_page_that_says_so(site: Site, tmp_path: Path) -> None:
    """Nothing to play, and no error of the browser either."""
    browser = site.open("/broken.mp4?player")
    assert_fits(browser)
    assert browser.run("document.querySelector('video')") is None
    assert "Not a playable film" in browser.run("document.body.innerText")
