"""HDS through the real daemon, as a client walks: manifest, bootstrap, every fragment; judged by FFmpeg."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import pytest
import pytest_twisted
import treq

from tests.acceptance.daemon import ROOT, Daemon, environment, free_port
from tests.films import Library
from tests.judge import decode
from tests.packagers.hds.played import ToldMedia, joined, medias_of, tags_of
from tests.packagers.mp4frag.bodies import prescribed

CONFIGURATION = """
pid mp4stream.pid;
error_log stderr notice;
error_log error.log info;
worker_shutdown_timeout 5s;
http {{
    access_log access.log;
    segment_duration 2s;
    server {{
        listen 127.0.0.1:{port};
        root {media};
        location / {{ mp4; hds; forward_args token; }}
        location ~ /Seg(\\d+)-Frag(\\d+)$ {{ mp4frag; hds; }}
    }}
}}
"""


@pytest.fixture(scope="module")
def media(films: Library, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of films, one of them listed by the command."""
    folder = tmp_path_factory.mktemp("media")
    for name in (
        "h264",
        "fragmented",
        "ntsc",
        "late-audio",
        "two-audios",
        "audio-only",
        "moov-last",
        "vp9-opus",
        "hevc",
    ):
        (folder / f"{name}.mp4").write_bytes(films.data(name))
    (folder / "listed").mkdir()
    words = ["--src", "h264.mp4", "--src", "moov-last.mp4", "--index", "--manifest", "listed/manifest.f4m"]
    subprocess.run(
        [sys.executable, "-m", "hls_mp4.tools.mp4frag", *words],
        cwd=folder,
        env=environment(),
        check=True,
        capture_output=True,
    )
    return folder


@pytest.fixture(scope="module")
def hds(media: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Daemon]:
    """A daemon that serves them."""
    folder = tmp_path_factory.mktemp("hds")
    port = free_port()
    config = folder / "mp4stream.conf"
    config.write_text(CONFIGURATION.format(port=port, media=media), encoding="utf-8")
    serving = Daemon(folder, ["-n", "mp4stream", "--config", str(config)], port)
    yield serving
    serving.stop()


async def ask(daemon: Daemon, path: str) -> tuple[int, dict[str, str], bytes]:
    """Return status, headers and body."""
    response = await treq.get(daemon.url + path, persistent=False, timeout=30)
    body = await response.content()
    found = {name.decode().lower(): values[0].decode() for name, values in response.headers.getAllRawHeaders()}
    return response.code, found, body


async def walk(daemon: Daemon, base: str, media: ToldMedia) -> list[bytes]:
    """Return every fragment that a media's bootstrap tells of; the one after the last is not there."""
    bodies = []
    count = media.bootstrap.segments[0].fragments
    for number in range(1, count + 1):
        status, headers, body = await ask(daemon, base + media.fragment(number))
        assert status == 200
        assert headers["content-type"] == "video/f4f"
        bodies.append(body)
    assert (await ask(daemon, base + media.fragment(count + 1)))[0] == 404
    return bodies


@pytest.mark.parametrize("name", ["h264", "fragmented", "ntsc", "late-audio"])
@pytest_twisted.ensureDeferred
async def test_a_client_plays_the_film(hds: Daemon, films: Library, name: str) -> None:
    """To the pixel, and with sound as far from the picture as in the film."""
    status, headers, body = await ask(hds, f"/{name}.mp4/manifest.f4m")
    assert (status, headers["content-type"]) == (200, "application/f4m")
    (media,) = medias_of(body.decode())
    bodies = await walk(hds, f"/{name}.mp4/", media)
    assert len(bodies) > 4
    original, shown = decode(films.data(name)), decode(joined(bodies))
    (before,), (after,) = original.videos, shown.videos
    assert [picture.number for picture in after] == [picture.number for picture in before]
    assert all((one.pixels == other.pixels).all() for one, other in zip(before, after, strict=True))
    apart = (before[0].time - original.sounds[0].time) - (after[0].time - shown.sounds[0].time)
    assert abs(apart) < Fraction(1, 30)


@pytest_twisted.ensureDeferred
async def test_other_sounds_and_other_qualities(hds: Daemon) -> None:
    """Every media of a manifest can be fetched, under the bootstrap that it names."""
    for path in ("/two-audios.mp4", "/,h264,moov-last,.mp4.urlset", "/audio-only.mp4"):
        _, _, body = await ask(hds, f"{path}/manifest.f4m")
        for media in medias_of(body.decode()):
            bodies = await walk(hds, f"{path}/", media)
            starts = [min(tag.time for tag in tags_of(one)) for one in bodies]
            told = [run.timestamp for run in media.bootstrap.fragments[0].runs[:-1]]
            assert starts == told


@pytest_twisted.ensureDeferred
async def test_tokens_reach_the_fragments(hds: Daemon) -> None:
    """What the manifest was asked for with."""
    _, _, body = await ask(hds, "/h264.mp4/manifest.f4m?token=a%26b&other=1")
    (media,) = medias_of(body.decode())
    assert media.fragment(1).endswith("Seg1-Frag1?token=a%26b")
    assert (await ask(hds, "/h264.mp4/" + media.fragment(1)))[0] == 200


@pytest_twisted.ensureDeferred
async def test_what_cannot_be_carried_is_told_of(hds: Daemon) -> None:
    """Sound alone of a film in HEVC, and nothing of one in VP9: the log says why."""
    _, _, body = await ask(hds, "/hevc.mp4/manifest.f4m")
    assert [media.attributes["type"] for media in medias_of(body.decode())] == ["audio"]
    assert "video 1 is HEVC" in hds.logged("hevc.mp4")
    assert (await ask(hds, "/vp9-opus.mp4/manifest.f4m"))[0] == 415
    assert "VP9" in hds.logged("vp9-opus.mp4")


@pytest_twisted.ensureDeferred
async def test_a_film_that_the_command_has_listed(hds: Daemon, media: Path, films: Library) -> None:
    """manifest.f4m is a file, fragments are what OpenHttpStreamer's module would send of the index."""
    index = (media / "listed" / "index").read_bytes()
    manifest = (await ask(hds, "/listed/manifest.f4m"))[2].decode()
    for quality, told in enumerate(medias_of(manifest)):
        bodies = await walk(hds, "/listed/", told)
        for number, body in enumerate(bodies, 1):
            assert body == prescribed(index, lambda name: (media / "listed" / name).read_bytes(), quality, number)
        assert len(decode(joined(bodies)).videos[0]) == 300
    status, headers, _ = await ask(hds, "/listed/0/Seg1-Frag1")
    assert (status, headers["x-mp4frag-version"]) == (200, "0.4")


def test_both_commands_are_installed() -> None:
    """`mp4frag` is a program of its own."""
    text = (ROOT / "setup.py").read_text(encoding="utf-8")
    assert "mp4frag = hls_mp4.tools.mp4frag:main" in text
