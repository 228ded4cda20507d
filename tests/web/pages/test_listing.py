"""A folder's page shows what is in it, and every link leads there, whatever names there are."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import unquote_to_bytes, urljoin, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hls_mp4.web.pages.facts import FilmFacts, TrackFacts
from hls_mp4.web.pages.folder import Entry, FolderPage
from hls_mp4.web.pages.listing import Listing, Offer, listing_page
from hls_mp4.web.pages.settings import AutoindexSettings
from tests.web.pages.names import names
from tests.web.pages.reading import Page

ON = AutoindexSettings(enabled=True)
ROUNDED = AutoindexSettings(enabled=True, exact_size=False)
THEN = 1753693501  # 2025-07-28 09:05:01 UTC

VIDEO = TrackFacts("Video", "H.264", "avc1.64001F", "", width=1920, height=1080)
ENGLISH = TrackFacts("Audio", "AAC", "mp4a.40.2", "English")
FRENCH = TrackFacts("Audio", "AAC", "mp4a.40.2", "French")
KNOWN = FilmFacts("mp4", 7_384_000, (VIDEO, ENGLISH, FRENCH), at_once=True)


def film(name: str, size: int = 1, mtime: int = THEN) -> Entry:
    return Entry(name, "file", size, mtime)


def folder(name: str) -> Entry:
    return Entry(name, "directory", 4096, THEN)


def shown(*entries: Entry) -> FolderPage:
    folders = sum(entry.is_dir for entry in entries)
    return FolderPage(entries, folders, len(entries) - folders)


def page(path: str, *entries: Entry, settings: AutoindexSettings = ON, **offers: Offer) -> Page:
    by_name = {entry.name: offers[entry.name.partition(".")[0]] for entry in entries if entry.name[:1] in offers}
    return Page(listing_page(Listing(path, shown(*entries), by_name), settings))


def clip(start_ms: int) -> str | None:
    return f"start={start_ms // 1000}"


@pytest.fixture
def paris(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TZ", "Europe/Paris")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@given(name=names, is_dir=st.booleans(), player=st.booleans())
def test_every_name_is_shown_and_leads_to_its_file(name: str, is_dir: bool, player: bool) -> None:
    """Quotes, angle brackets, percent signs, colons, spaces, line ends, bytes that are no text: all links are right."""
    entry = folder(name) if is_dir else film(name)
    listing = Listing("/", shown(entry), {} if is_dir else {name: Offer(player, clip, KNOWN)})
    found = Page(listing_page(listing, ON))
    raw = os.fsencode(name)
    readable = raw.decode("utf-8", "replace")
    assert found.links[0][1] == readable + ("/" if is_dir else "")
    for href, _ in found.links:
        target = urlsplit(urljoin("http://a.example/folder/", href))
        assert (target.netloc, target.fragment) == ("a.example", "")
        assert unquote_to_bytes(target.path) == b"/folder/" + raw + (b"/" if is_dir else b"")
    assert all(link["aria-label"].find(readable) >= 0 for link in found.all("a") if "aria-label" in link)


@given(name=names)
def test_every_folder_name_is_a_heading(name: str) -> None:
    """A folder's page says which folder it is, with any name, and is well formed."""
    found = page(os.fsdecode(b"/a/" + os.fsencode(name) + b"/"))
    assert found.texts["h1"] == os.fsencode(name).decode("utf-8", "replace")


def test_the_way_up() -> None:
    """Below the root there are links to every folder above, and to the parent."""
    assert page("/films/1980s/").links == [("../../", "Home"), ("../", "films"), ("../", "Parent folder")]
    assert page("/").links == []


def test_a_film_with_a_page() -> None:
    """Its name leads to the page, its times into it, and it can be saved."""
    found = page("/", film("a.mp4", 1234567), a=Offer(True, clip, KNOWN))
    assert found.links == [
        ("a.mp4?player", "a.mp4"),
        ("a.mp4?player&from=30:00", "from 30:00"),
        ("a.mp4?player&from=1:00:00", "1:00:00"),
        ("a.mp4?player&from=1:30:00", "1:30:00"),
        ("a.mp4?player&from=2:00:00", "2:00:00"),
        ("a.mp4", "Download"),
    ]
    (saved,) = (link for link in found.all("a") if "download" in link)
    assert saved["aria-label"] == "Download a.mp4"
    for told in ("2:03:04", "1920\u00d71080", "H.264, AAC", "2 audio languages"):
        assert told in found.texts["p"]


