"""Boxes of a clip that speak of time, of other tracks or of places."""

from __future__ import annotations

import struct

import pytest

from hls_mp4.containers.isobmff.box import Box
from hls_mp4.packagers.progressive.headers import (
    NO_FTYP,
    edit_list,
    file_type,
    points_into_file,
    references,
    retimed,
)
from hls_mp4.packagers.progressive.timeline import EMPTY, Piece
from tests import boxes
from tests.boxes import make, make_full


def test_a_clip_of_fragments_does_not_promise_fragments() -> None:
    """Brands of DASH and CMAF go, others stay; without any the file is of the base format."""
    ftyp = make(b"ftyp", b"iso6", b"\0\0\2\0", b"iso6", b"cmfc", b"mp41", b"dash")
    assert file_type(ftyp, fragmented=True) == make(b"ftyp", b"isom", b"\0\0\2\0", b"isom", b"mp41")
    assert file_type(ftyp, fragmented=False) == ftyp
    assert file_type(make(b"ftyp", b"mp42", bytes(4), b"isom"), fragmented=True) == make(
        b"ftyp", b"mp42", bytes(4), b"isom"
    )


def test_a_file_without_ftyp_is_what_the_standard_takes_it_for() -> None:
    """ISO/IEC 14496-12 4.3.1: mp41."""
    assert file_type(None, fragmented=False) == NO_FTYP == make(b"ftyp", b"mp41", bytes(4), b"mp41")


def test_references_to_tracks_that_are_gone_go() -> None:
    """A reference keeps the tracks that are there, and goes with the last of them."""
    tref = Box.parse(make(b"tref", make(b"chap", struct.pack(">2I", 3, 4)), make(b"sync", struct.pack(">I", 3))))
    assert references(tref, {1, 3, 4}) == tref.raw
    assert references(tref, {1, 4}) == make(b"tref", make(b"chap", struct.pack(">I", 4)))
    assert references(tref, {1}) is None


@pytest.mark.parametrize(
    ("meta", "points"),
    [
        (make_full(b"meta", 0, 0, make(b"hdlr", bytes(24)), make(b"ilst", bytes(8))), False),
        (make_full(b"meta", 0, 0, make(b"hdlr", bytes(24)), make(b"iloc", bytes(8))), True),
        (make(b"meta", make(b"hdlr", bytes(24)), make(b"ilst", bytes(8))), False),
        (make(b"meta", make(b"hdlr", bytes(24)), make(b"iloc", bytes(8))), True),
        (make_full(b"meta", 0, 0, b"\0\0\0\5hdlr"), True),
        (make(b"meta"), False),
    ],
)
def test_metadata_that_lies_elsewhere_in_the_film_is_recognised(meta: bytes, points: bool) -> None:
    """ISO's and QuickTime's meta boxes; what cannot be read is not trusted."""
    assert points_into_file(Box.parse(meta)) is points


@pytest.mark.parametrize("version", [0, 1])
@pytest.mark.parametrize("duration", [5000, 2**32 + 5])
@pytest.mark.parametrize("large", [False, True])
def test_durations_and_timescales_are_rewritten_in_place(version: int, duration: int, large: bool) -> None:
    """In both versions, behind headers of both lengths; version 0 grows when the number does."""
    times = struct.pack(">4I" if version == 0 else ">QQIQ", 11, 12, 600, 77)
    box = make_full(b"mdhd", version, 0, times, b"\x55\xc4\0\0")
    if large:
        box = struct.pack(">I4sQ", 1, b"mdhd", len(box) + 8) + box[8:]
    made = boxes.boxes(retimed(Box.parse(box), 3000, duration))[0]
    wide = version == 1 or duration > 0xFFFFFFFF
    form = ">IQQIQ" if wide else ">I4I"
    assert struct.unpack_from(form, made.payload) == (int(wide) << 24, 11, 12, 3000, duration)
    assert made.payload[-4:] == b"\x55\xc4\0\0"


def test_an_edit_list_adds_up_to_the_whole_however_its_parts_are_rounded() -> None:
    """Three thirds of a second are a second in any timescale."""
    pieces = [Piece(1000, EMPTY, 0), Piece(1000, 500 * 3000), Piece(1000, 900 * 3000, 0)]
    edts, duration = edit_list(pieces, 3000, 1000, 2, 600)
    trak = boxes.Box(b"trak", 0, 0, b"", boxes.boxes(edts))
    entries = boxes.edit_list(trak)
    assert duration == sum(entry.duration for entry in entries) == 1000
    assert [(entry.media_time, entry.rate) for entry in entries] == [(-1, 1), (400, 1), (1200, 0)]
