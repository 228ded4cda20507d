"""The codec of a track, whatever its container."""

from __future__ import annotations

from hls_mp4.codecs.configuration import Configuration


def test_a_configuration_names_its_codec() -> None:
    """With a record the profile is told, without one the four letters are."""
    assert Configuration("avc1", False, {"avcC": b"\x01\x64\x00\x1f"}).codec_string == "avc1.64001F"
    assert Configuration("avc1").codec_string == "avc1"
    assert Configuration().codec_string == ""
