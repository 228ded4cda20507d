"""Manifests, as text."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hls_mp4.codecs.configuration import Configuration
from hls_mp4.packagers import description
from hls_mp4.packagers.smooth import manifest as written
from hls_mp4.packagers.smooth.manifest import carried, manifest
from tests.films import Library
from tests.media.test_presentation import presented
from tests.packagers.smooth.client import read_manifest

GOLDEN = """<?xml version="1.0" encoding="utf-8"?>
<SmoothStreamingMedia MajorVersion="2" MinorVersion="2" TimeScale="10000000" Duration="120800000">
<StreamIndex Type="video" Name="video" TimeScale="10000000" QualityLevels="1" Chunks="3" \
Url="QualityLevels({bitrate})/Fragments(video={start time})" MaxWidth="160" MaxHeight="120" DisplayWidth="160" \
DisplayHeight="120">
<QualityLevel Index="0" Bitrate="BITRATE" FourCC="H264" MaxWidth="160" MaxHeight="120" NALUnitLengthField="4" \
CodecPrivateData="PRIVATE"/>
<c t="0" d="40000000" r="3"/>
</StreamIndex>
</SmoothStreamingMedia>
"""


def test_a_manifest_to_the_letter(films: Library) -> None:
    """Three chunks of four seconds, told once."""
    text = manifest(presented(films.data("video-only")), "2.2")
    (level,) = read_manifest(text.encode()).streams[0].levels
    expected = GOLDEN.replace("BITRATE", level.attributes["Bitrate"]).replace(
        "PRIVATE", level.attributes["CodecPrivateData"]
    )
    assert text == expected


@pytest.mark.parametrize("name", ["h264", "ntsc", "two-audios", "eac3"])
def test_both_versions_tell_the_same(films: Library, name: str) -> None:
    """Old players and new ones ask for the same chunks."""
    presentation = presented(films.data(name))
    old, new = (read_manifest(manifest(presentation, version).encode()) for version in ("2.0", "2.2"))
    assert (old.version, new.version) == ((2, 0), (2, 2))
    assert [stream.chunks for stream in old.streams] == [stream.chunks for stream in new.streams]


@given(st.lists(st.integers(1, 3), min_size=1, max_size=40), st.integers(0, 10**12), st.booleans())
def test_chunks_are_counted_right(durations: list[int], begin: int, repeats: bool) -> None:
    """Runs of one length are told once, in version 2.2, and no other chunks."""
    starts = begin + np.concatenate(([0], np.cumsum(durations)))
    lines = written._chunks(starts, repeats=repeats)
    assert lines[0].startswith(f'<c t="{begin}" d="{durations[0]}"')
    found = []
    for line in lines:
        length = int(line.partition('d="')[2].partition('"')[0])
        found += [length] * int(line.partition('r="')[2].partition('"')[0] or 1)
    assert found == durations
    assert all(" t=" not in line for line in lines[1:])


def test_pixels_that_are_no_squares(films: Library) -> None:
    """A film of 160 by 120 whose pixels are four thirds as wide as high is shown as one of 213 by 120."""
    presentation = presented(films.data("video-only"))
    (video,) = presentation.renditions
    track = replace(video.track)
    told = description.configuration(video.track)
    shape = (4).to_bytes(4, "big") + (3).to_bytes(4, "big")
    description._CONFIGURATIONS[track] = Configuration(told.entry, records={**told.records, "pasp": shape})
    presentation.renditions = (replace(video, track=track),)
    (stream,) = read_manifest(manifest(presentation, "2.2").encode()).streams
    assert (stream.attributes["DisplayWidth"], stream.attributes["DisplayHeight"]) == ("213", "120")
    assert (stream.attributes["MaxWidth"], stream.attributes["MaxHeight"]) == ("160", "120")


@given(st.text(st.characters(codec="utf-8"), max_size=60))
def test_whatever_is_carried_on(films: Library, forward: str) -> None:
    """Arguments of a viewer's make no field of the template, and no mark-up."""
    presentation = presented(films.data("video-only"))
    (stream,) = read_manifest(manifest(presentation, "2.2", carried(forward)).encode()).streams
    url = stream.attributes["Url"]
    assert url.startswith("QualityLevels({bitrate})/Fragments(video={start time})")
    assert url.count("{") == url.count("}") == 2
    assert url.isascii()
    assert " " not in url.partition("?")[2]
