"""Key frames that onMetaData lists: believed when they are true, and only then."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from hls_mp4.containers.flv import FlvFormat, amf0
from hls_mp4.containers.flv.metadata import BEGINNING, members_of
from hls_mp4.containers.flv.shortcut import told_layout
from hls_mp4.containers.flv.tag import FileHeader
from hls_mp4.errors import MediaTooLarge
from hls_mp4.interfaces import IndexLimits
from hls_mp4.testing.formats import drive
from tests.containers.flv.indexes import indexed
from tests.flvs import AUDIO, SCRIPT, VIDEO, FlvLibrary, Tag, film, tags_of


def rewritten(data: bytes, change: Callable[[dict[str, Any]], None]) -> bytes:
    """Return a film whose onMetaData says something else in as many bytes; sizes and positions stay true."""
    tags = tags_of(data)
    members = members_of(tags[0].payload)
    length = len(BEGINNING + amf0.write_ecma_array(members))
    change(members)
    payload = BEGINNING + amf0.write_ecma_array(members)
    assert length == len(payload) == len(tags[0].payload)
    return film([replace(tags[0], payload=payload), *tags[1:]], data[4])


@pytest.mark.parametrize("name", ["indexed", "hevc-indexed"])
def test_a_true_list_saves_the_walk(flvs: FlvLibrary, name: str) -> None:
    """What is learned from onMetaData is what a walk over all tags finds, for a few reads."""
    data = flvs.data(name)
    limits = IndexLimits(buffer_size=8192)
    short = drive(FlvFormat(), data, limits.without_samples())
    whole = drive(FlvFormat(), data, limits)
    assert short.bytes_read < 25_000
    assert (short.index.complete, whole.index.complete) == (False, True)
    told, walked = short.index.header, whole.index.header
    assert np.array_equal(told.keys.times, walked.keys.times)
    by_offset = {tag.offset: tag for tag in tags_of(data)}
    for offset, real in zip(told.keys.offsets.tolist(), walked.keys.offsets.tolist(), strict=True):
        # FFmpeg lists the colours that it writes before a key frame of H.265 in its place.
        assert offset == real or (name.startswith("hevc") and by_offset[offset].payload[0] == 0xD4)
    for attribute in ("flags", "first", "end", "media", "begin", "duration_ms", "metadata", "truthful", "configs"):
        assert getattr(told, attribute) == getattr(walked, attribute), attribute
    assert [track.box for track in short.index.tracks] == [track.box for track in whole.index.tracks]
    assert short.index.duration == whole.index.duration
    assert told.truthful


def _shift(members: dict[str, Any], key: str, at: int, by: float) -> None:
    members["keyframes"][key] = np.array(members["keyframes"][key], float)
    members["keyframes"][key][at] += by


LIES: dict[str, Callable[[dict[str, Any]], None]] = {
    "another size": lambda members: members.update(filesize=members["filesize"] + 1),
    "no size": lambda members: members.update(filesize=float("nan")),
    "a position between tags": lambda members: _shift(members, "filepositions", 2, 1),
    "the first position": lambda members: _shift(members, "filepositions", 0, 10),
    "the last position": lambda members: _shift(members, "filepositions", -1, 20),
    "another time": lambda members: _shift(members, "times", 3, 0.1),
    "times that go back": lambda members: _shift(members, "times", 3, -9),
    "positions beyond the end": lambda members: _shift(members, "filepositions", -1, 1e9),
}


@pytest.mark.parametrize("lie", LIES)
def test_a_lie_is_not_believed(flvs: FlvLibrary, lie: str) -> None:
    """Wherever the list is wrong, all tags are read, and key frames are where they are."""
    data = rewritten(flvs.data("indexed"), LIES[lie])
    index = indexed(data, samples=False)
    assert index.complete
    assert not index.header.truthful
    assert index.header.keys.offsets.tolist() == [tag.offset for tag in tags_of(data) if tag.is_key]


def test_a_wrong_duration_is_known(flvs: FlvLibrary) -> None:
    """The list may be true beside a duration that is not: it is used, and the duration is that of the tags."""
    index = indexed(rewritten(flvs.data("indexed"), lambda members: members.update(duration=99.0)), samples=False)
    assert not index.complete
    assert not index.header.truthful
    assert 12_000 < index.duration < 12_200


def long_film(gap: int, listed: list[int]) -> bytes:
    """Return a film with a key frame each `gap` seconds, a frame each second, of which some key frames are listed."""
    frames = [
        Tag(VIDEO, 1000 * second, (b"\x12" if second % gap == 0 else b"\x22") + b"x" * 20) for second in range(200)
    ]
    sounds = [Tag(AUDIO, 1000 * second, b"\x2f" + b"x" * 20) for second in range(200)]
    media = [tag for pair in zip(frames, sounds, strict=True) for tag in pair]

    def with_list(offsets: list[float], size: float) -> bytes:
        told = {"times": [float(at) for at in listed], "filepositions": offsets}
        members = {"duration": 200.0, "filesize": size, "keyframes": told}
        return film([Tag(SCRIPT, 0, BEGINNING + amf0.write_ecma_array(members)), *media])

    first = with_list([0.0] * len(listed), 0.0)
    places = {tag.time: float(tag.offset) for tag in tags_of(first) if tag.kind == VIDEO}
    return with_list([places[1000 * at] for at in listed], float(len(first)))


def test_a_list_with_holes_is_not_believed() -> None:
    """Half a minute without a key frame is a long group of pictures; a minute is a list that was not finished."""
    assert not indexed(long_film(20, list(range(0, 200, 20))), samples=False).complete
    assert indexed(long_film(20, [*range(0, 100, 20), *range(160, 200, 20)]), samples=False).complete
    assert indexed(long_film(20, list(range(0, 160, 20))), samples=False).complete
    assert indexed(long_film(20, list(range(60, 200, 20))), samples=False).complete


def test_a_file_that_does_not_end_in_tags_is_walked(flvs: FlvLibrary) -> None:
    """A true list of a file whose end is lost: size and end betray it."""
    data = flvs.data("indexed")
    index = indexed(data[:-100], samples=False)
    assert index.complete
    assert "truncated" in index.header.complaint
    # The same with a size that was set right again.
    cut = rewritten(data, lambda members: members.update(filesize=float(len(data) - 100)))[:-100]
    assert indexed(cut, samples=False).complete


def test_what_the_header_promises_has_to_come(flvs: FlvLibrary) -> None:
    """A file that says it has audio, and begins with minutes of video only, is read to its end."""
    data = bytearray(flvs.data("video-only"))
    data[4] |= 4
    assert indexed(bytes(data), samples=False).complete


def test_files_without_video_are_walked(flvs: FlvLibrary) -> None:
    """Each of their tags can be begun at: a list of some is not all."""
    data = flvs.data("aac")
    assert next(told_layout(len(data), IndexLimits(), FileHeader.parse(data)), None) is None
    assert indexed(data, samples=False).complete


def test_metadata_above_the_limit_is_refused(flvs: FlvLibrary) -> None:
    """The limit of metadata holds for the shortcut too."""
    data = flvs.data("indexed")
    with pytest.raises(MediaTooLarge, match="flv_max_buffer_size"):
        drive(FlvFormat(), data, IndexLimits(buffer_size=1200, max_buffer_size=300, samples=False))
