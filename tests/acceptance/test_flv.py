"""Seeking in Flash video through the real daemon, judged by a decoder that knows nothing of it."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass
from email.parser import BytesParser

import av
import numpy as np
import pytest
import pytest_twisted
import treq

from tests.acceptance.daemon import Daemon, Replies, free_port
from tests.films import Library, frame_number
from tests.flvs import ENCODED, SCRIPT, FlvLibrary, tags_of

CONFIGURATION = """
pid mp4stream.pid;
error_log stderr notice;
error_log error.log info;
worker_shutdown_timeout 5s;
http {{
    access_log access.log;
    flv_buffer_size 64k;
    server {{
        listen 127.0.0.1:{port};
        root {media};
        location / {{ mp4; flv; }}
        location /key/ {{ alias {media}/; flv; flv_start keyframe; }}
        location /time/ {{ alias {media}/; mp4; flv; flv_start time; }}
        location /last/ {{ alias {media}/; flv; flv_start time; flv_past_end last_key_frame; }}
        location /told/ {{ alias {media}/; flv; flv_metadata on; }}
        location /told-key/ {{ alias {media}/; flv; flv_metadata on; flv_start keyframe; }}
        location /told-time/ {{ alias {media}/; flv; flv_metadata on; flv_start time; }}
    }}
}}
"""

# Decoded frames of these need what was decoded before them: the last ones of the group before.
SOUND_NOT_EXACT = {"av1", "vp9", "ac3", "nellymoser", "mp3", "sorenson"}
SETTLING = 4
"""Frames of sound after which a decoder has forgotten where it began."""


@dataclass
class Shown:
    """What a decoder makes of a film: for each stream the frames by their timestamps, ms; a number, or samples."""

    videos: list[dict[int, int]]
    pixels: list[dict[int, np.ndarray]]
    sounds: list[dict[int, np.ndarray]]


def decode(data: bytes) -> Shown:
    """Decode a film strictly, from its first byte."""
    level = av.logging.get_level()
    av.logging.set_level(av.logging.ERROR)
    try:
        with av.logging.Capture(local=False) as logs, av.open(io.BytesIO(data), format="flv") as container:
            shown = Shown([], [], [])
            videos: dict[int, dict[int, np.ndarray]] = {}
            sounds: dict[int, dict[int, np.ndarray]] = {}
            for stream in container.streams:
                stream.codec_context.options = {"err_detect": "explode"}
                stream.codec_context.thread_count = 1
            for packet in container.demux():
                for frame in packet.decode():
                    if isinstance(frame, av.VideoFrame):
                        pixels = frame.to_ndarray(format="yuv420p")
                        videos.setdefault(packet.stream.index, {})[frame.pts] = pixels
                    else:
                        sounds.setdefault(packet.stream.index, {})[frame.pts] = frame.to_ndarray()
            for pictures in videos.values():
                shown.pixels.append(pictures)
                shown.videos.append({at: frame_number(pixels[:120]) for at, pixels in pictures.items()})
            shown.sounds = [sounds[index] for index in sorted(sounds)]
    finally:
        av.logging.set_level(level)
    assert not [text for severity, _, text in logs if severity <= av.logging.ERROR], logs
    return shown


@pytest.fixture(scope="session")
def flash(flvs: FlvLibrary, films: Library, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Daemon]:
    """A daemon that serves Flash video in every way there is."""
    for name in ("h264", "indexed", "hevc", "sorenson", "aac", "no-metadata", "wrapping"):
        flvs.path(name)
    folder = tmp_path_factory.mktemp("flash")
    port = free_port()
    config = folder / "mp4stream.conf"
    config.write_text(CONFIGURATION.format(port=port, media=flvs.directory), encoding="utf-8")
    serving = Daemon(folder, ["-n", "mp4stream", "--config", str(config)], port)
    yield serving
    serving.stop()


@pytest.fixture(scope="session")
def shown(flvs: FlvLibrary) -> dict[str, Shown]:
    """What the films show; decoded when first asked for."""

    class Decoded(dict[str, Shown]):
        def __missing__(self, name: str) -> Shown:
            self[name] = decode(flvs.data(name))
            return self[name]

    return Decoded()


async def ask(daemon: Daemon, path: str, **headers: str) -> tuple[int, dict[str, str], bytes]:
    """Return status, headers and body."""
    wanted = {name.replace("_", "-"): value for name, value in headers.items()}
    response = await treq.get(daemon.url + path, headers=wanted, persistent=False, timeout=30)
    body = await response.content()
    found = {name.decode().lower(): values[0].decode() for name, values in response.headers.getAllRawHeaders()}
    return response.code, {"content-length": str(response.length), **found}, body


def assert_goes_on(film: Shown, part: Shown, start: int, end: int | None, *, exact: bool) -> None:
    """Assert that a clip shows what the film shows from a timestamp on, at the same times, and so in step."""
    assert len(part.videos) == len(film.videos)
    assert len(part.sounds) == len(film.sounds)
    for before, after, pixels, same in zip(film.videos, part.videos, film.pixels, part.pixels, strict=True):
        wanted = {at: number for at, number in before.items() if at >= start and (end is None or at < end)}
        assert {at: number for at, number in after.items() if end is None or at < end} == wanted
        assert all(np.array_equal(pixels[at], same[at]) for at in wanted)
    for was, now in zip(film.sounds, part.sounds, strict=True):
        times = sorted(now)
        assert times[0] - start < 100
        expected = sorted(at for at in was if times[0] <= at and (end is None or at < end))
        heard = [at for at in times if end is None or at < end]
        assert abs(len(heard) - len(expected)) <= 1
        for at in heard[SETTLING:-1] if exact else ():
            assert np.array_equal(was[at], now[at]), f"sound at {at}"


def start_of(headers: dict[str, str]) -> int:
    """Return where a clip begins, ms."""
    return round(float(headers["x-clip-start"]) * 1000)


DECODED = sorted({*ENCODED, "five-hours", "no-metadata", "long-header"} - {"pcm"})


def first_shown(film: Shown, data: bytes, time: int) -> int:
    """Return when the key frame of a timestamp is shown."""
    if not film.videos:
        return time
    key = next(tag for tag in tags_of(data) if tag.is_key and tag.time == time % 2**32)
    shift = int.from_bytes(key.payload[2:5], "big") if key.payload[0] == 0x17 else 0
    if key.payload[0] == 0x91 and key.payload[1:5] == b"hvc1":
        shift = int.from_bytes(key.payload[5:8], "big")
    return time + shift


@pytest.mark.parametrize("where", ["time", "told-time"])
@pytest.mark.parametrize("name", DECODED)
@pytest_twisted.ensureDeferred
async def test_a_second_of_a_film(
    flash: Daemon, flvs: FlvLibrary, shown: dict[str, Shown], name: str, where: str
) -> None:
    """Whatever the codec: from its first byte on the clip decodes, and shows each picture at the film's own time."""
    data = flvs.data(name)
    base = 5 * 3600_000 if name == "five-hours" else 0
    status, headers, body = await ask(flash, f"/{where}/{name}.flv?start=2.9")
    assert status == 200
    start = base + start_of(headers)
    film = shown[name]
    assert 2900 - 2000 < start - base <= 2900
    assert_goes_on(film, decode(body), first_shown(film, data, start), None, exact=name not in SOUND_NOT_EXACT)


