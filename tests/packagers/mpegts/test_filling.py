"""Filling packets."""

from __future__ import annotations

import gc

import numpy as np
import pytest

from hls_mp4.errors import MalformedMedia
from hls_mp4.packagers.mpegts import filling
from hls_mp4.packagers.mpegts.segment import segment_parts
from hls_mp4.plan import Plan, Transformed
from tests.packagers.fmp4.played import rendered
from tests.packagers.mpegts.made import Sample, film, picture, segments_of, unit
from tests.packagers.mpegts.strict import read


@pytest.mark.parametrize("kind", ["video", "audio", "both"])
def test_stuffing_of_any_length_has_a_place(kind: str) -> None:
    """Samples of every size around a packet's: the field, the header, and one byte alone."""
    pictures = [Sample(picture([unit(5, size, size)]), 3000) for size in range(1, 400)]
    sounds = [Sample(unit(1, size, size), 1024) for size in range(1, 400)]
    presentation = film(pictures if kind != "audio" else [], sounds if kind != "video" else [])
    found = read(segments_of(presentation, tuple(range(len(presentation.renditions)))))
    assert sum(len(segment.units) for segment in found) > 28


def test_memory_is_used_again_and_never_shared(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pieces are made in memory that others have been made in: nothing of them is left in what is sent."""
    monkeypatch.setattr(filling, "_SPARE", [])
    one = film([Sample(picture([unit(5, 3000, number)]), 3000) for number in range(20)], [])
    other = film([Sample(picture([unit(5, 10, number)]), 3000) for number in range(20)], [])
    first = [segments_of(presentation, (0,)) for presentation in (one, other)]
    assert len(filling._SPARE) == 1
    made = rendered(Plan(segment_parts(one, (0,), 0)))
    assert [segments_of(presentation, (0,)) for presentation in (other, one)] == first[::-1]
    gc.collect()
    assert made == first[0][0]


def test_pieces_of_unusual_length_are_made_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    """A picture of megabytes is one unit, and one piece."""
    monkeypatch.setattr(filling, "_USUAL", 1000)
    monkeypatch.setattr(filling, "_SPARE", [np.empty(1000, np.uint8)])
    read(segments_of(film([Sample(picture([unit(5, 200_000, 1)]), 3000)], []), (0,)))
    (segment,) = read(segments_of(film([Sample(picture([unit(5, 70_000, 1)]), 3000)], []), (0,)))
    assert len(segment.units[0].payload) > 65_536


def test_inputs_that_are_cut_short_are_not_sent() -> None:
    """A film that is shorter than its tables say does not become a stream of something else."""
    presentation = film([Sample(picture([unit(5, 3000, number)]), 3000) for number in range(20)], [])
    (part,) = (each for each in segment_parts(presentation, (0,), 0) if isinstance(each, Transformed))
    with pytest.raises((MalformedMedia, ValueError)):
        part.make([bytes(10) for _ in part.inputs])
