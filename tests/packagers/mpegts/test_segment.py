"""Segments of MPEG-TS, judged by FFmpeg, by a strict reader, and by what went into them."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, reject, settings
from hypothesis import strategies as st

from hls_mp4.containers.flv import FlvFormat
from hls_mp4.errors import MalformedMedia, UnsupportedMedia
from hls_mp4.interfaces import Asset
from hls_mp4.media.drive import index_bytes
from hls_mp4.media.presentation import Presentation
from hls_mp4.media.segments import SegmentPolicy
from hls_mp4.packagers.mpegts import segment as under_test
from hls_mp4.packagers.mpegts.segment import segment_parts
from hls_mp4.plan import Plan, Transformed
from tests.films import Library
from tests.flvs import FlvLibrary
from tests.indexes import USUAL
from tests.judge import Shown, decode
from tests.media.test_presentation import presented
from tests.packagers.fmp4.played import assert_same_pictures, rendered
from tests.packagers.mpegts.made import PPS, SPS, Sample, film, picture, segments_of, sound_box, unit, video_box
from tests.packagers.mpegts.strict import Segment, read

FILMS = (
    *("h264", "moov-last", "fragmented", "no-edits", "negative-offsets", "no-b-frames", "open-gop", "ntsc", "hevc"),
    *("ac3", "eac3", "late-audio", "late-video", "shuffled", "gaps", "backwards", "long-gop"),
)
BASE = 10
"""Seconds that the clock shows when the timeline begins."""

TICK = Fraction(1, 90_000)


def muxed(presentation: Presentation) -> tuple[int, ...]:
    """Return the first picture and the first sound."""
    return tuple(number for number, each in enumerate(presentation.renditions) if each.number == 1)[:2]


def whole(presentation: Presentation, numbers: tuple[int, ...], *, strict: bool = True) -> Shown:
    """Return what FFmpeg shows of all segments, one behind the other."""
    return decode(b"".join(segments_of(presentation, numbers)), strict=strict)


@pytest.mark.parametrize("name", FILMS)
def test_the_picture_is_that_of_the_film(films: Library, name: str) -> None:
    """Every frame is there once, to the pixel, and at its time to the tick."""
    data = films.data(name)
    presentation = presented(data)
    original = decode(data, strict=False)
    shown = whole(presentation, muxed(presentation), strict=name != "open-gop")
    rendition = presentation.renditions[0]
    assert_same_pictures(original.videos[0], shown.videos[0], rendition, presentation.lead_ms + 1000 * BASE)


@pytest.mark.parametrize("name", [*FILMS, "audio-only", "two-audios"])
def test_the_sound_is_where_it_is_in_the_film(films: Library, name: str) -> None:
    """Sound begins as far from the picture as in the film, and every sample of it follows."""
    data = films.data(name)
    presentation = presented(data)
    original = decode(data, strict=False).sounds[0]
    sound = whole(presentation, muxed(presentation), strict=name != "open-gop").sounds[0]
    assert sound.rate == original.rate
    lead = BASE + Fraction(presentation.lead_ms, 1000)
    assert abs(sound.end - lead - original.end) <= Fraction(1, 2000)
    middle, there = sound.between(5 + lead, 6 + lead), original.between(Fraction(5), Fraction(6))
    width = min(middle.shape[1], there.shape[1]) - 40
    errors = {
        shift: float(np.abs(middle[:, 20 : width - 20] - there[:, 20 + shift : width - 20 + shift]).mean())
        for shift in range(-20, 21)
    }
    assert abs(min(errors, key=lambda shift: errors[shift])) <= 1


@pytest.mark.parametrize("name", ["h264", "mp3", "two-audios", "five-hours", "wrapping", "hevc"])
def test_flash_video_plays_too(flvs: FlvLibrary, name: str) -> None:
    """What container a film comes in makes no difference; nor does a recording whose clock ran for hours."""
    data = flvs.data(name)
    presentation = Presentation.of([Asset(index_bytes(FlvFormat().index(len(data), USUAL), data), data)])
    original = decode(flvs.data("h264") if name in ("five-hours", "wrapping") else data, strict=False)
    numbers = muxed(presentation)
    read(segments_of(presentation, numbers))
    shown = whole(presentation, numbers)
    assert [[each.number for each in video] for video in shown.videos] == [
        [each.number for each in video] for video in original.videos
    ]
    assert abs(shown.sounds[0].samples.shape[1] - original.sounds[0].samples.shape[1]) <= 2048
    if shown.videos:
        apart = original.videos[0][0].time - original.sounds[0].time
        assert abs(shown.videos[0][0].time - shown.sounds[0].time - apart) <= Fraction(1, 500)


@pytest.mark.parametrize("name", ["h264", "hevc", "open-gop", "ntsc", "audio-only", "ac3", "late-audio"])
def test_each_segment_plays_alone(films: Library, name: str) -> None:
    """A player that seeks has nothing but a segment: it begins with a key frame and all that a decoder needs."""
    presentation = presented(films.data(name))
    numbers = muxed(presentation)
    original = decode(films.data(name), strict=False)
    times = presentation.segments().times
    for number, data in enumerate(segments_of(presentation, numbers)):
        shown = decode(data, strict=name != "open-gop")
        assert len(shown.sounds) == 1
        if presentation.renditions[0].kind == "video":
            first = BASE + Fraction(int(times[number]), presentation.segments().timescale)
            (found,) = [each for each in shown.videos[0] if abs(each.time - first) <= TICK]
            pixels = {each.number: each.pixels for each in original.videos[0]}
            assert (found.pixels == pixels[found.number]).all()


@pytest.mark.parametrize("name", [*FILMS, "audio-only", "video-only", "two-audios"])
@pytest.mark.parametrize("policy", [SegmentPolicy(4000), SegmentPolicy(1000), SegmentPolicy(60_000)])
def test_the_stream_is_right_to_the_bit(films: Library, name: str, policy: SegmentPolicy) -> None:
    """Tables, clocks, counters across segments, times and lengths: nothing for a validator to find."""
    presentation = presented(films.data(name))
    presentation.policy = policy
    numbers = muxed(presentation)
    for chosen in {numbers, numbers[:1], numbers[1:]} - {()}:
        found = read(segments_of(presentation, chosen))
        for segment in found:
            assert segment.clocks
            pictures = segment.of(0x1B, 0x24)
            if pictures:
                assert pictures[0].random_access


def test_a_segment_begins_with_what_a_decoder_needs(films: Library) -> None:
    """Delimiter, parameter sets, key frame: in each segment, and at each key frame in it."""
    presentation = presented(films.data("h264"))
    for segment in read(segments_of(presentation, (0, 1))):
        for number, each in enumerate(segment.of(0x1B)):
            assert each.payload.startswith(b"\0\0\0\1\x09\xf0\0\0\0\1")
            key = number % 50 == 0
            assert each.random_access == key
            assert (each.payload[10] & 31 == 7) == key
            assert each.payload.count(b"\0\0\0\1\x09\xf0") == 1


def test_sound_is_told_what_it_is(films: Library) -> None:
    """Stream types and descriptors as Apple and ATSC have them."""
    for name, kind, tag in (("h264", 0x0F, None), ("ac3", 0x81, b"AC-3"), ("eac3", 0x87, b"EAC3")):
        (segment, *_) = read(segments_of(presented(films.data(name)), (1,)))
        (pid,) = segment.types
        assert segment.types[pid] == kind
        assert [data for number, data in segment.descriptors[pid] if number == 5] == ([tag] if tag else [])
        assert segment.units[0].stream_id == (0xC0 if kind == 0x0F else 0xBD)


def test_frames_share_packets(films: Library) -> None:
    """Sound beside pictures costs little more than its frames: headers are spread over fourteen of them."""
    presentation = presented(films.data("h264"))
    (segment, *_) = read(segments_of(presentation, (0, 1)))
    sounds = segment.of(0x0F)
    frames = [len(frames_of(each.payload)) for each in sounds]
    assert max(frames) == 14
    assert sum(each.packets for each in sounds) * 188 < 1.12 * sum(len(each.payload) for each in sounds)


NAL = st.integers(1, 700)
SAMPLES = st.lists(st.lists(NAL, min_size=1, max_size=4), min_size=1, max_size=25)


def units_of(payload: bytes) -> list[bytes]:
    """Return the NAL units of a byte stream whose units have no zeros in them, without zeros that follow them."""
    return [each.rstrip(b"\0") for each in payload.split(b"\0\0\0\1") if each.rstrip(b"\0")]


@st.composite
def made_up(draw: st.DrawFn, length_size: int = 4) -> tuple[Presentation, list[list[bytes]], list[bytes]]:
    """Return a film of any sizes and times, its NAL units and its frames of sound."""
    nal = st.integers(1, 255 if length_size == 1 else 700)
    shapes = draw(st.lists(st.lists(nal, max_size=4), max_size=25))
    units = [
        [unit(5 if not number else 1, size, number * 10 + at) for at, size in enumerate(sizes)]
        for number, sizes in enumerate(shapes)
    ]
    durations = draw(st.lists(st.sampled_from((3000, 3003, 0, 1, 20_000)), min_size=len(units), max_size=len(units)))
    offsets = draw(st.lists(st.sampled_from((0, 0, 3000, 6000)), min_size=len(units), max_size=len(units)))
    keys = draw(st.lists(st.booleans(), min_size=len(units), max_size=len(units)))
    pictures = [
        Sample(picture(nals, length_size), duration, offset, key or not number)
        for number, (nals, duration, offset, key) in enumerate(zip(units, durations, offsets, keys, strict=True))
    ]
    sizes = draw(st.lists(st.integers(0, 900), min_size=0 if pictures else 1, max_size=60))
    frames = [unit(1, size, 10_000 + number) if size else b"" for number, size in enumerate(sizes)]
    lasts = draw(st.sampled_from(((1024,), (1024,), (1024, 5000), (0, 1024))))
    sounds = [Sample(data, lasts[number % len(lasts)]) for number, data in enumerate(frames)]
    policy = SegmentPolicy(draw(st.sampled_from((100, 400, 60_000))), rule=draw(st.sampled_from(("nearest", "gop:1"))))
    try:
        made = film(pictures, sounds, policy=policy, boxes=(video_box(length_size), sound_box()))
    except UnsupportedMedia:
        reject()  # nothing in it lasts
    # What is over before it is shown is no part of the film; nor is a sample without bytes.
    carried = {each.kind: slice(each.first, each.stop) for each in made.renditions}
    nothing = slice(0, 0)
    return (
        made,
        [nals for nals in units[carried.get("video", nothing)] if nals],
        [data for data in frames[carried.get("audio", nothing)] if data],
    )


def frames_of(data: bytes) -> list[bytes]:
    """Return the frames in a run of ADTS, without their headers."""
    found = []
    while data:
        assert data[0] == 0xFF
        assert data[1] & 0xF6 == 0xF0
        size = (data[3] & 3) << 11 | data[4] << 3 | data[5] >> 5
        found.append(data[7:size])
        data = data[size:]
    return found


def contents(found: list[Segment]) -> tuple[list[list[bytes]], list[bytes]]:
    """Return the NAL units of the pictures, without delimiters and parameter sets, and the frames of sound."""
    pictures, frames = [], []
    for segment in found:
        for each in segment.of(0x1B):
            kept = [nal for nal in units_of(each.payload) if nal not in (b"\x09\xf0", SPS, PPS) and nal[0] != 12]
            pictures.append(kept)
        for each in segment.of(0x0F):
            frames += frames_of(each.payload)
    return pictures, frames


@settings(max_examples=150)
@given(made=made_up())
def test_any_film_comes_out_as_it_went_in(made: tuple[Presentation, list[list[bytes]], list[bytes]]) -> None:
    """Whatever sizes and times samples have, and however they are cut: every byte is there, lengths are as promised."""
    presentation, pictures, frames = made
    together = tuple(range(len(presentation.renditions)))
    for numbers in {together, together[:1], together[1:]} - {()}:
        found = read(segments_of(presentation, numbers), times=False)
        got = contents(found)
        kinds = {presentation.renditions[number].kind for number in numbers}
        assert got[0] == (pictures if "video" in kinds else [])
        assert got[1] == (frames if "audio" in kinds else [])


@settings(max_examples=60)
@given(length_size=st.sampled_from((1, 2, 3)), data=st.data())
def test_lengths_of_any_size_become_start_codes(length_size: int, data: st.DataObject) -> None:
    """Lengths of one, two or three bytes: the units are the same, what was kept for them is filled."""
    presentation, pictures, _ = data.draw(made_up(length_size))
    if presentation.renditions[0].kind == "video":
        assert contents(read(segments_of(presentation, (0,)), times=False))[0] == pictures


@settings(max_examples=40)
@given(made=made_up(), data=st.data())
def test_any_part_of_a_segment_is_that_part(
    made: tuple[Presentation, list[list[bytes]], list[bytes]], data: st.DataObject
) -> None:
    """A range of a segment is what it is in the whole, wherever it begins and ends."""
    presentation = made[0]
    numbers = tuple(range(len(presentation.renditions)))
    for number, segment in enumerate(segments_of(presentation, numbers)):
        start = data.draw(st.integers(0, len(segment)))
        stop = data.draw(st.integers(start, len(segment)))
        plan = Plan(segment_parts(presentation, numbers, number))
        assert rendered(plan.cut(start, stop)) == segment[start:stop]


def test_long_segments_are_made_in_pieces(films: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of an hour in one segment a slow client holds a megabyte: the bytes are those of a segment made at once."""
    presentation = presented(films.data("h264"))
    presentation.policy = SegmentPolicy(60_000)
    (once,) = segments_of(presentation, (0, 1))
    monkeypatch.setattr(under_test, "PIECE", 10_000)
    parts = segment_parts(presentation, (0, 1), 0)
    assert len(parts) > 10
    assert all(part.length < 10_000 + 4000 for part in parts)  # but for the unit that fills one up
    assert all(isinstance(part, Transformed) and len(part.inputs) <= 2 for part in parts[1:])
    assert rendered(Plan(parts)) == once


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        (b"\0\0\1\0" + bytes(20), "a NAL unit of 256 bytes in 20 bytes"),
        (b"\xff\xff\xff\xff\1", "a NAL unit of 4294967295 bytes"),
        (b"\0\0\0\1\5\7\7", "2 bytes that are no NAL unit"),
        (b"\5", "1 bytes that are no NAL unit"),
    ],
)
@pytest.mark.parametrize("length_size", [4, 2])
def test_a_sample_that_makes_no_sense_is_not_sent(wrong: bytes, reason: str, length_size: int) -> None:
    """A length beyond its sample: the connection ends, and whoever reads the log knows why."""
    good = picture([unit(5, 100, 1)], length_size)
    if length_size == 2:
        wrong = b"\xff\xff\1"
        reason = "a NAL unit of 65535 bytes in 1 bytes"
    presentation = film([Sample(good, 3000), Sample(wrong, 3000)], [], boxes=(video_box(length_size), sound_box()))
    with pytest.raises(MalformedMedia, match=reason):
        rendered(Plan(segment_parts(presentation, (0,), 0)))


