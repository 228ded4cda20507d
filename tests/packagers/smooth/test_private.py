"""What manifests say of codecs."""

from __future__ import annotations

from dataclasses import replace

import pytest

from hls_mp4.codecs.configuration import Configuration
from hls_mp4.codecs.mpeg4 import esds_of
from hls_mp4.errors import UnsupportedMedia
from hls_mp4.media.presentation import Rendition
from hls_mp4.packagers import description
from hls_mp4.packagers.smooth.private import described
from tests.films import Library
from tests.media.test_presentation import presented


@pytest.fixture
def video(films: Library) -> Rendition:
    """A rendition whose codec a test may change."""
    return presented(films.data("h264")).renditions[0]


@pytest.fixture
def sound(films: Library) -> Rendition:
    """A rendition whose codec a test may change."""
    return presented(films.data("h264")).renditions[1]


def told(rendition: Rendition, entry: str, *, protected: bool = False, **records: bytes) -> Rendition:
    """Return a rendition of another codec."""
    track = replace(rendition.track)
    description._CONFIGURATIONS[track] = Configuration(entry, protected, records)
    return replace(rendition, track=track)


SPS, PPS = bytes.fromhex("674D400BECA1423F2C"), bytes.fromhex("68CE0FC8")


def avcc(*sets: list[bytes], length_size: int = 4) -> bytes:
    """Return an AVCDecoderConfigurationRecord."""
    record = b"\1\x4d\x40\x0b" + bytes([0xFC | length_size - 1])
    for number, units in enumerate(sets):
        record += bytes([len(units) | (0xE0 if not number else 0)])
        record += b"".join(len(unit).to_bytes(2, "big") + unit for unit in units)
    return record


def test_h264(video: Rendition) -> None:
    """Start codes, sequence parameter sets, then picture parameter sets; how long the lengths in samples are."""
    found = described(told(video, "avc1", avcC=avcc([SPS], [PPS, PPS], length_size=2)))
    assert (found.family, found.fourcc) == ("avc", "H264")
    assert found.private == b"\0\0\0\1" + SPS + (b"\0\0\0\1" + PPS) * 2
    assert found.attributes == (("MaxWidth", 160), ("MaxHeight", 120), ("NALUnitLengthField", 2))


@pytest.mark.parametrize(("entry", "fourcc"), [("hvc1", "HVC1"), ("hev1", "HEV1")])
def test_hevc(films: Library, entry: str, fourcc: str) -> None:
    """Video, sequence and picture parameter sets in this order, whatever else the film's record has."""
    rendition = presented(films.data("hevc")).renditions[0]
    record = bytes(description.configuration(rendition.track).records["hvcC"])
    arrays = [record[23:]]
    backwards = record[:22] + bytes([record[22] + 1]) + b"\xa7\0\1\0\2\x4e\x01" + b"".join(arrays)
    found = described(told(rendition, entry, hvcC=backwards))
    assert found.fourcc == fourcc
    kinds = [unit[0] >> 1 & 63 for unit in found.private.split(b"\0\0\0\1")[1:]]
    assert kinds == [32, 33, 34]


@pytest.mark.parametrize(
    ("specific", "fourcc", "rate", "channels"),
    [("1210", "AACL", 44100, 2), ("2B920800", "AACH", 44100, 2), ("EB098800", "AACP", 48000, 2)],
)
def test_aac(sound: Rendition, specific: str, fourcc: str, rate: int, channels: int) -> None:
    """Plain, with SBR and with parametric stereo: rate and channels are what is heard."""
    found = described(told(sound, "mp4a", esds=esds_of(0x40, bytes.fromhex(specific))))
    assert (found.family, found.fourcc, found.private.hex().upper()) == ("aac", fourcc, specific)
    attributes = dict(found.attributes)
    assert (attributes["SamplingRate"], attributes["Channels"], attributes["AudioTag"]) == (rate, channels, 255)
    assert (attributes["BitsPerSample"], attributes["PacketSize"]) == (16, 4)


def test_eac3(sound: Rendition) -> None:
    """What a film of Dolby's own says, byte for byte."""
    found = described(told(sound, "ec-3", dec3=bytes.fromhex("0600200F00")))
    assert found.private.hex().upper() == "00063F000000AF87FBA7022DFB42A4D405CD93843BDD0600200F00"
    attributes = dict(found.attributes)
    assert (attributes["PacketSize"], attributes["Channels"], attributes["AudioTag"]) == (768, 6, 65534)


@pytest.mark.parametrize(
    ("entry", "records", "why"),
    [
        ("av01", {}, 'no codec "av01"'),
        ("avc1", {}, "missing"),
        ("avc1", {"avcC": b"\2\x4d\x40\x0b\xff\xe0\0"}, "avcC version"),
        ("avc1", {"avcC": avcc([SPS], [PPS])[:12]}, "makes no sense"),
        ("avc3", {"avcC": avcc([], [])}, "in the samples only"),
        ("avc1", {"avcC": avcc([SPS], [])}, "in the samples only"),
        ("mp4a", {"esds": esds_of(0x6B)}, 'no codec "mp4a.6B"'),
        ("mp4a", {"esds": esds_of(0x40, bytes.fromhex("F940"))}, r'no codec "mp4a.40.42"'),
        ("mp4a", {"esds": esds_of(0x40)}, "makes no sense"),
        ("mp4a", {"esds": b""}, "makes no sense"),
        ("ec-3", {"dec3": b"\0"}, "cut short"),
    ],
)
def test_what_has_no_words(video: Rendition, entry: str, records: dict[str, bytes], why: str) -> None:
    """It is refused, and the reason is one that an administrator can use."""
    with pytest.raises(UnsupportedMedia, match=why):
        described(told(video, entry, **records))


def test_what_is_encrypted_is_refused(video: Rendition) -> None:
    """Nobody has its key but those who encrypted the file."""
    with pytest.raises(UnsupportedMedia, match="encrypted"):
        described(told(video, "avc1", protected=True, avcC=avcc([SPS], [PPS])))


def test_several_configurations_are_refused(video: Rendition, monkeypatch: pytest.MonkeyPatch) -> None:
    """A manifest has room for one; what would need two is not told wrongly."""
    monkeypatch.setattr(type(video.track.samples), "descriptions", lambda *_: [1, 2])
    with pytest.raises(UnsupportedMedia, match="several configurations"):
        described(video)
