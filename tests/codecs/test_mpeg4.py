"""Codec strings of MPEG-4 elementary streams."""

import pytest

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
