"""Encrypted Smooth Streaming, opened by the client's own reader of PIFF."""

from __future__ import annotations

from base64 import b64encode

import pytest

from hls_mp4.errors import UnsupportedMedia
from tests.films import Library
from tests.judge import decode
from tests.media.test_presentation import presented
from tests.packagers.fmp4.encrypted import KEY, KEY_ID, protection
from tests.packagers.smooth.client import chunk_url, init_segment, opened
from tests.packagers.smooth.served import answered, body, client_of

PLAYREADY = "9A04F079-9840-4286-AB92-E65BE0885F95"


@pytest.mark.parametrize("name", ["h264", "hevc", "eac3"])
def test_it_opens_with_the_key(films: Library, name: str) -> None:
    """Every sample comes out as it lies in the film, and plays; headers are those of what is not encrypted."""
    plain = client_of(presented(films.data(name)))
    presentation = presented(films.data(name))
    presentation.protection = protection("cenc")
    client = client_of(presentation)
    assert [stream.chunks for stream in client.manifest.streams] == [stream.chunks for stream in plain.manifest.streams]
    for stream, same in zip(client.manifest.streams, plain.manifest.streams, strict=True):
        level = stream.levels[0]
        media = init_segment(stream, level)
        for one, other in zip(client.fragments(stream, level), plain.fragments(same, same.levels[0]), strict=True):
            assert one.samples == other.samples
            assert one.data != other.data
            found = opened(one, bytes.fromhex(KEY))
            assert found == other.data
            media += other.moof + (len(found) + 8).to_bytes(4, "big") + b"mdat" + found
        assert decode(media, strict=False)


def test_nouns_are_encrypted_too(films: Library) -> None:
    """FragmentInfo and RawFragments are the halves of the fragment; nothing is sent that can be read without a key."""
    presentation = presented(films.data("h264"))
    plain = client_of(presented(films.data("h264")))
    presentation.protection = protection("cenc")
    client = client_of(presentation)
    for stream in client.manifest.streams:
        level = stream.levels[0]
        for (time, duration), whole in zip(stream.chunks, client.fragments(stream, level), strict=True):
            assert body(presentation, chunk_url(stream, level, time, "FragmentInfo")) == whole.moof
            assert body(presentation, chunk_url(stream, level, time, "RawFragments")) == whole.data
            key = body(presentation, chunk_url(stream, level, time, "KeyFrames"))
            assert key != plain.fetch(chunk_url(stream, level, time, "KeyFrames"))
            assert key.endswith(whole.data[: whole.samples[0].size])
            assert duration


def test_players_are_told_of_the_key(films: Library) -> None:
    """A PlayReady header with the key's id, as a GUID of Windows, where the key file has none."""
    presentation = presented(films.data("h264"))
    presentation.protection = protection("cenc")
    found = client_of(presentation).manifest.protection
    assert list(found) == [PLAYREADY]
    told = found[PLAYREADY]
    assert int.from_bytes(told[:4], "little") == len(told)
    assert int.from_bytes(told[8:10], "little") == len(told) - 10
    header = told[10:].decode("utf-16-le")
    swapped = bytes.fromhex("67452301ab89efcd0123456789abcdef")
    assert f"<KID>{b64encode(swapped).decode()}</KID>" in header
    assert KEY_ID == "0123456789abcdef" * 2


def test_what_the_key_file_says_is_told(films: Library) -> None:
    """PlayReady's object as the licence server gave it, and what others are told."""
    presentation = presented(films.data("h264"))
    systems = {"playready": b64encode(b"an object").decode(), "widevine": b64encode(b"other data").decode()}
    presentation.protection = protection("cenc", pssh=systems)
    found = client_of(presentation).manifest.protection
    assert found == {PLAYREADY: b"an object", "EDEF8BA9-79D6-4ACE-A3C8-27DCD51D21ED": b"other data"}


@pytest.mark.parametrize(
    ("scheme", "members", "why"),
    [
        ("cbcs", {}, "no cbcs in Smooth Streaming"),
        ("cenc", {"audio": {"key_id": "ff" * 16, "key": "ee" * 16}}, "two keys"),
    ],
)
def test_what_no_player_could_open_is_refused(
    films: Library, scheme: str, members: dict[str, object], why: str
) -> None:
    """Neither the manifest nor a chunk is sent, encrypted or not."""
    (stream,) = client_of(presented(films.data("h264"))).manifest.of_kind("video")
    presentation = presented(films.data("h264"))
    presentation.protection = protection(scheme, **members)
    for url in ("Manifest", chunk_url(stream, stream.levels[0], 0)):
        with pytest.raises(UnsupportedMedia, match=why) as raised:
            answered(presentation, url)
        assert raised.value.status_hint == 415


def test_bodies_are_told_apart(films: Library) -> None:
    """Another key is another body: caches must not mix them."""
    presentation = presented(films.data("h264"))
    (stream,) = client_of(presentation).manifest.of_kind("video")
    variants = set()
    for told in (None, protection("cenc"), protection("cenc", key="ee" * 16)):
        presentation.protection = told
        variants.add(answered(presentation, chunk_url(stream, stream.levels[0], 0)).variant)
    assert len(variants) == 3
