"""What renditions are in a transport stream."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from hls_mp4.codecs.configuration import Configuration
from hls_mp4.codecs.mpeg4 import esds_of
from hls_mp4.containers.flv.description import FlvDescription
from hls_mp4.errors import UnsupportedMedia
from hls_mp4.packagers.mpegts.streams import program_stream, stream_of_rendition, three_letters
from tests.films import Library
from tests.media.test_presentation import presented
from tests.packagers.mpegts.made import LC_44100_STEREO, Sample, film, video_box


def sound(entry: str, records: dict[str, bytes], *, protected: bool = False) -> Any:
    """Return a rendition of a sound."""
    box = FlvDescription(entry, b"", Configuration(entry, protected, records))
    return film([], [Sample(b"x", 1024)], boxes=(video_box(), box)).renditions[0]


@pytest.mark.parametrize(
    ("entry", "object_type", "expected"),
    [
        ("mp4a", 0x40, 0x0F),
        ("mp4a", 0x67, 0x0F),
        ("mp4a", 0x6B, 0x03),
        ("mp4a", 0xA5, 0x81),
        ("mp4a", 0xA6, 0x87),
        (".mp3", None, 0x03),
        ("ac-3", None, 0x81),
        ("ec-3", None, 0x87),
    ],
)
def test_codecs_are_known_by_whatever_they_are_called(entry: str, object_type: int | None, expected: int) -> None:
    """Sample entries of MP4, object types in them, QuickTime's and FLV's names."""
    records = {"esds": esds_of(object_type, LC_44100_STEREO)} if object_type else {}
    assert stream_of_rendition(sound(entry, records)).stream_type == expected


@pytest.mark.parametrize(
    ("entry", "records", "reason"),
    [
        ("Opus", {}, "cannot carry Opus"),
        ("fLaC", {}, "cannot carry FLAC"),
        ("mp4a", {}, "cannot carry AAC"),
        ("mp4a", {"esds": b"junk"}, "cannot carry AAC"),
        ("mp4a", {"esds": esds_of(0xDD)}, "cannot carry Vorbis"),
        ("mp4a", {"esds": esds_of(0x40, b"\xf8\xe8\x50\x00")}, "AAC of audio object type 39"),
        ("", {}, "no known codec"),
    ],
)
def test_what_cannot_be_carried_is_named(entry: str, records: dict[str, bytes], reason: str) -> None:
    """Whoever reads the log knows which codec it is, each time."""
    rendition = sound(entry, records)
    for _ in range(2):
        with pytest.raises(UnsupportedMedia, match=reason):
            stream_of_rendition(rendition)


def test_pictures_without_configuration_are_refused() -> None:
    """A decoder could not begin; nor could anybody with what is encrypted in the file."""
    pictures = [Sample(b"\0\0\0\1\5", 3000)]
    for records, protected, reason in (
        ({}, False, "this H.264"),
        (video_box().configuration.records, True, "encrypted"),
    ):
        box = FlvDescription("avc1", b"", Configuration("avc1", protected, records))
        with pytest.raises(UnsupportedMedia, match=reason):
            stream_of_rendition(film(pictures, [], boxes=(box, None)).renditions[0])


def test_languages_are_told_in_three_letters(films: Library) -> None:
    """Of sound, where it is known; as ISO 639-2 has it, whatever the film or its manifest calls it."""
    assert [
        three_letters(code) for code in ("deu", "de", "DE", "de-CH", "pt_br", "und", "xx", "", "\u00fc", "a1c")
    ] == [*("deu", "deu", "deu", "deu", "por", "und", "und", "und", "und", "und")]
    video, audio = presented(films.data("h264")).renditions
    assert b"\x0a\x04fra\0" in program_stream(stream_of_rendition(audio), replace(audio, language="fr")).descriptors
    assert not program_stream(stream_of_rendition(video), replace(video, language="fr")).descriptors
    assert not program_stream(stream_of_rendition(audio), audio).descriptors
