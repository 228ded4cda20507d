"""DASH from the real daemon, played by a client that knows nothing of it."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from urllib.parse import urljoin

import pytest
import pytest_twisted
import treq

from tests.acceptance.daemon import Daemon, free_port
from tests.films import Library
from tests.flvs import FlvLibrary
from tests.judge import decode
from tests.packagers.dash.player import assert_same_pictures, assert_same_sound, offset_of, played
from tests.packagers.dash.saved import NAMESPACE, Offered, offered
from tests.packagers.fmp4.encrypted import KEY, KEY_ID, packets

CONFIGURATION = """
pid mp4stream.pid;
error_log stderr notice;
error_log error.log info;
worker_shutdown_timeout 5s;
http {{
    access_log access.log;
    gzip off;
    server {{
        listen 127.0.0.1:{port};
        root {media};
        segment_duration 2s;
        forward_args token;
        location / {{ mp4; dash; hls; }}
        location /number/ {{ alias {media}/; dash; dash_segment_template number; dash_texts vtt; }}
        location /single/ {{ alias {media}/; dash; dash_profile on-demand; }}
        location /cenc/ {{ alias {media}/; dash; drm_key_file keys.json; drm_clear_key on; }}
        location /cbcs/ {{ alias {media}/; dash; drm_key_file keys.json; drm_scheme cbcs; }}
        location /none/ {{ alias {media}/; mp4; }}
    }}
}}
"""

FILMS = ("h264", "fragmented", "ntsc", "hevc", "av1", "two-audios", "late-audio", "texts", "no-b-frames")


@pytest.fixture(scope="session")
def dash(films: Library, flvs: FlvLibrary, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Daemon]:
    """A daemon that serves DASH in every form."""
    folder = tmp_path_factory.mktemp("dash")
    media = folder / "media"
    media.mkdir()
    for name in FILMS:
        (media / f"{name}.mp4").symlink_to(films.path(name))
    (media / "h264.flv").symlink_to(flvs.path("h264"))
    (media / "sorenson.flv").symlink_to(flvs.path("sorenson"))
    (media / "nellymoser.flv").symlink_to(flvs.path("nellymoser"))
    (media / "h264.de.vtt").write_text("WEBVTT\n\n00:01.000 --> 00:05.000\nEins & zwei\n", encoding="utf-8")
    (media / "broken.mp4").write_bytes(b"no film at all")
    (folder / "keys.json").write_text(f'{{"key_id": "{KEY_ID}", "key": "{KEY}"}}', encoding="utf-8")
    port = free_port()
    config = folder / "mp4stream.conf"
    config.write_text(CONFIGURATION.format(port=port, media=media), encoding="utf-8")
    serving = Daemon(folder, ["-n", "mp4stream", "--config", str(config)], port)
    yield serving
    serving.stop()


async def ask(daemon: Daemon, path: str, method: str = "GET", **headers: str) -> tuple[int, dict[str, str], bytes]:
    """Return status, headers and body."""
    wanted = {name.replace("_", "-"): value for name, value in headers.items()}
    response = await treq.request(
        method, urljoin(daemon.url, path), headers=wanted, persistent=False, timeout=30, unbuffered=False
    )
    body = await response.content()
    found = {name.decode().lower(): values[0].decode() for name, values in response.headers.getAllRawHeaders()}
    return response.code, {"content-length": str(response.length), **found}, body


async def manifest_of(daemon: Daemon, film: str, query: str = "") -> list[Offered]:
    """Return what the manifest of a film offers."""
    status, headers, body = await ask(daemon, f"{film}/manifest.mpd{query}")
    assert (status, headers["content-type"]) == (200, "application/dash+xml")
    return offered(body.decode())


async def fetched(daemon: Daemon, film: str, each: Offered) -> dict[str, bytes]:
    """Return everything that a representation names, by its URL."""
    found = {}
    for url in filter(None, (each.init, each.file, *(segment.url for segment in each.segments))):
        status, headers, body = await ask(daemon, urljoin(f"{film}/", url))
        assert status == 200, url
        assert headers["content-length"] == str(len(body))
        assert headers["content-type"] in ("video/mp4", "audio/mp4", "application/mp4", "text/vtt; charset=utf-8")
        found[url] = body
    return found


@pytest.mark.parametrize("where", ["/", "/number/", "/single/"])
@pytest.mark.parametrize("name", ["h264", "fragmented", "ntsc", "hevc", "late-audio", "two-audios"])
@pytest_twisted.ensureDeferred
async def test_a_player_shows_the_film(dash: Daemon, films: Library, name: str, where: str) -> None:
    """Every frame to the pixel, every sound where it is in the film; in segments, or in a file nobody wrote."""
    original = decode(films.data(name))
    sounds = iter(original.sounds)
    for each in await manifest_of(dash, f"{where}{name}.mp4"):
        if each.id.startswith("t"):
            continue
        bodies = await fetched(dash, f"{where}{name}.mp4", each)
        shown = played(each, bodies.__getitem__, strict=name != "hevc")
        if each.id.startswith("v"):
            assert_same_pictures(original.videos[0], shown.videos[0])
        else:
            assert_same_sound(next(sounds), shown.sounds[0])


@pytest_twisted.ensureDeferred
async def test_flash_video(dash: Daemon, flvs: FlvLibrary) -> None:
    """FLV plays as DASH; what MP4 has no place for is left out, and the log says so."""
    for each in await manifest_of(dash, "/h264.flv"):
        bodies = await fetched(dash, "/h264.flv", each)
        shown = played(each, bodies.__getitem__)
        if each.id == "v1":
            whole = decode(flvs.data("h264"), strict=False).videos[0]
            assert [one.number for one in shown.videos[0]] == [one.number for one in whole]
    assert [each.id for each in await manifest_of(dash, "/sorenson.flv")] == ["a1"]
    assert "sorenson.flv" in dash.logged("video track 1 is left out")
    status, _, _ = await ask(dash, "/nellymoser.flv/manifest.mpd")
    assert status == 415


@pytest.mark.parametrize("scheme", ["cenc", "cbcs"])
@pytest.mark.parametrize("name", ["h264", "hevc"])
@pytest_twisted.ensureDeferred
async def test_encrypted_films_open_with_the_key(dash: Daemon, name: str, scheme: str) -> None:
    """And with nothing else: the samples are those that are sent in the clear elsewhere."""
    for locked, plain in zip(
        await manifest_of(dash, f"/{scheme}/{name}.mp4"), await manifest_of(dash, f"/{name}.mp4"), strict=True
    ):
        if locked.id.startswith("t"):
            continue
        sent = b"".join((await fetched(dash, f"/{scheme}/{name}.mp4", locked)).values())
        clear = b"".join((await fetched(dash, f"/{name}.mp4", plain)).values())
        assert packets(sent, KEY) == packets(clear)
        assert locked.set.find(f"{NAMESPACE}ContentProtection") is not None
    status, _, body = await ask(dash, f"/{scheme}/{name}.mp4/clearkey.json")
    assert (status, b"keys" in body) == ((200, True) if scheme == "cenc" else (404, False))


@pytest_twisted.ensureDeferred
async def test_a_codec_that_cannot_be_encrypted_is_not_sent(dash: Daemon) -> None:
    """AV1 is left out where there is a key; its sound is not."""
    assert [each.id for each in await manifest_of(dash, "/cenc/av1.mp4")] == ["a1"]
    assert (await ask(dash, "/cenc/av1.mp4/init-v1.mp4"))[0] == 500
    assert "av1.mp4" in dash.logged("cannot be encrypted")


@pytest_twisted.ensureDeferred
async def test_subtitles(dash: Daemon) -> None:
    """A file beside the film and the film's own tracks: in segments, or as a file."""
    (text,) = (each for each in await manifest_of(dash, "/h264.mp4") if each.id == "t1")
    assert (text.attributes["lang"], text.attributes["codecs"]) == ("de", "wvtt")
    bodies = await fetched(dash, "/h264.mp4", text)
    assert b"Eins & zwei" in b"".join(bodies.values()) or b"Eins &amp; zwei" in b"".join(bodies.values())
    (text,) = (each for each in await manifest_of(dash, "/number/h264.mp4") if each.id == "t1")
    (body,) = (await fetched(dash, "/number/h264.mp4", text)).values()
    assert body.startswith(b"WEBVTT\n\n00:00:01.000 --> 00:00:05.000")
    assert any(each.id == "t1" for each in await manifest_of(dash, "/texts.mp4"))


