"""A clip shows and sounds as the film does from there on: judged by FFmpeg."""

from __future__ import annotations

import struct
from fractions import Fraction

import pytest

from hls_mp4.containers.isobmff.format import IsobmffFormat
from hls_mp4.errors import ClipOutOfRange
from hls_mp4.interfaces import Asset, IndexLimits
from hls_mp4.packagers.progressive.clip import Clip, clip
from hls_mp4.packagers.progressive.settings import Mp4Settings
from hls_mp4.plan import Extent
from tests import boxes, judge
from tests.films import RECIPES, Library
from tests.judge import Shown
from tests.layouts import lay_out
from tests.packagers.progressive.clips import clip_of, cut, extents, rendered

TICK = Fraction(1, 10_000)
MS = Fraction(1, 1000)

# FFmpeg plays a dwell as ordinary media and misses borders of audio edits by some samples, so it cannot judge these.
NOT_JUDGED = {"dwell"}
SOUND_NOT_JUDGED = {"two-edits"}
ALL = sorted(set(RECIPES) - NOT_JUDGED)

KEY_FRAME_MS = {"two-videos": 10_000, "no-edits": 4080, "late-video": 5200, "ntsc": 5005, "long-gop": 0}
FRAGMENTED_AT_4080 = {"fragmented", "fragmented-base-offsets", "fragmented-tfhd-offsets", "fragmented-short", "hybrid"}
KEY_FRAME_MS |= dict.fromkeys(FRAGMENTED_AT_4080 | {"hybrid-finished"}, 4080)

# FFmpeg delays pictures with negative offsets by a frame when there are fragments and no edit list.
PICTURES_JUDGED_BY = {"fragmented-negative-offsets": "negative-offsets"}


def key_frame_ms(name: str) -> int:
    """Return a time at which all videos of a film show a key frame."""
    return KEY_FRAME_MS.get(name, 4000)


@pytest.fixture(scope="session")
def shown(films: Library) -> dict[str, Shown]:
    """What the films show; decoded when first asked for."""

    class Decoded(dict[str, Shown]):
        def __missing__(self, name: str) -> Shown:
            self[name] = judge.decode(films.data(name))
            if name in PICTURES_JUDGED_BY:
                self[name].videos = self[PICTURES_JUDGED_BY[name]].videos
            return self[name]

    return Decoded()


def assert_clip(name: str, film: Shown, body: bytes, start_ms: int, end_ms: int | None, *, pictures: bool) -> None:
    """Assert that a clip shows and sounds as the film does in that time."""
    # Leading pictures of an open group refer to pictures before it: hidden, and FFmpeg grumbles at them.
    got = judge.decode(body, strict=pictures and name != "open-gop")
    start, end = start_ms * MS, film.duration if end_ms is None else end_ms * MS
    assert len(got.videos) == len(film.videos)
    assert len(got.sounds) == len(film.sounds)
    for before, after in zip(film.videos, got.videos, strict=True):
        if pictures:
            judge.assert_pictures_equal(before, after, start, end, tick=MS if "fragmented" in name else TICK)
    for number, (before_sound, after_sound) in enumerate(zip(film.sounds, got.sounds, strict=True)):
        if name not in SOUND_NOT_JUDGED:
            base = RECIPES[RECIPES[name].base or name]
            exact = base.audio[number].codec in judge.BOUNDED
            judge.assert_sound_equal(before_sound, after_sound, start, end, exact=exact)
    assert got.duration <= end - start + Fraction(1, 20)


@pytest.mark.parametrize("name", ALL)
def test_a_clip_from_a_key_frame_is_the_film_from_there_on(films: Library, shown: dict[str, Shown], name: str) -> None:
    """Every codec and layout: same pictures to the pixel, same sound to the sample, at the same distance."""
    start = key_frame_ms(name)
    assert_clip(name, shown[name], cut(films.data(name), start), start, None, pictures=True)


