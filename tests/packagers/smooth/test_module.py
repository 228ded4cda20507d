"""Smooth Streaming as a strict client gets it, judged by FFmpeg."""

from __future__ import annotations

import struct
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from zope.interface.verify import verifyObject

from hls_mp4.errors import StreamingError
from hls_mp4.interfaces import Asset, Delivery, IEncryptingModule, IPackagerModule
from hls_mp4.media.presentation import Presentation
from hls_mp4.media.segments import SegmentPolicy
from hls_mp4.media.texts import Cue, Text
from hls_mp4.packagers.smooth.module import SmoothModule
from hls_mp4.packagers.smooth.names import parse_name
from hls_mp4.packagers.smooth.settings import SmoothSettings
from tests import boxes
from tests.containers.flv.indexes import indexed
from tests.films import Library
from tests.flvs import FlvLibrary
from tests.judge import Sound, decode
from tests.media.test_presentation import presented
from tests.packagers.fmp4.played import assert_same_pictures
from tests.packagers.smooth.client import Client, chunk_url, init_segment, read_moof, seconds
from tests.packagers.smooth.served import answered, body, client_of

VIDEO = (
    *("h264", "moov-last", "fragmented", "no-edits", "negative-offsets", "no-b-frames", "open-gop", "ntsc", "hevc"),
    *("late-video", "shuffled", "co64", "compact-sizes", "gaps", "hybrid", "rotated", "big-chunks", "video-only"),
)
SOUND = ("h264", "fragmented", "no-edits", "eac3", "late-audio", "audio-only", "ntsc")


def test_it_is_a_packager() -> None:
    """It provides what the web asks of one."""
    verifyObject(IPackagerModule, SmoothModule())
    verifyObject(IEncryptingModule, SmoothModule())


@pytest.mark.parametrize("name", VIDEO)
def test_the_picture_is_that_of_the_film(films: Library, name: str) -> None:
    """Every frame is there once, at its time, to the pixel, with no more known of the codec than the manifest says."""
    data = films.data(name)
    presentation = presented(data)
    client = client_of(presentation)
    (stream,) = client.manifest.of_kind("video")
    shown = client.played(stream, stream.levels[0], strict=name != "open-gop")
    (rendition,) = presentation.of_kind("video")
    original = decode(data, strict=False)
    assert_same_pictures(original.videos[0], shown.videos[0], rendition, presentation.lead_ms)


@pytest.mark.parametrize("name", ["indexed", "hevc"])
def test_flash_video_is_played_too(flvs: FlvLibrary, name: str) -> None:
    """A film of another container is told in the same words."""
    data = flvs.data(name)
    presentation = Presentation.of([Asset(indexed(data), data)])
    client = client_of(presentation)
    (stream,) = client.manifest.of_kind("video")
    original = decode(data, strict=False).videos[0]
    shown = client.played(stream, stream.levels[0]).videos[0]
    assert [picture.number for picture in shown] == [picture.number for picture in original]
    assert all((one.pixels == other.pixels).all() for one, other in zip(original, shown, strict=True))


def assert_same_sound(original: Sound, heard: Sound, lead: Fraction) -> None:
    """Assert that a second in the middle of a film sounds the same, to the sample, at its time."""
    assert heard.rate == original.rate
    assert abs(heard.end - lead - original.end) < Fraction(1, 20)
    middle = heard.between(5 + lead, 6 + lead)
    errors = {}
    for shift in range(-60, 61, 4):
        at = 5 + Fraction(shift, original.rate)
        errors[shift] = float(np.abs(middle - original.between(at, at + 1)[:, : middle.shape[1]]).mean())
    assert min(errors, key=lambda shift: errors[shift]) == 0


@pytest.mark.parametrize("name", SOUND)
def test_the_sound_is_where_it_is_in_the_film(films: Library, name: str) -> None:
    """The distance of sound from picture is the film's: both are as late as the timeline begins."""
    data = films.data(name)
    presentation = presented(data)
    client = client_of(presentation)
    (stream,) = client.manifest.of_kind("audio")
    heard = client.played(stream, stream.levels[0]).sounds[0]
    assert_same_sound(decode(data).sounds[0], heard, Fraction(presentation.lead_ms, 1000))


