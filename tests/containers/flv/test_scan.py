"""Walking over the tags of a file, sound or not."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hls_mp4.containers.flv.scan import MOST_CHANGES, MOST_STREAMS, scan_tags, unwrapped
from hls_mp4.errors import MalformedMedia, MediaTooLarge, StreamingError
from hls_mp4.interfaces import IndexLimits
from tests.containers.flv.indexes import scanned
from tests.flvs import AUDIO, ENCODED, MADE, SCRIPT, VIDEO, FlvLibrary, Tag, film, tags_of

KEY, FRAME, SOUND = b"\x22key", b"\x12frame", b"\x2fsound"
"""Payloads: not the codes of any muxer of ours, Sorenson and MP3."""


@pytest.mark.parametrize("name", [*ENCODED, *sorted(MADE)])
@pytest.mark.parametrize("buffer_size", [64, 5000, 512 * 1024])
def test_every_tag_is_found(flvs: FlvLibrary, name: str, buffer_size: int) -> None:
    """Offsets, sizes, times and key frames are those that a plain reader finds, however little is read at a time."""
    data = flvs.data(name)
    found = scanned(data, IndexLimits(buffer_size=buffer_size))
    plain = [tag for tag in tags_of(data) if tag.kind != SCRIPT and not tag.is_header]
    by_offset = {tag.offset: tag for tag in plain}
    rows = {int(offset): row for row, offset in enumerate(found.offsets)}
    assert set(rows) <= set(by_offset)
    # What carries nothing to decode - ends of sequences, colours - is left out.
    assert len(plain) - len(rows) <= 3
    for offset, row in rows.items():
        tag = by_offset[offset]
        assert found.sizes[row] == len(tag.payload)
        assert found.times[row] % 2**32 == tag.time
        stream = found.known[found.streams[row]]
        assert stream.kind == tag.kind
        assert tag.kind == AUDIO or found.keys[row] == tag.is_key
    assert found.end == len(data)
    assert found.complaint == ""
    assert [special.offset for special in found.specials if special.stream and special.role == 3] == [
        tag.offset for tag in tags_of(data) if tag.is_header or tag.payload[:2] in (b"\x95\x00", b"\x96\x00")
    ]


def test_clocks_that_wrap_around_go_on(flvs: FlvLibrary) -> None:
    """A camera that has run for 49 days has a film like any other; so has one that begins below zero."""
    assert unwrapped(np.array([2**32 - 40, 0, 40], np.uint32)).tolist() == [2**32 - 40, 2**32, 2**32 + 40]
    assert unwrapped(np.array([10, 2**32 - 5, 20], np.uint32)).tolist() == [10, -5, 20]
    times = scanned(flvs.data("wrapping")).times
    assert times.max() > 2**32
    assert np.array_equal(times - times.min(), scanned(flvs.data("h264")).times)


def test_large_tags_are_hopped_over() -> None:
    """Of a film with pictures of a megabyte each, a kilobyte of each is read."""
    data = film(Tag(VIDEO, 40 * number, KEY + bytes(1_000_000)) for number in range(12))
    reads = 0
    indexing = scan_tags(len(data), IndexLimits(), 13)
    wanted = next(indexing)
    try:
        while True:
            reads += wanted.length
            wanted = indexing.send(data[wanted.offset : wanted.offset + wanted.length])
    except StopIteration as done:
        assert len(done.value.offsets) == 12
    assert reads < 700_000


SOUNDS = [Tag(VIDEO, 0, KEY), *(Tag(AUDIO, 20 * number, SOUND + bytes([number])) for number in range(30))]


def test_a_truncated_tail_is_left_out() -> None:
    """A download that broke off, or a recorder that crashed: what came plays, and the log can say why it ends."""
    data = film(SOUNDS)
    for cut in range(1, 12):
        found = scanned(data[: -cut - 4])
        assert (len(found.offsets), found.end) == (30, tags_of(data)[-1].offset)
        assert "truncated in the tag" in found.complaint
    for cut in range(1, 5):  # only the size behind the last tag is missing
        found = scanned(data[:-cut])
        assert (len(found.offsets), found.end, found.complaint) == (31, len(data) - cut, "")


def test_a_tag_of_a_wrong_size_ends_the_film_before_it() -> None:
    """What its size leads to is no tag: neither it nor what follows is sent."""
    data = bytearray(film(SOUNDS))
    broken = tags_of(bytes(data))[20]
    for size in (len(SOUND) + 3, len(SOUND) - 1, 100, 0):
        data[broken.offset + 1 : broken.offset + 4] = size.to_bytes(3, "big")
        found = scanned(bytes(data))
        assert len(found.offsets) == 20, size
        assert found.end == broken.offset
        assert f"the flv tag at {broken.offset} has a wrong size" in found.complaint
    data[broken.offset + 1 : broken.offset + 4] = b"\xff\xff\xff"
    found = scanned(bytes(data))
    assert (len(found.offsets), found.end) == (20, broken.offset)
    assert "truncated" in found.complaint


def test_a_film_that_breaks_in_its_first_tag_is_none() -> None:
    """The log says once where it broke."""
    data = bytearray(film(SOUNDS))
    data[14:17] = b"\xff\xff\xff"
    with pytest.raises(MalformedMedia) as raised:
        scanned(bytes(data))
    assert str(raised.value) == "flv file truncated in the tag at 13"


def test_sizes_behind_tags_may_be_wrong_throughout() -> None:
    """Writers that never repeat the size, or repeat a wrong one, are followed all the same."""
    for back in (0, 1, 0xFFFFFFFF):
        found = scanned(film(replace(tag, back=back) for tag in SOUNDS))
        assert (len(found.offsets), found.complaint) == (31, "")


def test_tags_without_a_byte_are_passed() -> None:
    """They carry nothing and end nothing."""
    data = film([SOUNDS[0], Tag(AUDIO, 5, b""), Tag(VIDEO, 5, b""), Tag(SCRIPT, 5, b""), *SOUNDS[1:]])
    found = scanned(data)
    assert (len(found.offsets), found.end, found.complaint) == (31, len(data), "")


def test_tags_of_unknown_kinds_are_passed_when_sound() -> None:
    """Something new in between harms nobody, as long as the size behind it proves that it is a tag."""
    data = film([SOUNDS[0], Tag(15, 0, b"new"), *SOUNDS[1:]])
    assert len(scanned(data).offsets) == 31
    wrong = film([SOUNDS[0], Tag(15, 0, b"new", back=7), *SOUNDS[1:]])
    assert len(scanned(wrong).offsets) == 1
    other_stream = film([SOUNDS[0], Tag(AUDIO, 0, SOUND, back=7, stream=9), *SOUNDS[1:]])
    assert len(scanned(other_stream).offsets) == 1


def test_encrypted_tags_keep_their_place() -> None:
    """Their clear header says what they are; who can decrypt them gets them."""
    data = film([replace(SOUNDS[0], kind=VIDEO | 0x20), *SOUNDS[1:]])
    assert len(scanned(data).offsets) == 31


@pytest.mark.parametrize(
    "data", [film([]), film([Tag(SCRIPT, 0, b"x")]), film([]) + b"junk" * 10, film([Tag(VIDEO, 0, b"")])]
)
def test_without_a_sample_there_is_no_film(data: bytes) -> None:
    """Nothing to play is said in words."""
    with pytest.raises(MalformedMedia, match="flv"):
        scanned(data)


def test_a_file_that_becomes_shorter_is_noticed() -> None:
    """Fewer bytes than there were end in words."""
    data = film(SOUNDS)
    indexing = scan_tags(len(data), IndexLimits(), 13)
    next(indexing)
    with pytest.raises(MalformedMedia, match="truncated"):
        indexing.send(data[9:50])


def test_more_tags_than_allowed_are_refused() -> None:
    """A gigabyte of empty tags does not become a gigabyte of index."""
    data = film([SOUNDS[0], *[Tag(AUDIO, 0, b"")] * 100_000])
    with pytest.raises(MediaTooLarge, match="flv_max_buffer_size"):
        scanned(data, IndexLimits(buffer_size=4096, max_buffer_size=100_000))


def test_more_streams_than_a_film_can_have_are_refused() -> None:
    """So are tags that each claim a codec of their own, or a configuration of their own."""
    codecs = film(Tag(VIDEO, 0, b"\x91" + number.to_bytes(4, "big") + b"x") for number in range(MOST_STREAMS + 1))
    with pytest.raises(MediaTooLarge, match="streams"):
        scanned(codecs)
    headers = film(Tag(AUDIO, 0, b"\xaf\x00" + number.to_bytes(4, "big")) for number in range(MOST_CHANGES + 1))
    with pytest.raises(MediaTooLarge, match="sequence headers"):
        scanned(headers)


def test_headers_that_are_repeated_count_once() -> None:
    """Encoders that send their configuration with each key frame are no burden."""
    tags = [
        tag
        for number in range(3000)
        for tag in (Tag(AUDIO, number, b"\xaf\x00\x12\x08"), Tag(AUDIO, number, b"\xaf\x01x"))
    ]
    found = scanned(film(tags))
    assert len(found.offsets) == 3000
    assert len(found.specials) == 1


TAGS = st.builds(
    lambda kind, time, payload, back, stream: Tag(kind, time, payload, back=back, stream=stream),
    st.sampled_from([AUDIO, VIDEO, SCRIPT, 8 | 32, 0, 15, 255]),
    st.integers(0, 2**32 - 1),
    st.binary(max_size=60) | st.sampled_from([KEY, FRAME, SOUND, b"\x17\0\0\0\0avcC", b"\xaf\0\x12\x08"]),
    st.none() | st.integers(0, 100),
    st.sampled_from([0, 0, 0, 1]),
)


@given(st.lists(TAGS, max_size=40), st.binary(max_size=50), st.sampled_from([64, 200, 5000]))
def test_any_tags_end_in_an_index_or_in_words(tags: list[Tag], junk: bytes, buffer_size: int) -> None:
    """What is found lies in the file, in order; and it does not depend on how much is read at a time."""
    data = film(tags) + junk
    try:
        found = scanned(data, IndexLimits(buffer_size=buffer_size))
    except StreamingError as problem:
        assert str(problem)
        with pytest.raises(type(problem)):
            scanned(data)
        return
    assert (np.diff(found.offsets) > 0).all()
    assert (found.offsets + 11 + found.sizes <= len(data)).all()
    assert (found.skips < found.sizes).all()
    assert found.end <= len(data)
    again = scanned(data)
    assert np.array_equal(found.offsets, again.offsets)
    assert np.array_equal(found.times, again.times)
    assert (found.end, found.complaint, found.specials) == (again.end, again.complaint, again.specials)
