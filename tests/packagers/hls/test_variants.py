"""What goes with what in a multivariant playlist."""

from __future__ import annotations

from hls_mp4.packagers.hls.variants import Variant, offer_of
from tests.films import Library
from tests.media.test_presentation import presented


def test_sounds_are_groups_of_one_codec(films: Library) -> None:
    """A player that knows no AC-3 is not offered a variant with it that looks like any other."""
    presentation = presented(films.data("two-audios"))
    offer = offer_of(presentation, muxed=False)
    assert offer.groups == {"mp4a": (1, 2), "ac-3": (3,)}
    assert offer.variants == (Variant((0,), "mp4a"), Variant((0,), "ac-3"))
    assert len({offer.labels[number] for number in (1, 2)}) == 2


def test_what_several_sources_have_alike_is_offered_once(films: Library) -> None:
    """Three sizes of a film have one sound, the best of theirs."""
    presentation = presented(films.data("h264"), films.data("no-b-frames"), films.data("open-gop"))
    offer = offer_of(presentation, muxed=False)
    assert len(offer.variants) == 3
    ((sound,),) = offer.groups.values()
    best = max(each.bitrate for each in presentation.of_kind("audio"))
    assert presentation.renditions[sound].bitrate == best


def test_a_single_sound_may_go_with_its_pictures(films: Library) -> None:
    """As MPEG-TS has it; several sounds cannot."""
    assert offer_of(presented(films.data("h264")), muxed=True).variants == (Variant((0, 1)),)
    assert offer_of(presented(films.data("two-audios")), muxed=True).groups


def test_sound_alone_and_pictures_alone(films: Library) -> None:
    """Each is a variant of its own."""
    assert offer_of(presented(films.data("audio-only")), muxed=False).variants == (Variant((0,)),)
    assert offer_of(presented(films.data("video-only")), muxed=True).variants == (Variant((0,)),)
