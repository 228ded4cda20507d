"""Decoders hear what they must have heard before the first sample that counts."""

from __future__ import annotations

import struct

import pytest

from hls_mp4.packagers.progressive.preroll import first_decoded
from tests import boxes
from tests.boxes import make_full
from tests.films import Library
from tests.layouts import moved_moov, per_track, with_children
from tests.packagers.progressive.clips import index_of


@pytest.mark.parametrize(
    ("film", "track", "before"),
    [
        ("h264", 1, 1),
        ("vp9-opus", 1, 4),
        ("ac3", 1, 1),
        ("eac3", 1, 1),
        ("pcm-mov", 1, 0),
        ("ipcm", 1, 0),
        ("h264", 0, 0),
    ],
)
def test_each_codec_gets_what_it_needs(films: Library, film: str, track: int, before: int) -> None:
    """An access unit for AAC and AC-3, 80 ms for Opus (20 ms each), nothing for PCM and for video."""
    found = index_of(films.data(film)).tracks[track]
    assert first_decoded(found, 50) == 50 - before
    assert first_decoded(found, 0) == 0


def with_roll(data: bytes, payload: bytes) -> bytes:
    """Return a film whose audio has a roll group with this payload, and no other."""

    def changed(number: int, path: str, box: boxes.Box) -> bytes | None:
        if number == 1 and path == "moov/trak/mdia/minf/stbl":
            return with_children(box, make_full(b"sgpd", payload[0], 0, payload[1:]), but=(b"sgpd", b"sbgp"))
        return None

    return moved_moov(data, lambda moved: per_track(moved, changed))


@pytest.mark.parametrize(
    ("payload", "before"),
    [
        (b"\0roll" + struct.pack(">Ih", 1, -3), 3),
        (b"\1roll" + struct.pack(">IIh", 2, 1, -3), 3),
        (b"\2roll" + struct.pack(">IIh", 0, 1, -3), 3),
        (b"\1prol" + struct.pack(">IIhh", 2, 2, -3, -6), 6),
        (b"\1tele" + struct.pack(">IIh", 2, 1, -3), 1),
        (b"\1roll" + struct.pack(">IIh", 2, 1, 5), 1),
        (b"\1roll" + struct.pack(">IIh", 2, 1, -30000), 1),
        (b"\1roll" + struct.pack(">II", 2, 0xFFFFFFFF), 1),
        (b"\1roll" + struct.pack(">IIh", 0, 1, -3), 1),
        (b"\0ro", 1),
    ],
)
def test_what_the_film_says_of_itself_counts(films: Library, payload: bytes, before: int) -> None:
    """Roll distances are taken from the film where they can be believed; otherwise the codec tells."""
    track = index_of(with_roll(films.data("h264"), payload)).tracks[1]
    assert first_decoded(track, 100) == 100 - before
