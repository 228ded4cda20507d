"""Damaged films end in a clip that lies within the film, or in a StreamingError; soon, and without much memory."""

from __future__ import annotations

import struct
import time
import tracemalloc

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hls_mp4.errors import StreamingError
from tests import annotations, boxes
from tests.boxes import Box
from tests.films import Library
from tests.packagers.progressive.clips import clip_of, extents

MOST_SECONDS = 0.05
MOST_MEMORY = 64 << 20

REQUESTS = ((5000, None, False), (5000, 7000, False), (5000, 7000, True), (0, None, True), (0, 1, False))

NAMES = ("h264", "sample-notes", "pcm-mov", "fragmented", "hybrid", "texts", "tagged", "auxiliary")


def film(films: Library, name: str) -> bytes:
    """Return a film to damage."""
    if name == "auxiliary":
        return films.made("auxiliary-chunks", lambda: annotations.with_auxiliary(films.data("big-chunks")))
    return films.data(name)


def ask(data: bytes, *requests: tuple[int, int | None, bool]) -> list[str]:
    """Ask for clips of a damaged film; return what the log would say."""
    said = []
    for request in requests:
        spent = []
        while not spent or (spent[-1] >= MOST_SECONDS and len(spent) < 3):  # the collector of garbage may step in
            began = time.thread_time()
            message = ask_once(data, *request)
            spent.append(time.thread_time() - began)
        assert spent[-1] < MOST_SECONDS
        said.append(message)
    return said


def ask_once(data: bytes, start: int, end: int | None, key_frames: bool) -> str:
    """Ask for a clip; return what the log would say, nothing where there is a clip."""
    try:
        made = clip_of(data, start, end, start_key_frame=key_frames)
    except StreamingError as error:
        assert error.status_hint == 500
        return error.message
    for extent in extents(made.plan):
        assert 0 <= extent.offset < extent.offset + extent.length <= len(data)
    return ""


def borders(box: Box) -> list[int]:
    """Return where boxes begin and end, and where their contents begin."""
    found = []
    for child in box.children:
        found += [child.offset, child.offset + child.header, child.offset + child.size]
        found += borders(child)
    return found


@pytest.mark.parametrize("name", ["h264", "moov-last", "fragmented", "pcm-mov"])
def test_a_film_that_ends_at_any_box_border_is_refused_or_cut(films: Library, name: str) -> None:
    """An upload that stopped: no clip reaches beyond what is there."""
    data = films.data(name)
    for end in sorted(set(borders(boxes.tree(data)))):
        for at in (end - 1, end, end + 1):
            if 0 <= at < len(data):
                ask(data[:at], (5000, 7000, True))


@settings(max_examples=300, deadline=None)
@given(
    st.sampled_from(NAMES),
    st.lists(st.tuples(st.floats(0, 1), st.sampled_from([0, 1, 2, 4, 0x7F, 0x80, 0xFF])), min_size=1, max_size=4),
    st.sampled_from(REQUESTS),
)
def test_no_damage_to_metadata_leads_out_of_the_film(
    films: Library, name: str, damage: list[tuple[float, int]], request_: tuple[int, int | None, bool]
) -> None:
    """Any bytes of the metadata may be anything."""
    data = bytearray(film(films, name))
    moov = boxes.tree(bytes(data)).need("moov")
    for where, value in damage:
        data[moov.offset + 8 + int(where * (moov.size - 9))] = value
    ask(bytes(data), request_)


@pytest.mark.parametrize(
    "kind", ["stts", "ctts", "stss", "stsc", "stsz", "stco", "elst", "sdtp", "subs", "sbgp", "sgpd", "padb"]
)
@pytest.mark.parametrize("at", [0, 4, 8, 12])
def test_numbers_at_their_limits_are_no_danger(films: Library, kind: str, at: int) -> None:
    """Each field of each table set to 0, 1, and the extremes of 31 and 32 bits."""
    data = films.data("sample-notes")
    places = []

    def look(box: Box) -> None:
        for child in box.children:
            if child.kind == kind.encode():
                places.append(child.offset + child.header + at)
            look(child)

    look(boxes.tree(data))
    assert places
    for place in places:
        for value in (0, 1, 2, 0x20000001, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF):
            damaged = bytearray(data)
            damaged[place : place + 4] = struct.pack(">I", value)
            ask(bytes(damaged), *REQUESTS[:3])


def test_a_count_from_the_file_is_no_reason_to_allocate(films: Library) -> None:
    """Two billion samples of one size, duration and offset in a small file: no more memory than the file deserves."""
    data = films.data("pcm-mov")
    movie = boxes.read_movie(data)
    audio = next(track for track in movie.tracks if track.handler == b"soun")
    damaged = bytearray(data)
    many = struct.pack(">I", 0x7FFFFFFF)
    stbl = audio.box.need("mdia/minf/stbl")
    for kind, at in (("stsz", 16), ("stts", 16)):
        place = stbl.need(kind).offset + at
        damaged[place : place + 4] = many
    tracemalloc.start()
    try:
        ask(bytes(damaged), *REQUESTS)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < MOST_MEMORY


def test_a_chunk_behind_the_end_is_refused_in_nginx_words(films: Library) -> None:
    """An offset that leads out of the file is told of, and nothing is sent."""
    data = bytearray(films.data("h264"))
    stbl = boxes.read_movie(bytes(data)).tracks[0].box.need("mdia/minf/stbl")
    stco = stbl.need("stco")
    data[stco.offset + 16 : stco.offset + stco.size] = struct.pack(">I", len(data) + 1) * ((stco.size - 16) // 4)
    assert ask(bytes(data), (5000, 7000, False)) == ["too large chunk offset"]


def test_a_film_cut_short_can_be_seen_as_far_as_it_goes(films: Library) -> None:
    """What lies before the end of a broken download is served, what lies behind it is refused."""
    data = films.data("size-0-mdat")
    half = data[: len(data) // 2]
    assert ask(half, (1000, 3000, False), (9000, 11_000, False)) == ["", "too large chunk offset"]