@pytest.mark.parametrize(
    "path",
    [
        *("/h264.mp4/manifest.mpd", "/h264.mp4/init-v1.mp4", "/h264.mp4/fragment-t1024-v1.m4s"),
        *("/single/h264.mp4/v1.mp4", "/cenc/h264.mp4/fragment-t1024-v1.m4s", "/cbcs/h264.mp4/fragment-t3528-a1.m4s"),
    ],
)
@pytest_twisted.ensureDeferred
async def test_everything_is_a_file_like_any_other(dash: Daemon, path: str) -> None:
    """HEAD, ranges, several ranges, conditions."""
    status, headers, whole = await ask(dash, path, Accept_Encoding="identity")
    assert (status, headers["accept-ranges"]) == (200, "bytes")
    status, told, nothing = await ask(dash, path, "HEAD", Accept_Encoding="identity")
    assert (status, told["etag"], nothing) == (200, headers["etag"], b"")
    assert told["content-length"] == str(len(whole))
    status, _, part = await ask(dash, path, Range="bytes=5-99")
    assert (status, part) == (206, whole[5:100])
    status, _, part = await ask(dash, path, Range="bytes=-50")
    assert (status, part) == (206, whole[-50:])
    status, _, parts = await ask(dash, path, Range="bytes=0-9,100-199")
    assert status == 206
    assert whole[:10] in parts and whole[100:200] in parts
    assert (await ask(dash, path, If_None_Match=headers["etag"]))[0] == 304
    assert (await ask(dash, path, Range=f"bytes={len(whole)}-"))[0] == 416


