"""Which renditions a format can tell."""

from __future__ import annotations

import pytest

from hls_mp4.errors import UnsupportedMedia
from hls_mp4.media.presentation import Rendition
from hls_mp4.packagers.segmenting.presentable import fragmentable, presentable
from tests import boxes
from tests.films import Library
from tests.flvs import FlvLibrary
from tests.media.test_presentation import presented
from tests.packagers.dash.saved import flash


def no_sound(rendition: Rendition) -> None:
    """Refuse sound."""
    if rendition.kind == "audio":
        raise UnsupportedMedia("sound")


def test_what_cannot_be_told_is_left_out_and_named(films: Library) -> None:
    """The rest plays, and the log says what does not."""
    found = presentable(presented(films.data("two-audios")), no_sound)
    assert found.numbers == (0,)
    assert found.complaint.count("is left out: sound") == 3
    assert "audio track 2 " in found.complaint
    found = presentable(presented(films.data("h264"), films.data("h264")), no_sound)
    assert "audio track 1 of source 2" in found.complaint


def test_nothing_left_is_an_error_with_a_status(films: Library) -> None:
    """415, and the reasons."""
    with pytest.raises(UnsupportedMedia, match="sound") as raised:
        presentable(presented(films.data("audio-only")), no_sound)
    assert raised.value.status_hint == 415
    with pytest.raises(UnsupportedMedia, match="no track"):
        presentable(presented(films.data("audio-only")), fragmentable, ("text",))


def test_codecs_of_flash_have_no_place_in_mp4(flvs: FlvLibrary) -> None:
    """Sorenson's video is left out, the MP3 beside it is not."""
    presentation = flash(flvs.data("sorenson"))
    found = presentable(presentation, fragmentable)
    assert [presentation.renditions[number].kind for number in found.numbers] == ["audio"]
    assert "video track 1 is left out" in found.complaint


def test_what_is_encrypted_already_is_not_taken_for_something_else(films: Library) -> None:
    """Nobody has its keys here: it is left out rather than sent as noise."""
    data = bytearray(films.data("h264"))
    entry = boxes.tree(bytes(data)).need("moov/trak/mdia/minf/stbl/stsd")
    at = data.index(b"avc1", data.index(bytes(entry.payload[:8])))
    data[at : at + 4] = b"encv"
    presentation = presented(bytes(data))
    found = presentable(presentation, fragmentable)
    assert [presentation.renditions[number].kind for number in found.numbers] == ["audio"]
    assert "encrypted already" in found.complaint
