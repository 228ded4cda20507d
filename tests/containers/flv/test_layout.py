"""A file without its samples."""

from __future__ import annotations

import pytest

from hls_mp4.containers.flv.packets import CONFIG, SIDE
from hls_mp4.errors import MalformedMedia, MediaTooLarge
from hls_mp4.interfaces import IndexLimits
from tests.containers.flv.indexes import indexed, layout_of
from tests.flvs import AUDIO, SCRIPT, VIDEO, FlvLibrary, Tag, film, tags_of

FIRST, SECOND = b"\x17\0\0\0\0one", b"\x17\0\0\0\0two"


def test_configurations_are_those_before_a_tag(flvs: FlvLibrary) -> None:
    """Of a film whose resolution changes half way, each part has its own; video comes first, then audio."""
    data = film(
        [
            Tag(AUDIO, 0, b"\xaf\0\x12\x08"),
            Tag(VIDEO, 0, FIRST),
            Tag(VIDEO, 0, b"\x17\x01\0\0\0x"),
            Tag(VIDEO, 40, SECOND),
            Tag(VIDEO, 40, b"\x17\x01\0\0\0x"),
        ]
    )
    layout = layout_of(data)
    keys = layout.keys.offsets.tolist()
    assert [config.payload for config in layout.configs_at(keys[0])] == [FIRST, b"\xaf\0\x12\x08"]
    assert [config.payload for config in layout.configs_at(keys[1])] == [SECOND, b"\xaf\0\x12\x08"]
    assert [config.payload for config in layout.configs_at(13)] == []
    colours = layout_of(flvs.data("hevc"))
    roles = [config.role for config in colours.configs_at(len(flvs.data("hevc")))]
    assert roles == [CONFIG, SIDE, CONFIG]


def test_key_frames_of_a_film_without_video_are_its_samples(flvs: FlvLibrary) -> None:
    """One can begin anywhere in music."""
    data = flvs.data("mp3")
    layout = layout_of(data)
    assert not layout.video
    assert layout.keys.offsets.tolist() == [tag.offset for tag in tags_of(data) if tag.kind == AUDIO]


def test_a_film_whose_video_has_no_key_frame_has_none() -> None:
    """Sound does not make up for it."""
    layout = layout_of(film([Tag(VIDEO, 0, b"\x22x"), Tag(AUDIO, 0, b"\x2fx")]))
    assert layout.video
    assert len(layout.keys) == 0


def test_metadata_is_the_first_of_its_name(flvs: FlvLibrary) -> None:
    """Other script data is not taken for it."""
    tags = tags_of(flvs.data("h264"))
    other = Tag(SCRIPT, 0, b"\x02\0\x0aonTextData\x05")
    late = Tag(SCRIPT, 0, tags[0].payload + b"\x05")
    layout = layout_of(film([other, tags[0], late, *tags[1:]]))
    assert layout.metadata is not None
    assert layout.metadata.payload == tags[0].payload
    assert layout_of(flvs.data("no-metadata")).metadata is None


def test_memory_is_accounted_for(flvs: FlvLibrary) -> None:
    """Large metadata weighs what it takes."""
    tags = tags_of(flvs.data("h264"))
    data = film([Tag(SCRIPT, 0, tags[0].payload + bytes(500_000)), *tags[1:]])
    assert layout_of(data).weight > layout_of(flvs.data("h264")).weight + 490_000


def test_large_metadata_is_refused(flvs: FlvLibrary) -> None:
    """Sixteen megabytes of onMetaData are not read where less is allowed."""
    tags = tags_of(flvs.data("h264"))
    data = film([Tag(SCRIPT, 0, tags[0].payload + bytes(500_000)), *tags[1:]])
    with pytest.raises(MediaTooLarge, match="flv metadata is too large"):
        indexed(data, IndexLimits(buffer_size=4096, max_buffer_size=400_000))


def test_a_file_cut_while_it_is_read_is_noticed(flvs: FlvLibrary) -> None:
    """Metadata that is gone when it is asked for ends in words."""
    from hls_mp4.containers.flv.layout import read_specials
    from hls_mp4.containers.flv.scan import Special

    special = Special(13, 100, CONFIG, VIDEO << 16, 5, 0, FIRST)
    reading = read_specials([special], 1000, IndexLimits(), 0)
    next(reading)
    with pytest.raises(MalformedMedia, match="truncated"):
        reading.send(b"short")
