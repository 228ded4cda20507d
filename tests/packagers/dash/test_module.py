"""DASH as players get it: a reader of manifests of the tests' own, and FFmpeg for the media."""

from __future__ import annotations

import re
import shutil
import subprocess
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from zope.interface.verify import verifyObject

from hls_mp4.codecs.configuration import Configuration
from hls_mp4.errors import StreamingError, UnsupportedMedia
from hls_mp4.interfaces import IPackagerModule
from hls_mp4.media.presentation import Presentation
from hls_mp4.media.segments import SegmentPolicy
from hls_mp4.media.texts import Cue, Text
from hls_mp4.packagers import description
from hls_mp4.packagers.dash.module import DashModule
from hls_mp4.packagers.dash.settings import DashSettings
from tests.films import Library
from tests.flvs import FlvLibrary
from tests.indexes import indexed
from tests.judge import Shown, decode
from tests.media.test_presentation import presented
from tests.packagers.dash.player import assert_same_pictures, assert_same_sound, offset_of, played
from tests.packagers.dash.saved import Offered, answered, body_of, flash, offered, save

PICTURES = (
    "h264",
    "moov-last",
    "fragmented",
    "no-edits",
    "negative-offsets",
    "no-b-frames",
    "open-gop",
    "ntsc",
    "hevc",
)
OTHERS = ("av1", "vp9-opus", "late-video", "late-audio", "shuffled", "hybrid", "rotated", "gaps")
SOUNDS = ("h264", "fragmented", "no-edits", "vp9-opus", "ac3", "eac3", "late-audio", "audio-only", "two-audios")


def manifest_of(presentation: Presentation, **configured: str) -> list[Offered]:
    """Return what a manifest offers."""
    return offered(body_of(presentation, "manifest.mpd", **configured).decode())


def originals(data: bytes) -> Shown:
    """Return what FFmpeg shows of a film."""
    return decode(data, strict=False)


def test_it_is_a_packager() -> None:
    """It provides what the web asks of one."""
    verifyObject(IPackagerModule, DashModule())


@pytest.mark.parametrize("profile", ["live", "on-demand"])
@pytest.mark.parametrize("name", [*PICTURES, *OTHERS])
def test_the_picture_is_that_of_the_film(films: Library, name: str, profile: str) -> None:
    """Every frame is shown once, at its time from the begin of the film, to the pixel."""
    data = films.data(name)
    presentation = presented(data)
    presentation.policy = SegmentPolicy(2000)
    (video,) = (each for each in manifest_of(presentation, profile=profile) if each.id.startswith("v"))
    shown = played(
        video, lambda url: body_of(presentation, url, profile=profile), strict=name not in ("open-gop", "vp9-opus")
    )
    assert_same_pictures(originals(data).videos[0], shown.videos[0])


@pytest.mark.parametrize("template", ["time", "number"])
@pytest.mark.parametrize("name", SOUNDS)
def test_the_sound_is_where_it_is_in_the_film(films: Library, name: str, template: str) -> None:
    """So are all sounds, in every language; what is heard first is never noise of priming."""
    data = films.data(name)
    presentation = presented(data)
    sounds = [each for each in manifest_of(presentation, template=template) if each.id.startswith("a")]
    assert len(sounds) == len(originals(data).sounds)
    for each, original in zip(sounds, originals(data).sounds, strict=True):
        shown = played(each, lambda url: body_of(presentation, url, template=template)).sounds[0]
        assert_same_sound(original, shown)


@pytest.mark.parametrize("name", ["h264", "hevc", "ac3", "two-audios"])
def test_flash_video_plays_too(flvs: FlvLibrary, name: str) -> None:
    """FLV is a film like any other, as far from picture to sound as it says."""
    data = flvs.data(name)
    presentation = flash(data)
    whole = originals(data)
    for each in manifest_of(presentation):
        shown = played(each, lambda url: body_of(presentation, url))
        if each.id.startswith("v"):
            assert [one.number for one in shown.videos[0]] == [one.number for one in whole.videos[0]]
            apart = shown.videos[0][0].time - whole.videos[0][0].time
            assert all(
                abs(after.time - before.time - apart) < Fraction(1, 400)
                for before, after in zip(whole.videos[0], shown.videos[0], strict=True)
            )
        else:
            heard = whole.sounds[int(each.id[1:]) - 1]
            assert abs(shown.sounds[0].end - heard.end) < Fraction(1, 10)


