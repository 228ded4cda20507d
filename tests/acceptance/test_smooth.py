"""Smooth Streaming from the real daemon, played by a client that knows nothing of it."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from fractions import Fraction
from http.client import HTTPConnection

import pytest
import pytest_twisted
import treq

from tests.acceptance.daemon import Daemon, free_port
from tests.films import Library
from tests.judge import decode
from tests.packagers.fmp4.encrypted import KEY, KEY_ID
from tests.packagers.smooth.client import chunk_url, init_segment, opened, read_fragment, read_manifest

CONFIGURATION = """
pid mp4stream.pid;
error_log stderr notice;
error_log error.log info;
worker_shutdown_timeout 5s;
http {{
    access_log access.log;
    gzip on;
    gzip_types text/xml;
    server {{
        listen 127.0.0.1:{port};
        root {media};
        location / {{ mp4; smooth; segment_duration 2s; }}
        location /old/ {{ alias {media}/; smooth; smooth_manifest_version 2.0; }}
        location /locked/ {{ alias {media}/; smooth; drm_key_file keys.json; }}
        location /none/ {{ alias {media}/; mp4; }}
    }}
}}
"""

FILMS = ("h264", "hevc", "eac3", "vp9-opus", "pcm-mov")


@pytest.fixture(scope="session")
def smooth(films: Library, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Daemon]:
    """A daemon that serves Smooth Streaming."""
    for name in FILMS:
        films.path(name)
    folder = tmp_path_factory.mktemp("smooth")
    port = free_port()
    config = folder / "mp4stream.conf"
    (folder / "keys.json").write_text(f'{{"key_id": "{KEY_ID}", "key": "{KEY}"}}', encoding="utf-8")
    config.write_text(CONFIGURATION.format(port=port, media=films.directory), encoding="utf-8")
    serving = Daemon(folder, ["-n", "mp4stream", "--config", str(config)], port)
    yield serving
    serving.stop()


async def ask(daemon: Daemon, path: str, method: str = "GET", **headers: str) -> tuple[int, dict[str, str], bytes]:
    """Return status, headers and body."""
    wanted = {name.replace("_", "-"): value for name, value in headers.items()}
    response = await treq.request(method, daemon.url + path, headers=wanted, persistent=False, timeout=30)
    body = await response.content()
    found = {name.decode().lower(): values[0].decode() for name, values in response.headers.getAllRawHeaders()}
    return response.code, {"content-length": str(response.length), **found}, body


@pytest.mark.parametrize("name", ["h264", "hevc", "eac3"])
@pytest_twisted.ensureDeferred
async def test_a_player_shows_the_film(smooth: Daemon, films: Library, name: str) -> None:
    """Every frame to the pixel, and sound as far from it as in the film."""
    status, headers, body = await ask(smooth, f"/{name}.mp4/Manifest")
    assert (status, headers["content-type"]) == (200, "text/xml; charset=utf-8")
    manifest = read_manifest(body)
    original = decode(films.data(name))
    begins = {}
    for stream in manifest.streams:
        level = stream.levels[0]
        media = init_segment(stream, level)
        for time, duration in stream.chunks:
            status, headers, body = await ask(smooth, f"/{name}.mp4/{chunk_url(stream, level, time)}")
            assert (status, headers["content-type"]) == (200, f"{stream.kind}/mp4")
            assert int(headers["content-length"]) == len(body)
            media += read_fragment(body, time, duration).raw
        shown = decode(media)
        if stream.kind == "video":
            assert [picture.number for picture in shown.videos[0]] == [each.number for each in original.videos[0]]
            pairs = zip(shown.videos[0], original.videos[0], strict=True)
            assert all((one.pixels == other.pixels).all() for one, other in pairs)
            begins[stream.kind] = shown.videos[0][0].time - original.videos[0][0].time
        else:
            begins[stream.kind] = shown.sounds[0].end - original.sounds[0].end
    assert abs(begins["video"] - begins["audio"]) < Fraction(1, 20)


@pytest_twisted.ensureDeferred
async def test_a_player_opens_what_is_encrypted(smooth: Daemon) -> None:
    """With the key every sample is that of the same chunk elsewhere."""
    _, _, body = await ask(smooth, "/locked/h264.mp4/Manifest")
    manifest = read_manifest(body)
    assert list(manifest.protection) == ["9A04F079-9840-4286-AB92-E65BE0885F95"]
    _, _, plain = await ask(smooth, "/old/h264.mp4/Manifest")
    for stream, same in zip(manifest.streams, read_manifest(plain).streams, strict=True):
        for time, duration in stream.chunks:
            _, _, locked = await ask(smooth, f"/locked/h264.mp4/{chunk_url(stream, stream.levels[0], time)}")
            _, _, other = await ask(smooth, f"/old/h264.mp4/{chunk_url(same, same.levels[0], time)}")
            samples = opened(read_fragment(locked, time, duration), bytes.fromhex(KEY))
            assert samples == read_fragment(other, time, duration).data


@pytest_twisted.ensureDeferred
async def test_parentheses_may_be_escaped(smooth: Daemon) -> None:
    """Some players write them as they are, some with per cent."""
    _, _, body = await ask(smooth, "/h264.mp4/manifest")
    stream = read_manifest(body).streams[0]
    url = chunk_url(stream, stream.levels[0], stream.chunks[1][0])
    raw = await ask(smooth, f"/h264.mp4/{url}")
    escaped = await ask(smooth, "/h264.mp4/" + url.replace("(", "%28").replace(")", "%29").replace("=", "%3D"))
    assert raw[0] == escaped[0] == 200
    assert raw[2] == escaped[2]


@pytest_twisted.ensureDeferred
async def test_nouns_ranges_and_conditions(smooth: Daemon) -> None:
    """A fragment is its two halves; it is asked for in part, by HEAD and on conditions as any file."""
    _, _, body = await ask(smooth, "/h264.mp4/Manifest")
    stream = read_manifest(body).streams[0]
    time, duration = stream.chunks[2]
    urls = {
        noun: f"/h264.mp4/{chunk_url(stream, stream.levels[0], time, noun)}"
        for noun in ("Fragments", "FragmentInfo", "RawFragments", "KeyFrames")
    }
    found = {noun: await ask(smooth, url) for noun, url in urls.items()}
    whole = read_fragment(found["Fragments"][2], time, duration)
    assert found["FragmentInfo"][2] == whole.moof
    assert found["RawFragments"][2] == whole.data
    assert len({headers["etag"] for _, headers, _ in found.values()}) == 4
    status, headers, body = await ask(smooth, urls["Fragments"], Range="bytes=100-4999")
    assert (status, body) == (206, whole.raw[100:5000])
    status, headers, body = await ask(smooth, urls["Fragments"], "HEAD")
    assert (status, headers["content-length"], body) == (200, str(len(whole.raw)), b"")
    status, _, body = await ask(smooth, urls["Fragments"], If_None_Match=headers["etag"])
    assert (status, body) == (304, b"")


@pytest_twisted.ensureDeferred
async def test_manifests_are_texts(smooth: Daemon) -> None:
    """They are compressed for those who ask, and known again; old players have theirs."""
    connection = HTTPConnection("127.0.0.1", smooth.port, timeout=30)
    connection.request("GET", "/h264.mp4/Manifest", headers={"Accept-Encoding": "gzip"})
    compressed = connection.getresponse()
    assert (compressed.status, compressed.headers["Content-Encoding"]) == (200, "gzip")
    packed = compressed.read()
    connection.close()
    _, headers, body = await ask(smooth, "/h264.mp4/Manifest")
    assert gzip.decompress(packed) == body
    assert read_manifest(body).version == (2, 2)
    assert (await ask(smooth, "/h264.mp4/Manifest", If_None_Match=headers["etag"]))[0] == 304
    _, _, body = await ask(smooth, "/old/h264.mp4/Manifest")
    assert read_manifest(body).version == (2, 0)


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/h264.mp4/QualityLevels(1)/Fragments(video=0)", 404),
        ("/h264.mp4/QualityLevels(1)/Nothing(video=0)", 404),
        ("/nothing.mp4/Manifest", 404),
        ("/none/h264.mp4/Manifest", 404),
        ("/vp9-opus.mp4/Manifest", 415),
        ("/h264.mp4", 200),
    ],
)
@pytest_twisted.ensureDeferred
async def test_statuses(smooth: Daemon, path: str, expected: int) -> None:
    """What is not there, what cannot be told, and the film itself."""
    assert (await ask(smooth, path))[0] == expected


@pytest_twisted.ensureDeferred
async def test_what_is_left_out_is_logged(smooth: Daemon) -> None:
    """Which track, and why."""
    status, _, body = await ask(smooth, "/pcm-mov.mov/Manifest")
    assert status == 200
    assert [stream.kind for stream in read_manifest(body).streams] == ["video"]
    line = smooth.logged('pcm-mov.mov" audio track 1 is left out: no codec')
    assert "[warn]" in line
