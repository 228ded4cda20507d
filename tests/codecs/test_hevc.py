"""Codec strings of H.265."""

import pytest

from hls_mp4.codecs.strings import codec_string


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        # The example of ISO/IEC 14496-15 Annex E.3.
        ("01 01 60000000 B00000000000 5D", "hev1.1.6.L93.B0"),
        ("01 01 60000000 900000000000 1E", "hev1.1.6.L30.90"),  # as x265 writes it
        ("01 44 08000000 000000000000 78", "hev1.A4.10.L120"),  # profile space 1, no constraints
        ("01 22 20000000 B00000000000 99", "hev1.2.4.H153.B0"),  # main 10, high tier
        ("01 C2 00000001 900001000000 5A", "hev1.C2.80000000.L90.90.0.1"),  # zeros in between are kept
        ("01 01 00000000 B0000000000F 5A", "hev1.1.0.L90.B0.0.0.0.0.F"),
    ],
)
def test_profile_tier_level_and_constraints(record: str, expected: str) -> None:
    """The parts stand in the order of Annex E: flags of profiles reversed, zeros at the end dropped."""
    assert codec_string("hev1", {"hvcC": bytes.fromhex(record)}) == expected
    assert codec_string("hvc1", {"hvcC": bytes.fromhex(record)}) == expected.replace("hev1", "hvc1")


@pytest.mark.parametrize("record", ["", "01 01 60000000 B00000000000", "00 01 60000000 B00000000000 5D"])
def test_a_record_that_makes_no_sense(record: str) -> None:
    """The four letters are right in any case."""
    assert codec_string("hvc1", {"hvcC": bytes.fromhex(record)}) == "hvc1"
