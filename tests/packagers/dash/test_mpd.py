"""The manifest, held against the schema's order and against what segments weigh."""

from __future__ import annotations

import re
from dataclasses import replace
from fractions import Fraction
from xml.etree import ElementTree

import pytest

from hls_mp4.media.presentation import Presentation
from hls_mp4.media.texts import Cue, Text
from tests.codecs.slice_traces import x264
from tests.films import Library
from tests.media.test_presentation import presented
from tests.packagers.dash.saved import NAMESPACE, Offered, body_of, offered, parsed, seconds

ORDER = {
    "MPD": ["Period"],
    "Period": ["BaseURL", "AdaptationSet"],
    "AdaptationSet": [
        *("AudioChannelConfiguration", "ContentProtection", "EssentialProperty", "SupplementalProperty", "Label"),
        *("Accessibility", "Role", "BaseURL", "SegmentBase", "SegmentTemplate", "Representation"),
    ],
    "Representation": [
        *("AudioChannelConfiguration", "ContentProtection", "EssentialProperty", "SupplementalProperty", "Label"),
        *("BaseURL", "SegmentBase", "SegmentTemplate"),
    ],
    "SegmentTemplate": ["Initialization", "SegmentTimeline"],
    "SegmentBase": ["Initialization"],
    "SegmentTimeline": ["S"],
}
"""Element -> its children in the order of DASH-MPD.xsd, as far as we write them."""

ATTRIBUTES = {
    "MPD": "profiles type mediaPresentationDuration maxSegmentDuration minBufferTime",
    "Period": "id start duration",
    "AdaptationSet": "id contentType lang par mimeType segmentAlignment startWithSAP subsegmentAlignment"
    " subsegmentStartsWithSAP",
    "Representation": "id bandwidth codecs width height frameRate sar audioSamplingRate",
    "SegmentTemplate": "timescale presentationTimeOffset startNumber initialization media",
    "SegmentBase": "timescale presentationTimeOffset indexRange",
    "Initialization": "range",
    "S": "t d r",
    "Role": "schemeIdUri value",
    "AudioChannelConfiguration": "schemeIdUri value",
    "SupplementalProperty": "schemeIdUri value",
    "ContentProtection": "schemeIdUri value",
    "Label": "",
    "BaseURL": "",
    "SegmentTimeline": "",
}
"""Element -> its attributes in DASH-MPD.xsd, as far as we write them."""

FORMS = {
    "bandwidth": r"[1-9]\d{0,9}",
    "frameRate": r"[1-9]\d*(/[1-9]\d*)?",
    "sar": r"\d+:\d+",
    "par": r"\d+:\d+",
    "mediaPresentationDuration": r"PT\d+\.\d{3}S",
    "minBufferTime": r"PT\d+\.\d{3}S",
    "indexRange": r"\d+-\d+",
    "range": r"\d+-\d+",
    "lang": r"[a-zA-Z]{1,8}(-[a-zA-Z0-9]{1,8})*",
    "codecs": r"[a-zA-Z0-9._-]+",
    "profiles": r"urn:[^,]+(,urn:[^,]+)*",
    "t": r"\d+",
    "d": r"[1-9]\d*",
    "r": r"[1-9]\d*",
    "segmentAlignment": "true",
}


def assert_fits(element: ElementTree.Element) -> None:
    """Assert that an element, and all in it, is as the schema has it."""
    name = element.tag.removeprefix(NAMESPACE)
    order = ORDER.get(name, [])
    kinds = [child.tag.removeprefix(NAMESPACE) for child in element if child.tag.startswith(NAMESPACE)]
    assert [order.index(kind) for kind in kinds] == sorted(order.index(kind) for kind in kinds), name
    known = ATTRIBUTES[name].split()
    for key, value in element.attrib.items():
        assert key in known or key.startswith("{"), f"{name}@{key}"
        assert re.fullmatch(FORMS.get(key, ".*"), value), f'{name}@{key}="{value}"'
    for child in element:
        if child.tag.startswith(NAMESPACE):
            assert_fits(child)


def titled(presentation: Presentation) -> Presentation:
    """Return the presentation with subtitles and a title that nobody expects."""
    presentation.texts = (Text((Cue(500, 5000, "One"),), "de", 'A <b> & "c"', forced=True), Text((Cue(1, 2, "x"),)))
    return presentation


@pytest.mark.parametrize("configured", [{}, {"template": "number"}, {"profile": "on-demand"}, {"texts": "vtt"}])
@pytest.mark.parametrize("name", ["h264", "two-audios", "two-videos", "audio-only", "vp9-opus", "ac3", "late-audio"])
def test_it_is_what_the_schema_wants(films: Library, name: str, configured: dict[str, str]) -> None:
    """Elements in their order, attributes where they belong, numbers as numbers."""
    presentation = titled(presented(films.data(name)))
    root = parsed(body_of(presentation, "manifest.mpd", **configured).decode())
    assert root.tag == f"{NAMESPACE}MPD"
    assert_fits(root)
    ids = [each.attrib["id"] for each in root.iter(f"{NAMESPACE}AdaptationSet")]
    assert len(set(ids)) == len(ids)
    names = [each.attrib["id"] for each in root.iter(f"{NAMESPACE}Representation")]
    assert len(set(names)) == len(names)
    profile = "on-demand" if configured.get("profile") else "live"
    assert f"urn:mpeg:dash:profile:isoff-{profile}:2011" in root.attrib["profiles"].split(",")


