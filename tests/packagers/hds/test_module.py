"""HDS as players get it, judged by FFmpeg's reader of FLV."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from zope.interface.verify import verifyObject

from hls_mp4.errors import StreamingError, UnsupportedMedia
from hls_mp4.interfaces import Asset, IPackagerModule
from hls_mp4.media.presentation import Presentation
from hls_mp4.media.segments import SegmentPolicy
from hls_mp4.packagers.hds.module import HdsModule
from hls_mp4.packagers.hds.settings import HdsSettings
from tests.containers.flv.indexes import indexed as flash_indexed
from tests.films import Library
from tests.flvs import FlvLibrary
from tests.judge import Shown, decode
from tests.media.test_presentation import presented
from tests.packagers.hds.played import answered, fragments_of, joined, manifest_of, medias_of, tags_of

# What an edit list leaves out of these, FFmpeg's own reader of MP4 leaves out as well.
FILMS = ("h264", "fragmented", "no-edits", "negative-offsets", "ntsc", "late-audio", "late-video", "no-b-frames")


def test_it_is_a_packager() -> None:
    """It provides what the web asks of one."""
    verifyObject(IPackagerModule, HdsModule())


def assert_same(original: Shown, shown: Shown, lead_ms: int) -> None:
    """Assert that all pictures are shown to the pixel, each at its time, and sound as far from them as in the film."""
    (before,), (after,) = original.videos, shown.videos
    assert [picture.number for picture in after] == [picture.number for picture in before]
    lead = Fraction(lead_ms, 1000)
    for one, other in zip(before, after, strict=True):
        assert abs(other.time - one.time - lead) <= Fraction(1, 800)
        assert (one.pixels == other.pixels).all()
    (was,), (now,) = original.sounds, shown.sounds
    # A frame that the edit list cuts in two is left out here.
    assert abs(now.time - was.time - lead) < Fraction(1025, was.rate) + Fraction(1, 800)
    assert abs(now.end - was.end - lead) < Fraction(1025, was.rate) + Fraction(1, 400)


@pytest.mark.parametrize("name", FILMS)
def test_a_player_shows_the_film(films: Library, name: str) -> None:
    """All fragments in a row decode without a complaint to the film's own frames."""
    data = films.data(name)
    presentation = presented(data)
    presentation.policy = SegmentPolicy(2000)
    assert_same(decode(data), decode(joined(fragments_of(presentation))), presentation.lead_ms)


@pytest.mark.parametrize("name", ["h264", "two-videos", "two-audios", "late-audio"])
def test_fragments_have_every_packet_once(films: Library, name: str) -> None:
    """Per media as many tags as the tracks have samples."""
    presentation = presented(films.data(name))
    presentation.policy = SegmentPolicy(1000)
    for number, media in enumerate(medias_of(manifest_of(presentation))):
        tags = [tag for body in fragments_of(presentation, number) for tag in tags_of(body) if not tag.is_header]
        wanted = sum(
            each.stop - each.first for each in presentation.renditions if f"-{each.kind[0]}{each.number}-" in media.url
        )
        assert len(tags) == wanted


def test_each_fragment_can_be_played_alone(films: Library) -> None:
    """A seek begins anywhere: configurations are in every one."""
    presentation = presented(films.data("h264"))
    presentation.policy = SegmentPolicy(2000)
    for number, body in enumerate(fragments_of(presentation)):
        assert decode(joined([body]), strict=False).videos[0][0].number == 50 * number


def test_flash_video_and_mp3_are_played(flvs: FlvLibrary) -> None:
    """An FLV file is a source like any other; MP3 has no configuration."""
    data = flvs.data("h264")
    presentation = Presentation.of([Asset(flash_indexed(data), data)])
    original, shown = decode(data), decode(joined(fragments_of(presentation)))
    assert [picture.number for picture in shown.videos[0]] == [picture.number for picture in original.videos[0]]
    sound = flvs.data("mp3")
    bodies = fragments_of(Presentation.of([Asset(flash_indexed(sound), sound)]))
    assert len(bodies) > 1
    assert not any(tag.is_header for body in bodies for tag in tags_of(body))
    assert decode(joined(bodies)).sounds[0].end > 11


def test_sound_of_another_film(films: Library) -> None:
    """Pictures and sound in files of their own become one stream."""
    both = presented(films.data("video-only"), films.data("audio-only"))
    shown = decode(joined(fragments_of(both)))
    assert len(shown.videos[0]) == 300
    assert shown.sounds[0].end > 11


@pytest.mark.parametrize("name", ["Seg1-Frag4", "frag-v2-Seg1-Frag1", "frag-a1-a1-v3-Seg1-Frag1", "manifest-a9.f4m"])
def test_what_is_not_there_is_not_found(films: Library, name: str) -> None:
    """404, and not the nearest thing."""
    with pytest.raises(StreamingError) as raised:
        answered(presented(films.data("h264")), name)
    assert raised.value.status_hint == 404


@given(st.text("manifestSeg1-Frafg0123vb.4l/", max_size=30))
def test_other_names_are_left_to_others(name: str) -> None:
    """Only names of HDS are claimed: everything else below a film may be somebody's."""
    match = HdsModule().match(name, b"", HdsSettings())
    assert match is None or name.endswith(".f4m") or "Seg1-Frag" in name


def test_bodies_are_told_apart(films: Library) -> None:
    """Types, classes for cache headers, and an ETag for each body."""
    presentation = presented(films.data("two-audios"))
    names = ["manifest.f4m", "set.f4m", "manifest-v1-a1.f4m", "frag-v1-a1-Seg1-Frag1", "frag-v1-a2-Seg1-Frag1"]
    names += ["frag-v1-Seg1-Frag1", "frag-a1-Seg1-Frag1", "frag-a1-Seg1-Frag2"]
    deliveries = [answered(presentation, name) for name in names]
    assert len({delivery.variant for delivery in deliveries}) == len(names)
    assert {(each.content_type, each.cache) for each in deliveries} == {
        ("application/f4m", "manifest"),
        ("video/f4f", "segment"),
    }
    assert "AC-3" in deliveries[0].complaint


def test_manifests_are_written_once(films: Library) -> None:
    """Whoever asks again gets the same answer without a thread; fragments need none once the film was cut."""
    presentation = presented(films.data("h264"))
    module, settings = HdsModule(), HdsSettings(enabled=True)
    for name in ("manifest.f4m", "frag-v1-Seg1-Frag1"):
        match = module.match(name, b"", settings)
        assert match is not None
        assert module.takes_long(presentation, match, settings)
        module.respond(presentation, match, settings, 0.0)
        assert not module.takes_long(presentation, match, settings)
    assert module.limits(settings).max_buffer_size == 128 << 20


def test_encryption_is_refused(films: Library) -> None:
    """Segments that ought to be encrypted are not sent as they are."""
    presentation = presented(films.data("h264"))
    presentation.protection = object()  # type: ignore[assignment]
    with pytest.raises(UnsupportedMedia):
        answered(presentation, "Seg1-Frag1")
