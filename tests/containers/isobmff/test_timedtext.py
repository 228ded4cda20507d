"""Text tracks of MP4."""

from __future__ import annotations

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hls_mp4.containers.isobmff.timedtext import READABLE, _tx3g, _webvtt, read_cues
from hls_mp4.errors import MediaTooLarge
from hls_mp4.media.drive import index_bytes
from hls_mp4.media.texts import Cue
from tests.boxes import make
from tests.films import Library
from tests.indexes import indexed


def test_a_film_of_texts(films: Library) -> None:
    """Each text when the film shows it, pauses being none."""
    data = films.data("texts")
    (track,) = [track for track in indexed(data).tracks if track.codec in READABLE]
    cues = index_bytes(read_cues(track, 0), data)
    assert [(cue.begin_ms, cue.end_ms, cue.text) for cue in cues] == [
        (1000, 3000, "one"),
        (4500, 7000, "two"),
        (7000, 9500, "three"),
    ]
    late = index_bytes(read_cues(track, track.timescale), data)
    assert late[0].begin_ms == 2000


def test_samples_of_webvtt() -> None:
    """Several cues in one sample, with settings and names; empty ones are pauses."""
    sample = make(b"vttc", make(b"iden", b"a"), make(b"sttg", b"line:0"), make(b"payl", b"One\n\n<i>two</i>"))
    both = sample + make(b"vttc", make(b"payl", b"Three"))
    assert list(_webvtt(both, 0, 1000)) == [Cue(0, 1000, "One\n<i>two</i>", "line:0", "a"), Cue(0, 1000, "Three")]
    assert list(_webvtt(make(b"vtte"), 0, 1000)) == []


@pytest.mark.parametrize(
    ("payload", "text"),
    [
        (b"\0\3a&b", "a&amp;b"),
        (b"\0\x04\xfe\xff\0a", "a"),
        (b"\0\5ab", "ab"),
        (b"\0\0", None),
        (b"\0", None),
        (b"", None),
        (b"\0\4a\r\rb", "a\nb"),
    ],
)
def test_samples_of_3gpp_text(payload: bytes, text: str | None) -> None:
    """UTF-8 or UTF-16; what could be taken for a tag is escaped, what is cut short is what is there."""
    assert [cue.text for cue in _tx3g(payload, 0, 1)] == ([] if text is None else [text])


@given(st.binary(max_size=100))
def test_any_sample_is_some_cues(payload: bytes) -> None:
    """Whatever lies there, nothing breaks."""
    for read in (_tx3g, _webvtt):
        assert all(cue.text for cue in read(payload, 0, 1))


def test_a_track_that_is_no_subtitles_is_refused(films: Library) -> None:
    """Before anything is read of it."""
    track = indexed(films.data("texts")).tracks[2]
    table = track.samples
    table.count = 200_000
    with pytest.raises(MediaTooLarge):
        index_bytes(read_cues(dataclasses.replace(track, samples=table), 0), b"")
