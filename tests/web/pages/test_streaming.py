"""Menus of a page for streams, and what its script is told."""

from __future__ import annotations

import json

from hls_mp4.web.pages.players import StreamPlayer
from hls_mp4.web.pages.streaming import HEADERS, STREAM_SCRIPT, Stream, credits_of, stream_controls
from tests.web.pages.reading import Page

HLS = Stream("hls", "film.mp4/master.m3u8?a=1", StreamPlayer("hls", "1.2.3", b"play", b"Copyright"))
DASH = Stream("dash", "film.mp4/manifest.mpd?a=1", StreamPlayer("dash", "5.0.0", b"play too", b"Copyright"))
BARE = Stream("dash", "film.mp4/manifest.mpd")


def controls(*streams: Stream, carried: str = "a=1", file_rate: int = 90_000) -> Page:
    return Page(
        stream_controls(streams, carried=carried, file_rate=file_rate, begin_s="1.5", at_once=True).encode("utf-8")
    )


def test_the_script_is_told_what_there_is() -> None:
    """Manifests and players relative to the page, with the arguments that open the film, and digests."""
    page = controls(HLS, DASH)
    told = json.loads(page.all("div")[0]["data-told"])
    assert told["streams"] == [
        {
            "name": "hls",
            "url": "film.mp4/master.m3u8?a=1",
            "script": "?a=1&player=hls-1.2.3.js",
            "integrity": HLS.player.integrity if HLS.player else "",
        },
        {
            "name": "dash",
            "url": "film.mp4/manifest.mpd?a=1",
            "script": "?a=1&player=dash-5.0.0.js",
            "integrity": DASH.player.integrity if DASH.player else "",
        },
    ]
    assert (told["carried"], told["rate"], told["from"], told["play"]) == ("a=1", 90_000, "1.5", True)
    assert [button["data-format"] for button in page.all("button")] == ["file", "hls", "dash"]


def test_only_what_can_be_played_is_offered() -> None:
    """No button for the file where browsers cannot play it, none for a stream without a player."""
    assert [button["data-format"] for button in controls(HLS, BARE, file_rate=0).all("button")] == ["hls"]


def test_nothing_is_seen_without_scripts() -> None:
    """The menus are hidden until the script finds them."""
    assert "hidden" in controls(HLS).all("div")[0]


def test_any_argument_is_told_safely() -> None:
    """Quotes and markup of a token stay where they are put."""
    nasty = "a=%22&b='<script>\"&c=&amp;"
    told = json.loads(controls(HLS, carried=nasty).all("div")[0]["data-told"])
    assert told["carried"] == nasty


def test_players_are_named() -> None:
    """Whose they are, where their sources are and under which licence, as a link to its text."""
    page = Page(credits_of([HLS, BARE], "a=1").encode())
    assert page.leads("hls.js 1.2.3") == "https://github.com/video-dev/hls.js"
    assert page.leads("Apache License 2.0") == "?a=1&player=hls-1.2.3.txt"
    assert credits_of([BARE], "") == ""


def test_the_policy_of_streams() -> None:
    """What the script brings in and puts together may play; no other host is asked, and nothing inline runs."""
    policy = dict(HEADERS)["Content-Security-Policy"]
    parts = dict(part.split(" ", 1) for part in policy.split("; "))
    assert parts["media-src"] == "'self' blob:"
    assert parts["connect-src"] == "'self'"
    assert "'strict-dynamic'" in parts["script-src"]
    assert "unsafe" not in policy
    assert "'self'" not in parts["script-src"]


def test_the_script_asks_no_other_host() -> None:
    """It knows no address but those that it is told."""
    assert "//" not in "".join(line for line in STREAM_SCRIPT.splitlines() if not line.strip().startswith("//"))