@pytest.mark.parametrize("name", ALL)
@pytest.mark.parametrize("end_ms", [None, 6013])
def test_key_frame_mode_shows_exactly_what_was_asked_for(
    films: Library, shown: dict[str, Shown], name: str, end_ms: int | None
) -> None:
    """With mp4_start_key_frame any start shows its own picture at once, undamaged, in step with the sound."""
    body = cut(films.data(name), 4567, end_ms, start_key_frame=True)
    assert_clip(name, shown[name], body, 4567, end_ms, pictures=True)


@pytest.mark.parametrize("name", ALL)
def test_a_clip_from_anywhere_sounds_right_and_has_its_pictures_in_time(
    films: Library, shown: dict[str, Shown], name: str
) -> None:
    """Off key frames a clip begins with damaged pictures, as with nginx; from the next key frame on all is right."""
    start, end = 2345, 7111
    body = cut(films.data(name), start, end)
    assert_clip(name, shown[name], body, start, end, pictures=False)
    got = judge.decode(body, strict=False)
    for before, after in zip(shown[name].videos, got.videos, strict=True):
        times = {picture.number: picture.time for picture in before}
        late = [picture for picture in after if picture.time > Fraction(7, 2)]
        for picture in late if name not in ("long-gop", "hevc", "two-edits") else ():
            assert abs(times[picture.number] - picture.time - start * MS) <= MS


@pytest.mark.parametrize("name", ALL)
def test_the_whole_film_as_a_clip_is_the_whole_film(films: Library, shown: dict[str, Shown], name: str) -> None:
    """start=0 on a file that must be rewritten loses nothing."""
    assert_clip(name, shown[name], cut(films.data(name), 0), 0, None, pictures=True)


@pytest.mark.parametrize("name", ["fragmented", "hybrid", "fragmented-base-offsets", "fragmented-short"])
def test_a_clip_of_a_fragmented_film_is_a_plain_file(films: Library, name: str) -> None:
    """The output has one moov in front, no fragments, and says nothing of any."""
    file = boxes.tree(cut(films.data(name), 3000, 8000))
    assert [box.kind for box in file.children] == [b"ftyp", b"moov", b"mdat"]
    assert file.find("moov/mvex") is None
    assert b"iso5" not in file.need("ftyp").payload and b"iso6" not in file.need("ftyp").payload


@pytest.mark.parametrize("name", ["late-audio", "late-video"])
@pytest.mark.parametrize("key_frames", [False, True])
def test_a_track_that_begins_late_begins_late_in_the_clip_too(
    films: Library, shown: dict[str, Shown], name: str, key_frames: bool
) -> None:
    """An empty edit is shortened by what the clip leaves out of it."""
    body = cut(films.data(name), 400, 6400, start_key_frame=key_frames)
    assert_clip(name, shown[name], body, 400, 6400, pictures=key_frames or name == "late-video")
    for track in boxes.read_movie(body).tracks:
        assert [edit.media_time < 0 for edit in track.edits] in ([False], [True, False])


def test_a_dwell_goes_on_in_the_clip(films: Library) -> None:
    """A picture that is held for two seconds, entered after one, is held for one more, then goes on from itself."""
    movie = boxes.read_movie(cut(films.data("dwell"), 4000, start_key_frame=True))
    video = movie.tracks[0]
    held, on = video.edits
    assert (held.rate, on.rate) == (0, 1)
    assert Fraction(held.duration, movie.timescale) == 1
    assert Fraction(on.duration, movie.timescale) == 6
    assert held.media_time == on.media_time
    shown_sample = next(s for s in video.samples if s.decode + s.composition == held.media_time)
    original = boxes.read_movie(films.data("dwell")).tracks[0]
    there = next(s for s in original.samples if s.decode + s.composition == original.edits[1].media_time)
    assert shown_sample.size == there.size


