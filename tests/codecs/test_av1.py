"""Codec strings of AV1."""

import pytest

from hls_mp4.codecs.strings import codec_string


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        ("81 00 0C 00", "av01.0.00M.08"),  # main, level 2.0, 4:2:0
        ("81 04 4C", "av01.0.04M.10"),  # the example of section 5: main, level 3.0, 10 bits
        ("81 09 8C", "av01.0.09H.08"),  # high tier
        ("81 4D EC", "av01.2.13H.12"),  # professional, 12 bits
        ("81 2D 40", "av01.1.13M.10.0.000.01.01.01.0"),  # 4:4:4
        ("81 48 48", "av01.2.08M.10.0.100.01.01.01.0"),  # 4:2:2
        ("81 00 1C", "av01.0.00M.08.1.110.01.01.01.0"),  # monochrome
        ("81 00 0D", "av01.0.00M.08.0.111.01.01.01.0"),  # chroma beside the luma
    ],
)
def test_profile_level_tier_and_depth(record: str, expected: str) -> None:
    """The optional part is there when, and only when, leaving it out would say something else."""
    assert codec_string("av01", {"av1C": bytes.fromhex(record)}) == expected


@pytest.mark.parametrize(
    ("colr", "expected"),
    [
        (b"nclx\x00\x09\x00\x10\x00\x09\x00", "av01.0.04M.10.0.110.09.16.09.0"),  # the HDR example of section 5
        (b"nclx\x00\x01\x00\x01\x00\x01\x80", "av01.0.04M.10.0.110.01.01.01.1"),
        (b"nclx\x00\x01\x00\x01\x00\x01\x00", "av01.0.04M.10"),
        (b"nclc\x00\x09\x00\x10\x00\x09", "av01.0.04M.10"),
        (b"nclx\x00\x09", "av01.0.04M.10"),
    ],
)
def test_colours(colr: bytes, expected: str) -> None:
    """They come from the colr box; one of another kind, or cut short, says nothing."""
    assert codec_string("av01", {"av1C": bytes.fromhex("81044C00"), "colr": colr}) == expected


@pytest.mark.parametrize("record", ["", "81 00", "01 00 0C", "82 00 0C"])
def test_a_record_that_makes_no_sense(record: str) -> None:
    """The four letters are right in any case."""
    assert codec_string("av01", {"av1C": bytes.fromhex(record)}) == "av01"
