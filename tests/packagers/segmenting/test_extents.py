"""The bytes of a segment's samples as parts of a plan."""

from __future__ import annotations

import os

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hls_mp4.packagers.segmenting.extents import GAP, PIECE, Pieces, gathered, parts_of, sample_parts
from hls_mp4.plan import Extent, Plan, Transformed, render
from tests import boxes
from tests.films import Library
from tests.indexes import indexed

FILM = os.urandom(1 << 20)


def read(source: bytes, offset: int, length: int) -> bytes:
    """Read a film in memory."""
    return source[offset : offset + length]


def pieces(spans: list[tuple[int, int]]) -> Pieces:
    """Return pieces at these places."""
    table = np.array(spans, np.int64).reshape(-1, 2)
    return Pieces.of(table[:, 0], table[:, 1])


SPANS = st.lists(st.tuples(st.integers(0, 900_000), st.integers(0, 3000)), max_size=40)


@given(spans=SPANS)
def test_every_byte_is_there_in_order(spans: list[tuple[int, int]]) -> None:
    """Whatever order pieces lie in, touching, overlapping or empty: what is sent is each of them in turn."""
    expected = b"".join(FILM[at : at + size] for at, size in spans)
    made = pieces(spans)
    assert made.total == len(expected)
    assert render(Plan(parts_of(FILM, made)), read) == expected
    if len(made.sizes):
        assert render(Plan([gathered(FILM, made)]), read) == expected


def test_long_pieces_are_sent_as_they_lie() -> None:
    """Files that are interleaved by the second cost a sendfile or two."""
    parts = list(parts_of(FILM, pieces([(0, 200_000), (300_000, 200_000)])))
    assert parts == [Extent(FILM, 0, 200_000), Extent(FILM, 300_000, 200_000)]
    assert list(parts_of(FILM, pieces([(5, 10)]))) == [Extent(FILM, 5, 10)]


def test_crumbs_are_read_in_stretches() -> None:
    """A hundred frames with sound between them are one read, and so is nothing that lies far away."""
    made = pieces([(2000 * number, 1500) for number in range(100)] + [(200_000 + 2 * GAP, 1500)])
    (part,) = parts_of(FILM, made)
    assert isinstance(part, Transformed)
    assert [each.length for each in part.inputs] == [199_500, 1500]


def test_a_long_segment_is_gathered_piece_by_piece() -> None:
    """What a slow client holds in memory is bounded, however long a segment is."""
    made = pieces([(20_000 * number, 10_000) for number in range(1000)])
    parts = list(parts_of(FILM, made))
    assert len(parts) == 10
    assert all(part.length <= PIECE for part in parts)
    assert sum(part.length for part in parts) == made.total


@pytest.mark.parametrize("name", ["h264", "shuffled", "backwards", "gaps", "one-chunk-each"])
def test_samples_of_a_film(films: Library, name: str) -> None:
    """However a film is laid out, a segment's bytes are its samples."""
    data = films.data(name)
    for track, plain in zip(indexed(data).tracks, boxes.read_movie(data).tracks, strict=True):
        expected = b"".join(data[each.offset : each.offset + each.size] for each in plain.samples[20:120])
        assert render(Plan(sample_parts(data, track.samples, 20, 120)), read) == expected