def test_delimiters_of_the_film_are_not_doubled() -> None:
    """A film that has delimiters keeps one for each picture, before the parameter sets."""
    sizes = range(1, 400)
    own = [[b"\x09\x10", unit(5, size, size)] for size in sizes]
    presentation = film([Sample(picture(nals), 3000) for nals in own], [], policy=SegmentPolicy(60_000))
    (segment,) = read(segments_of(presentation, (0,)))
    for each, nals in zip(segment.units, own, strict=True):
        assert units_of(each.payload.lstrip(b"\0")) == [b"\x09\xf0", SPS, PPS, nals[1]] or units_of(
            b"\0\0\0\1" + each.payload.lstrip(b"\0\1")
        ) == [b"\x09\xf0", SPS, PPS, nals[1]]


def test_slow_pictures_leave_no_gap_in_the_clock() -> None:
    """A picture a second, or one for all of a song: the clock is told ten times a second."""
    slow = [Sample(picture([unit(5, 5000, number)]), 90_000) for number in range(5)]
    sounds = [Sample(unit(1, 300, number), 1024) for number in range(500)]
    for pictures in (slow, slow[:1]):
        presentation = film(pictures, sounds, policy=SegmentPolicy(2000))
        found = read(segments_of(presentation, (0, 1)))
        assert sum(len(segment.clocks) for segment in found) >= 10 * 5
        read(segments_of(presentation, (0,)))
    rare = [Sample(unit(1, 300, number), 8000) for number in range(50)]
    read(segments_of(film([], rare, timescales=(90_000, 8000)), (0,)))


