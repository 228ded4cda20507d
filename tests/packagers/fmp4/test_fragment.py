"""Media segments, judged by FFmpeg."""

from __future__ import annotations

from fractions import Fraction

import pytest

from hls_mp4.errors import UnsupportedMedia
from hls_mp4.media.segments import SegmentPolicy
from hls_mp4.packagers.fmp4.fragment import Run, media_segment, moof
from hls_mp4.packagers.fmp4.init import init_segment
from tests import boxes
from tests.films import Library
from tests.judge import decode
from tests.media.test_presentation import presented
from tests.packagers.fmp4.played import assert_same_pictures, played, segments_of

VIDEO = ("h264", "moov-last", "fragmented", "no-edits", "negative-offsets", "no-b-frames", "open-gop", "ntsc", "hevc")
OTHERS = (
    "av1",
    "vp9-opus",
    "late-video",
    "shuffled",
    "co64",
    "compact-sizes",
    "gaps",
    "hybrid",
    "rotated",
    "big-chunks",
)


@pytest.mark.parametrize("name", [*VIDEO, *OTHERS])
def test_the_picture_is_that_of_the_film(films: Library, name: str) -> None:
    """Every frame is there once, at its time, to the pixel: what is played in pieces is the film."""
    data = films.data(name)
    presentation = presented(data)
    (rendition,) = presentation.of_kind("video")
    original = decode(data, strict=False)
    shown = played(presentation, presentation.renditions.index(rendition), strict=name != "open-gop")
    assert_same_pictures(original.videos[0], shown.videos[0], rendition, presentation.lead_ms)


@pytest.mark.parametrize(
    "name", ["h264", "fragmented", "no-edits", "vp9-opus", "ac3", "eac3", "late-audio", "audio-only"]
)
def test_the_sound_is_where_it_is_in_the_film(films: Library, name: str) -> None:
    """The distance of sound from picture is the film's, to a hundredth of a second and better."""
    data = films.data(name)
    presentation = presented(data)
    (rendition,) = presentation.of_kind("audio")
    original = decode(data).sounds[0]
    sound = played(presentation, presentation.renditions.index(rendition)).sounds[0]
    assert sound.rate == original.rate
    lead = Fraction(presentation.lead_ms, 1000)
    assert abs(sound.end - lead - original.end) < Fraction(1, 20)
    # A second from the middle of the film, decoders having settled.
    middle = sound.between(5 + lead, 6 + lead)
    errors = {
        shift: float(abs(middle - original.between(at, at + 1)[:, : middle.shape[1]]).mean())
        for shift in range(-60, 61, 4)
        for at in (Fraction(5) + Fraction(shift, original.rate),)
    }
    assert min(errors, key=lambda shift: errors[shift]) == 0


@pytest.mark.parametrize("name", ["h264", "hevc", "open-gop", "ntsc"])
def test_each_segment_plays_alone(films: Library, name: str) -> None:
    """After a seek a player has an init segment and one media segment: that begins with a key frame and decodes."""
    presentation = presented(films.data(name))
    (rendition,) = presentation.of_kind("video")
    init = init_segment([rendition])
    times = presentation.segments().times
    for number, segment in enumerate(segments_of(presentation, presentation.renditions.index(rendition))):
        shown = decode(init + segment, strict=name != "open-gop").videos[0]
        first = Fraction(int(times[number]), presentation.segments().timescale)
        assert min(abs(picture.time - first) for picture in shown) <= Fraction(1, 500)


def test_what_all_samples_have_is_said_once(films: Library) -> None:
    """A segment of sound costs eight bytes a frame of header at most: sizes, and nothing else."""
    presentation = presented(films.data("h264"))
    sound = presentation.renditions[1]
    parts = presentation.segments().parts[1].tolist()
    made = moof(Run.of(sound, parts[0], parts[1]), 1)
    assert len(made) < 120 + 8 * (parts[1] - parts[0])


def test_segments_are_numbered_and_follow_each_other(films: Library) -> None:
    """Sequence numbers count from 1, decode times have no gap and no overlap."""
    presentation = presented(films.data("ntsc"))
    for number in (0, 1):
        at = None
        parts = presentation.segments().parts[number].tolist()
        for sequence, segment in enumerate(segments_of(presentation, number), 1):
            tree = boxes.tree(segment)
            assert [box.kind for box in tree.children] == [b"moof", b"mdat"]
            moof_box = tree.need("moof")
            assert int.from_bytes(moof_box.need("mfhd").payload[4:8], "big") == sequence
            begin = int.from_bytes(moof_box.need("traf/tfdt").payload[4:12], "big")
            run = Run.of(presentation.renditions[number], parts[sequence - 1], parts[sequence])
            assert at in (None, begin)
            at = begin + run.duration


def test_several_descriptions_in_a_segment_are_refused(films: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    """A traf has one sample description: what would need two is not told wrongly."""
    presentation = presented(films.data("h264"))
    rendition = presentation.renditions[0]
    monkeypatch.setattr(type(rendition.track.samples), "descriptions", lambda *_: [1, 2])
    with pytest.raises(UnsupportedMedia, match="several descriptions"):
        media_segment(rendition, None, 0, 100, 1)


def test_any_policy_gives_the_same_film(films: Library) -> None:
    """Long segments or short ones: the frames are the same."""
    data = films.data("h264")
    original = decode(data).videos[0]
    for policy in (SegmentPolicy(1000), SegmentPolicy(60_000), SegmentPolicy(4000, (2000,), "at_least")):
        presentation = presented(data)
        presentation.policy = policy
        assert_same_pictures(
            original, played(presentation, 0).videos[0], presentation.renditions[0], presentation.lead_ms
        )
