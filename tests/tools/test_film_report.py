"""What is said of a film is what is in it, by an independent reading."""

from __future__ import annotations

import io
from fractions import Fraction
from itertools import pairwise

import av
import numpy as np
import pytest

from hls_mp4.containers.isobmff.format import IsobmffFormat
from hls_mp4.interfaces import IndexLimits
from hls_mp4.media.drive import index_bytes
from hls_mp4.media.index import Edit
from hls_mp4.tools.film_report import (
    BoxReport,
    BrandsReport,
    EditReport,
    FilmReport,
    brands_report,
    film_report,
    presentation_times,
    shown_later,
)
from tests.boxes import make
from tests.boxes import read_movie as read_naively
from tests.films import Library


def report(data: bytes) -> FilmReport:
    """Return the report of a film."""
    return film_report("x.mp4", index_bytes(IsobmffFormat().index(len(data), IndexLimits()), data), 1, len(data))


@pytest.mark.parametrize("name", ["h264", "moov-last", "ntsc", "no-b-frames", "long-gop", "no-edits", "hevc"])
def test_key_frames_are_where_a_player_finds_them(films: Library, name: str) -> None:
    """The times are those at which FFmpeg shows the key frames, edit lists applied."""
    data = films.data(name)
    with av.open(io.BytesIO(data)) as film:
        packets = [packet for packet in film.demux(video=0) if packet.is_keyframe and packet.pts is not None]
        expected = [float(packet.pts * packet.time_base) for packet in packets if packet.size]
    frames = report(data).tracks[0].key_frames
    assert frames.times == pytest.approx(expected, abs=1e-6)
    gaps = [after - before for before, after in pairwise(expected)]
    if gaps:
        told = (frames.shortest, frames.longest, frames.average)
        assert told == pytest.approx((min(gaps), max(gaps), sum(gaps) / len(gaps)), abs=1e-5)
    else:
        assert (frames.shortest, frames.longest, frames.average) == (None, None, None)


def test_tracks_have_what_the_demuxer_finds(films: Library) -> None:
    """Kinds, sizes, rates and numbers of samples agree with FFmpeg's; numbers of bytes with the naive reader's."""
    data = films.data("two-audios")
    made = report(data)
    naive = read_naively(data)
    with av.open(io.BytesIO(data)) as film:
        for track, stream, plain in zip(made.tracks, film.streams, naive.tracks, strict=True):
            assert track.kind == stream.type
            assert track.samples == stream.frames == len(plain.samples)
            assert track.bytes == sum(sample.size for sample in plain.samples)
            if stream.type == "audio":
                assert (track.channels, track.sample_rate) == (stream.channels, stream.rate)
            else:
                assert (track.width, track.height, track.frame_rate) == (stream.width, stream.height, 25.0)
    assert [track.enabled for track in made.tracks] == [True, True, False, False]
    assert (made.duration, made.duration_units, made.timescale) == (12.0, 12000, 1000)


def test_boxes_are_those_of_the_file(films: Library) -> None:
    """Each box of moov is shown with its place and its size, and so is everything beside moov."""
    data = films.data("h264")
    flat: list[tuple[str, int, int]] = []

    def walk(boxes: tuple[BoxReport, ...]) -> None:
        for box in boxes:
            flat.append((box.type, box.offset, box.size))
            walk(box.boxes)

    walk(report(data).boxes)
    assert [name for name, _, _ in flat if name in ("ftyp", "moov", "free", "mdat")] == ["ftyp", "moov", "free", "mdat"]
    for name, offset, size in flat:
        assert data[offset + 4 : offset + 8] == name.encode()
        assert int.from_bytes(data[offset : offset + 4], "big") == size
    assert len([name for name, _, _ in flat if name == "stbl"]) == len(read_naively(data).tracks)


def test_brands() -> None:
    """Major brand, its version, and the list; a file type box that is too small has none of them."""
    ftyp = make(b"ftyp", b"mp42" + (7).to_bytes(4, "big") + b"mp42iso6\xa9x")
    assert brands_report(ftyp) == BrandsReport("mp42", 7, ("mp42", "iso6"))
    assert brands_report(make(b"ftyp", b"mp42")) is None


def test_a_film_without_ftyp_has_no_brands(films: Library) -> None:
    """Old files have none, and are shown all the same."""
    assert report(films.data("no-ftyp")).brands is None


def test_edits_are_in_seconds(films: Library) -> None:
    """Of the media, and of nothing that is shown before it."""
    track = report(films.data("late-audio")).tracks[1]
    assert track.edits[0].media_time is None
    assert track.edits[0].duration == pytest.approx(1.5, abs=0.03)
    assert [edit for edit in report(films.data("dwell")).tracks[0].edits if edit.rate == 0]
    assert report(films.data("h264")).tracks[0].edits == (EditReport(12.0, 0.08, 1.0),)
    assert report(films.data("no-edits")).tracks[0].edits == ()


def test_all_samples_of_sound_are_key_frames(films: Library) -> None:
    """They are counted, not listed: hours of PCM would fill a disk."""
    frames = report(films.data("pcm-mov")).tracks[1].key_frames
    assert (frames.every_sample, frames.times) == (True, ())
    assert frames.count == report(films.data("pcm-mov")).tracks[1].samples


def test_times_of_samples_that_lie_far_apart(films: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    """A long film is gone through piece by piece, with the same times."""
    data = films.data("h264")
    samples = index_bytes(IsobmffFormat().index(len(data), IndexLimits()), data).tracks[0].samples
    monkeypatch.setattr("hls_mp4.tools.film_report._SLAB", 7)
    wanted = np.array([0, 3, 6, 7, 50, 51, 299])
    assert presentation_times(samples, wanted).tolist() == [samples.presentation_time(n) for n in wanted.tolist()]


@pytest.mark.parametrize(
    ("edits", "later"),
    [
        ((), 0),
        ((Edit(1000, 25),), -25),
        ((Edit(500, -1), Edit(1000, 0)), 45),
        ((Edit(1000, 0), Edit(500, -1)), 0),
        ((Edit(1000, 30), Edit(1000, 90)), 0),
    ],
)
def test_how_much_later_edits_show_a_track(edits: tuple[Edit, ...], later: int) -> None:
    """Empty edits before the media delay it, media that is skipped comes earlier; two pieces have no one answer."""
    assert shown_later(edits, 90, 1000) == Fraction(later)
