"""Films of several files through the real daemon, played by a player that knows nothing of it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urljoin

import av
import numpy as np
import pytest
import pytest_twisted
import treq

from hls_mp4.tools.main import main
from tests.acceptance.daemon import Daemon, free_port
from tests.films import Library, frame_number
from tests.judge import Picture, decode

CONFIGURATION = r"""
pid mp4stream.pid;
error_log stderr notice;
error_log error.log info;
worker_shutdown_timeout 5s;
http {{
    access_log access.log;
    gzip on;
    gzip_types application/vnd.apple.mpegurl application/dash+xml text/xml text/vtt;
    server {{
        listen 127.0.0.1:{port};
        root {media};
        segment_duration 2s;
        cors on;
        location / {{ mp4; hls; dash; smooth; hds; rendition_pattern '_(\d+)$'; forward_args token; }}
        location /ts/ {{ alias {media}/; hls; hls_segment_format ts; forward_args on; }}
        location /usp/ {{ alias {media}/; usp_handle_ism; usp_status hls not_found 410; }}
        location ~ \.(ismv|isma|ismt)$ {{ deny all; }}
    }}
}}
"""

HD, SD = "no-b-frames", "h264"
"""The two sizes of the film: what differs is how they are coded."""

WAYS = ("/show.ism", "/show.mp4", "/show_,1080,720,.mp4.urlset")


@pytest.fixture(scope="module")
def shelf(films: Library, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a film in two sizes, subtitles beside it, and the manifest that `mp4stream ism` writes of it."""
    folder = tmp_path_factory.mktemp("shelf")
    (folder / "show_1080.mp4").write_bytes(films.data(HD))
    (folder / "show_720.mp4").write_bytes(films.data(SD))
    (folder / "film.mp4").write_bytes(films.data(SD))
    (folder / "words.mp4").write_bytes(films.data("texts"))
    (folder / "secret.ismv").write_bytes(films.data(SD))
    (folder / "show.en.vtt").write_bytes(b"WEBVTT\n\n00:05.000 --> 00:06.000\nHello\n")
    (folder / "show.de.srt").write_bytes(b"1\n00:00:05,000 --> 00:00:06,000\nHallo\n")
    words = ["show_1080.mp4", "--track_type=video", "show_720.mp4", "--track_language=eng"]
    assert main(["ism", "-o", str(folder / "show.ism"), *(str(folder / w) if w[0] == "s" else w for w in words)]) == 0
    return folder


@pytest.fixture(scope="module")
def daemon(shelf: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Daemon]:
    """A daemon that serves the folder in every format."""
    folder = tmp_path_factory.mktemp("packaging")
    port = free_port()
    config = folder / "mp4stream.conf"
    config.write_text(CONFIGURATION.format(port=port, media=shelf), encoding="utf-8")
    serving = Daemon(folder, ["-n", "mp4stream", "--config", str(config)], port)
    yield serving
    serving.stop()


@pytest.fixture(scope="module")
def originals(films: Library) -> dict[str, dict[int, Picture]]:
    """The pictures of both sizes by their numbers."""
    return {name: {picture.number: picture for picture in decode(films.data(name)).videos[0]} for name in (HD, SD)}


def played(url: str) -> tuple[list[list[np.ndarray]], list[int]]:
    """Play a multivariant playlist to the end: the pictures of each video, and the samples of each sound."""
    with av.open(url, options={"allowed_extensions": "ALL"}) as container:
        videos: dict[int, list[np.ndarray]] = {stream.index: [] for stream in container.streams.video}
        sounds: dict[int, int] = {stream.index: 0 for stream in container.streams.audio}
        for packet in container.demux():
            for frame in packet.decode():
                if isinstance(frame, av.VideoFrame):
                    videos[packet.stream.index].append(frame.to_ndarray(format="yuv420p"))
                elif isinstance(frame, av.AudioFrame):
                    sounds[packet.stream.index] += frame.samples
    return list(videos.values()), list(sounds.values())


def which(pictures: list[np.ndarray], originals: dict[str, dict[int, Picture]], first: int) -> str:
    """Return which size some pictures are of; key frames are coded alike in both."""
    same = all(np.array_equal(pictures[at], originals[HD][first + at].pixels) for at in range(10))
    return HD if same else SD


