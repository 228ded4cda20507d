"""Headers of H.264's slices, judged by FFmpeg."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hls_mp4.codecs.annexb import framing_of_avc
from hls_mp4.codecs.avc_slices import SPS, AvcSlices, read_sps
from hls_mp4.codecs.bits import escaped_length, unescaped
from tests.codecs.slice_traces import record_of, traced, x264

FORMS: dict[str, dict[str, str]] = {
    "usual": {},
    "main": {"weightp": "2", "ref": "5", "b-pyramid": "strict", "bframes": "4"},
    "weighted": {"weightp": "2", "weightb": "1", "ref": "3", "keyint": "20"},
    "slices": {"slices": "4"},
    "fields": {"interlaced": "1", "ref": "4"},
    "cavlc": {"cabac": "0", "nf": "1"},
    "matrices": {"cqm": "jvt"},
    "filter": {"deblock": "-2,3", "constrained-intra": "1"},
    "intra-refresh": {"intra-refresh": "1", "bframes": "0"},
    "shaped": {"sar": "64/45"},
}


def learned(record: bytes) -> AvcSlices:
    """Return the parameter sets of avcC."""
    slices = AvcSlices()
    for unit in framing_of_avc(record).parameter_sets.split(b"\0\0\0\1")[1:]:
        slices.learn(unit)
    return slices


@pytest.mark.parametrize("form", FORMS)
def test_headers_end_where_ffmpeg_says(form: str) -> None:
    """Of every slice of films that x264 makes in many ways: to the byte."""
    data = x264(**FORMS[form])
    slices = learned(record_of(data, "avcC"))
    count = 0
    for units, ends in traced(data):
        pictures = [unit for unit in units if slices.is_slice(unit[0])]
        assert len(pictures) == len(ends)
        for unit, bit in zip(pictures, ends, strict=True):
            assert slices.header(unit) == escaped_length(-(-bit // 8), unescaped(unit)[1])
            count += 1
    assert count >= 50


def test_sets_may_be_in_the_samples() -> None:
    """As avc3 has them: a picture before any is not understood, one after them is."""
    data = x264()
    picture = next(unit for units, _ in traced(data) for unit in units if unit[0] & 31 == 5)
    slices = AvcSlices()
    with pytest.raises(LookupError):
        slices.header(picture)
    for unit in framing_of_avc(record_of(data, "avcC")).parameter_sets.split(b"\0\0\0\1")[1:]:
        assert slices.is_set(unit[0])
        slices.learn(unit)
    assert slices.header(picture) > 2


def test_the_shape_of_pixels_is_told() -> None:
    """Anamorphic films look right."""
    for changes, ratio in (
        ({"sar": "64/45"}, (64, 45)),
        ({"sar": "4/3"}, (4, 3)),
        ({}, (1, 1)),
        ({"sar": "0/0"}, (0, 0)),
    ):
        sets = framing_of_avc(record_of(x264(**changes), "avcC")).parameter_sets.split(b"\0\0\0\1")[1:]
        told = next(read_sps(unit)[1].ratio for unit in sets if unit[0] & 31 == SPS)
        assert told == ratio or (not changes and told == (0, 0)) or (ratio == (0, 0) and told == (1, 1))


@pytest.mark.parametrize("kind", [2, 3, 4, 20, 21])
def test_what_is_not_understood_is_not_taken_for_something_else(kind: int) -> None:
    """Partitions and further views are pictures too: nobody sends them unencrypted by mistake."""
    with pytest.raises(ValueError, match="type"):
        AvcSlices().is_slice(0x60 | kind)


@given(st.data())
def test_broken_slices_are_noticed_or_read(data: st.DataObject) -> None:
    """Whatever bytes there are: an answer within the slice, or an error."""
    record = bytes.fromhex(
        "0164000affe1001b6764000aacb20a1198f784000003000400000300ca3c489668010005 68ebc3cb22".replace(" ", "")
    )
    try:
        slices = learned(record)
    except (LookupError, ValueError):
        slices = AvcSlices()
    unit = bytes([data.draw(st.sampled_from((0x65, 0x41, 0x01, 0x67, 0x68)))]) + data.draw(st.binary(max_size=150))
    try:
        slices.learn(unit)
        assert slices.header(unit) <= len(unit)
    except (LookupError, ValueError):
        pass