def test_the_clock_wraps_around() -> None:
    """A film of more than a day: 33 bits are written, and differences stay what they are."""
    day = [Sample(picture([unit(5, 100, number)]), 90_000 * 3600) for number in range(30)]
    presentation = film(day, [], policy=SegmentPolicy(rule="gop:1"))
    found = read(segments_of(presentation, (0,))[25:28], clocks=False)
    stamps = [segment.units[0].dts for segment in found]
    assert stamps[0] == (900_000 + 25 * 3600 * 90_000) % (1 << 33)
    assert stamps[2] < stamps[0]


@pytest.mark.parametrize("name", ["two-audios", "two-videos"])
def test_tracks_that_do_not_go_together_are_refused(films: Library, name: str) -> None:
    """One picture and one sound are in a segment; other sounds have segments of their own."""
    presentation = presented(films.data(name))
    with pytest.raises(UnsupportedMedia, match="one video and one sound"):
        segment_parts(presentation, tuple(range(len(presentation.renditions))), 0)


def test_films_do_not_go_together(films: Library) -> None:
    """The picture of one film and the sound of another are not one stream of bytes."""
    presentation = presented(films.data("video-only"), films.data("audio-only"))
    with pytest.raises(UnsupportedMedia, match="made of one film"):
        segment_parts(presentation, (0, 1), 0)


def test_channels_without_a_number_are_heard(films: Library) -> None:
    """A sound whose channels a program config element tells is that sound, in each segment by itself."""
    data = films.data("audio-only")
    samples = presented(data).renditions[0].track.samples
    frames = [data[samples.offset(number) :][: samples.size(number)] for number in range(200)]
    sounds = [Sample(frame, 1024) for frame in frames]
    # LC, 44.1 kHz, no configuration number; one element in front, a single channel; no comment.
    bits = "00010 0100 0000 000" + "0000 01 0100 0001 0000 0000 00 000 0000 000" + "0 0000"
    specific = bits.replace(" ", "")
    specific += "0" * (-len(specific) % 8) + "0" * 8
    told = sound_box(int(specific, 2).to_bytes(len(specific) // 8, "big"))
    mono = film([], sounds, boxes=(None, sound_box(b"\x12\x08")), policy=SegmentPolicy(2000))
    other = film([], sounds, boxes=(None, told), policy=SegmentPolicy(2000))
    assert np.array_equal(whole(mono, (0,)).sounds[0].samples, whole(other, (0,)).sounds[0].samples)
    for segment in segments_of(other, (0,)):
        assert decode(segment).sounds[0].samples.shape[1] > 20_000
