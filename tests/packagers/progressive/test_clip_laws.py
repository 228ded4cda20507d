"""Laws of clips, for any interval: never a byte outside the film, tables that address the body, samples unchanged."""

from __future__ import annotations

import itertools
from fractions import Fraction
from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hls_mp4.errors import StreamingError
from hls_mp4.interfaces import Asset
from hls_mp4.media.index import MediaIndex
from hls_mp4.packagers.progressive.clip import clip
from hls_mp4.packagers.progressive.settings import Mp4Settings
from hls_mp4.plan import Literal
from tests import boxes
from tests.boxes import NaiveMovie
from tests.films import Library
from tests.packagers.progressive.clips import extents, index_of, rendered

PLAIN = (
    "h264",
    "moov-last",
    "no-b-frames",
    "open-gop",
    "ntsc",
    "vp9-opus",
    "two-videos",
    "texts",
    "late-audio",
    "late-video",
    "negative-offsets",
    "several-mdat",
    "several-mdat-moov-last",
    "one-chunk-each",
    "big-chunks",
    "backwards",
    "shuffled",
    "gaps",
    "compact-sizes",
    "co64",
    "two-edits",
    "dwell",
    "sample-notes",
)
FRAGMENTED = ("fragmented", "fragmented-base-offsets", "fragmented-short", "fragmented-negative-offsets", "hybrid")

MS = st.integers(0, 13_000)
ENDS = st.one_of(st.none(), st.integers(1, 14_000))


@pytest.fixture(scope="module")
def library(films: Library) -> Library:
    """The films, made before a law is timed."""
    for name in (*PLAIN, *FRAGMENTED):
        films.data(name)
    return films


@cache
def parsed(library: Library, name: str) -> tuple[bytes, MediaIndex]:
    """Return a film and its index."""
    data = library.data(name)
    return data, index_of(data)


@cache
def naive(library: Library, name: str) -> NaiveMovie:
    """Return a film as the naive reader sees it."""
    return boxes.read_movie(library.data(name))


def made(data: bytes, index: MediaIndex, start: int, end: int | None, key_frames: bool) -> bytes | None:
    """Return a clip, None where the film shows nothing."""
    if end is not None and end <= start:
        end = None
    try:
        cut = clip(Asset(index, data), start, end, Mp4Settings(start_key_frame=key_frames))
    except StreamingError as error:
        assert "start time exceeds" in error.message or "no data between" in error.message
        return None
    assert all(0 <= extent.offset < extent.offset + extent.length <= len(data) for extent in extents(cut.plan))
    assert sum(part.length for part in cut.plan.parts if isinstance(part, Literal)) == cut.header_bytes
    assert sum(extent.length for extent in extents(cut.plan)) == cut.media_bytes
    return rendered(cut.plan)


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(PLAIN), MS, ENDS, st.booleans())
def test_a_clip_is_made_of_the_films_samples(
    library: Library, name: str, start: int, end: int | None, key_frames: bool
) -> None:
    """Each track of a clip is one run of the film's samples: bytes, key frames and descriptions are equal, and times
    are, but for the one sample that the clip begins in.
    """
    data, index = parsed(library, name)
    body = made(data, index, start, end, key_frames)
    if body is None:
        return
    movie = boxes.read_movie(body)
    assert [box.kind for box in movie.file.children] == [b"ftyp", b"moov", b"mdat"]
    mdat = movie.file.need("mdat")
    for track in movie.tracks:
        film = next(other for other in naive(library, name).tracks if other.track_id == track.track_id)
        scale = track.timescale // film.timescale
        payloads = [body[sample.offset : sample.offset + sample.size] for sample in track.samples]
        assert all(mdat.offset + mdat.header <= sample.offset for sample in track.samples)
        assert all(sample.offset + sample.size <= len(body) for sample in track.samples)
        originals = [data[sample.offset : sample.offset + sample.size] for sample in film.samples]
        first = next(at for at in range(len(originals)) if originals[at : at + len(payloads)] == payloads)
        moved = 0
        base = film.samples[first].decode
        for number, sample in enumerate(track.samples):
            before = film.samples[first + number]
            assert (sample.sync, sample.description) == (before.sync, before.description)
            place = (before.decode - base + before.composition) * scale
            moved += sample.decode + sample.composition != place
        # Trimming the first sample itself moves all that follow against it, in the clip's own counting.
        assert moved <= 1 or film.box.find("mdia/minf/stbl/ctts") is None


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(PLAIN), MS, ENDS, st.booleans())
def test_what_a_clip_shows_is_what_the_film_shows_then(
    library: Library, name: str, start: int, end: int | None, key_frames: bool
) -> None:
    """By the edit lists of both files: each sample that begins in the interval is shown in the clip, start seconds
    earlier than in the film, to a tick.
    """
    data, index = parsed(library, name)
    body = made(data, index, start, end, key_frames)
    if body is None:
        return
    film, movie = naive(library, name), boxes.read_movie(body)
    begin = Fraction(start, 1000)
    stop = Fraction(end, 1000) if end is not None and end > start else Fraction(10**6)
    for track in movie.tracks:
        source = next(other for other in film.tracks if other.track_id == track.track_id)
        tick = Fraction(1, min(track.timescale, 10_000))
        there = [
            (at - begin, data[sample.offset : sample.offset + sample.size])
            for at, sample in film.presentation(source)
            if begin + tick <= at < stop - tick
        ]
        here = [
            (at, body[sample.offset : sample.offset + sample.size])
            for at, sample in movie.presentation(track)
            if at >= tick
        ]
        if end is not None and end > start:
            here = [item for item in here if item[0] < stop - begin - tick]
        assert len(here) == len(there)
        for (at, payload), (due, original) in zip(here, there, strict=True):
            assert payload == original
            assert abs(at - due) <= tick