@pytest.mark.parametrize("name", ["h264", "ntsc", "late-video", "late-audio", "two-videos", "two-audios", "no-edits"])
def test_segments_are_what_the_timeline_says(films: Library, name: str) -> None:
    """No gap, no overlap; each decodes with its init segment alone, and shows just what lies in its time."""
    presentation = presented(films.data(name))
    presentation.policy = SegmentPolicy(2000)
    for each in manifest_of(presentation):
        assert all(one.end == two.begin for one, two in zip(each.segments, each.segments[1:], strict=False))
        init = body_of(presentation, each.init)
        for segment in each.segments:
            shown = decode(init + body_of(presentation, segment.url))
            if shown.videos:
                times = [picture.time - offset_of(each) for picture in shown.videos[0]]
                assert abs(min(times) - segment.begin) < Fraction(1, 1000)
                assert max(times) < segment.end
            else:
                sound = shown.sounds[0]
                assert abs(sound.time - offset_of(each) - segment.begin) < Fraction(1, 20)
                assert abs(sound.end - offset_of(each) - segment.end) < Fraction(1, 20)


@pytest.mark.parametrize("profile", ["live", "on-demand"])
@pytest.mark.parametrize("name", ["h264", "two-audios", "two-videos", "audio-only", "video-only", "vp9-opus"])
def test_everything_that_is_named_is_there(films: Library, tmp_path: Path, name: str, profile: str) -> None:
    """The manifest leads to no 404; types are told, bodies are told apart."""
    presentation = presented(films.data(name))
    presentation.texts = (Text((Cue(500, 5000, "One"),), "de"),)
    save(presentation, tmp_path, profile=profile)
    variants = set()
    for path in tmp_path.iterdir():
        delivery = answered(presentation, path.name, profile=profile)
        assert delivery.content_type
        assert delivery.cache in ("manifest", "init", "segment")
        assert delivery.variant
        variants.add((delivery.content_type, delivery.variant))
    bodies = {path.read_bytes() for path in tmp_path.iterdir()}
    assert len(variants) == len(bodies)


@pytest.mark.parametrize(
    "name",
    [
        *("fragment-4-v1.m4s", "fragment-0-v1.m4s", "fragment-t1-v1.m4s", "fragment-t99999999-a1.m4s", "init-v2.mp4"),
        *("init-f2-v1.mp4", "init-t1.mp4", "fragment-1-t1.m4s", "text-t1.vtt", "init-s1.mp4", "fragment-1-a9.m4s"),
        *("clearkey.json", "fragment-9223372036854775808-v1.m4s", "fragment-t9999999999999999999-a1.m4s"),
    ],
)
def test_what_is_not_there_is_not_found(films: Library, name: str) -> None:
    """404, and not the nearest thing."""
    with pytest.raises(StreamingError) as raised:
        answered(presented(films.data("texts")), name)
    assert raised.value.status_hint == 404


@given(st.text("manifestrgpdclkyjo0123456789-.uavtw", max_size=30), st.sampled_from(("live", "on-demand")))
def test_other_names_are_left_to_others(name: str, profile: str) -> None:
    """Only names of DASH are claimed: everything else below a film may be somebody's."""
    match = DashModule().match(name, b"", DashSettings(profile=profile))
    assert match is None or name.endswith((".mpd", ".m4s", ".vtt", ".mp4", ".json"))


def test_files_of_renditions_are_there_where_they_are_offered(films: Library) -> None:
    """v1.mp4 is DASH's with `dash_profile on-demand` alone."""
    assert DashModule().match("v1.mp4", b"", DashSettings()) is None
    assert DashModule().match("v1.mp4", b"", DashSettings(profile="on-demand")) is not None


def test_arguments_are_carried_on(films: Library) -> None:
    """A token that the manifest was asked for with is asked for with everything in it, whatever it is made of."""
    presentation = presented(films.data("h264"))
    presentation.texts = (Text((Cue(500, 5000, "One"),), "de"),)
    presentation.forward = "token=a$b&x=<1>&y=$Time$"
    for configured in ({}, {"profile": "on-demand"}, {"template": "number"}, {"texts": "vtt"}):
        for each in manifest_of(presentation, **configured):
            urls = [each.init, each.file, *(segment.url for segment in each.segments)]
            assert all(url.endswith("?token=a$b&x=<1>&y=$Time$") for url in urls if url)


def test_what_cannot_be_told_is_left_out_loudly(flvs: FlvLibrary) -> None:
    """Sorenson's video has no place in MP4: its sound plays, and the log hears of it."""
    presentation = flash(flvs.data("sorenson"))
    for _ in range(2):
        assert "video track 1 is left out" in answered(presentation, "manifest.mpd").complaint
    assert [each.id for each in manifest_of(presentation)] == ["a1"]
    with pytest.raises(UnsupportedMedia):
        answered(presentation, "init-v1.mp4")