@pytest.mark.parametrize("where", ["key", "told-key"])
@pytest.mark.parametrize("name", [name for name in DECODED if name not in ("aac", "mp3", "nellymoser")])
@pytest_twisted.ensureDeferred
async def test_a_byte_of_a_film(
    flash: Daemon, flvs: FlvLibrary, shown: dict[str, Shown], name: str, where: str
) -> None:
    """`flv_start keyframe`: wherever a player's byte falls, decoding begins with the key frame before it."""
    data = flvs.data(name)
    _, _, sent = await ask(flash, f"/{where}/{name}.flv")
    keys = [tag for tag in tags_of(sent) if tag.is_key]
    key = keys[1]
    status, headers, body = await ask(flash, f"/{where}/{name}.flv?start={key.offset + 9}")
    assert status == 200
    film = shown[name]
    assert start_of(headers) == key.time - min(tag.time for tag in tags_of(data) if tag.kind != SCRIPT)
    start = first_shown(film, data, key.time)
    assert_goes_on(film, decode(body), start, None, exact=name not in SOUND_NOT_EXACT)


@pytest.mark.parametrize("name", ["h264", "indexed", "hevc", "sorenson", "aac", "wrapping"])
@pytest_twisted.ensureDeferred
async def test_an_interval(flash: Daemon, flvs: FlvLibrary, shown: dict[str, Shown], name: str) -> None:
    """`start` and `end`: everything that is shown before the end is there."""
    status, headers, body = await ask(flash, f"/time/{name}.flv?start=2.9&end=5.1")
    assert status == 200
    if name == "wrapping":  # FFmpeg has no idea of clocks that wrap around
        assert tags_of(body)
        return
    part = decode(body)
    start = first_shown(shown[name], flvs.data(name), start_of(headers))
    assert_goes_on(shown[name], part, start, 5100, exact=name not in SOUND_NOT_EXACT)
    assert max(max(stream) for stream in (*part.videos, *part.sounds)) < 5400


