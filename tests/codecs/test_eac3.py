"""What dec3 says of E-AC-3."""

from __future__ import annotations

import pytest

from hls_mp4.codecs.eac3 import eac3_of


@pytest.mark.parametrize(
    ("record", "kbps", "rate", "mask", "channels"),
    [
        ("0600200F00", 192, 48000, 0x3F, 6),  # as Dolby's own files have it
        ("0300200200", 96, 48000, 0x4, 1),
        ("0600200400", 192, 48000, 0x3, 2),
        ("1800600F00", 768, 44100, 0x3F, 6),
        ("0C00200F0202", 384, 48000, 0x63F, 8),  # 7.1: a rear pair in a dependent substream
        ("0C00200E0204", 384, 48000, 0x137, 6),
        ("0600E00400", 192, 0, 0x3, 2),
    ],
)
def test_loudspeakers(record: str, kbps: int, rate: int, mask: int, channels: int) -> None:
    """Rate, and each loudspeaker once, dependent substreams included."""
    found = eac3_of(bytes.fromhex(record))
    assert (found.kbps, found.rate, found.mask, found.channels) == (kbps, rate, mask, channels)


@pytest.mark.parametrize("record", ["", "0600", "0600200F", "0C00200F02"])
def test_a_record_that_is_cut_short(record: str) -> None:
    """It is noticed."""
    with pytest.raises(LookupError):
        eac3_of(bytes.fromhex(record))