def test_nothing_left_is_said_clearly(flvs: FlvLibrary) -> None:
    """415: there is a film, and not one for DASH."""
    with pytest.raises(UnsupportedMedia, match="left out") as raised:
        answered(flash(flvs.data("nellymoser")), "manifest.mpd")
    assert raised.value.status_hint == 415


def test_manifests_are_written_once(films: Library) -> None:
    """Whoever asks again gets the same answer, without a thread and without writing it anew."""
    presentation = presented(films.data("h264"))
    module = DashModule()
    for profile, names in (("live", ["manifest.mpd"]), ("on-demand", ["v1.mp4", "manifest.mpd"])):
        configured = DashSettings(enabled=True, profile=profile)
        for name in names:
            match = module.match(name, b"", configured)
            assert match is not None
            assert module.takes_long(presentation, match, configured)
            first = module.respond(presentation, match, configured, 0.0)
            assert not module.takes_long(presentation, match, configured)
            again = module.respond(presentation, match, configured, 1.0)
            assert again.variant == first.variant
            assert again.plan == first.plan or name == "v1.mp4"


POLICIES = st.builds(
    SegmentPolicy,
    st.integers(200, 15_000),
    st.lists(st.integers(200, 5000), max_size=2).map(tuple),
    st.sampled_from(("nearest", "at_least", "gop:1", "gop:3")),
)


@settings(max_examples=25)
@given(
    POLICIES,
    st.sampled_from(("h264", "ntsc", "late-audio", "two-videos", "negative-offsets")),
    st.sampled_from(("time", "number")),
)
def test_any_policy_gives_the_same_film(films: Library, policy: SegmentPolicy, name: str, template: str) -> None:
    """However it is cut: the timeline has no holes, every URL answers, and all samples are sent once."""
    presentation = presented(films.data(name))
    presentation.policy = policy
    for each in manifest_of(presentation, template=template):
        assert all(one.end == two.begin for one, two in zip(each.segments, each.segments[1:], strict=False))
        assert all(one.begin < one.end for one in each.segments)
        rendition = next(one for one in presentation.renditions if f"{one.kind[0]}{one.number}" == each.id)
        media = sum(len(body_of(presentation, one.url, template=template)) for one in each.segments)
        assert (
            rendition.bytes
            < media
            < rendition.bytes + 30 * (rendition.stop - rendition.first) + 200 * len(each.segments)
        )
        end = Fraction(rendition.end, rendition.track.timescale) - offset_of(each)
        assert each.segments[-1].end == end


@pytest.mark.skipif(shutil.which("ffmpeg") is None, reason="needs the ffmpeg command: PyAV's has no client of DASH")
@pytest.mark.parametrize("profile", ["live", "on-demand"])
@pytest.mark.parametrize("name", ["h264", "ntsc", "two-audios"])
def test_ffmpeg_plays_it(films: Library, tmp_path: Path, name: str, profile: str) -> None:
    """Its client of DASH reads the manifest and shows all frames."""
    presentation = presented(films.data(name))
    path = save(presentation, tmp_path, profile=profile)
    told = subprocess.run(
        ["ffmpeg", "-v", "error", "-i", path.name, "-map", "0:v:0", "-f", "framemd5", "-"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert not told.stderr
    frames = re.findall(r"^0,.*", told.stdout, re.MULTILINE)
    assert len(frames) == len(originals(films.data(name)).videos[0])


def test_tracks_of_ttml_are_handed_on(films: Library) -> None:
    """As they are, on the clock of the film, for their documents tell its times; other texts are not."""
    data = films.data("texts")
    presentation = presented(data)
    track = presentation.renditions[2].track
    assert not any(each.id == "s1" for each in manifest_of(presentation))
    track.codec = "stpp"
    description._CONFIGURATIONS[track] = Configuration("stpp", False, {"mime": bytes(4) + b"application/ttml+xml"})
    presentation = presented_again(presentation)
    (document,) = (each for each in manifest_of(presentation) if each.id == "s1")
    assert document.attributes["mimeType"] == "application/mp4"
    assert (document.attributes["contentType"], offset_of(document)) == ("text", 0)
    assert document.segments[0].begin == 0
    whole = body_of(presentation, document.init) + b"".join(
        body_of(presentation, segment.url) for segment in document.segments
    )
    (made,) = indexed(whole).tracks
    assert made.samples.count == presentation.renditions[2].stop - presentation.renditions[2].first
    assert [made.samples.size(number) for number in range(5)] == [track.samples.size(number) for number in range(5)]
    times = [made.samples.decode_time(number) - made.samples.decode_time(0) for number in range(5)]
    assert times == [track.samples.decode_time(number) for number in range(5)]


def presented_again(presentation: Presentation) -> Presentation:
    """Return the presentation of the same films, without what was kept."""
    return Presentation.of(presentation.assets, presentation.policy)