def assert_shows(pictures: list[np.ndarray], original: dict[int, Picture], numbers: range) -> None:
    """Assert that these pictures of a film are shown in order, each as the film itself decodes to it."""
    shown = [frame_number(pixels[:120]) for pixels in pictures]
    # What others refer to may be decoded, and so shown, after the last picture of a part.
    assert shown[: len(numbers)] == list(numbers)
    assert len(shown) <= len(numbers) + 2
    for number, pixels in zip(shown, pictures, strict=True):
        assert np.array_equal(pixels, original[number].pixels)


async def ask(daemon: Daemon, path: str, **headers: str) -> tuple[int, dict[str, str], bytes]:
    """Return status, headers and body."""
    wanted = {name.replace("_", "-"): value for name, value in headers.items()}
    response = await treq.get(daemon.url + path, headers=wanted, persistent=False, timeout=30)
    body = await response.content()
    found = {name.decode().lower(): values[0].decode() for name, values in response.headers.getAllRawHeaders()}
    return response.code, found, body


def named(playlist: bytes) -> list[str]:
    """Return every URL that a playlist names."""
    lines = [line for line in playlist.decode().splitlines() if line and not line.startswith("#")]
    return [*lines, *re.findall(r'URI="([^"]*)"', playlist.decode())]


async def everything(daemon: Daemon, path: str) -> dict[str, bytes]:
    """Return all that a multivariant playlist leads to, by path."""
    found: dict[str, bytes] = {}
    waiting = [path]
    while waiting:
        address = waiting.pop()
        if address not in found:
            status, headers, found[address] = await ask(daemon, address)
            assert status == 200, address
            assert headers["cache-control"].startswith("max-age=")
            if ".m3u8" in address:
                waiting += [urljoin(address, name) for name in named(found[address])]
    return found


@pytest.mark.parametrize("way", WAYS)
def test_both_sizes_play(daemon: Daemon, originals: dict[str, dict[int, Picture]], way: str) -> None:
    """However the film is put together, a player has every picture of both sizes, and the sound."""
    videos, sounds = played(f"{daemon.url}{way}/master.m3u8")
    assert len(videos) == 2
    assert {which(pictures, originals, 0) for pictures in videos} == {HD, SD}
    for pictures in videos:
        assert_shows(pictures, originals[which(pictures, originals, 0)], range(300))
    assert sounds and min(sounds) > 11.9 * 44100


@pytest.mark.parametrize("form", ["", "/ts"])
@pytest.mark.parametrize("part", ["vbegin=4.5&vend=8", "t=4.5-8", "t=4,8"])
def test_a_part_plays(daemon: Daemon, originals: dict[str, dict[int, Picture]], form: str, part: str) -> None:
    """A player that is given a part has the pictures of that part, from the key frame before it, and nothing else."""
    videos, sounds = played(f"{daemon.url}{form}/film.mp4/master.m3u8?{part}")
    assert len(videos) == 1
    assert_shows(videos[0], originals[SD], range(100, 200))
    assert 3.8 * 44100 < sounds[0] < 4.2 * 44100


def test_a_part_of_several_sizes_plays(daemon: Daemon, originals: dict[str, dict[int, Picture]]) -> None:
    """All of them are cut at the same instant; a filter leaves one."""
    videos, _ = played(f"{daemon.url}/show.ism/master.m3u8?vbegin=6&vend=10")
    assert len(videos) == 2
    for pictures in videos:
        assert_shows(pictures, originals[which(pictures, originals, 150)], range(150, 250))
    videos, sounds = played(f"{daemon.url}/show.ism/master.m3u8?vbegin=6&filter=(type==%22audio%22)")
    assert not videos and len(sounds) == 1
    videos, _ = played(f"{daemon.url}/show_1080.mp4/clipFrom/6000/clipTo/10000/tracks/v1/master.m3u8")
    assert_shows(videos[0], originals[HD], range(150, 250))