@settings(max_examples=40, deadline=None)
@given(st.sampled_from(FRAGMENTED), MS, ENDS, st.booleans())
def test_a_clip_of_fragments_is_a_sound_file(
    library: Library, name: str, start: int, end: int | None, key_frames: bool
) -> None:
    """Its tables agree with each other and with the body, and its samples are those of the film without fragments."""
    data, index = parsed(library, name)
    body = made(data, index, start, end, key_frames)
    if body is None:
        return
    movie = boxes.read_movie(body)
    plain = boxes.read_movie(library.data("h264"))
    whole = library.data("h264")
    for track in movie.tracks:
        samples = next(other for other in plain.tracks if other.handler == track.handler).samples
        originals = [whole[sample.offset : sample.offset + sample.size] for sample in samples]
        payloads = [body[sample.offset : sample.offset + sample.size] for sample in track.samples]
        first = next((at for at in range(len(originals)) if originals[at : at + len(payloads)] == payloads), None)
        assert first is not None
        assert [s.sync for s in track.samples] == [s.sync for s in samples[first : first + len(payloads)]]


@given(st.lists(st.integers(1, 5), min_size=1, max_size=12), st.data())
def test_a_span_is_cut_like_its_chunks(groups: list[int], data: st.DataObject) -> None:
    """The quick form of a part of a chunk table says the same as the plain one."""
    from hls_mp4.media.chunks import ChunkMap
    from hls_mp4.media.sizes import ListedSizes

    count = sum(groups)
    sizes = np.array(data.draw(st.lists(st.integers(0, 9), min_size=count, max_size=count)), ">u4")
    edges = np.cumsum([0, *groups])
    gaps = np.array(data.draw(st.lists(st.integers(0, 3), min_size=len(groups), max_size=len(groups))))
    bytes_of = [int(sizes[a:b].sum()) for a, b in itertools.pairwise(edges)]
    offsets = np.cumsum(gaps) + np.cumsum([0, *bytes_of[:-1]])
    runs = np.array([[number + 1, size, 1] for number, size in enumerate(groups)], ">u4")
    runs = runs[[number == 0 or runs[number, 1] != runs[number - 1, 1] for number in range(len(runs))]]
    file_size = int(offsets[-1]) + bytes_of[-1]
    chunks = ChunkMap(
        runs, offsets.astype(">u4"), count, ListedSizes.over(sizes), file_size, StreamingError, StreamingError
    )
    start = data.draw(st.integers(0, count - 1))
    stop = data.draw(st.integers(start + 1, count))
    span, whole = chunks.span(start, stop), chunks.chunks(start, stop)
    lengths: list[int] = []
    rows = [*span.runs.tolist(), [len(whole) + 1, 0, 0]]
    for (first, samples, _), (after, _, _) in itertools.pairwise(rows):
        assert first < after
        lengths += [samples] * (after - first)
    assert lengths == whole.samples.tolist()
    placed = span.offsets.astype(np.int64)
    placed[0] += span.skipped
    assert placed.tolist() == whole.offsets.tolist()
    assert span.used == whole.sizes.sum()
    assert (span.low, span.high) == (whole.offsets[0], (whole.offsets + whole.sizes).max())
