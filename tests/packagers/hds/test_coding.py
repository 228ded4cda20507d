"""Which tracks FLV tags can carry."""

from __future__ import annotations

import struct
from fractions import Fraction

import pytest

from hls_mp4.packagers.hds.coding import AAC_ID, AVC_ID, MP3_ID, Coding, coding_of, codings_of
from tests.films import Audio, Library, Recipe, encode
from tests.flvs import FlvLibrary
from tests.media.test_presentation import presented


def test_pictures_and_sound_are_configured(films: Library) -> None:
    """By the records of the film, in a tag of the right timestamp."""
    codings = codings_of(presented(films.data("h264")))
    assert codings.complaint == ""
    video, audio = codings.of[0], codings.of[1]
    assert (video.number, audio.number) == (AVC_ID, AAC_ID)
    assert video.record[0] == 1
    assert video.header(0x1020304)[4:8] == bytes((2, 3, 4, 1))
    assert audio.header(0)[11:13] == b"\xaf\x00"


def test_mp3_needs_no_configuration(films: Library) -> None:
    """In MP4, and under the name that QuickTime has for it."""
    data = films.made("mp3", lambda: encode(Recipe(seconds=Fraction(2), audio=(Audio("libmp3lame", (), 44100),))))
    coding = codings_of(presented(data)).of[1]
    assert (coding.number, coding.first, coding.header(5)) == (MP3_ID, 0x2E, b"")


@pytest.mark.parametrize(
    ("name", "what"), [("hevc", "video 1 is HEVC"), ("ac3", "audio 1 is AC-3"), ("vp9-opus", "VP9, audio 1 is Opus")]
)
def test_other_codecs_are_left_out_and_named(films: Library, name: str, what: str) -> None:
    """The log says which, and why; of several films also in which."""
    assert what in codings_of(presented(films.data(name))).complaint
    both = codings_of(presented(films.data("h264"), films.data(name)))
    assert 0 in both.of
    assert "source 2" in both.complaint


def test_what_is_encrypted_is_left_out(films: Library) -> None:
    """A player would show noise."""
    data = films.data("h264")
    at = data.index(b"avc1", data.index(b"stsd"))
    size = struct.unpack(">I", data[at - 4 : at])[0]
    encrypted = data[:at] + b"encv" + data[at + 4 :]
    assert size
    rendition = presented(encrypted).renditions[0]
    assert coding_of(rendition) == "encrypted encv"


def test_a_track_without_its_configuration_is_left_out(films: Library) -> None:
    """Nothing could decode it."""
    data = films.data("h264")
    broken = data.replace(b"avcC", b"free").replace(b"esds", b"free")
    codings = codings_of(presented(broken))
    assert not codings.of
    assert "H.264 without a configuration" in codings.complaint


def test_flash_video_is_carried_as_it_is(flvs: FlvLibrary) -> None:
    """FLV as a source: the same records as of MP4."""
    from hls_mp4.interfaces import Asset
    from hls_mp4.media.presentation import Presentation
    from tests.containers.flv.indexes import indexed

    data = flvs.data("h264")
    codings = codings_of(Presentation.of([Asset(indexed(data), data)]))
    assert [isinstance(coding, Coding) for coding in codings.of.values()] == [True, True]
