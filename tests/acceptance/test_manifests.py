"""Playlists and manifests as strict readers take them, over HTTP: our own, m3u8's strict mode, mpegdash.

mpegdash knows the elements and attributes of the MPD and drops what is none: what it writes again must be what it read,
but for Label, which is younger than its schema.
"""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urljoin
from urllib.request import Request, urlopen
from xml.etree import ElementTree

import m3u8
import pytest
from m3u8.parser import parse
from mpegdash.parser import MPEGDASHParser

from tests.acceptance.daemon import Daemon, free_port
from tests.films import Library
from tests.flvs import FlvLibrary
from tests.playlists import Playlist, read_playlist

FILMS = ("h264", "fragmented", "ntsc", "hevc", "two-videos", "two-audios", "texts", "audio-only", "video-only")

CONFIGURATION = """
pid mp4stream.pid;
error_log stderr notice;
error_log error.log info;
http {{
    server {{
        listen 127.0.0.1:{port};
        root {media};
        segment_duration 3s;
        location /fmp4/ {{ alias {media}/; hls; dash; }}
        location /ts/ {{ alias {media}/; hls; hls_segment_format ts; }}
        location /aes/ {{ alias {media}/; hls; hls_segment_format ts; hls_encryption aes-128; hls_key_seed secret; }}
        location /number/ {{ alias {media}/; dash; dash_segment_template number; }}
        location /single/ {{ alias {media}/; dash; dash_profile on-demand; }}
    }}
}}
"""


@pytest.fixture(scope="module")
def site(films: Library, flvs: FlvLibrary, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Daemon]:
    folder = tmp_path_factory.mktemp("manifests")
    media = folder / "media"
    media.mkdir()
    for name in FILMS:
        (media / f"{name}.mp4").symlink_to(films.path(name))
    (media / "h264.flv").symlink_to(flvs.path("h264"))
    (media / "h264.en.vtt").write_text("WEBVTT\n\n00:01.000 --> 00:02.000\nOne & two\n", encoding="utf-8")
    port = free_port()
    config = folder / "mp4stream.conf"
    config.write_text(CONFIGURATION.format(port=port, media=media), encoding="utf-8")
    daemon = Daemon(folder, ["-n", "mp4stream", "--config", str(config)], port)
    yield daemon
    daemon.stop()


def fetched(url: str, method: str = "GET") -> bytes:
    """Return what lies at a URL, which has to be there."""
    with urlopen(Request(url, method=method), timeout=30) as answer:
        assert answer.status == 200
        body: bytes = answer.read()
        return body


def playlist(url: str) -> Playlist:
    """Return a playlist that both readers take."""
    body = fetched(url)
    found = read_playlist(body)
    other = m3u8.loads(body.decode())
    parse(body.decode(), strict=True)
    assert [segment.uri for segment in other.segments] + [one.uri for one in other.playlists] == found.uris
    assert [segment.duration for segment in other.segments] == found.durations
    return found


@pytest.mark.parametrize(
    ("film", "form"),
    [
        (film, form)
        for film in (*(f"{name}.mp4" for name in FILMS), "h264.flv")
        for form in ("fmp4", "ts", "aes")
        if form == "fmp4" or film != "hevc.mp4"  # HEVC has fragmented MP4 alone
    ],
)
def test_playlists_keep_the_rules(site: Daemon, film: str, form: str) -> None:
    """Every playlist of a film is one to the letter, and everything that it names is there."""
    master = f"{site.url}/{form}/{film}/master.m3u8"
    first = playlist(master)
    lengths = []
    for name in first.named:
        url = urljoin(master, name)
        if ".m3u8" not in name:
            assert len(fetched(url)) == 16
            continue
        listed = playlist(url)
        if listed.value("EXT-X-I-FRAMES-ONLY") is None:
            lengths.append(sum(listed.durations))
        for inside in listed.named:
            fetched(urljoin(url, inside), "HEAD")
    assert max(lengths) - min(lengths) < 0.2


@pytest.mark.parametrize("form", ["fmp4", "number", "single"])
@pytest.mark.parametrize("film", [*(f"{name}.mp4" for name in FILMS), "h264.flv"])
def test_manifests_are_read_whole(site: Daemon, film: str, form: str) -> None:
    """A reader of MPDs finds nothing that it does not know."""
    body = fetched(f"{site.url}/{form}/{film}/manifest.mpd").decode()
    again = MPEGDASHParser.get_as_doc(MPEGDASHParser.parse(body)).toxml()
    assert said(ElementTree.fromstring(again)) == said(ElementTree.fromstring(body))


def said(element: ElementTree.Element) -> list[object]:
    """Return names, attributes and texts; numbers by their value."""
    attributes = sorted((name, _plain(value)) for name, value in element.attrib.items() if not name.startswith("{"))
    inside = sorted((said(child) for child in element if not child.tag.endswith("}Label")), key=repr)
    return [element.tag.rpartition("}")[2], attributes, (element.text or "").strip(), inside]


def _plain(value: str) -> object:
    try:
        return float(value)
    except ValueError:
        return value
