"""From a byte or a second to a tag."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hls_mp4.errors import ClipOutOfRange
from hls_mp4.packagers.flv.seek import Place, key_frame_at, key_frame_at_byte, start_place, stop_at
from tests.containers.flv.indexes import indexed, layout_of
from tests.flvs import AUDIO, VIDEO, FlvLibrary, Tag, film, tags_of


def test_a_byte_is_moved_to_the_key_frame_that_has_begun(flvs: FlvLibrary) -> None:
    """For every byte of the film: the last key frame that begins at it or before."""
    data = flvs.data("h264")
    layout = layout_of(data)
    keys = [tag for tag in tags_of(data) if tag.is_key]
    for offset in range(0, len(data), 501):
        wanted = [Place(tag.offset, tag.time) for tag in keys if tag.offset <= offset]
        assert key_frame_at_byte(layout, offset) == (wanted[-1] if wanted else None)
    for tag in keys:
        assert key_frame_at_byte(layout, tag.offset) == Place(tag.offset, tag.time)
        assert key_frame_at_byte(layout, tag.offset - 1) != Place(tag.offset, tag.time)


@pytest.mark.parametrize("name", ["h264", "five-hours", "wrapping", "indexed"])
def test_a_second_is_moved_to_the_key_frame_before(flvs: FlvLibrary, name: str) -> None:
    """Seconds count from the film's beginning, whatever its clock shows; on a key frame it is that one."""
    data = flvs.data(name)
    layout = layout_of(data, samples=False)
    keys = [tag.offset for tag in tags_of(data) if tag.is_key]
    for start_ms, number in ((0, 0), (1999, 0), (2000, 1), (2001, 1), (5999, 2), (11_000, 5)):
        assert key_frame_at(layout, start_ms).offset == keys[number]


def test_before_the_first_key_frame_is_the_first_sample() -> None:
    """Sound that begins seconds before the picture is not left out."""
    tags = [*(Tag(AUDIO, 100 * number, b"\x2fx") for number in range(30)), Tag(VIDEO, 3000, b"\x12x")]
    layout = layout_of(film(tags))
    assert key_frame_at(layout, 1000) == Place(13, 0)
    assert key_frame_at(layout, 3000).time == 3000


def test_past_the_end(flvs: FlvLibrary) -> None:
    """An error, or the last key frame; of music the last second."""
    layout = layout_of(flvs.data("h264"))
    with pytest.raises(ClipOutOfRange, match="flv start time exceeds file duration") as raised:
        start_place(layout, layout.duration_ms, "error")
    assert raised.value.status_hint == 500
    assert start_place(layout, 99_000, "last_key_frame").time == 10_000
    music = layout_of(flvs.data("mp3"))
    assert 900 <= music.duration_ms - start_place(music, 99_000, "last_key_frame").time <= 1100
    # A film of one sample has no duration, and begins all the same.
    assert start_place(layout_of(film([Tag(VIDEO, 7, b"\x12x")])), 0, "error") == Place(13, 7)


@given(st.integers(1, 12_200))
def test_an_end_is_behind_the_last_tag_before_it(end_ms: int) -> None:
    """Nothing that begins before the end is missing, and the last tag does begin before it."""
    tags = [
        Tag(kind, time, payload)
        for time in range(0, 12_000, 40)
        for kind, payload in ((VIDEO, b"\x27\x01\0\0\x50x"), (AUDIO, b"\x2fx"))
    ]
    data = film(tags)
    stop = stop_at(indexed(data), end_ms)
    found = tags_of(data)
    assert stop == max(tag.end for tag in found if tag.time < end_ms)


def test_an_end_before_a_late_track(flvs: FlvLibrary) -> None:
    """A track that has not begun by then adds nothing, and nothing at all is 0."""
    data = flvs.data("h264")
    first = next(tag for tag in tags_of(data) if tag.kind == VIDEO and tag.is_key)
    assert stop_at(indexed(data), 1) == first.end
    assert stop_at(indexed(data), 0) == 0
