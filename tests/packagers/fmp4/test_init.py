"""Init segments."""

from __future__ import annotations

import io

import av
import pytest

from hls_mp4.packagers.fmp4.init import init_segment
from tests import boxes
from tests.films import Library
from tests.media.test_presentation import FILMS, presented


@pytest.mark.parametrize("name", [*FILMS, "rotated", "texts"])
def test_a_player_learns_everything_before_the_first_sample(films: Library, name: str) -> None:
    """FFmpeg finds in the init segment alone the codec, the size, the rate and the language of the film's track."""
    data = films.data(name)
    presentation = presented(data)
    with av.open(io.BytesIO(data)) as film:
        for rendition in presentation.renditions:
            if rendition.kind == "text":
                continue
            stream = film.streams[presentation.assets[0].index.tracks.index(rendition.track)]
            with av.open(io.BytesIO(init_segment([rendition])), format="mp4") as container:
                (told,) = container.streams
                assert told.codec_context.name == stream.codec_context.name
                assert told.codec_context.extradata == stream.codec_context.extradata
                assert (told.language or "und") == (stream.language or "und")
                assert told.time_base == stream.time_base
                if rendition.kind == "video":
                    assert (told.width, told.height) == (stream.width, stream.height)
                else:
                    assert told.rate == stream.rate


def test_it_holds_no_sample(films: Library) -> None:
    """Tables are empty, there is no edit list, and fragments are announced."""
    presentation = presented(films.data("h264"))
    tree = boxes.tree(init_segment(presentation.renditions))
    assert [box.kind for box in tree.children] == [b"ftyp", b"moov"]
    traks = [box for box in tree.need("moov").children if box.kind == b"trak"]
    assert len(traks) == 2
    for trak in traks:
        assert [box.kind for box in trak.children] == [b"tkhd", b"mdia"]
        stbl = trak.need("mdia/minf/stbl")
        assert all(box.payload[4:8] == bytes(4) for box in stbl.children if box.kind in (b"stts", b"stsc", b"stco"))
    assert [box.kind for box in tree.need("moov/mvex").children] == [b"trex", b"trex"]


def test_a_picture_that_is_turned_stays_turned(films: Library) -> None:
    """Films of telephones lie on their side, and their track header says so."""
    data = films.data("rotated")
    matrix = boxes.tree(data).need("moov/trak/tkhd").payload[40:76]
    (video,) = presented(data).of_kind("video")
    assert boxes.tree(init_segment([video])).need("moov/trak/tkhd").payload[40:76] == matrix
