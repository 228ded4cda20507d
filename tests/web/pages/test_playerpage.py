"""The page of a film is a form and links, and plays what it is told."""

from __future__ import annotations

import os
from dataclasses import replace
from urllib.parse import parse_qsl, unquote_to_bytes, urlencode, urljoin, urlsplit

import pytest
from hypothesis import given

from hls_mp4.media.chapters import Chapter
from hls_mp4.web.pages.addresses import PlayerQuery, player_query
from hls_mp4.web.pages.facts import FilmFacts, TrackFacts
from hls_mp4.web.pages.playerpage import Shown, Source, player_page
from hls_mp4.web.pages.players import StreamPlayer
from hls_mp4.web.pages.streaming import STREAM_SCRIPT, Stream
from hls_mp4.web.pages.style import SCRIPT
from tests.web.pages.names import names
from tests.web.pages.reading import Page

VIDEO = TrackFacts("Video", "H.264", "avc1.64001F", "", width=1920, height=1080, bitrate=4_250_000)
AUDIO = TrackFacts("Audio", "AAC", "mp4a.40.2", "English", channels=2, rate=48000, bitrate=128_000)
KNOWN = FilmFacts("mp4", 7_384_000, (VIDEO, AUDIO), at_once=True)


def asked(query: bytes = b"player") -> PlayerQuery:
    found = player_query(query)
    assert found is not None
    return found


def clip(start_ms: int, end_ms: int | None) -> str | None:
    return f"start={start_ms // 1000}" + (f"&end={end_ms // 1000}" if end_ms is not None else "")


WHOLE = Shown("/a/film.mp4", asked(), 4_000_000_000, 0, KNOWN, (), (Source("?"),), clip, listed=True)


def page(shown: Shown = WHOLE) -> Page:
    return Page(player_page(shown))


def test_a_film_is_played() -> None:
    """A plain video element, with the proportions of the film, that loads no more than it has to."""
    found = page()
    assert found.all("video") == [
        {"width": "1920", "height": "1080", "controls": "", "playsinline": "", "preload": "metadata"}
    ]
    assert found.all("source") == [{"src": "?"}]
    assert found.texts["h1"] == "film.mp4"
    assert found.links[:2] == [("../", "Home"), ("./", "a")]


def test_several_ways_to_play() -> None:
    """A page lists what a browser may choose from, the best first."""
    sources = (Source("film.m3u8", "application/vnd.apple.mpegurl"), Source("?"))
    assert page(replace(WHOLE, sources=sources)).all("source") == [
        {"src": "film.m3u8", "type": "application/vnd.apple.mpegurl"},
        {"src": "?"},
    ]


def test_sound_alone() -> None:
    """What has no picture has no black box."""
    found = page(replace(WHOLE, facts=FilmFacts("mp4", 60_000, (AUDIO,))))
    assert len(found.all("audio")) == 1
    assert found.all("video") == []


def test_places_to_begin_at() -> None:
    """A film without chapters can be begun each five minutes; the script knows the seconds."""
    found = page()
    assert found.leads("5:00") == "?player&from=5:00"
    assert found.leads("2:00:00") == "?player&from=2:00:00"
    seconds = [float(link["data-from"]) for link in found.all("a") if "data-from" in link]
    assert seconds == [300.0 * number for number in range(25)]


def test_chapters() -> None:
    """Chapters have their times and titles, whatever is in these, and a number where there is none."""
    marks = (Chapter(0, '<b>Opening</b> & "more"'), Chapter(65_500, ""))
    found = page(replace(WHOLE, chapters=marks))
    assert found.leads('0:00<b>Opening</b> & "more"') == "?player&from=0:00"
    assert found.leads("1:05Chapter 2") == "?player&from=1:05.5"
    assert "b" not in found.texts


def test_a_part() -> None:
    """The page of a part says what it is, plays a clip, offers it for keeping, and leads back to the whole."""
    found = page(
        replace(WHOLE, asked=asked(b"player&from=1:30&to=2:00&t=x"), sources=(Source("?start=90&end=120&t=x"),))
    )
    assert "This is 1:30 to 2:00: 30 seconds of the film." in found.texts["p"]
    assert found.leads("Whole film") == "?t=x&player"
    assert found.leads("Download this part") == "?start=90&end=120&t=x"
    (saved,) = (link["download"] for link in found.all("a") if link["href"].startswith("?start=90"))
    assert saved == "film 1.30-2.00.mp4"
    assert "?start=90&end=120&t=x" in found.texts["code"]
    assert not any("data-from" in link for link in found.all("a"))
    assert "autoplay" in found.all("video")[0]


def test_the_form() -> None:
    """It is a GET of the page itself with what is there, token and all: pressing the button without a script works."""
    found = page(replace(WHOLE, asked=asked(b"md5=a%2Fb%3D%22&player&from=5&expires=9")))
    fields = [(field["name"], field["value"]) for field in found.all("input")]
    assert fields == [
        *(("md5", 'a/b="'), ("expires", "9"), ("player", "")),
        *(("from", "0:05"), ("to", "2:03:04")),
    ]
    again = asked(urlencode(fields).encode())
    assert (again.from_ms, again.to_ms) == (5000, 7_384_000)
    assert parse_qsl(again.carried) == [("md5", 'a/b="'), ("expires", "9")]
    assert found.all("form") == [{}]
    assert all("hidden" in button for button in found.all("button") if "data-field" in button)


