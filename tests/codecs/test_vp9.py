"""Codec strings of VP8 and VP9."""

import pytest

from hls_mp4.codecs.strings import codec_string


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        ("01000000 00 0A 82 010101 0000", "vp09.00.10.08"),
        ("01000000 00 0A 82 020202 0000", "vp09.00.10.08"),  # as FFmpeg writes it: colours unspecified
        # The example of the binding: 10 bits, 4:2:0, BT.2020 with PQ.
        ("01000000 02 0A A2 091009 0000", "vp09.02.10.10.01.09.16.09.00"),
        ("01000000 01 1E 87 010101 0000", "vp09.01.30.08.03.01.01.01.01"),  # 4:4:4, full range
        ("01000000 00 0A 80 010101 0000", "vp09.00.10.08.00.01.01.01.00"),  # chroma between the lines
    ],
)
def test_profile_level_and_depth(record: str, expected: str) -> None:
    """The optional part is there when, and only when, leaving it out would say something else."""
    assert codec_string("vp09", {"vpcC": bytes.fromhex(record)}) == expected
    assert codec_string("vp08", {"vpcC": bytes.fromhex(record)}) == expected.replace("vp09", "vp08")


@pytest.mark.parametrize("record", ["", "01000000 00 0A", "00000000 00 0A 82 010101 0000"])
def test_a_record_that_makes_no_sense(record: str) -> None:
    """The four letters are right in any case; version 0 of the record was another one."""
    assert codec_string("vp09", {"vpcC": bytes.fromhex(record)}) == "vp09"
