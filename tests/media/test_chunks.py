"""Where samples lie."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hls_mp4.errors import MalformedMedia, StreamingError
from hls_mp4.media.chunks import ChunkMap
from hls_mp4.media.sizes import ListedSizes, Sizes, UniformSizes

HUGE = 1 << 50


def of_runs(message: str) -> StreamingError:
    """Return an error of the run table."""
    return MalformedMedia(message, box="stsc", offset=1)


def of_offsets(message: str) -> StreamingError:
    """Return an error of the offset table."""
    return MalformedMedia(message, box="stco", offset=2)


def map_of(
    runs: list[tuple[int, int, int]], offsets: list[int], sizes: list[int] | int, count: int = -1, file_size: int = HUGE
) -> ChunkMap:
    """Return a map over these tables; `sizes` is one for all of `count` samples, or a list."""
    table: Sizes = UniformSizes(sizes) if isinstance(sizes, int) else ListedSizes.over(np.array(sizes, ">u4"))
    samples = count if isinstance(sizes, int) else len(sizes)
    rows = np.array(runs, ">u4").reshape(-1, 3)
    return ChunkMap(rows, np.array(offsets, ">u8"), samples, table, file_size, of_runs, of_offsets)


@dataclass(frozen=True)
class Place:
    """Where one sample is."""

    chunk: int
    offset: int
    size: int
    description: int


@dataclass(frozen=True)
class Drawn:
    """Tables of a film, and what they say of each sample."""

    map: ChunkMap
    places: list[Place]


@st.composite
def drawn(draw: st.DrawFn) -> Drawn:
    """Draw chunks, and tables that describe them: runs split at will, with runs of no chunk, a last chunk not full."""
    chunks = draw(st.lists(st.tuples(st.integers(1, 4), st.integers(1, 2)), min_size=1, max_size=10))
    total = sum(count for count, _ in chunks)
    missing = draw(st.integers(0, chunks[-1][0] - 1))
    uniform = draw(st.one_of(st.none(), st.integers(1, 9)))
    sizes = draw(st.lists(st.integers(0, 50), min_size=total - missing, max_size=total - missing))
    offsets = draw(st.lists(st.integers(0, 10_000), min_size=len(chunks), max_size=len(chunks)))
    if draw(st.booleans()):
        offsets = [number * 1000 for number in range(len(chunks))]
    runs: list[tuple[int, int, int]] = []
    for number, (count, description) in enumerate(chunks, 1):
        if draw(st.integers(0, 9)) == 0:
            runs.append((number, draw(st.integers(1, 2**32 - 1)), 7))  # a run of no chunk
        if not runs or runs[-1][1:] != (count, description) or draw(st.booleans()):
            runs.append((number, count, description))
    places = []
    for number, (count, description) in enumerate(chunks):
        at = offsets[number]
        for _ in range(count):
            if len(places) < total - missing:
                size = sizes[len(places)] if uniform is None else uniform
                places.append(Place(number, at, size, description))
                at += size
    return Drawn(map_of(runs, offsets, sizes if uniform is None else uniform, total - missing), places)


@given(drawn=drawn(), data=st.data())
def test_every_sample_is_where_the_tables_put_it(drawn: Drawn, data: st.DataObject) -> None:
    """Whatever chunks a writer made, each sample is found in its chunk, behind the samples before it."""
    assert [drawn.map.offset(number) for number in range(len(drawn.places))] == [at.offset for at in drawn.places]
    start = data.draw(st.integers(0, len(drawn.places)))
    stop = data.draw(st.integers(start, len(drawn.places)))
    chunks = drawn.map.chunks(start, stop)
    wanted: dict[int, list[Place]] = {}
    for place in drawn.places[start:stop]:
        wanted.setdefault(place.chunk, []).append(place)
    assert len(chunks) == len(wanted)
    assert chunks.offsets.tolist() == [places[0].offset for places in wanted.values()]
    assert chunks.samples.tolist() == [len(places) for places in wanted.values()]
    assert chunks.sizes.tolist() == [sum(place.size for place in places) for places in wanted.values()]
    assert chunks.descriptions.tolist() == [places[0].description for places in wanted.values()]
    assert drawn.map.descriptions(start, stop) == sorted({place.description for place in drawn.places[start:stop]})


@given(drawn=drawn(), data=st.data())
def test_a_span_says_the_same_in_tables(drawn: Drawn, data: st.DataObject) -> None:
    """A clip's own chunk tables put each of its samples where the film's did."""
    start = data.draw(st.integers(0, len(drawn.places) - 1))
    stop = data.draw(st.integers(start + 1, len(drawn.places)))
    span = drawn.map.span(start, stop)
    wanted = drawn.places[start:stop]
    offsets = span.offsets.astype(np.int64)
    offsets[0] += span.skipped
    firsts = [*span.runs[:, 0].tolist(), len(offsets) + 1]
    assert firsts[0] == 1
    assert all(first < second for first, second in pairwise(firsts))
    found = []
    for row, (_, per_chunk, description) in enumerate(span.runs.tolist()):
        for chunk in range(firsts[row] - 1, firsts[row + 1] - 1):
            at = int(offsets[chunk])
            for _ in range(per_chunk):
                size = wanted[len(found)].size
                found.append((at, size, description))
                at += size
    assert found == [(place.offset, place.size, place.description) for place in wanted]
    assert span.used == sum(place.size for place in wanted)
    if span.low >= 0:
        assert (span.low, span.high) == (wanted[0].offset, wanted[-1].offset + wanted[-1].size)
        assert [place.offset for place in wanted] == sorted(place.offset for place in wanted)


def test_disorder_is_told() -> None:
    """Chunks that run backwards or overlap are known for it: nobody sends them as one piece."""
    assert map_of([(1, 1, 1)], [0, 10, 20], [10, 10, 10]).orderly(0, 2)
    assert not map_of([(1, 1, 1)], [20, 10, 0], [10, 10, 10]).orderly(0, 2)
    assert not map_of([(1, 1, 1)], [0, 9, 20], [10, 10, 10]).orderly(0, 2)
    assert not map_of([(1, 1, 1)], [0, 10, 20], [10, 10, 10], file_size=29).orderly(0, 2)
    assert map_of([(1, 1, 1)], [20, 10, 0], [10, 10, 10]).span(0, 3).low == -1


@pytest.mark.parametrize(
    ("runs", "offsets", "words"),
    [
        ([], [5], "zero number of entries in stsc atom"),
        ([(0, 3, 1)], [5], "zero chunk in stsc atom"),
        ([(2, 3, 1)], [5, 6], "unordered mp4 stsc chunks"),
        ([(1, 1, 1), (3, 1, 1), (2, 1, 1)], [5, 6, 7], "unordered mp4 stsc chunks"),
        ([(1, 3, 1), (9, 1, 1)], [5], "unordered mp4 stsc chunks"),
        ([(1, 3, 1)], [], "unordered mp4 stsc chunks"),
        ([(1, 0, 1)], [5], "start time is out mp4 stsc chunks"),
        ([(1, 2, 1)], [5], "start time is out mp4 stsc chunks"),
        ([(1, 3, 1)], [5, 6], "mp4 stsc atom has 6 samples of 3"),
        ([(1, 2**32 - 1, 1)], [5, 6], "mp4 stsc atom has 8589934590 samples of 3"),
    ],
)
def test_runs_that_make_no_sense_are_refused(runs: list[tuple[int, int, int]], offsets: list[int], words: str) -> None:
    """A broken chunk table is an error in nginx's words, at the box that has it, whatever is asked."""
    for ask in (lambda table: table.offset(0), lambda table: table.chunks(0, 3), lambda table: table.span(0, 3)):
        with pytest.raises(MalformedMedia) as caught:
            ask(map_of(runs, offsets, [1, 1, 1]))
        assert caught.value.message.startswith(words)
        assert (caught.value.box, caught.value.offset) == ("stsc", 1)


@pytest.mark.parametrize("far", [91, 100, 101, 2**32, 2**63, 2**64 - 1])
def test_data_outside_the_file_is_refused_when_asked_for(far: int) -> None:
    """A truncated film plays up to where it breaks off; what lies beyond is an error, not a wrapped number."""
    table = map_of([(1, 1, 1)], [0, far, 20], [10, 10, 10], file_size=100)
    assert table.chunks(0, 1).offsets.tolist() == [0]
    assert table.offset(2) == 20
    for ask in (lambda: table.offset(1), lambda: table.chunks(0, 3), lambda: table.chunks(1, 2)):
        with pytest.raises(MalformedMedia, match="too large chunk offset in stco at 2"):
            ask()
    assert not table.orderly(0, 2)


def test_no_samples_lie_nowhere() -> None:
    """Nothing asked, nothing answered: not even broken tables are looked at."""
    assert len(map_of([], [], [1, 2]).chunks(1, 1)) == 0


def test_weight_does_not_grow_with_samples() -> None:
    """What is kept for look-ups grows with the runs of chunks only."""
    assert map_of([(1, 1, 1)], [0], 1, 10**6).weight() == map_of([(1, 1, 1)], [0], 1, 1).weight()
