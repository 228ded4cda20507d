"""Codec strings of H.264."""

import pytest

from hls_mp4.codecs.strings import codec_string


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        ("01 42E01E FFE1", "avc1.42E01E"),  # constrained baseline 3.0
        ("01 4D400B FF", "avc1.4D400B"),
        ("01 640028", "avc1.640028"),  # high 4.0, and nothing after
    ],
)
def test_profile_constraints_and_level(record: str, expected: str) -> None:
    """The three bytes stand in the string as RFC 6381 writes them."""
    assert codec_string("avc1", {"avcC": bytes.fromhex(record)}) == expected
    assert codec_string("avc3", {"avcC": bytes.fromhex(record)}) == expected.replace("avc1", "avc3")


@pytest.mark.parametrize("record", ["", "01", "01 4240", "00 42E01E", "02 42E01E"])
def test_a_record_that_makes_no_sense(record: str) -> None:
    """The four letters are right in any case."""
    assert codec_string("avc1", {"avcC": bytes.fromhex(record)}) == "avc1"


def test_no_record() -> None:
    """The same when it is missing."""
    assert codec_string("avc1", {}) == "avc1"
