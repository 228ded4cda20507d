"""Flash media manifests."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hls_mp4.media.segments import SegmentPolicy
from hls_mp4.packagers.hds.manifest import xml_text
from tests.films import Library
from tests.media.test_presentation import presented
from tests.packagers.hds.played import manifest_of, medias_of


def test_qualities_that_are_cut_alike_share_a_bootstrap(films: Library) -> None:
    """One for all, so that clients which take the first one take the right one."""
    manifest = manifest_of(presented(films.data("h264"), films.data("moov-last"), films.data("big-chunks")))
    assert manifest.count("<bootstrapInfo ") == 1
    assert len(medias_of(manifest)) == 3


def test_qualities_that_differ_have_their_own(films: Library) -> None:
    """Other key frames, or pictures that are reordered by another time."""
    presentation = presented(films.data("h264"), films.data("no-b-frames"))
    presentation.policy = SegmentPolicy(2000)
    manifest = manifest_of(presentation)
    assert manifest.count("<bootstrapInfo ") == 2
    first, second = medias_of(manifest)
    assert first.bootstrap != second.bootstrap


@pytest.mark.parametrize("name", ["h264", "audio-only", "video-only", "two-audios", "late-audio"])
def test_everything_that_clients_ask_for_is_there(films: Library, name: str) -> None:
    """Kind, length, whole kbit/s that differ, and the exact case of bootstrapInfoId, which OSMF 2 insists on."""
    presentation = presented(films.data(name))
    manifest = manifest_of(presentation)
    assert "<streamType>recorded</streamType>" in manifest
    medias = medias_of(manifest)
    rates = [int(media.attributes["bitrate"]) for media in medias]
    assert len(set(rates)) == len(rates)
    for media in medias:
        assert media.metadata.endswith(b"\0\0\x09")
        assert media.bootstrap.media_time > 11_000
        assert ("width" in media.attributes) == ("-v" in media.url)
        assert (media.attributes.get("alternate") == "true") == (media.url == "frag-a2-")


def test_a_set_leads_to_a_manifest_for_each_quality(films: Library) -> None:
    """For clients that take the first bootstrap for every quality: children beside it, one media in each."""
    presentation = presented(films.data("h264"), films.data("no-b-frames"))
    root = ElementTree.fromstring(manifest_of(presentation, "set.f4m"))
    assert root.tag == "{http://ns.adobe.com/f4m/2.0}manifest"
    hrefs = [each.attrib["href"] for each in root if each.tag.endswith("media")]
    assert sorted(hrefs) == ["manifest-f1-v1-a1.f4m", "manifest-f2-v1-a1.f4m"]
    for href in hrefs:
        (media,) = medias_of(manifest_of(presentation, href))
        assert "bitrate" not in media.attributes
        assert media.url.startswith("frag-f")


def test_arguments_are_carried_on(films: Library) -> None:
    """A token stands behind the name of each fragment, and XML is not broken by it."""
    presentation = presented(films.data("h264"))
    presentation.forward = "token=a&x=1"
    (media,) = medias_of(manifest_of(presentation))
    assert media.fragment(3) == "frag-v1-a1-Seg1-Frag3?token=a&x=1"
    assert "?token=a&amp;x=1" in manifest_of(presentation, "set.f4m")


def test_a_very_short_film_lasts_a_second(films: Library) -> None:
    """Of less some clients make nothing."""
    presentation = presented(films.data("h264"))
    presentation.renditions = presentation.renditions[:0] + tuple(
        each for each in presentation.renditions if each.kind == "audio"
    )
    (sound,) = presentation.renditions
    from dataclasses import replace

    presentation.renditions = (replace(sound, stop=sound.first + 5, end=sound.begin + 5000),)
    assert "<duration>1.000</duration>" in manifest_of(presentation)


@given(st.text())
def test_any_text_can_be_told(text: str) -> None:
    """Quotes, brackets, control characters, half a surrogate: what is left is a text of XML."""
    told = ElementTree.fromstring(f'<a b="{xml_text(text)}">{xml_text(text)}</a>')
    assert len(told.text or "") <= len(text)
