"""Streams as tracks."""

from __future__ import annotations

import io
from dataclasses import replace

import av
import pytest

from hls_mp4.media.index import Edit
from tests.containers.flv.indexes import indexed
from tests.flvs import AUDIO, ENCODED, VIDEO, FlvLibrary, Tag, film, tags_of


@pytest.mark.parametrize("name", ENCODED)
def test_samples_are_those_of_a_demuxer(flvs: FlvLibrary, name: str) -> None:
    """Bytes, decode times, presentation times and key frames of every sample agree with FFmpeg's."""
    data = flvs.data(name)
    tracks = indexed(data).tracks
    with av.open(io.BytesIO(data)) as container:
        packets: dict[int, list[av.Packet]] = {stream.index: [] for stream in container.streams}
        kinds = {stream.index: stream.type for stream in container.streams}
        for packet in container.demux():
            if packet.size:
                packets[packet.stream.index].append(packet)
    for handler, kind in (("vide", "video"), ("soun", "audio")):
        mine = [track for track in tracks if track.handler == handler]
        theirs = [found for index, found in packets.items() if kinds[index] == kind]
        assert len(mine) == len(theirs)
        for track, found in zip(mine, theirs, strict=True):
            samples = track.samples
            assert samples.count == len(found)
            wait = sum(edit.segment_duration for edit in track.edits if edit.media_time < 0)
            for number, packet in enumerate(found):
                assert wait + samples.decode_time(number) == packet.dts
                assert wait + samples.presentation_time(number) == packet.pts
                offset = samples.offset(number)
                assert data[offset : offset + samples.size(number)] == bytes(packet)
            syncs = [number for number, packet in enumerate(found) if packet.is_keyframe]
            assert samples.sync_samples.tolist() == syncs


def test_a_late_track_waits_in_its_edit_list(flvs: FlvLibrary) -> None:
    """Sound and picture keep their distance for packagers that know nothing of timestamps."""
    video, audio = indexed(flvs.data("h264")).tracks
    assert video.edits == ()
    first = next(tag for tag in tags_of(flvs.data("h264")) if tag.kind == AUDIO and not tag.is_header)
    assert audio.edits == (Edit(first.time, -1), Edit(audio.samples.duration, 0))
    assert audio.presented_duration(1000) == first.time + audio.samples.duration


def test_the_beginning_does_not_matter(flvs: FlvLibrary) -> None:
    """A recording whose clock shows five hours, or wraps around, is the film that it would be from zero."""
    plain = indexed(flvs.data("h264"))
    for name in ("five-hours", "wrapping"):
        moved = indexed(flvs.data(name))
        assert moved.duration == plain.duration
        for track, same in zip(moved.tracks, plain.tracks, strict=True):
            assert track.edits == same.edits
            assert [*map(track.samples.decode_time, range(300))] == [*map(same.samples.decode_time, range(300))]


def test_times_that_go_back_stand_still() -> None:
    """A clock that jumps back makes no sample shorter than nothing."""
    times = [0, 40, 20, 80, 120, 60, 160]
    (track,) = indexed(film(Tag(VIDEO, time, b"\x12x") for time in times)).tracks
    assert [*map(track.samples.decode_time, range(8))] == [0, 40, 40, 80, 120, 120, 160, 200]


def test_a_film_of_one_sample() -> None:
    """It has no duration that anybody could know."""
    index = indexed(film([Tag(VIDEO, 500, b"\x12x")]))
    assert (index.tracks[0].samples.count, index.duration) == (1, 0)


@pytest.mark.parametrize("told", [0.0, -5.0, 1e9, float("nan"), "160", True])
def test_a_picture_s_size_is_believed_within_reason(flvs: FlvLibrary, told: object) -> None:
    """onMetaData alone knows it; what cannot be a size is none."""
    from hls_mp4.containers.flv import amf0
    from hls_mp4.containers.flv.metadata import BEGINNING
    from tests.flvs import with_metadata

    assert indexed(flvs.data("h264")).tracks[0].width == 160
    data = with_metadata(flvs.data("h264"), BEGINNING + amf0.write_ecma_array({"width": told}))
    assert indexed(data).tracks[0].width == 0


def test_further_tracks_are_tracks(flvs: FlvLibrary) -> None:
    """A second language (Enhanced RTMP's multitrack) is a track of its own, not shown unasked."""
    tracks = indexed(flvs.data("two-audios")).tracks
    assert [(track.handler, track.enabled, track.rate) for track in tracks] == [
        ("vide", True, 0),
        ("soun", True, 44100),
        ("soun", False, 48000),
    ]


def test_tags_of_several_tracks_are_no_samples() -> None:
    """They are left in their place, and one can begin at them."""
    many = Tag(VIDEO, 0, b"\x96\x11hvc1\x00\x00\x00\x01a\x01\x00\x00\x01b")
    data = film([many, replace(many, time=40), Tag(AUDIO, 0, b"\x2fx")])
    index = indexed(data)
    assert [track.codec for track in index.tracks] == [".mp3"]
    assert index.header.keys.offsets.tolist() == [13, 13 + 15 + len(many.payload)]
