"""Flash video as a format."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from zope.interface.verify import verifyObject

from hls_mp4.containers.flv import FlvFormat, amf0
from hls_mp4.containers.flv.metadata import BEGINNING
from hls_mp4.errors import MalformedMedia, StreamingError
from hls_mp4.interfaces import IFilmDetails, IMediaFormat, IndexLimits
from hls_mp4.media.chapters import Chapter
from hls_mp4.media.drive import index_bytes
from hls_mp4.testing.formats import drive, use
from tests.containers.flv.indexes import indexed
from tests.flvs import FlvLibrary, with_metadata


def test_it_is_a_format() -> None:
    """It provides what the index and the pages ask of one."""
    verifyObject(IMediaFormat, FlvFormat())
    verifyObject(IFilmDetails, FlvFormat())


@pytest.mark.parametrize(
    "head", [b"FLV", b"FLV\x01\x05\0\0\0", b"FLV\x01\x05\0\0\0\x08", b"FLV\0\x05\0\0\0\x09", b"flv\x01\x05\0\0\0\x09"]
)
def test_what_only_begins_alike_is_not_ours(head: bytes) -> None:
    """The name of the format and a sane header are asked for."""
    assert not FlvFormat().probe(head)


def test_an_index_of_flash_video(flvs: FlvLibrary) -> None:
    """It starts at once, is in milliseconds, and has the tracks of the film."""
    data = flvs.data("h264")
    index = indexed(data)
    assert (index.format, index.timescale, index.faststart, index.fragmented) == ("flv", 1000, True, False)
    assert 12_000 < index.duration < 12_200
    assert [(track.id, track.handler, track.codec) for track in index.tracks] == [
        (1, "vide", "avc1"),
        (2, "soun", "mp4a"),
    ]
    form = FlvFormat()
    assert [form.codec(track) for track in index.tracks] == ["avc1.4D400B", "mp4a.40.2"]


@pytest.mark.parametrize("size", [0, 5, 9, 12, 13, 20])
def test_a_beginning_alone_is_no_film(flvs: FlvLibrary, size: int) -> None:
    """Empty and cut files end in words."""
    with pytest.raises(MalformedMedia, match="flv"):
        indexed(flvs.data("h264")[:size])


def test_a_header_longer_than_the_file(flvs: FlvLibrary) -> None:
    """An offset of the first tag beyond the end is no offset."""
    data = bytearray(flvs.data("h264"))
    data[5:9] = (1 << 23).to_bytes(4, "big")
    with pytest.raises(MalformedMedia, match="truncated"):
        indexed(bytes(data))


@pytest.mark.parametrize(
    ("name", "truthful"), [("h264", False), ("indexed", True), ("aac", True), ("no-metadata", False), ("vp6", False)]
)
def test_it_is_known_whether_metadata_is_true(flvs: FlvLibrary, name: str, truthful: bool) -> None:
    """FFmpeg writes size and duration, and key frames when it is told to; music needs none."""
    assert indexed(flvs.data(name)).header.truthful is truthful


def chapters(data: bytes) -> Any:
    """Return the chapters of a film."""
    return index_bytes(FlvFormat().chapters(indexed(data)), data)


def test_cue_points_are_chapters(flvs: FlvLibrary) -> None:
    """Navigation cue points of onMetaData are marks in the film; those for scripts are not."""
    points = [
        {"name": "One", "time": 0.0, "type": "navigation"},
        {"name": "no", "time": 1.0, "type": "event"},
        {"name": "Two", "time": 4.5, "type": "navigation"},
        {"name": "late", "time": 400.5, "type": "navigation"},
        {"name": "odd", "time": float("nan"), "type": "navigation"},
        5.0,
    ]
    data = with_metadata(flvs.data("h264"), BEGINNING + amf0.write_ecma_array({"cuePoints": points}))
    assert chapters(data) == (Chapter(0, "One"), Chapter(4500, "Two"))
    assert chapters(flvs.data("h264")) == ()
    assert chapters(flvs.data("no-metadata")) == ()


@given(st.binary(max_size=300), st.booleans())
def test_any_bytes_end_in_an_index_or_in_words(rest: bytes, samples: bool) -> None:
    """Nothing but a StreamingError comes of bytes that only begin like Flash video."""
    try:
        index = drive(FlvFormat(), b"FLV\x01\x05\0\0\0\x09\0\0\0\0" + rest, IndexLimits(samples=samples)).index
    except StreamingError as problem:
        assert str(problem)
    else:
        use(index)


@given(st.binary(max_size=120), st.booleans())
def test_any_metadata_leaves_the_film_playable(said: bytes, samples: bool) -> None:
    """Whatever onMetaData says - nonsense, references to itself, depths - the film is indexed as without it."""
    from tests.flvs import AUDIO, SCRIPT, VIDEO, Tag, film

    media = [Tag(VIDEO, 0, b"\x12x"), Tag(AUDIO, 0, b"\x2fx"), Tag(VIDEO, 40, b"\x22x"), Tag(AUDIO, 40, b"\x2fx")]
    data = film([Tag(SCRIPT, 0, BEGINNING + said), *media])
    index = drive(FlvFormat(), data, IndexLimits(samples=samples)).index
    assert index.complete
    assert [track.samples.count for track in index.tracks] == [2, 2]
