"""A folder's page shows what is in it, and every link leads there, whatever names there are."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator
from html.parser import HTMLParser
from urllib.parse import unquote_to_bytes, urljoin, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hls_mp4.config import load_from_text
from hls_mp4.web.autoindex import AutoindexSettings, Entry, listing_page, size_text

ON = AutoindexSettings(enabled=True)
ROUNDED = AutoindexSettings(enabled=True, exact_size=False)
THEN = 1753693501  # 2025-07-28 09:05:01 UTC

names = (
    st.binary(min_size=1, max_size=40)
    .filter(lambda raw: b"/" not in raw and b"\0" not in raw and raw not in (b".", b".."))
    .map(os.fsdecode)
)


class Page(HTMLParser):
    """A page as a browser takes it: links, each with its text, and elements that are still open."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.links: list[tuple[str, str]] = []
        self.texts: dict[str, str] = {}
        self.times: list[str] = []
        self._open: list[str] = []
        self.feed(text)
        self.close()
        assert not self._open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert len(dict(attrs)) == len(attrs)
        if tag not in ("meta", "link", "path", "rect", "circle", "use"):
            self._open.append(tag)
        if tag == "a":
            self.links.append((dict(attrs)["href"] or "", ""))
        if tag == "time":
            self.times.append(dict(attrs)["datetime"] or "")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        pass

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        for tag in self._open:
            self.texts[tag] = self.texts.get(tag, "") + data
        if "a" in self._open:
            href, text = self.links[-1]
            self.links[-1] = (href, text + data)


def page(path: str, entries: list[Entry], settings: AutoindexSettings = ON, *, clips: bool = False) -> Page:
    kind, body = listing_page(path, entries, settings, clips=clips)
    assert kind == "text/html; charset=utf-8"
    return Page(body.decode("utf-8"))


def film(name: str, size: int = 1, mtime: int = THEN) -> Entry:
    return Entry(name, False, size, mtime)


def folder(name: str) -> Entry:
    return Entry(name, True, 4096, THEN)


