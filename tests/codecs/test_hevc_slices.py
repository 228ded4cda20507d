"""Headers of HEVC's slice segments, judged by FFmpeg."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hls_mp4.codecs.annexb import framing_of_hevc
from hls_mp4.codecs.bits import escaped_length, unescaped
from hls_mp4.codecs.hevc_slices import HevcSlices
from tests.codecs.slice_traces import record_of, traced, x265

FORMS: dict[str, dict[str, str]] = {
    "usual": {},
    "weighted": {"weightp": "1", "weightb": "1", "ref": "4", "bframes": "4", "b-pyramid": "1"},
    "waves": {"wpp": "1", "ctu": "16"},
    "slices": {"slices": "2", "ctu": "16", "pools": "2"},
    "open": {"open-gop": "1", "keyint": "10", "min-keyint": "10"},
    "filters": {"deblock": "-2,2", "sao": "0", "cbqpoffs": "2", "crqpoffs": "-2"},
    "no-deblocking": {"deblock": "false"},
    "matrices": {"scaling-list": "default", "tskip": "1"},
    "no-temporal": {"temporal-mvp": "0", "constrained-intra": "1"},
    "layers": {"temporal-layers": "3", "bframes": "4"},
    "sets-in-header": {"ref": "6", "bframes": "8", "b-pyramid": "1"},
}


def learned(record: bytes) -> HevcSlices:
    """Return the parameter sets of hvcC."""
    slices = HevcSlices()
    for unit in framing_of_hevc(record).parameter_sets.split(b"\0\0\0\1")[1:]:
        slices.learn(unit)
    return slices


@pytest.mark.parametrize("form", FORMS)
def test_headers_end_where_ffmpeg_says(form: str) -> None:
    """Of every slice segment of films that x265 makes in many ways: to the byte."""
    data = x265(**FORMS[form])
    slices = learned(record_of(data, "hvcC"))
    count = 0
    for units, ends in traced(data):
        pictures = [unit for unit in units if slices.is_slice(unit[0])]
        assert len(pictures) == len(ends)
        for unit, bit in zip(pictures, ends, strict=True):
            assert slices.header(unit) == escaped_length(-(-bit // 8), unescaped(unit)[1])
            count += 1
    assert count >= 50


def test_pictures_of_other_layers_are_not_understood() -> None:
    """Nobody sends them unencrypted by mistake."""
    with pytest.raises(ValueError, match="layer"):
        HevcSlices().header(b"\x02\x09" + bytes(20))


@given(st.sampled_from((0x02, 0x26, 0x42, 0x44, 0x28)), st.binary(max_size=200))
def test_broken_slices_are_noticed_or_read(first: int, rest: bytes) -> None:
    """Whatever bytes there are: an answer, or an error."""
    slices = HevcSlices()
    unit = bytes([first, 1]) + rest
    try:
        slices.learn(unit)
        slices.header(unit)
    except (LookupError, ValueError):
        pass
