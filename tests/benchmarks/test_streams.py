"""What is asked of streams is all over the film, and the same of both servers."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.client import listed_paths
from benchmarks.streams import FORMATS, locations, offered, scenarios

MASTER = b"#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\nindex-v1.m3u8\n"
MEDIA = b"#EXTM3U\n#EXTINF:4,\nseg-1-v1.m4s\n#EXTINF:4,\nseg-2-v1.m4s\n"
MPD = b"""<MPD xmlns="urn:mpeg:dash:schema:mpd:2011"><Period>
<AdaptationSet contentType="audio"><Representation id="a1"/></AdaptationSet>
<AdaptationSet contentType="video"><SegmentTemplate media="fragment-t$Time$-$RepresentationID$.m4s"><SegmentTimeline>
<S t="5" d="10" r="1"/><S d="7"/></SegmentTimeline></SegmentTemplate><Representation id="v1"/></AdaptationSet>
</Period></MPD>"""
MANIFEST = b"""<SmoothStreamingMedia>
<StreamIndex Type="video" Url="QualityLevels({bitrate})/Fragments(video={start time})">
<QualityLevel Bitrate="900"/><c t="5" d="10" r="2"/><c d="7"/></StreamIndex></SmoothStreamingMedia>"""
F4M = b'<manifest><media url="frag-v1-a1-" bitrate="9"/></manifest>'


@pytest.mark.parametrize(
    ("name", "answers", "first"),
    [
        ("hls", {"master.m3u8": MASTER, "index-v1.m3u8": MEDIA}, ["seg-1-v1.m4s", "seg-2-v1.m4s"]),
        ("dash", {"manifest.mpd": MPD}, ["fragment-t5-v1.m4s", "fragment-t15-v1.m4s", "fragment-t25-v1.m4s"]),
        (
            "smooth",
            {"Manifest": MANIFEST},
            [f"QualityLevels(900)/Fragments(video={at})" for at in (5, 15, 25)],
        ),
        ("hds", {"manifest.f4m": F4M}, ["frag-v1-a1-Seg1-Frag1", "frag-v1-a1-Seg1-Frag2"]),
    ],
)
def test_segments_are_those_of_the_manifest(name: str, answers: dict[str, bytes], first: list[str]) -> None:
    """The URLs are those that a player would ask for."""
    form = next(form for form in FORMATS if form.name == name)
    assert form.segments(answers.__getitem__)[: len(first)] == first


def test_what_is_not_offered_is_left_out(tmp_path: Path) -> None:
    """Only formats that the daemon has are measured; all of them have a location."""
    forms = offered()
    assert all(f"/streams/{form.name}/" in locations(tmp_path) for form in forms)
    assert scenarios(()) == ()
    names = [scenario.name for scenario in scenarios(FORMATS[:1])]
    assert names == ["stream-hls", "stream-manifests", "stream-cold"]


def test_every_goal_has_its_measure() -> None:
    """A goal that nothing measures would be none."""
    for scenario in scenarios(FORMATS):
        assert {goal.measure for goal in scenario.goals} <= {measure.key for measure in scenario.measures}


def test_paths_of_a_list(tmp_path: Path) -> None:
    """One seed asks both servers for the same."""
    file = tmp_path / "list.txt"
    file.write_text("/a\n/b\n/c\n")
    asked = [[next(paths) for _ in range(50)] for paths in (listed_paths(file, 1), listed_paths(file, 1))]
    assert asked[0] == asked[1]
    assert set(asked[0]) == {"/a", "/b", "/c"}
