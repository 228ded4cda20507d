"""A clip's boxes: what is cut, what is kept, what is left out."""

from __future__ import annotations

import struct
from fractions import Fraction

import pytest

from tests import boxes
from tests.annotations import sample_note
from tests.boxes import NaiveMovie
from tests.films import Library
from tests.layouts import moved_moov, per_track, with_children
from tests.packagers.progressive.clips import clip_of, cut, first_sample


@pytest.fixture
def film(films: Library) -> NaiveMovie:
    """A film with every table there is."""
    return boxes.read_movie(films.data("sample-notes"))


@pytest.fixture
def clip(films: Library) -> NaiveMovie:
    """A part from its middle."""
    return boxes.read_movie(cut(films.data("sample-notes"), 4500, 8000, start_key_frame=True))


def test_notes_about_samples_stay_with_their_samples(film: NaiveMovie, clip: NaiveMovie) -> None:
    """Dependencies, priorities, padding, groups and sub-samples are those of the samples that are there."""
    for before, after in zip(film.tracks, clip.tracks, strict=True):
        first = first_sample(before, after)
        count = len(after.samples)
        notes = [sample_note(first + at) for at in range(count)]
        stbl = after.box.need("mdia/minf/stbl")
        assert list(stbl.need("sdtp").payload[4:]) == notes
        assert list(struct.unpack(f">{count}H", stbl.need("stdp").payload[4:])) == notes
        assert stbl.need("padb").payload[4:8] == struct.pack(">I", count)
        assert len(stbl.need("padb").payload) == 8 + (count + 1) // 2
        groups = [box for box in stbl.all("sbgp") if box.payload[4:8] == b"tele"]
        runs = list(struct.iter_unpack(">II", groups[0].payload[12:]))
        assert sum(length for length, _ in runs) == count
        whole = len(before.samples)
        expected = [1] * 5 + [0] * (whole // 2 - 5) + [1] * 7 + [0] * (whole - whole // 2 - 7)
        assert [group for length, group in runs for _ in range(length)] == expected[first : first + count]
        (delta,) = struct.unpack_from(">I", stbl.need("subs").payload, 8)
        assert (first + delta - 1) % 3 == 0


def test_boxes_nobody_knows_are_kept(film: NaiveMovie, clip: NaiveMovie) -> None:
    """In moov, in trak and in stbl: names, brands of vendors, object descriptors, group descriptions."""
    assert clip.file.need("moov/wxyz").payload == b"nobody knows"
    assert clip.file.need("moov/iods").payload == film.file.need("moov/iods").payload
    for before, after in zip(film.tracks, clip.tracks, strict=True):
        for path in ("udta/name", "mdia/hdlr", "mdia/minf/dinf/dref", "mdia/minf/stbl/stsd", "mdia/minf/stbl/abcd"):
            assert after.box.need(path).payload == before.box.need(path).payload
        descriptions = [box.payload for box in before.box.all("mdia/minf/stbl/sgpd")]
        assert [box.payload for box in after.box.all("mdia/minf/stbl/sgpd")] == descriptions
    assert clip.tracks[1].box.need("tref/sync").payload == struct.pack(">I", clip.tracks[0].track_id)


def test_the_picture_stays_turned(films: Library) -> None:
    """The matrix of a telephone's film is that of its clip."""
    before = boxes.read_movie(films.data("rotated")).tracks[0].box.need("tkhd").payload
    after = boxes.read_movie(cut(films.data("rotated"), 3000)).tracks[0].box.need("tkhd").payload
    assert before[40:76] == after[40:76] != bytes(36)
    assert before[76:84] == after[76:84]


def test_title_and_chapters_are_kept(films: Library) -> None:
    """Tags stay, chapters are those that the clip shows, and the chapter track is still referred to."""
    movie = boxes.read_movie(cut(films.data("tagged"), 5000, 10_000))
    udta = movie.file.need("moov/udta")
    assert b"A film" in udta.payload
    chpl = udta.need("chpl").payload
    assert chpl[8] == 2
    assert b"Second" in chpl
    assert b"First" not in chpl
    chapters = next(track for track in movie.tracks if track.handler == b"text")
    assert movie.tracks[0].box.need("tref/chap").payload == struct.pack(">I", chapters.track_id)


def test_a_track_with_key_frames_but_none_in_the_clip_keeps_an_empty_table(films: Library) -> None:
    """Without the table every picture would count as a key frame."""
    movie = boxes.read_movie(cut(films.data("long-gop"), 5000, 7000))
    stss = movie.tracks[0].box.need("mdia/minf/stbl/stss")
    assert stss.payload == bytes(8)
    assert not any(sample.sync for sample in movie.tracks[0].samples)


def test_durations_are_what_is_shown(films: Library) -> None:
    """tkhd and mvhd tell the clip's length, mdhd that of the media with what is hidden."""
    movie = boxes.read_movie(cut(films.data("h264"), 5000, 7500, start_key_frame=True))
    assert Fraction(movie.duration, movie.timescale) == Fraction(5, 2)
    for track in movie.tracks:
        assert Fraction(track.track_duration, movie.timescale) == Fraction(5, 2)
        assert track.media_duration == sum(sample.duration for sample in track.samples)
        assert Fraction(track.media_duration, track.timescale) > Fraction(7, 2)


@pytest.mark.parametrize("name", ["h264", "no-edits", "late-video", "vp9-opus"])
@pytest.mark.parametrize("key_frames", [False, True])
def test_edit_lists_have_the_shape_that_browsers_follow(films: Library, name: str, key_frames: bool) -> None:
    """At most one empty edit, then one of media at normal speed."""
    for start in (0, 500, 4000, 4567):
        for track in boxes.read_movie(cut(films.data(name), start, 7000, start_key_frame=key_frames)).tracks:
            assert [edit.media_time < 0 for edit in track.edits] in ([False], [True, False])
            assert all(edit.rate == 1 for edit in track.edits)
            assert track.edits[-1].media_time >= 0


def test_tables_of_one_size_stay_so(films: Library) -> None:
    """PCM with a uniform stsz is cut to the sample, and its table stays a number."""
    made = clip_of(films.data("pcm-mov"), 5000, 6000)
    movie = boxes.read_movie(cut(films.data("pcm-mov"), 5000, 6000))
    audio = next(track for track in movie.tracks if track.handler == b"soun")
    assert len(audio.box.need("mdia/minf/stbl/stsz").payload) == 12
    assert len(audio.samples) == 44_100
    assert made.media_bytes < 44_100 * 2 + 20_000


def test_a_whole_track_keeps_the_bounds_of_its_offsets(films: Library) -> None:
    """cslg is kept by a clip of the whole film and dropped by a part of it."""

    def with_cslg() -> bytes:
        data = films.data("h264")

        def noted(number: int, path: str, box: boxes.Box) -> bytes | None:
            if number == 0 and path == "moov/trak/mdia/minf/stbl":
                return with_children(box, boxes.make_full(b"cslg", 0, 0, struct.pack(">5i", 0, 0, 4, 0, 9)))
            return None

        return moved_moov(data, lambda moved: per_track(moved, noted))

    data = films.made("cslg", with_cslg)
    assert boxes.tree(cut(data, 0)).find("moov/trak/mdia/minf/stbl/cslg") is not None
    assert boxes.tree(cut(data, 2000)).find("moov/trak/mdia/minf/stbl/cslg") is None