@pytest_twisted.ensureDeferred
async def test_whole_films_with_metadata(flash: Daemon, flvs: FlvLibrary, shown: dict[str, Shown]) -> None:
    """`flv_metadata on`: the same pictures and sounds, and a demuxer finds an index that it can seek by."""
    for name in ("h264", "no-metadata", "hevc", "sorenson", "aac"):
        _, _, body = await ask(flash, f"/told/{name}.flv")
        assert_goes_on(shown[name], decode(body), 0, None, exact=False)
    _, _, body = await ask(flash, "/told/no-metadata.flv")
    with av.open(io.BytesIO(body)) as container:
        assert abs(container.duration - 12_084_000) < 100_000
        container.seek(9_000_000)
        frame = next(container.decode(video=0))
        assert frame_number(frame.to_ndarray(format="yuv420p")[:120]) == 200


@pytest_twisted.ensureDeferred
async def test_bytes_as_from_nginx(flash: Daemon, flvs: FlvLibrary) -> None:
    """Thirteen bytes and the rest of the file."""
    data = flvs.data("h264")
    for start in (1, 13, 777, len(data) - 1):
        status, headers, body = await ask(flash, f"/h264.flv?start={start}")
        assert (status, body) == (200, b"FLV\x01\x05\0\0\0\x09\0\0\0\0" + data[start:])
        assert headers["content-type"] == "video/x-flv"
    assert (await ask(flash, f"/h264.flv?start={len(data)}"))[2] == data


@pytest_twisted.ensureDeferred
async def test_past_the_end(flash: Daemon, shown: dict[str, Shown], flvs: FlvLibrary) -> None:
    """500 and a line that says why; or the end of the film."""
    status, _, _ = await ask(flash, "/time/h264.flv?start=100")
    assert status == 500
    assert "h264.flv" in flash.logged("flv start time exceeds file duration")
    status, headers, body = await ask(flash, "/last/h264.flv?start=100")
    assert (status, start_of(headers)) == (200, 10_000)
    assert_goes_on(shown["h264"], decode(body), first_shown(shown["h264"], flvs.data("h264"), 10_000), None, exact=True)