def test_a_film_without_a_page() -> None:
    """Its name leads to the file, and its times to clips of it."""
    found = page("/", film("a.mp4"), a=Offer(False, clip, KNOWN))
    assert [href for href, _ in found.links][:2] == ["a.mp4", "a.mp4?start=1800"]
    assert "?start=30" in found.texts["footer"]


def test_a_film_that_browsers_cannot_play() -> None:
    """Its page is there, for saving it and parts of it; a time to begin at would be no help."""
    found = page("/", film("a.flv"), a=Offer(True, clip, replace(KNOWN, format="flv")))
    assert found.links == [("a.flv?player", "a.flv"), ("a.flv", "Download")]
    without = page("/", film("a.flv"), a=Offer(False, clip, replace(KNOWN, format="flv")))
    assert without.links[1][0] == "a.flv?start=1800"


def test_a_film_that_cannot_be_cut() -> None:
    """Without a page and a module that cuts there is the file, and what is known of it."""
    found = page("/", film("a.mp4"), a=Offer(False, None, KNOWN))
    assert found.links == [("a.mp4", "a.mp4")]
    assert "footer" not in found.texts


def test_a_film_of_which_nothing_is_known_yet() -> None:
    """It can be played and saved all the same."""
    found = page("/", film("a.mp4"), a=Offer(True))
    assert found.links == [("a.mp4?player", "a.mp4"), ("a.mp4", "Download")]


def test_a_broken_film() -> None:
    """It says so in a few words, and is still a file that can be had."""
    found = page("/", film("a.mp4"), b=Offer(), a=Offer(True, clip, FilmFacts(problem="it is damaged or incomplete")))
    assert found.links == [("a.mp4", "a.mp4")]
    assert "Not a playable film: it is damaged or incomplete." in found.texts["p"]


def test_nothing_runs_on_the_page() -> None:
    """There is no script, no form and no attribute that would be one."""
    found = page("/a/", film("a.mp4"), folder("b"), a=Offer(True, clip, KNOWN))
    assert found.all("script") == []
    assert not any(name.startswith("on") or name == "style" for _, element in found.elements for name in element)


def test_sizes_of_the_page() -> None:
    """autoindex_exact_size off rounds; the sum of a folder is always rounded; what is no file has no size."""
    entries = [film("a", 1234567), film("b", 1), folder("c"), Entry("d", "other", 0, THEN)]
    assert "1,234,567" in page("/", *entries).texts["main"]
    assert "1.2 MiB" in page("/", *entries, settings=ROUNDED).texts["main"]
    assert page("/", *entries).texts["p"] == "1 folder, 3 files, 1.2 MiB · times are UTC"
    assert page("/").texts["p"] == "This folder is empty."
    assert len([element for element in page("/", *entries).all("span") if "title" in element]) == 2


@pytest.mark.usefixtures("paris")
def test_times() -> None:
    """Times are UTC, or local with autoindex_localtime, and say which."""
    local = AutoindexSettings(enabled=True, localtime=True)
    assert page("/", film("a")).all("time") == [{"datetime": "2025-07-28T09:05Z"}]
    assert page("/", film("a")).texts["time"] == "2025-07-28 09:05"
    assert page("/", film("a"), settings=local).all("time") == [{"datetime": "2025-07-28T11:05"}]
    assert page("/", film("a"), settings=local).texts["p"].endswith("local time")


@given(mtime=st.integers(-(2**63), 2**63 - 1), localtime=st.booleans())
def test_any_time_a_file_system_stores(mtime: int, localtime: bool) -> None:
    """A file from the far future or past does not keep the folder from being listed."""
    assert page("/", film("a", mtime=mtime), settings=AutoindexSettings(enabled=True, localtime=localtime)).links


def test_pages_of_a_large_folder() -> None:
    """Each page leads to its neighbours, and carries on what else was in the address."""

    def neighbours(number: int) -> list[tuple[str, str]]:
        part = FolderPage((), 0, 250, number, 3)
        return Page(listing_page(Listing("/", part, carried="md5=a&expires=1"), ON)).links

    assert neighbours(1) == [("?page=2&md5=a&expires=1", "Next")]
    assert neighbours(2) == [("?page=1&md5=a&expires=1", "Previous"), ("?page=3&md5=a&expires=1", "Next")]
    assert neighbours(3) == [("?page=2&md5=a&expires=1", "Previous")]
    assert page("/", film("a")).all("nav") == []
