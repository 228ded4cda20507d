"""Codec strings by the four letters of the sample entry."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hls_mp4.codecs.strings import codec_string

ENTRIES = [
    *("avc1", "avc3", "hvc1", "hev1", "av01", "vp08", "vp09", "mp4a", "mp4v", "stpp"),
    *("Opus", "fLaC", "ac-3", "ec-3", "alac", "wvtt", "tx3g", "sowt", "ipcm", "\\xa9abc"),
]
RECORDS = ["avcC", "hvcC", "av1C", "vpcC", "esds", "mime", "colr"]


@pytest.mark.parametrize(
    "entry", ["Opus", "fLaC", "ac-3", "ec-3", "alac", "wvtt", "tx3g", "sowt", "twos", "lpcm", "ipcm", "fpcm", "new!"]
)
def test_four_letters_that_say_all(entry: str) -> None:
    """Codecs without parameters, and codecs nobody knows, are named by their sample entry."""
    assert codec_string(entry, {"dOps": b"whatever"}) == entry


@given(st.sampled_from(ENTRIES), st.dictionaries(st.sampled_from(RECORDS), st.binary(max_size=40)))
def test_any_bytes_give_a_string(entry: str, records: dict[str, bytes]) -> None:
    """Naming a codec never fails, and what comes out begins with the four letters and has no space."""
    told = codec_string(entry, records)
    assert told == entry or (told.startswith(f"{entry}.") and told.isascii() and told.isprintable() and " " not in told)


@given(st.sampled_from(ENTRIES), st.dictionaries(st.sampled_from(RECORDS), st.binary(max_size=40)))
def test_a_view_is_as_good_as_bytes(entry: str, records: dict[str, bytes]) -> None:
    """Records are mostly views on a moov."""
    views = {name: memoryview(record) for name, record in records.items()}
    assert codec_string(entry, views) == codec_string(entry, records)
