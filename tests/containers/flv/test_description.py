"""What a packager has to know of a stream."""

from __future__ import annotations

import pytest

from hls_mp4.codecs.mpeg4 import stream_of
from hls_mp4.containers.flv.description import description_of
from hls_mp4.containers.flv.packets import number_of
from hls_mp4.containers.flv.scan import Stream
from tests.containers.flv.indexes import indexed
from tests.flvs import AUDIO, FlvLibrary


@pytest.mark.parametrize(
    ("name", "strings"),
    [
        ("h264", ["avc1.4D400B", "mp4a.40.2"]),
        ("hevc", ["hvc1.1.6.L30.90", "mp4a.40.2"]),
        ("av1", ["Opus", "av01.0.00M.08"]),
        ("vp9", ["Opus", "vp09.00.10.08"]),
        ("sorenson", ["mp4a.6B", "FLV1"]),
        ("ac3", ["avc1.4D400B", "ac-3"]),
        ("vp6", ["VP6F", "mp4a.6B"]),
        ("pcm", ["sowt"]),
        ("nellymoser", ["NELL"]),
        ("two-audios", ["avc1.4D400B", "mp4a.40.2", "mp4a.40.2"]),
    ],
)
def test_codecs_are_called_what_players_call_them(flvs: FlvLibrary, name: str, strings: list[str]) -> None:
    """Codec strings are those of the same film in MP4."""
    tracks = indexed(flvs.data(name)).tracks
    assert [track.box.configuration.codec_string for track in tracks] == strings


def test_configurations_are_those_of_mp4(flvs: FlvLibrary) -> None:
    """A packager finds avcC and esds as it would in an MP4 file."""
    video, audio = indexed(flvs.data("h264")).tracks
    assert bytes(video.box.configuration.records["avcC"]) == video.box.specific
    assert video.box.specific[0] == 1
    stream = stream_of(audio.box.configuration.records["esds"])
    assert stream.object_type == 0x40
    assert stream.specific == audio.box.specific


@pytest.mark.parametrize(
    ("name", "rate", "channels"), [("aac", 44100, 1), ("mp3", 44100, 1), ("nellymoser", 22050, 1), ("av1", 48000, 1)]
)
def test_sound_has_a_rate(flvs: FlvLibrary, name: str, rate: int, channels: int) -> None:
    """Rate and channels are those of the encoder."""
    (track,) = (track for track in indexed(flvs.data(name)).tracks if track.handler == "soun")
    assert (track.rate, track.channels) == (rate, channels)


@pytest.mark.parametrize(
    ("codec", "head", "specific", "rate", "channels"),
    [
        (".mp3", "2f fffb 94", "", 48000, 2),
        (".mp3", "2e fff3 50", "", 22050, 1),
        (".mp3", "2e fffb fc", "", 0, 1),
        (".mp3", "2b 0000", "", 22050, 2),
        ("spex", "b6", "", 16000, 1),
        ("NELL", "4e", "", 16000, 1),
        ("mp4a", "af 01", "", 44100, 2),
        ("mp4a", "af 01", "12", 0, 0),
        ("Opus", "91", "", 0, 0),
        ("mp4a", "", "1208", 44100, 1),
    ],
)
def test_rates_of_old_codecs(codec: str, head: str, specific: str, rate: int, channels: int) -> None:
    """From the frames where they tell, else from the tag, whose two bits know four rates."""
    stream = Stream(AUDIO, 0, number_of(codec), bytes.fromhex(head))
    description = description_of(stream, bytes.fromhex(specific))
    assert (description.rate, description.channels) == (rate, channels)