@pytest.mark.parametrize(
    "path", ["/h264.flv?start=5000", "/key/h264.flv?start=60000", "/time/hevc.flv?start=3&end=5", "/told/h264.flv"]
)
@pytest_twisted.ensureDeferred
async def test_a_clip_is_a_file_like_any_other(flash: Daemon, path: str) -> None:
    """HEAD, ranges, several ranges, conditions: of clips as of files; nginx hangs up at the third."""
    status, headers, whole = await ask(flash, path)
    assert (status, headers["content-length"], headers["accept-ranges"]) == (200, str(len(whole)), "bytes")
    with flash.connect() as client:
        replies = Replies(client)
        client.sendall(f"HEAD {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
        status, head, _ = replies.next(head=True)
        same = ("content-length", "etag", "last-modified", "content-type", "x-clip-start")
        assert [head.get(name) for name in same] == [headers.get(name) for name in same]
    status, found, part = await ask(flash, path, Range="bytes=5-99")
    assert (status, part) == (206, whole[5:100])
    assert found["content-range"] == f"bytes 5-99/{len(whole)}"
    assert (await ask(flash, path, Range="bytes=-50"))[2] == whole[-50:]
    status, found, parts = await ask(flash, path, Range="bytes=0-9,100-199,1000-1099")
    assert status == 206
    message = BytesParser().parsebytes(b"Content-Type: " + found["content-type"].encode() + b"\r\n\r\n" + parts)
    pieces = [piece.get_payload(decode=True) for piece in message.get_payload()]
    assert pieces == [whole[:10], whole[100:200], whole[1000:1100]]
    assert (await ask(flash, path, Range=f"bytes={len(whole)}-"))[0] == 416
    assert (await ask(flash, path, If_None_Match=headers["etag"]))[0] == 304
    assert (await ask(flash, path, Range="bytes=0-9", If_Range='"other"'))[2] == whole


@pytest_twisted.ensureDeferred
async def test_clips_are_told_apart(flash: Daemon) -> None:
    """A cache that holds one clip is never told that another one is the same."""
    paths = ["/h264.flv", "/h264.flv?start=5000", "/h264.flv?start=5001", "/key/h264.flv?start=60000"]
    paths += ["/time/h264.flv?start=3", "/time/h264.flv?start=3&end=5", "/told/h264.flv", "/told-time/h264.flv?start=3"]
    tags = [(await ask(flash, path))[1]["etag"] for path in paths]
    assert len(set(tags)) == len(tags)


@pytest_twisted.ensureDeferred
async def test_both_kinds_in_one_location(flash: Daemon, flvs: FlvLibrary, films: Library) -> None:
    """`mp4; flv;`: each film is cut as what it is."""
    (flvs.directory / "film.mp4").write_bytes(films.data("h264"))
    _, headers, body = await ask(flash, "/time/film.mp4?start=5")
    assert (headers["x-clip-start"], body[4:8]) == ("5.000", b"ftyp")
    _, headers, body = await ask(flash, "/time/h264.flv?start=5")
    assert (headers["x-clip-start"], body[:3]) == ("4.000", b"FLV")


BAD = {
    "empty": lambda data: b"",
    "header": lambda data: data[:13],
    "cut": lambda data: data[:-77],
    "junk": lambda data: data + bytes(range(256)) * 40,
    "sizes": lambda data: data[:600] + b"\x09\xff\xff\xff" + data[604:],
    "zero": lambda data: data[:13] + bytes(5000),
    "empty-tags": lambda data: data[:13] + (b"\x09" + bytes(13) + b"\x0b") * 30_000,
    "deep": lambda data: (
        data[:13] + b"\x12\x00\xff\xff" + bytes(7) + b"\x02\0\x0aonMetaData" + b"\x0a\0\0\0\x01" * 13_104
    ),
}


@pytest.mark.parametrize("name", sorted(BAD))
@pytest_twisted.ensureDeferred
async def test_bad_films(flash: Daemon, flvs: FlvLibrary, name: str) -> None:
    """Wrong sizes, truncated tails, tags of nothing, metadata of depths: an answer, a line in the log, no delay."""
    (flvs.directory / f"bad-{name}.flv").write_bytes(BAD[name](flvs.data("h264")))
    for where in ("time", "told-time", "key", "told"):
        start = 3 if "time" in where else 300
        status, _, body = await ask(flash, f"/{where}/bad-{name}.flv?start={start}")
        assert status in (200, 500)
        if name in ("cut", "junk") and "time" in where:
            assert status == 200
            tags_of(body)
            assert f"bad-{name}.flv" in flash.logged(f"bad-{name}.flv")
        if status == 500:
            assert "flv" in flash.logged(f'bad-{name}.flv" ')