def test_what_is_left_out_between_two_edits_stays_left_out(films: Library, shown: dict[str, Shown]) -> None:
    """A clip across the joint of an edited film shows both sides of it and nothing of what was cut."""
    body = cut(films.data("two-edits"), 2000, 5000, start_key_frame=True)
    got = judge.decode(body)
    judge.assert_pictures_equal(
        shown["two-edits"].videos[0], got.videos[0], Fraction(2), Fraction(5), tick=TICK, exact=True
    )
    assert [len(track.edits) for track in boxes.read_movie(body).tracks] == [2, 2]


def test_text_is_shown_at_its_time(films: Library, shown: dict[str, Shown]) -> None:
    """A line of text that is on show at the start is there from the start; later ones come when they are due."""
    got = judge.decode(cut(films.data("texts"), 2000, 9000, start_key_frame=True))
    lines = [(at, text[2:]) for at, text in got.texts[0]]
    assert lines == [(0, b"one"), (1, b""), (Fraction(5, 2), b"two"), (5, b"three")]


def test_a_track_with_nothing_to_show_is_left_out(films: Library) -> None:
    """A clip that ends before a track begins does not have that track, and no reference to it."""
    movie = boxes.read_movie(cut(films.data("late-audio"), 0, 1000))
    assert [track.handler for track in movie.tracks] == [b"vide"]


def test_a_coarse_clock_does_not_shift_the_picture(films: Library, shown: dict[str, Shown]) -> None:
    """A video whose time base is a frame long is still cut at the millisecond."""
    data = films.made("coarse", lambda: coarse(films.data("no-b-frames")))
    whole = judge.decode(data)
    body = cut(data, 4567, 8000, start_key_frame=True)
    got = judge.decode(body)
    judge.assert_pictures_equal(whole.videos[0], got.videos[0], Fraction(4567, 1000), Fraction(8), tick=TICK)