@pytest.mark.parametrize("name", ["h264", "hevc", "open-gop", "ntsc"])
def test_each_chunk_plays_alone(films: Library, name: str) -> None:
    """After a seek a player has one chunk: it begins with a key frame, and decodes."""
    client = client_of(presented(films.data(name)))
    (stream,) = client.manifest.of_kind("video")
    for fragment in client.fragments(stream, stream.levels[0]):
        assert fragment.samples[0].sync
        shown = decode(init_segment(stream, stream.levels[0]) + fragment.raw, strict=name != "open-gop").videos[0]
        assert abs(shown[0].time - seconds(fragment.samples[0].shown)) < Fraction(1, 1000) or name == "open-gop"


POLICIES = st.builds(
    SegmentPolicy,
    st.integers(100, 20_000),
    st.lists(st.integers(100, 5000), max_size=3).map(tuple),
    st.sampled_from(["nearest", "at_least", "gop:1", "gop:3"]),
)
EVERY_KIND = ("h264", "ntsc", "two-audios", "late-audio", "open-gop", "eac3", "negative-offsets", "audio-only")


@settings(deadline=None, max_examples=25)
@given(st.sampled_from(EVERY_KIND), POLICIES, st.sampled_from(["2.0", "2.2"]))
def test_any_policy_tells_the_truth(films: Library, name: str, policy: SegmentPolicy, version: str) -> None:
    """However a film is cut: what the manifest says of a chunk, its fragment says too, and no sample is lost."""
    presentation = presented(films.data(name))
    presentation.policy = policy
    client = client_of(presentation, version=version)
    for stream in client.manifest.streams:
        for level in stream.levels:
            fragments = client.fragments(stream, level)
            samples = [sample for fragment in fragments for sample in fragment.samples]
            carried = [each for each in presentation.of_kind(stream.kind) if each.stop - each.first == len(samples)]
            assert any(sum(sample.size for sample in samples) == each.bytes for each in carried)
            assert all(sample.duration > 0 for sample in samples)
            assert max(sample.shown for sample in samples) < client.manifest.duration


@pytest.mark.parametrize("name", ["h264", "ntsc", "eac3"])
def test_the_other_nouns(films: Library, name: str) -> None:
    """FragmentInfo and RawFragments are the two halves of a fragment; KeyFrames begins as it does, and stops there."""
    presentation = presented(films.data(name))
    client = client_of(presentation)
    for stream in client.manifest.streams:
        level = stream.levels[0]
        for (time, duration), whole in zip(stream.chunks, client.fragments(stream, level), strict=True):
            assert body(presentation, chunk_url(stream, level, time, "FragmentInfo")) == whole.moof
            assert body(presentation, chunk_url(stream, level, time, "RawFragments")) == whole.data
            key = boxes.tree(body(presentation, chunk_url(stream, level, time, "KeyFrames")))
            assert [box.kind for box in key.children] == [b"moof", b"mdat"]
            (sample,), (size,) = read_moof(key.children[0], time, duration)
            assert bytes(key.children[1].payload) == whole.data[:size]
            assert (sample.sync, sample.shown) == (True, whole.samples[0].shown)


def test_key_frames_decode_alone(films: Library) -> None:
    """Trick play: each key frame, for as long as its chunk lasts."""
    data = films.data("h264")
    client = client_of(presented(data))
    (stream,) = client.manifest.of_kind("video")
    level = stream.levels[0]
    keys = b"".join(client.fetch(chunk_url(stream, level, time, "KeyFrames")) for time, _ in stream.chunks)
    shown = decode(init_segment(stream, level) + keys).videos[0]
    assert [picture.number for picture in shown] == [0, 100, 200]


@pytest.mark.parametrize(
    "url",
    [
        *("QualityLevels({b})/Fragments(video=1)", "QualityLevels({b})/Fragments(video=39999999)"),
        *("QualityLevels({b})/Fragments(video=120000000)", "QualityLevels({b})/Fragments(video=99999999999999999999)"),
        *("QualityLevels(1)/Fragments(video=0)", "QualityLevels({b})/Fragments(audio=0)"),
        *("QualityLevels({b})/Fragments(texts=0)", "QualityLevels({b})/KeyFrames(video=7)"),
    ],
)
def test_what_is_not_there_is_not_found(films: Library, url: str) -> None:
    """404 for a time between two chunks, an unknown bit rate or name: not the nearest thing."""
    presentation = presented(films.data("h264"))
    (stream,) = client_of(presentation).manifest.of_kind("video")
    with pytest.raises(StreamingError) as raised:
        answered(presentation, url.format(b=stream.levels[0].bitrate))
    assert raised.value.status_hint == 404


