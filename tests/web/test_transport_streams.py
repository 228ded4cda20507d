"""Segments of MPEG-TS over HTTP: ranges, heads and keys, and films that make no sense."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import pytest_twisted
from twisted.logger import capturedLogs

from hls_mp4.media.segments import SegmentPolicy
from hls_mp4.packagers.hls.aes128 import padded
from hls_mp4.packagers.mpegts.segment import segment_parts
from hls_mp4.plan import Plan
from tests.films import Library
from tests.media.test_presentation import presented
from tests.packagers.fmp4.played import rendered
from tests.web.harness import Client, Served

Serve = Callable[..., Served]

TS = "hls; hls_segment_format ts; segment_duration 2s;"


def asked(path: str, method: str = "GET", *headers: str) -> bytes:
    """Return a request."""
    lines = [f"{method} {path} HTTP/1.1", "Host: a", *headers]
    return "\r\n".join([*lines, "", ""]).encode()


async def fetch(client: Client, path: str, *headers: str) -> tuple[int, dict[str, str], bytes]:
    """Return what is answered."""
    client.send(asked(path, "GET", *headers))
    return await client.answer()


@pytest_twisted.ensureDeferred
async def test_segments_are_sent_whole_and_in_part(serve: Serve, root: Path, films: Library) -> None:
    """A segment, its length without it, a range of it, and nothing where it is known: all of the same bytes."""
    data = films.data("h264")
    (root / "film.mp4").write_bytes(data)
    presentation = presented(data)
    presentation.policy = SegmentPolicy(2000)
    expected = rendered(Plan(segment_parts(presentation, (0, 1), 2)))
    client = await serve(f"location / {{ {TS} }}").connect()
    path = "/film.mp4/seg-3-v1-a1.ts"
    status, headers, body = await fetch(client, path)
    assert (status, body) == (200, expected)
    assert headers["content-type"] == "video/mp2t"
    client.send(asked(path, "HEAD"))
    status, head, _ = await client.answer(head=True)
    assert (status, head["content-length"], head["etag"]) == (200, str(len(expected)), headers["etag"])
    status, part, body = await fetch(client, path, "Range: bytes=376-9999")
    assert (status, body) == (206, expected[376:10_000])
    assert part["content-range"] == f"bytes 376-9999/{len(expected)}"
    status, _, _ = await fetch(client, path, f"If-None-Match: {headers['etag']}")
    assert status == 304
    status, _, _ = await fetch(client, "/film.mp4/seg-99-v1-a1.ts")
    assert status == 404


@pytest_twisted.ensureDeferred
async def test_a_key_of_its_own_opens_each_film(serve: Serve, root: Path, films: Library) -> None:
    """Encrypted segments have another length and tag; the key lies beside the playlist."""
    (root / "film.mp4").write_bytes(films.data("h264"))
    text = f"location / {{ {TS} }} location /key/ {{ alias {root}/; {TS} hls_encryption aes-128; hls_key_seed x; }}"
    client = await serve(text).connect()
    _, clear, body = await fetch(client, "/film.mp4/seg-1-v1-a1.ts")
    _, told, closed = await fetch(client, "/key/film.mp4/seg-1-v1-a1.ts")
    assert len(closed) == padded(len(body))
    assert told["etag"] != clear["etag"]
    assert (await fetch(client, "/film.mp4/encryption.key"))[0] == 404
    status, headers, key = await fetch(client, "/key/film.mp4/encryption.key")
    assert (status, len(key), headers["content-type"]) == (200, 16, "application/octet-stream")
    playlist = (await fetch(client, "/key/film.mp4/index-v1-a1.m3u8"))[2]
    assert b'#EXT-X-KEY:METHOD=AES-128,URI="encryption.key"\n' in playlist


@pytest.mark.parametrize("more", ["", "hls_encryption aes-128; hls_key_seed x;"])
@pytest_twisted.ensureDeferred
async def test_a_film_that_makes_no_sense_ends_the_connection(
    serve: Serve, root: Path, films: Library, more: str
) -> None:
    """Nobody gets bytes that are none of the film: the body ends short, and the log has one line that says why."""
    data = bytearray(films.data("h264"))
    at = presented(bytes(data)).renditions[0].track.samples.offset(60)
    data[at : at + 4] = b"\xff\xff\xff\xff"
    (root / "film.mp4").write_bytes(data)
    client = await serve(f"location / {{ {TS} {more} }}").connect()
    with capturedLogs() as events:
        client.send(asked("/film.mp4/seg-2-v1-a1.ts"))
        await client.until_closed()
    _, _, body = bytes(client.data).partition(b"\r\n\r\n")
    assert len(body) <= 376  # the tables, which are known without the film
    told = [str(event.get("reason")) for event in events if "reason" in event]
    assert len([reason for reason in told if "a NAL unit of 4294967295 bytes" in reason]) == 1
    assert not any("log_failure" in event for event in events)


@pytest_twisted.ensureDeferred
async def test_what_is_left_out_is_logged_once(serve: Serve, root: Path, films: Library) -> None:
    """Not for every viewer: a line that names the film, the track and the codec."""
    (root / "film.mov").write_bytes(films.data("pcm-mov"))
    client = await serve(f"location / {{ {TS} }}").connect()
    with capturedLogs() as events:
        for _ in range(3):
            assert (await fetch(client, "/film.mov/master.m3u8"))[0] == 200
    told = [str(event.get("reason")) for event in events if "cannot carry PCM" in str(event.get("reason"))]
    assert len(told) == 1
    assert "film.mov" in told[0]