@pytest_twisted.ensureDeferred
async def test_tokens_are_carried_to_every_segment(daemon: Daemon) -> None:
    """A check of tokens may stand before all URLs: each has the token, and the part that its playlist is of."""
    found = await everything(daemon, "/show.ism/master.m3u8?token=s%3D1&secret=2&vbegin=4&vend=8")
    others = [path for path in found if "/master." not in path]
    assert len(others) > 8
    assert all(path.endswith("?vbegin=4&vend=8&token=s%3D1") for path in others)


@pytest.mark.parametrize("way", WAYS)
@pytest_twisted.ensureDeferred
async def test_subtitles_come_along(daemon: Daemon, way: str) -> None:
    """Those beside the film, in both languages, in the segment of their second; in a part they move with it."""
    found = await everything(daemon, f"{way}/master.m3u8")
    master = found[f"{way}/master.m3u8"].decode()
    assert master.count("TYPE=SUBTITLES") == 2
    assert b"00:00:05.000 --> 00:00:06.000\nHallo" in found[f"{way}/seg-3-t1.vtt"]
    assert b"Hello" in found[f"{way}/seg-3-t2.vtt"] and b"Hello" not in found[f"{way}/seg-2-t2.vtt"]
    _, _, part = await ask(daemon, f"{way}/seg-1-t2.vtt?vbegin=4")
    assert b"00:00:01.000 --> 00:00:02.000\nHello" in part
    _, _, embedded = await ask(daemon, "/words.mp4/seg-1-t1.vtt")
    assert b"one" in embedded


@pytest_twisted.ensureDeferred
async def test_every_format_is_there(daemon: Daemon) -> None:
    """Of the same film, with types that players know; compressed where a client takes that."""
    for name, kind in (
        ("master.m3u8", "application/vnd.apple.mpegurl"),
        ("manifest.mpd", "application/dash+xml"),
        ("Manifest", "text/xml; charset=utf-8"),
    ):
        status, headers, body = await ask(daemon, f"/show.ism/{name}")
        assert (status, headers["content-type"]) == (200, kind)
        assert headers["access-control-allow-origin"] == "*"
        head = daemon.raw(f"HEAD /show.ism/{name} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
        assert head.startswith(b"HTTP/1.1 200") and b"\r\nContent-Length: %d\r\n" % len(body) in head
        assert (await ask(daemon, f"/show.ism/{name}", If_None_Match=headers["etag"]))[0] == 304


@pytest_twisted.ensureDeferred
async def test_other_servers_addresses(daemon: Daemon) -> None:
    """Unified Streaming's manifests and statuses, nginx Plus's playlists; what is denied is denied."""
    for theirs, ours in ((".m3u8", "master.m3u8"), ("any.mpd", "manifest.mpd"), (".f4m", "manifest.f4m")):
        first, second = [await ask(daemon, f"/usp/show.ism/{name}") for name in (theirs, ours)]
        assert first[0] == second[0] == 200
        assert first[2] == second[2]
    assert (await ask(daemon, "/usp/show.ism/Manifest"))[0] == 200
    assert (await ask(daemon, "/usp/show.ism/seg-999-f1-v1.m4s"))[0] == 410
    clip = (await ask(daemon, "/usp/film.mp4?t=4-6"))[2]
    assert [picture.number for picture in decode(clip).videos[0]][:3] == [100, 101, 102]
    videos, _ = played(f"{daemon.url}/film.mp4.m3u8")
    assert len(videos[0]) == 300
    assert (await ask(daemon, "/secret.ismv"))[0] == 403


@pytest_twisted.ensureDeferred
async def test_what_is_wrong_is_told(daemon: Daemon, shelf: Path) -> None:
    """A manifest with tricks is refused; a source that is not there is left out, and the log has one line of each."""
    (shelf / "tricks.ism").write_text('<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><smil>&b;</smil>')
    (shelf / "half.ism").write_text('<smil><body><video src="film.mp4"/><video src="gone.mp4"/></body></smil>')
    assert (await ask(daemon, "/tricks.ism/master.m3u8"))[0] == 500
    assert "document type" in daemon.logged("tricks.ism")
    for _ in range(3):
        assert (await ask(daemon, "/half.ism/master.m3u8"))[0] == 200
    assert "No such file" in daemon.logged("half.ism")
    assert len([line for line in daemon.lines() if "half.ism" in line and "left out" in line]) == 1