@pytest.mark.parametrize("name", ["vp9-opus", "pcm-mov"])
def test_what_cannot_be_told_is_left_out(films: Library, name: str) -> None:
    """The log says what is missing and why; where nothing is left, that is the answer: 415."""
    presentation = presented(films.data(name))
    if name == "vp9-opus":
        with pytest.raises(
            StreamingError, match=r"video track 1 is left out: .*vp09.*; audio track 1 is left out: .*Opus"
        ) as raised:
            answered(presentation, "Manifest")
        assert raised.value.status_hint == 415
    else:
        delivery = answered(presentation, "Manifest")
        assert "audio track 1 is left out" in delivery.complaint
        assert not client_of(presentation).manifest.of_kind("audio")


@settings(deadline=None, max_examples=25)
@given(st.sampled_from(["stts", "ctts"]), st.sampled_from([0, 1, 7, 10**6, 2**31 - 1, 2**31, 2**32 - 16]))
def test_times_that_make_no_sense(films: Library, table: str, value: int) -> None:
    """Whatever a film says of its times, it is refused or told without a contradiction."""
    data = bytearray(films.data("h264"))
    at = data.find(table.encode())
    while at >= 0:
        (count,) = struct.unpack_from(">I", data, at + 8)
        for row in range(count):
            struct.pack_into(">I", data, at + 16 + 8 * row, value)
        at = data.find(table.encode(), at + 1)
    try:
        client = client_of(presented(bytes(data)))
        for stream in client.manifest.streams:
            client.fragments(stream, stream.levels[0])
    except StreamingError as refused:
        assert str(refused)


def test_every_body_has_a_type_and_a_mark_of_its_own(films: Library) -> None:
    """Types, cache classes, and ETags that differ."""
    presentation = presented(films.data("h264"))
    presentation.texts = (Text((Cue(0, 900, "One"),)),)
    manifest = answered(presentation, "Manifest")
    assert (manifest.content_type, manifest.cache, manifest.complaint) == ("text/xml; charset=utf-8", "manifest", "")
    seen = {manifest.variant, answered(presentation, "Manifest", version="2.0").variant}
    count = 2
    types = {"video": "video/mp4", "audio": "audio/mp4", "text": "application/mp4"}
    for stream in client_of(presentation).manifest.streams:
        for noun in ("Fragments", "FragmentInfo", "RawFragments", "KeyFrames"):
            if stream.kind == "text" and noun == "KeyFrames":
                continue  # the same bytes as the fragment
            delivery = answered(presentation, chunk_url(stream, stream.levels[0], stream.chunks[0][0], noun))
            raw = noun == "RawFragments"
            assert delivery.content_type == ("application/octet-stream" if raw else types[stream.kind])
            assert delivery.cache == "segment"
            seen.add(delivery.variant)
            count += 1
    assert len(seen) == count


def test_arguments_are_carried_on(films: Library) -> None:
    """A token that the manifest was asked for with is asked for with every chunk, and cannot break the manifest."""
    presentation = presented(films.data("h264"))
    presentation.forward = 'token=a&x="<{bitrate}>'
    client = client_of(presentation)
    for stream in client.manifest.streams:
        url = chunk_url(stream, stream.levels[0], 7)
        assert url.endswith("=7)?token=a&x=%22%3C%7Bbitrate%7D%3E")


def test_only_new_manifests_take_long(films: Library) -> None:
    """A manifest is written in a thread, once; chunks are told where they lie at once."""
    presentation = presented(films.data("h264"))
    module, configured = SmoothModule(), SmoothSettings(enabled=True)
    asked = parse_name("Manifest")
    assert asked is not None
    assert module.takes_long(presentation, asked, configured)
    made = module.respond(presentation, asked, configured, 0.0)
    assert not module.takes_long(presentation, asked, configured)
    assert module.respond(presentation, asked, configured, 0.0) == made
    kept = dict(presentation.kept)
    presentation.forward = "token=of-another-viewer"
    assert not module.takes_long(presentation, asked, configured)
    other = module.respond(presentation, asked, configured, 0.0)
    assert isinstance(made, Delivery)
    assert isinstance(other, Delivery)
    assert other.variant != made.variant
    assert presentation.kept == kept
    chunk = parse_name("QualityLevels(1)/Fragments(video=0)")
    assert chunk is not None
    assert not module.takes_long(presentation, chunk, configured)