@pytest.fixture
def paris(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TZ", "Europe/Paris")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@given(name=names, is_dir=st.booleans())
def test_every_name_is_shown_and_leads_to_its_file(name: str, is_dir: bool) -> None:
    """Quotes, angle brackets, percent signs, colons, spaces, line ends, bytes that are no text: all links are right."""
    found = page("/", [Entry(name, is_dir, 1, THEN)])
    ((href, text),) = found.links
    target = urlsplit(urljoin("http://a.example/folder/", href))
    assert (target.netloc, target.query, target.fragment) == ("a.example", "", "")
    assert unquote_to_bytes(target.path) == b"/folder/" + os.fsencode(name) + (b"/" if is_dir else b"")
    assert text == os.fsencode(name).decode("utf-8", "replace") + ("/" if is_dir else "")


@given(name=names)
def test_every_folder_name_is_a_heading(name: str) -> None:
    """A folder's page says which folder it is, with any name, and is well formed."""
    assert page(os.fsdecode(b"/a/" + os.fsencode(name) + b"/"), []).texts["h1"] == os.fsencode(name).decode(
        "utf-8", "replace"
    )


def test_order() -> None:
    """Folders come first, then names as people count: Episode 2 before Episode 10."""
    entries = [
        film("Episode 10.mp4"),
        film("episode 2.mp4"),
        folder("z"),
        film("10"),
        film("a"),
        folder("B"),
        film("2"),
    ]
    texts = [text for _, text in page("/", entries).links]
    assert texts == ["B/", "z/", "2", "10", "a", "episode 2.mp4", "Episode 10.mp4"]


def test_the_way_up() -> None:
    """Below the root there are links to every folder above, relative ones that hold behind any prefix."""
    found = page("/films/science fiction/1980s/", [])
    assert found.links == [
        ("../../../", "Home"),
        ("../../", "films"),
        ("../", "science fiction"),
        ("../", "Parent folder"),
    ]
    assert page("/", []).links == []


def test_clips() -> None:
    """Where films can be clipped each has an example of it, and the page says how; other files have none."""
    entries = [
        film("a b.mp4"),
        film("c.M4V"),
        film("d.m4a"),
        film("e.mov"),
        film("f.mkv"),
        film("g.txt"),
        folder("h.mp4"),
    ]
    found = page("/", entries, clips=True)
    clipped = [href for href, text in found.links if text == "from 0:30"]
    assert clipped == ["a%20b.mp4?start=30", "c.M4V?start=30", "d.m4a?start=30", "e.mov?start=30"]
    assert "?start=20&end=25.5" in found.texts["footer"]
    assert "from 0:30" not in page("/", entries, clips=False).texts["body"]
    assert "footer" not in page("/", [film("g.txt")], clips=True).texts


def test_nothing_else_is_loaded() -> None:
    """The page is whole in itself: it works without a network and under any policy on outside content."""
    _, body = listing_page("/a/", [film("a.mp4"), folder("b")], ON, clips=True)
    assert b"http:" not in body
    assert b"https:" not in body
    assert b"<script" not in body
    assert b"prefers-color-scheme: dark" in body
    assert b'lang="en"' in body


@pytest.mark.parametrize(
    ("size", "rounded"),
    [
        (0, "0 B"),
        (1023, "1023 B"),
        (1024, "1.0 KiB"),
        (10188, "9.9 KiB"),
        (10189, "10 KiB"),
        (1023 * 1024, "1023 KiB"),
        (1024 * 1024 - 1, "1.0 MiB"),
        (5 << 30, "5.0 GiB"),
        (700 << 40, "700 TiB"),
        (5000 << 40, "5000 TiB"),
    ],
)
def test_sizes(size: int, rounded: str) -> None:
    """Sizes have three digits or so and a unit, or every digit when exact ones are wanted."""
    assert size_text(size, exact=False) == rounded
    assert size_text(size, exact=True).replace(",", "") == str(size)


def test_sizes_of_the_page() -> None:
    """autoindex_exact_size off rounds; the sum of a folder is always rounded."""
    entries = [film("a", 1234567), film("b", 1), folder("c")]
    assert "1,234,567" in page("/", entries).texts["main"]
    assert "1.2 MiB" in page("/", entries, ROUNDED).texts["main"]
    assert page("/", entries).texts["p"] == "1 folder, 2 files, 1.2 MiB · times are UTC"
    assert page("/", []).texts["p"] == "This folder is empty."


@pytest.mark.usefixtures("paris")
def test_times() -> None:
    """Times are UTC, or local with autoindex_localtime, and say which."""
    local = AutoindexSettings(enabled=True, localtime=True)
    assert page("/", [film("a")]).times == ["2025-07-28T09:05Z"]
    assert page("/", [film("a")]).texts["time"] == "2025-07-28 09:05"
    assert page("/", [film("a")], local).times == ["2025-07-28T11:05"]
    assert page("/", [film("a")], local).texts["p"].endswith("local time")


@given(mtime=st.integers(-(2**63), 2**63 - 1), localtime=st.booleans(), form=st.sampled_from(["html", "json"]))
def test_any_time_a_file_system_stores(mtime: int, localtime: bool, form: str) -> None:
    """A file from the far future or past does not keep the folder from being listed."""
    settings = AutoindexSettings(enabled=True, localtime=localtime, format=form)
    assert listing_page("/", [film("a", mtime=mtime)], settings, clips=True)[1]


def test_json() -> None:
    """autoindex_format json is nginx's: names, types, HTTP dates, and sizes of files."""
    entries = [film('q"\udcff.mp4', 5), folder("b")]
    kind, body = listing_page("/", entries, AutoindexSettings(enabled=True, format="json"), clips=True)
    assert kind == "application/json"
    assert json.loads(body) == [
        {"name": "b", "type": "directory", "mtime": "Mon, 28 Jul 2025 09:05:01 GMT"},
        {"name": 'q"\ufffd.mp4', "type": "file", "mtime": "Mon, 28 Jul 2025 09:05:01 GMT", "size": 5},
    ]
    assert json.loads(listing_page("/", [], AutoindexSettings(format="json"), clips=False)[1]) == []


def test_directives() -> None:
    """The four directives are nginx's, with nginx's defaults."""
    text = """http { server { location /a { } location /b {
        autoindex on; autoindex_exact_size off; autoindex_localtime on; autoindex_format json; } } }"""
    a, b = (block.scope[AutoindexSettings] for block in load_from_text(text, (AutoindexSettings,)).servers[0].locations)
    assert a == AutoindexSettings(enabled=False, exact_size=True, localtime=False, format="html")
    assert b == AutoindexSettings(enabled=True, exact_size=False, localtime=True, format="json")
