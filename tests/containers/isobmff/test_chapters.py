"""Chapters that FFmpeg wrote, that Nero wrote, and that nobody should have written."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hls_mp4.containers.isobmff.chapters import chapter_track, read_chapters, title_of
from hls_mp4.errors import StreamingError
from hls_mp4.media.chapters import Chapter
from hls_mp4.media.drive import index_bytes
from tests import boxes
from tests.boxes import Box, make
from tests.films import Library
from tests.indexes import indexed
from tests.layouts import moved_moov, per_track, with_children

TAGGED = (Chapter(0, "First"), Chapter(4000, "Second"), Chapter(9000, "Third"))


def chapters_of(data: bytes) -> tuple[Chapter, ...]:
    found: tuple[Chapter, ...] = index_bytes(read_chapters(indexed(data)), data)
    return found


def with_udta(data: bytes, *inside: bytes) -> bytes:
    """Return a film with this user data."""
    return moved_moov(
        data, lambda film: with_children(boxes.tree(film).need("moov"), make(b"udta", *inside), but=(b"udta",))
    )


def chpl(marks: list[tuple[int, bytes]], version: int = 1) -> bytes:
    """Return a chpl box of (ms, title)."""
    head = bytes([version, 0, 0, 0]) + (bytes(4) if version else b"") + bytes([len(marks)])
    return make(b"chpl", head, *(struct.pack(">QB", ms * 10_000, len(title)) + title for ms, title in marks))


def test_a_chapter_track(films: Library) -> None:
    """What FFmpeg calls chapters are a text track that the video refers to, and no track of subtitles."""
    data = films.data("tagged")
    track = chapter_track(indexed(data))
    assert track is not None
    assert track.handler == "text"
    assert chapters_of(data) == TAGGED


def test_films_without_chapters(films: Library) -> None:
    """Neither subtitles nor other tracks are taken for chapters."""
    assert chapter_track(indexed(films.data("texts"))) is None
    assert chapters_of(films.data("texts")) == ()
    assert chapters_of(films.data("fragmented")) == ()


@pytest.mark.parametrize("version", [0, 1])
def test_neros_list(films: Library, version: int) -> None:
    """A film without a chapter track has the chapters of its user data."""
    marks = [(0, b"First"), (4000, "Zweites Stück".encode()), (99_000, b"Beyond the end")]
    data = with_udta(films.data("h264"), chpl(marks, version))
    assert chapters_of(data) == (Chapter(0, "First"), Chapter(4000, "Zweites Stück"))


def test_a_list_that_is_cut_short(films: Library) -> None:
    """What can be read of a list is shown, and a film is a film with any list."""
    whole = chpl([(0, b"First"), (4000, b"Second"), (9000, b"Third")])[8:]
    for cut in range(len(whole)):
        found = chapters_of(with_udta(films.data("h264"), make(b"chpl", whole[:cut])))
        assert found == TAGGED[: len(found)]


def test_user_data_that_is_none(films: Library) -> None:
    """Garbage in user data costs the chapters only."""
    assert chapters_of(with_udta(films.data("h264"), b"\xff" * 40)) == ()


def test_a_chapter_track_that_is_broken(films: Library) -> None:
    """When its samples are nowhere, the list in user data is taken instead."""
    data = films.data("tagged")

    def broken(number: int, path: str, box: Box) -> bytes | None:
        if box.kind != b"stco" or number != 2:
            return None
        return make(b"stco", bytes(box.payload[:8]) + b"\xff" * (len(box.payload) - 8))

    moov = boxes.tree(data).need("moov")
    data = data[: moov.offset] + per_track(data, broken) + data[moov.offset + moov.size :]
    track = chapter_track(indexed(data))
    assert track is not None
    with pytest.raises(StreamingError):
        track.samples.offset(0)
    assert chapters_of(data) == TAGGED


@pytest.mark.parametrize(
    ("sample", "title"),
    [
        (b"\0\4Zo\xc3\xab", "Zoë"),
        (b"\0\3abc\0\0\0\x0cencd\0\0\1\0", "abc"),
        (b"\0\x08\xfe\xff" + "час".encode("utf-16-be"), "час"),
        (b"\0\x08\xff\xfe" + "час".encode("utf-16-le"), "час"),
        (b"\0\x50abc", "abc"),
        (b"\0\2\xff\xfea", ""),
        (b"\0\0", ""),
        (b"\0", ""),
        (b"", ""),
    ],
)
def test_titles_of_samples(sample: bytes, title: str) -> None:
    """UTF-8, UTF-16 behind its mark, cut short, empty, followed by boxes: what there is of a title is shown."""
    assert title_of(sample) == title


@given(st.binary(max_size=40))
def test_any_sample_has_a_title(sample: bytes) -> None:
    """Bytes that are no text are some text all the same."""
    assert isinstance(title_of(sample), str)