def test_limits_are_those_of_the_directives() -> None:
    """What indexing may cost is said by smooth_buffer_size and smooth_max_buffer_size."""
    limits = SmoothModule().limits(SmoothSettings(enabled=True, buffer_size=1, max_buffer_size=7_000_000))
    assert (limits.buffer_size, limits.max_buffer_size) == (4096, 7_000_000)


def test_a_ladder_of_two_films(films: Library) -> None:
    """Two encodings of one film are two levels of one stream: a player may change between them at any chunk.

    One of them has no reordered pictures: still each picture is shown at the same time in both.
    """
    plain, reordered = films.data("no-b-frames"), films.data("h264")
    presentation = presented(reordered, plain)
    client = client_of(presentation)
    (stream,) = client.manifest.of_kind("video")
    assert len(stream.levels) == 2
    (sound,) = client.manifest.of_kind("audio")
    assert len(sound.levels) == 1
    shown = [client.played(stream, level).videos[0] for level in stream.levels]
    assert [picture.time for picture in shown[0]] == [picture.time for picture in shown[1]]
    assert [picture.number for picture in shown[0]] == [picture.number for picture in shown[1]]
    # A player that changes at every chunk.
    one, other = (client.fragments(stream, level) for level in stream.levels)
    for number, (left, right) in enumerate(zip(one, other, strict=True)):
        assert left.samples[0].decoded == right.samples[0].decoded == stream.chunks[number][0]


def test_texts_are_told_in_chunks(films: Library) -> None:
    """A cue is in each chunk in which it is shown, for as long as it is shown there; times count from the chunk."""
    presentation = presented(films.data("h264"))
    cues = (Cue(500, 5000, "One\n<i>and</i> more", "line:0"), Cue(9000, 9500, "A & B &lt; C"))
    presentation.texts = (Text(cues, "deu"), Text(cues[:1], "deu"), Text(()))
    client = client_of(presentation)
    first, second, third = client.manifest.of_kind("text")
    assert [stream.name for stream in (first, second, third)] == ["text_deu", "text_deu_2", "text"]
    assert (first.attributes["Language"], first.levels[0].attributes["FourCC"]) == ("deu", "TTML")
    lead = presentation.lead_ms * 10_000
    assert first.chunks[0][0] == lead
    documents = [fragment.data.decode() for fragment in client.fragments(first, first.levels[0])]
    assert 'begin="00:00:00.500" end="00:00:04.000" region="top"' in documents[0]
    assert 'begin="00:00:00.000" end="00:00:01.000" region="top"' in documents[1]
    assert 'begin="00:00:01.000" end="00:00:01.500" region="bottom">A &amp; B &lt; C</p>' in documents[2]
    assert all("<p" not in fragment.data.decode() for fragment in client.fragments(third, third.levels[0]))
    for noun, expected in (("RawFragments", 0), ("FragmentInfo", 1), ("KeyFrames", 2)):
        time, _ = first.chunks[2]
        whole = client.fragments(first, first.levels[0])[2]
        found = client.fetch(chunk_url(first, first.levels[0], time, noun))
        assert found == (whole.data, whole.moof, whole.raw)[expected]


@given(st.text("MQF()=/0123456789manifestLvgrouRawKyIb", max_size=60))
def test_other_names_are_left_to_others(name: str) -> None:
    """Only names of Smooth Streaming are claimed: everything else below a film may be somebody's."""
    match = SmoothModule().match(name, b"", SmoothSettings())
    assert match is None or name.lower() == "manifest" or name.lower().startswith("qualitylevels(")


def test_a_name_of_a_server_manifest_wins(films: Library) -> None:
    """What a server manifest calls a track is what URLs call it, as far as a URL can say it."""
    presentation = presented(films.data("h264"))
    video, sound = presentation.renditions
    presentation.renditions = (replace(video, name="v/1 (a=b)"), replace(sound, name="audio_eng"))
    manifest = client_of(presentation).manifest
    assert [stream.name for stream in manifest.streams] == ["v_1__a_b_", "audio_eng"]
    assert isinstance(client_of(presentation), Client)
