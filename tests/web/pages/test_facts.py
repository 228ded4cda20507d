"""What a page tells of real films."""

from __future__ import annotations

import pytest

from hls_mp4.containers.isobmff import IsobmffFormat
from hls_mp4.errors import MalformedMedia, MediaTooLarge, StreamingError, UnsupportedMedia
from hls_mp4.web.pages.facts import FilmFacts, TrackFacts, broken, facts_of
from tests.films import Library
from tests.indexes import indexed

FORMATS = (IsobmffFormat(),)


@pytest.mark.parametrize(
    ("name", "resolution", "codecs", "at_once"),
    [
        ("h264", "160\u00d7120", "H.264, AAC", True),
        ("moov-last", "160\u00d7120", "H.264, AAC", False),
        ("fragmented", "160\u00d7120", "H.264, AAC", False),
        ("hevc", "160\u00d7120", "HEVC, AAC", True),
        ("av1", "160\u00d7120", "AV1, Opus", True),
        ("vp9-opus", "160\u00d7120", "VP9, Opus", True),
        ("two-audios", "160\u00d7120", "H.264, AAC, AC-3", True),
        ("audio-only", "", "AAC", True),
        ("texts", "160\u00d7120", "H.264, AAC", True),
    ],
)
def test_films(films: Library, name: str, resolution: str, codecs: str, at_once: bool) -> None:
    """Resolution and codecs in people's words, and whether a browser can play the file from its front."""
    facts = facts_of(indexed(films.data(name)), FORMATS)
    assert (facts.resolution, facts.codecs, facts.at_once) == (resolution, codecs, at_once)
    assert facts.duration_ms // 1000 in (8, 12)
    assert facts.problem == ""


def test_tracks(films: Library) -> None:
    """Each track that people see or hear is told of, with its bitrate when that is asked for; chapters are none."""
    index = indexed(films.data("tagged"))
    assert [track.kind for track in facts_of(index, FORMATS).tracks] == ["Video", "Audio"]
    video, audio = facts_of(index, FORMATS, rates=True).tracks
    assert (video.codec_string, video.width, video.height) == ("avc1.4D400B", 160, 120)
    assert (audio.codec_string, audio.channels, audio.rate) == ("mp4a.40.2", 1, 44100)
    assert 60_000 < audio.bitrate < 70_000
    assert [track.kind for track in facts_of(indexed(films.data("texts")), FORMATS).tracks][2:] == ["Subtitles"]


def test_without_details(films: Library) -> None:
    """A format of somebody else that tells no codecs still has its four letters."""
    assert facts_of(indexed(films.data("h264")), ()).tracks[0].codec_string == "avc1"


def test_languages() -> None:
    """Audio in English and in French is two languages, two English tracks are one; no sound is none."""

    def audio(language: str) -> TrackFacts:
        return TrackFacts("Audio", "AAC", "mp4a.40.2", language)

    assert FilmFacts(tracks=(audio("English"), audio("French"), audio("English"))).languages == 2
    assert FilmFacts(tracks=(TrackFacts("Video", "H.264", "avc1", "English"),)).languages == 0


@pytest.mark.parametrize(
    ("problem", "told"),
    [
        (MalformedMedia("mp4 secret atom", offset=5), "it is damaged or incomplete"),
        (UnsupportedMedia("no known media format"), "it is in a format that this server does not know"),
        (MediaTooLarge("mp4 moov atom is too large"), "its metadata is larger than this server reads"),
    ],
)
def test_broken_films(problem: StreamingError, told: str) -> None:
    """People hear in a few words why; boxes and offsets are for the log."""
    assert broken(problem) == FilmFacts(problem=told)
    assert broken(problem).weight > 0