@pytest_twisted.ensureDeferred
async def test_tokens_are_carried_on(dash: Daemon) -> None:
    """A token of the manifest is in every URL; other arguments are not."""
    for where in ("/h264.mp4", "/single/h264.mp4", "/number/h264.mp4"):
        for each in await manifest_of(dash, where, "?token=a%26b&other=1"):
            urls = filter(None, (each.init, each.file, *(segment.url for segment in each.segments)))
            assert all(url.endswith("?token=a%26b") for url in urls)
            await fetched(dash, where, each)


@pytest_twisted.ensureDeferred
async def test_parts_of_a_film_begin_at_nothing(dash: Daemon, films: Library) -> None:
    """vbegin and vend: a film of its own, from a key frame on."""
    (video, *_) = await manifest_of(dash, "/ntsc.mp4", "?vbegin=4&vend=8")
    assert video.segments[0].begin == 0
    bodies = await fetched(dash, "/ntsc.mp4", video)
    shown = played(video, bodies.__getitem__).videos[0]
    assert abs(shown[0].time) < Fraction(1, 500)
    assert shown[0].number in (picture.number for picture in decode(films.data("ntsc")).videos[0])


@pytest_twisted.ensureDeferred
async def test_what_is_not_there(dash: Daemon) -> None:
    """404 beyond the end, for tracks and films that there are not, and where DASH is not turned on; 500 for no film."""
    for path in (
        "/h264.mp4/fragment-t1-v1.m4s",
        "/h264.mp4/fragment-99-v1.m4s",
        "/h264.mp4/init-v9.mp4",
        "/h264.mp4/v1.mp4",
        "/nothing.mp4/manifest.mpd",
        "/none/h264.mp4/manifest.mpd",
        "/h264.mp4/clearkey.json",
    ):
        assert (await ask(dash, path))[0] == 404, path
    assert (await ask(dash, "/broken.mp4/manifest.mpd"))[0] == 500
    assert "broken.mp4" in dash.logged("no known media format")


@pytest_twisted.ensureDeferred
async def test_a_file_that_is_replaced_is_another_film(dash: Daemon, films: Library, tmp_path: Path) -> None:
    """Nobody gets segments of the old one."""
    path = dash.folder / "media" / "changing.mp4"
    path.write_bytes(films.data("h264"))
    first = await manifest_of(dash, "/changing.mp4")
    path.unlink()
    path.write_bytes(films.data("ntsc"))
    second = await manifest_of(dash, "/changing.mp4")
    assert first[0].attributes["frameRate"] != second[0].attributes["frameRate"]
    path.unlink()
    assert offset_of(second[0]) > 0