def coarse(data: bytes) -> bytes:
    """Return a film whose video timescale is its frame rate."""
    movie = boxes.read_movie(data)
    video = movie.tracks[0]
    out = bytearray(data)
    mdhd = video.box.need("mdia/mdhd")
    by = video.timescale // 25
    out[mdhd.offset + 20 : mdhd.offset + 28] = (25).to_bytes(4, "big") + (video.media_duration // by).to_bytes(4, "big")
    stts = video.box.need("mdia/minf/stbl/stts")
    assert stts.payload[4:8] == b"\0\0\0\1"
    out[stts.offset + 20 : stts.offset + 24] = (1).to_bytes(4, "big")
    return bytes(out)


def test_dead_bytes_are_left_out(films: Library) -> None:
    """A film with much between its chunks is sent without it; one that is written well is one piece."""
    wide, dense = clip_of(films.data("gaps"), 2000, 4000), clip_of(films.data("h264"), 2000, 4000)
    assert len(extents(dense.plan)) == 1
    assert len(extents(wide.plan)) > 10
    assert wide.media_bytes <= dense.media_bytes * 2 < 100_000


def test_all_video_before_all_audio_sends_neither_twice_nor_the_rest(films: Library) -> None:
    """Of a file that is not interleaved at all a clip has two pieces."""
    plan = clip_of(films.made("apart", lambda: apart(films.data("two-audios"))), 2000, 3000).plan
    assert len(extents(plan)) >= 2
    assert plan.length < 90_000


def apart(data: bytes) -> bytes:
    """Return a film whose tracks lie one after the other."""
    return lay_out(data, order="tracks", per_chunk=(10,))


def test_offsets_beyond_4_gib_are_wide(films: Library) -> None:
    """A film in which media lie above 4 GiB is cut with 64-bit arithmetic; its short clip needs no co64."""
    data = films.data("h264")
    made = Far(data).clip(4000, 6000)
    body = b"".join(
        part.source.read(part.offset, part.length) if isinstance(part, Extent) else bytes(part.data)
        for part in made.plan.parts
    )
    assert boxes.tree(body).find("moov/trak/mdia/minf/stbl/stco") is not None
    plain = cut(data, 4000, 6000)
    assert judge.decode(body).videos[0][0].number == judge.decode(plain).videos[0][0].number == 100


class Far:
    """A film whose mdat lies 5 GiB into the file, without the bytes in between."""

    AWAY = 5 << 30

    def __init__(self, data: bytes) -> None:
        self.near = lay_out(data, wide_offsets=True)
        self.size = len(self.near) + self.AWAY

    def moov(self) -> bytes:
        """Return ftyp, moov with far offsets, and a free box that fills the gap."""
        file = boxes.tree(self.near)
        mdat = file.need("mdat")
        out = bytearray(self.near[: mdat.offset])
        for track in boxes.read_movie(self.near).tracks:
            co64 = track.box.need("mdia/minf/stbl/co64")
            offsets = boxes.chunk_offsets(track.box.need("mdia/minf/stbl"))
            out[co64.offset + 16 : co64.offset + co64.size] = struct.pack(
                f">{len(offsets)}Q", *(at + self.AWAY for at in offsets)
            )
        return bytes(out) + struct.pack(">I4sQ", 1, b"free", self.AWAY)

    def read(self, offset: int, length: int) -> bytes:
        """Return bytes of the film."""
        head = self.moov()
        if offset < len(head):
            return head[offset : offset + length]
        return self.near[offset - self.AWAY : offset - self.AWAY + length]

    def clip(self, start_ms: int, end_ms: int | None) -> Clip:
        """Return a clip of it."""
        indexing = IsobmffFormat().index(self.size, IndexLimits())
        try:
            wanted = next(indexing)
            while True:
                wanted = indexing.send(self.read(wanted.offset, wanted.length))
        except StopIteration as done:
            return clip(Asset(done.value, self), start_ms, end_ms, Mp4Settings())


@pytest.mark.parametrize("start_ms", [12_500, 10**9, 2**63 - 1])
def test_a_start_past_the_end_is_refused_as_nginx_does(films: Library, start_ms: int) -> None:
    """Nothing is shown then; the log says why in nginx's words."""
    with pytest.raises(ClipOutOfRange, match="mp4 start time exceeds file duration") as raised:
        clip_of(films.data("h264"), start_ms)
    assert raised.value.status_hint == 500


def test_a_start_past_the_end_can_give_the_last_key_frame(films: Library) -> None:
    """With mp4_past_end last_key_frame the clip begins with the last key frame, and says so."""
    made = clip_of(films.data("h264"), 99_000, 100_000, past_end="last_key_frame")
    assert made.start_ms == 10_000
    pictures = judge.decode(rendered(made.plan)).videos[0]
    assert (pictures[0].number, pictures[0].time, len(pictures)) == (250, 0, 50)
    assert made.variant == clip_of(films.data("h264"), 10_000).variant
    assert clip_of(films.data("audio-only"), 99_000, past_end="last_key_frame").start_ms >= 11_000


def test_equal_clips_have_equal_names_and_different_clips_different_ones(films: Library) -> None:
    """The ETag is made of it."""
    data = films.data("h264")
    names = {
        clip_of(data, *span, start_key_frame=mode).variant
        for span in ((0, None), (5000, None), (5001, None), (5000, 7000), (5000, 7001))
        for mode in (False, True)
    }
    assert len(names) == 10
    assert clip_of(data, 5000, 99_000).variant == clip_of(data, 5000).variant
    assert all(name.isascii() and name.isprintable() and '"' not in name for name in names)


def test_a_clip_knows_its_sizes_and_times(films: Library) -> None:
    """Header and media bytes add up to the body; duration is what was asked for and total that of the film."""
    made = clip_of(films.data("h264"), 5000, 7500)
    assert made.header_bytes + made.media_bytes == made.plan.length
    assert (made.start_ms, made.duration_ms) == (5000, 2500)
    assert 12_000 <= made.total_ms <= 12_030
