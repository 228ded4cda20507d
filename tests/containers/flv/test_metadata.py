"""What a file says of itself."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from hls_mp4.containers.flv import amf0
from hls_mp4.containers.flv.metadata import (
    BEGINNING,
    WRAPPED,
    KeyFrames,
    agree,
    complete,
    is_metadata,
    listed_key_frames,
    measures_agree,
    members_of,
    number_in,
)
from tests.flvs import SCRIPT, FlvLibrary, tags_of


def key_frames(*pairs: tuple[int, int]) -> KeyFrames:
    """Return key frames of (offset, time)."""
    return KeyFrames(np.array([at for at, _ in pairs], np.int64), np.array([time for _, time in pairs], np.int64))


def test_what_a_muxer_writes_is_read(flvs: FlvLibrary) -> None:
    """Size and key frames are found where FFmpeg puts them."""
    data = flvs.data("indexed")
    script = next(tag for tag in tags_of(data) if tag.kind == SCRIPT)
    assert is_metadata(script.payload[:32])
    members = members_of(script.payload)
    assert number_in(members, "filesize") == len(data)
    listed = listed_key_frames(members, len(data))
    assert listed is not None
    real = [(tag.offset, tag.time) for tag in tags_of(data) if tag.is_key]
    assert list(zip(listed.offsets.tolist(), listed.times.tolist(), strict=True)) == real


def test_a_recorder_s_wrapping_is_seen_through() -> None:
    """Script data that is a whole RTMP message still says what it says."""
    payload = WRAPPED + amf0.write_ecma_array({"duration": 3.0})
    assert is_metadata(payload[:32])
    assert members_of(payload) == {"duration": 3.0}
    assert not is_metadata(b"\x02\x00\x09onXMPData" + bytes(20))


@pytest.mark.parametrize("rest", [b"", b"\x08\0\0", b"\x05", b"\x03\0\x01a\x07\0\0", b"\x02\0\x01a"])
def test_what_cannot_be_read_says_nothing(rest: bytes) -> None:
    """A broken onMetaData is none, not an error: the film plays without."""
    assert members_of(BEGINNING + rest) == {}
    assert members_of(None) == {}


@pytest.mark.parametrize("value", [True, "3", float("nan"), float("inf"), None, []])
def test_what_is_no_number_is_none(value: Any) -> None:
    """A duration of NaN is no duration."""
    assert number_in({"duration": value}, "duration") is None


@pytest.mark.parametrize(
    "keyframes",
    [
        None,
        5.0,
        {},
        {"times": [], "filepositions": []},
        {"times": [0.0, 1.0], "filepositions": [13.0]},
        {"times": [0.0, 1.0], "filepositions": [500.0, 400.0]},
        {"times": [2.0, 1.0], "filepositions": [13.0, 500.0]},
        {"times": [0.0, 1.0], "filepositions": [13.0, 5000.0]},
        {"times": [0.0, 1.0], "filepositions": [-1.0, 500.0]},
        {"times": [0.0, 1.0], "filepositions": [13.5, 500.0]},
        {"times": [0.0, float("nan")], "filepositions": [13.0, 500.0]},
        {"times": [0.0, 1e300], "filepositions": [13.0, 500.0]},
        {"times": [0.0, "1"], "filepositions": [13.0, 500.0]},
        {"times": {"a": 1.0}, "filepositions": [13.0]},
    ],
)
def test_what_cannot_be_a_list_of_key_frames_is_none(keyframes: Any) -> None:
    """Whatever is out of order, out of the file, or no number at all."""
    assert listed_key_frames({"keyframes": keyframes}, 1000) is None


def test_a_list_has_no_long_gaps() -> None:
    """A list of three key frames of a film of an hour is true and of no use."""
    assert complete(key_frames((13, 0), (500, 10_000), (900, 20_000)), 0, 30_000)
    assert not complete(key_frames((13, 0), (500, 10_000), (900, 50_000)), 0, 60_000)
    assert not complete(key_frames((13, 0), (500, 10_000)), 0, 60_000)
    assert not complete(key_frames((13, 40_000)), 0, 60_000)


def test_a_list_agrees_with_what_is_there() -> None:
    """Each listed key frame is one, at its time; a millisecond is rounding."""
    found = key_frames((100, 0), (500, 2000), (900, 4000))
    assert agree(key_frames((100, 0), (900, 4001)), found)
    assert not agree(key_frames((100, 0), (900, 4002)), found)
    assert not agree(key_frames((101, 0)), found)
    assert not agree(key_frames((1000, 4000)), found)
    assert not agree(key_frames((100, 0)), key_frames())


def test_measures_are_of_the_file() -> None:
    """Size to the byte, duration to the second."""
    assert measures_agree({"filesize": 1000.0, "duration": 12.0}, 1000, 12_084)
    assert not measures_agree({"filesize": 999.0, "duration": 12.0}, 1000, 12_084)
    assert not measures_agree({"filesize": 1000.0, "duration": 14.0}, 1000, 12_084)
    assert not measures_agree({"filesize": 1000.0}, 1000, 12_084)