def test_what_is_told_of_the_file() -> None:
    """Length, size, bitrate, date; of each track its codec, form, language and bitrate."""
    found = page()
    for told in ("2:03:04", "3.7 GiB (4,000,000,000 bytes)", "4.3 Mbit/s", "1970-01-01 00:00 UTC"):
        assert told in found.texts["dl"]
    for told in ("H.264 avc1.64001F", "1920\u00d71080", "4.2 Mbit/s", "AAC mp4a.40.2", "48 kHz, stereo", "English"):
        assert told in found.texts["table"]


def test_rare_codecs() -> None:
    """A viewer who hears nothing is told why before asking."""
    rare = FilmFacts("mp4", 60_000, (replace(VIDEO, codec="HEVC"), replace(AUDIO, codec="AC-3")), at_once=True)
    assert "Not every browser plays HEVC and AC-3" in page(replace(WHOLE, facts=rare)).texts["p"]
    assert "Not every browser" not in page().texts["p"]


def test_a_film_that_browsers_cannot_play() -> None:
    """Flash video has no player, and can be saved and cut."""
    found = page(replace(WHOLE, facts=replace(KNOWN, format="flv"), sources=()))
    assert "Browsers do not play FLV files" in found.texts["p"]
    assert found.all("video") == found.all("script") == []
    assert found.leads("Download the film") == "?"
    assert len(found.all("form")) == 1
    assert not any("data-field" in button for button in found.all("button"))


def test_a_broken_film() -> None:
    """It says why, and can be saved; there is nothing to play or to cut."""
    found = page(replace(WHOLE, facts=FilmFacts(problem="it is damaged or incomplete"), sources=(), clip=None))
    assert "Not a playable film: it is damaged or incomplete." in found.texts["p"]
    assert found.all("video") == found.all("form") == []
    assert found.leads("Download the film") == "?"


def test_a_file_of_which_nothing_is_known() -> None:
    """A browser may play it all the same."""
    found = page(replace(WHOLE, facts=None, clip=None, listed=False))
    assert len(found.all("video")) == 1
    assert found.all("form") == found.all("nav") == []


def test_only_our_script_is_there() -> None:
    """One script, the one that the policy knows; no attribute is one."""
    found = page()
    assert found.texts["script"] == SCRIPT
    assert not any(name.startswith("on") or name == "style" for _, element in found.elements for name in element)


@given(names)
def test_any_name(name: str) -> None:
    """The page of a file of any name is well formed and leads to itself and its folder only."""
    raw = os.fsencode(name)
    found = page(replace(WHOLE, path="/a/" + name))
    assert found.texts["h1"] == raw.decode("utf-8", "replace")
    for href, _ in found.links:
        target = urlsplit(urljoin("http://a.example/a/x", href))
        assert target.netloc == "a.example"
        assert unquote_to_bytes(target.path) in (b"/", b"/a/", b"/a/x")


@pytest.mark.parametrize(("name", "saved"), [("film", "film 0.00-0.01"), (".mp4", "mp4 0.00-0.01")])
def test_names_of_parts(name: str, saved: str) -> None:
    """A file without a suffix, or nothing but one, has a name for its parts too."""
    found = page(replace(WHOLE, path="/" + name, asked=asked(b"player&to=1")))
    assert next(link["download"] for link in found.all("a") if link["href"].startswith("?start")) == saved


HLS_PLAYER = StreamPlayer("hls", "1.2.3", b"play", b"Copyright")
STREAMS = (
    Stream("hls", "film.mp4/master.m3u8", HLS_PLAYER),
    Stream("dash", "film.mp4/manifest.mpd", StreamPlayer("dash", "5.0.0", b"play too", b"Copyright")),
)


def test_streams_are_offered_beside_the_file() -> None:
    """Buttons for each way to play it, whose players these are, and the file for who has no scripts."""
    found = page(replace(WHOLE, streams=STREAMS))
    assert [source["src"] for source in found.all("source")] == ["?", "film.mp4/master.m3u8"]
    assert [one["data-format"] for one in found.all("button") if "data-format" in one] == ["file", "hls", "dash"]
    assert found.leads("dash.js 5.0.0").startswith("https://")
    assert found.texts["script"] == SCRIPT + STREAM_SCRIPT


def test_streams_without_players() -> None:
    """Where players were not fetched, a page plays what the browser can by itself."""
    found = page(replace(WHOLE, streams=[replace(stream, player=None) for stream in STREAMS]))
    assert [source["src"] for source in found.all("source")] == ["?", "film.mp4/master.m3u8"]
    assert not any("data-format" in one for one in found.all("button"))
    assert found.texts["script"] == SCRIPT


def test_a_film_that_is_a_stream_alone() -> None:
    """A film that browsers do not know as a file is a stream, with all that a page has; it is offered for saving."""
    found = page(replace(WHOLE, sources=(), streams=STREAMS))
    assert [one["data-format"] for one in found.all("button") if "data-format" in one] == ["hls", "dash"]
    assert found.leads("5:00") == "?player&from=5:00"
    assert found.leads("Download the film") == "?"
    dash = page(replace(WHOLE, sources=(), streams=[replace(STREAMS[1], player=None)]))
    assert dash.all("video") == []
