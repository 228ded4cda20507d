"""Codec strings of MPEG-4 elementary streams."""

import pytest

from hls_mp4.codecs.mpeg4 import Heard, audio_format, esds_of, heard, stream_of
from hls_mp4.codecs.strings import codec_string


def descriptor(tag: int, body: bytes, *, long: bool = False) -> bytes:
    """Return a descriptor with its size in one byte, or in four."""
    size = bytes([0x80, 0x80, 0x80, len(body)]) if long else bytes([len(body)])
    return bytes([tag]) + size + body


def esds(object_type: int, specific: bytes | None, *, flags: int = 0, extra: bytes = b"", long: bool = False) -> bytes:
    """Return the payload of an esds box."""
    config = bytes([object_type, 0x15]) + bytes(11)
    if specific is not None:
        config += descriptor(5, specific, long=long)
    stream = b"\x00\x01" + bytes([flags]) + extra + descriptor(4, config, long=long) + descriptor(6, b"\x02")
    return bytes(4) + descriptor(3, stream, long=long)


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        (esds(0x40, bytes.fromhex("1208")), "mp4a.40.2"),  # AAC-LC
        (esds(0x40, bytes.fromhex("1208"), long=True), "mp4a.40.2"),
        (esds(0x40, bytes.fromhex("2B920800")), "mp4a.40.5"),  # HE-AAC, told first
        (esds(0x40, bytes.fromhex("EB09")), "mp4a.40.29"),  # HE-AAC v2
        (esds(0x40, bytes.fromhex("F940")), "mp4a.40.42"),  # xHE-AAC: a number above 31
        (esds(0x6B, None), "mp4a.6B"),  # MP3
        (esds(0x69, b""), "mp4a.69"),
        (esds(0x67, bytes.fromhex("1208")), "mp4a.67"),  # MPEG-2 AAC
        (esds(0x40, b"\x12\x08", flags=0x80, extra=b"\x00\x02"), "mp4a.40.2"),  # depends on another stream
        (esds(0x40, b"\x12\x08", flags=0x40, extra=b"\x03url"), "mp4a.40.2"),
        (esds(0x40, b"\x12\x08", flags=0xE0, extra=b"\x00\x02\x03url\x00\x09"), "mp4a.40.2"),
    ],
)
def test_audio(record: bytes, expected: str) -> None:
    """The object type, and within MPEG-4 audio the kind of audio, wherever in the descriptors they lie."""
    assert codec_string("mp4a", {"esds": record}) == expected


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        (esds(0x20, bytes.fromhex("000001B0F3000001B5")), "mp4v.20.243"),
        (esds(0x20, bytes.fromhex("000001B009")), "mp4v.20.9"),  # the example of RFC 6381
        (esds(0x20, bytes.fromhex("00000100")), "mp4v.20"),
        (esds(0x6C, None), "mp4v.6C"),
    ],
)
def test_video(record: bytes, expected: str) -> None:
    """MPEG-4 Visual has its profile and level after the object type, decimal."""
    assert codec_string("mp4v", {"esds": record}) == expected


@pytest.mark.parametrize("cut", range(len(esds(0x40, b"\x12\x08"))))
def test_a_record_that_is_cut_short(cut: int) -> None:
    """Wherever it ends, the answer is the string that is certain."""
    whole = esds(0x40, b"\x12\x08")
    assert codec_string("mp4a", {"esds": whole[:cut]}) == "mp4a"


@pytest.mark.parametrize("record", [b"", bytes(40), bytes(4) + b"\x04\x01\x40", esds(0x40, b""), esds(0x40, b"\xf9")])
def test_a_record_that_makes_no_sense(record: bytes) -> None:
    """The four letters are right in any case."""
    assert codec_string("mp4a", {"esds": record}) == "mp4a"


@pytest.mark.parametrize(
    ("specific", "expected"),
    [
        ("1208", (44100, 1)),
        ("1190", (48000, 2)),
        ("2b920800", (22050, 2)),  # SBR told first: the core's own rate
        ("1238", (44100, 8)),
        ("f948 4180", (44100, 2)),  # USAC, whose type has eleven bits
        ("1780 5dc0 10", (48000, 2)),  # a rate that is no row of the table
        ("1680", (0, 0)),
    ],
)
def test_rate_and_channels_of_a_configuration(specific: str, expected: tuple[int, int]) -> None:
    """An AudioSpecificConfig tells what a player has to open its output with."""
    assert audio_format(bytes.fromhex(specific)) == expected


def test_a_configuration_that_is_cut_short() -> None:
    """One byte tells nothing, nor does the beginning of a rate."""
    for specific in (b"", b"\x12", b"\x17\xff"):
        with pytest.raises(LookupError):
            audio_format(specific)


@pytest.mark.parametrize("specific", [b"", b"\x12\x08", bytes(200)])
def test_a_written_esds_is_read(specific: bytes) -> None:
    """What is written for a container without boxes says what it was given."""
    stream = stream_of(esds_of(0x40, specific))
    assert (stream.object_type, stream.specific) == (0x40, specific)


@pytest.mark.parametrize(
    ("specific", "expected"),
    [
        ("1208", Heard(2, 44100, 1)),
        ("1210", Heard(2, 44100, 2)),
        ("120856E500", Heard(2, 44100, 1)),  # SBR behind the core: there is none
        ("139056E5A0", Heard(5, 44100, 2)),  # there is: 22050 becomes 44100
        ("130856E59D4880", Heard(29, 48000, 2)),  # and parametric stereo on top
        ("2B920800", Heard(5, 44100, 2)),  # SBR told first
        ("EB098800", Heard(29, 48000, 2)),
        ("2B8F8056220800", Heard(5, 44100, 1)),  # told by a number of its own
        ("1388", Heard(2, 22050, 1)),  # SBR that nobody tells of
        ("F940", Heard(42, 96000, 0)),
        ("2F8056221208", Heard(5, 44100, 2)),
    ],
)
def test_what_is_heard(specific: str, expected: Heard) -> None:
    """Rate and channels after SBR and parametric stereo, wherever a configuration tells of them."""
    assert heard(bytes.fromhex(specific)) == expected


@pytest.mark.parametrize("specific", ["", "12"])
def test_what_is_heard_of_nothing(specific: str) -> None:
    """It is noticed."""
    with pytest.raises(LookupError):
        heard(bytes.fromhex(specific))