def test_it_says_how_long_everything_is(films: Library) -> None:
    """The film, its longest segment, the buffer."""
    root = parsed(body_of(presented(films.data("ntsc")), "manifest.mpd").decode())
    longest = max(segment.end - segment.begin for each in offered_of(films, "ntsc") for segment in each.segments)
    for name in ("maxSegmentDuration", "minBufferTime"):
        assert 0 <= seconds(root.attrib[name]) - longest < Fraction(1, 1000)
    assert abs(seconds(root.attrib["mediaPresentationDuration"]) - 12) < Fraction(1, 20)


def offered_of(films: Library, name: str, **configured: str) -> list[Offered]:
    """Return what the manifest of a film offers."""
    return offered(body_of(presented(films.data(name)), "manifest.mpd", **configured).decode())


@pytest.mark.parametrize("name", ["h264", "ntsc", "hevc", "two-audios"])
def test_bandwidth_is_what_a_download_takes(films: Library, name: str) -> None:
    """No segment takes longer than it may, and one takes just as long."""
    presentation = presented(films.data(name))
    text = body_of(presentation, "manifest.mpd").decode()
    buffer = seconds(parsed(text).attrib["minBufferTime"])
    for each in offered(text):
        rate = int(each.attributes["bandwidth"])
        sizes = [len(body_of(presentation, segment.url)) * 8 for segment in each.segments]
        needed = max(
            Fraction(sum(sizes[first : last + 1])) / (buffer + each.segments[last].begin - each.segments[first].begin)
            for first in range(len(sizes))
            for last in range(first, len(sizes))
        )
        assert 0 <= rate - needed < 5


def test_what_a_player_chooses_by(films: Library) -> None:
    """Codecs, sizes, rates, channels, languages and names."""
    presentation = presented(films.data("two-audios"))
    renditions = zip(presentation.renditions, ("und", "eng", "deu", "eng"), strict=True)
    presentation.renditions = tuple(replace(each, language=language) for each, language in renditions)
    video, *sounds = offered(body_of(presentation, "manifest.mpd").decode())
    assert video.attributes["codecs"].startswith("avc1.")
    assert {
        "width": "160",
        "height": "120",
        "frameRate": "25",
        "par": "4:3",
        "sar": "1:1",
    }.items() <= video.attributes.items()
    assert [each.attributes["lang"] for each in sounds] == ["en", "de", "en"]
    assert [each.attributes["audioSamplingRate"] for each in sounds] == ["44100", "48000", "48000"]
    labels = [each.set.findtext(f"{NAMESPACE}Label") for each in sounds]
    assert labels == ["English 1", "Deutsch", "English 2"]


def test_anamorphic_films_are_as_wide_as_they_are(films: Library) -> None:
    """720 x 576 is 16:9 where pixels are 64:45."""
    (video,) = offered(body_of(presented(x264(sar="64/45")), "manifest.mpd").decode())
    assert video.attributes["sar"] == "64:45"
    assert video.attributes["par"] == "256:135"


def test_segments_that_cannot_be_decoded_alone_are_no_cmaf(films: Library) -> None:
    """Open groups of pictures are told as what they are."""
    root = parsed(body_of(presented(films.data("open-gop")), "manifest.mpd").decode())
    assert "cmaf" not in root.attrib["profiles"]
    video = root.find(f".//{NAMESPACE}AdaptationSet")
    assert video is not None
    assert video.attrib["startWithSAP"] == "3"


def test_texts_have_their_place(films: Library) -> None:
    """Forced ones are told apart; the on-demand profile has them in one file, whatever else is wanted."""
    presentation = titled(presented(films.data("h264")))
    forced, plain = offered(body_of(presentation, "manifest.mpd").decode())[2:]
    roles = [each.set.find(f"{NAMESPACE}Role") for each in (forced, plain)]
    assert [role.attrib["value"] for role in roles if role is not None] == ["forced-subtitle", "subtitle"]
    assert forced.set.findtext(f"{NAMESPACE}Label") == 'A <b> & "c"'
    assert forced.attributes["codecs"] == "wvtt"
    for configured in ({"texts": "vtt"}, {"profile": "on-demand"}):
        forced = offered(body_of(presentation, "manifest.mpd", **configured).decode())[2]
        assert (forced.attributes["mimeType"], forced.file) == ("text/vtt", "text-t1.vtt")


def test_the_same_film_has_the_same_manifest(films: Library) -> None:
    """Two servers say the same, to the byte."""
    assert body_of(presented(films.data("ntsc")), "manifest.mpd") == body_of(
        presented(films.data("ntsc")), "manifest.mpd"
    )
