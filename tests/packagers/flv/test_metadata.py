"""onMetaData as it is written."""

from __future__ import annotations

import numpy as np
import pytest

from hls_mp4.containers.flv import amf0
from hls_mp4.containers.flv.amf import Reference
from hls_mp4.containers.flv.layout import FlvLayout
from hls_mp4.containers.flv.metadata import BEGINNING, KeyFrames, members_of
from hls_mp4.packagers.flv.metadata import MOST_LISTED, Facts, listed, metadata_tag
from tests.containers.flv.indexes import layout_of
from tests.flvs import FlvLibrary, tags_of, with_metadata


def made(layout: FlvLayout, length: int = 1000) -> dict[str, object]:
    """Return what metadata says that is written for a body of so many bytes more."""
    facts = Facts(12_084, 12_061, length, layout.keys, lambda offsets, given: offsets + given)
    data = b"FLV\x01\x05\0\0\0\x09\0\0\0\0" + metadata_tag(layout, facts)
    (tag,) = tags_of(data)
    assert tag.time == 0
    members = members_of(tag.payload)
    assert members["filesize"] == length + len(data) - 13
    assert np.array_equal(
        members["keyframes"]["filepositions"], layout.keys.offsets[: len(layout.keys)] + len(data) - 13
    )
    return members


def test_the_truth_takes_the_place_of_lies(flvs: FlvLibrary) -> None:
    """Duration, size and key frames are true; everything else stays as it was, in its order."""
    before = members_of(tags_of(flvs.data("h264"))[0].payload)
    members = made(layout_of(flvs.data("h264")))
    assert members["duration"] == 12.084
    assert members["lasttimestamp"] == 12.061
    assert members["lastkeyframetimestamp"] == 10.0
    assert (members["hasVideo"], members["hasAudio"], members["hasKeyframes"]) == (True, True, True)
    assert [name for name in members if name in before] == list(before)
    for name in set(before) - {"duration", "filesize"}:
        assert members[name] == before[name]


def test_a_film_without_metadata_gets_some(flvs: FlvLibrary) -> None:
    """All that is known is said."""
    assert made(layout_of(flvs.data("no-metadata")))["duration"] == 12.084


def test_music_is_listed_by_the_second(flvs: FlvLibrary) -> None:
    """Of the hundreds of tags that one could begin at, twelve are enough."""
    layout = layout_of(flvs.data("mp3"))
    assert len(listed(layout, layout.keys)) == 13


def test_very_many_key_frames_are_thinned(flvs: FlvLibrary) -> None:
    """A list that is too long for its tag would be none."""
    layout = layout_of(flvs.data("h264"))
    many = KeyFrames(np.arange(MOST_LISTED * 3), np.arange(MOST_LISTED * 3))
    assert len(listed(layout, many)) == MOST_LISTED
    nothing = KeyFrames(np.empty(0, np.int64), np.empty(0, np.int64))
    assert len(listed(layout, nothing)) == 0


@pytest.mark.parametrize("value", [Reference(0), b"bytes", "x" * (2 << 20), {"deep": [Reference(1)]}])
def test_what_cannot_be_said_again_is_left_out(
    flvs: FlvLibrary, value: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    """References to what is elsewhere, and megabytes of anything, do not stand in the way of the truth."""
    layout = layout_of(flvs.data("h264"))
    monkeypatch.setattr("hls_mp4.packagers.flv.metadata.members_of", lambda _: {"odd": value, "width": 160.0})
    facts = Facts(1000, 1000, 10, layout.keys, lambda offsets, given: offsets)
    members = members_of(metadata_tag(layout, facts)[11:-4])
    assert "odd" not in members
    assert members["width"] == 160.0


def test_references_in_a_file_do_no_harm(flvs: FlvLibrary) -> None:
    """An object of a file that contains itself is left out of what is said."""
    cyclic = BEGINNING + b"\x08\0\0\0\x02\0\x04self\x07\0\0\0\x05width\0@d\0\0\0\0\0\0\0\0\x09"
    members = made(layout_of(with_metadata(flvs.data("h264"), cyclic)))
    assert "self" not in members
    assert members["width"] == 160.0
    assert amf0.size_of(members) is not None
