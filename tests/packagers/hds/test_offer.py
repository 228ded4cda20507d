"""What a manifest offers."""

from __future__ import annotations

import dataclasses

import pytest

from hls_mp4.errors import NotFound, UnsupportedMedia
from hls_mp4.media.presentation import Presentation
from hls_mp4.packagers.hds.coding import codings_of
from hls_mp4.packagers.hds.offer import MOST_MEDIAS, Offer, chosen, language_of, offer_of
from tests.films import Library
from tests.media.test_presentation import presented


def offered(presentation: Presentation) -> Offer:
    """Return what is offered of a presentation."""
    return offer_of(presentation, codings_of(presentation))


def picked(presentation: Presentation, text: str) -> tuple[int, ...]:
    """Return the renditions that a URL asks for."""
    return chosen(presentation, codings_of(presentation), text)


def test_qualities_have_the_sound_of_their_film(films: Library) -> None:
    """The best first; bit rates differ, for clients know qualities by these."""
    both = presented(films.data("h264"), films.data("h264"), films.data("no-b-frames"))
    medias = offered(both).medias
    assert sorted(media.numbers for media in medias) == [(0, 1), (2, 3), (4, 5)]
    rates = [media.bitrate for media in medias]
    assert rates == sorted(set(rates), reverse=True)


def test_sound_is_taken_from_another_film_where_there_is_none(films: Library) -> None:
    """Pictures in several sizes, sound once."""
    both = presented(films.data("video-only"), films.data("audio-only"))
    assert [media.numbers for media in offered(both).medias] == [(0, 1)]


def test_other_sounds_may_be_chosen(films: Library) -> None:
    """Late-binding audio, with labels that differ."""
    presentation = presented(films.data("two-audios"), films.data("two-audios"))
    presentation.renditions = tuple(
        dataclasses.replace(each, language="deu") if number in (2, 6) else each
        for number, each in enumerate(presentation.renditions)
    )
    medias = offered(presentation).medias
    alternates = [media for media in medias if media.alternate]
    assert [media.numbers for media in medias if not media.alternate] == [(0, 1), (4, 5)]
    assert [media.numbers for media in alternates] == [(2,), (6,)]
    assert len({media.label for media in alternates}) == 2
    assert [language_of(presentation, media) for media in alternates] == ["de", "de"]
    assert "AC-3" in offered(presentation).complaint


def test_sound_alone_is_offered(films: Library) -> None:
    """A podcast is a media, and two of them are two qualities."""
    assert [media.numbers for media in offered(presented(films.data("audio-only"))).medias] == [(0,)]
    both = presented(films.data("audio-only"), films.data("audio-only"))
    assert [media.alternate for media in offered(both).medias] == [False, False]


def test_manifests_do_not_grow_beyond_what_clients_read(films: Library) -> None:
    """Of a dozen qualities the best, the least and some between, and the log says so."""
    many = offered(presented(*[films.data("h264")] * 13))
    assert len(many.medias) == MOST_MEDIAS
    assert "13 qualities" in many.complaint


def test_nothing_left_is_an_error_that_says_why(films: Library) -> None:
    """415, and the codecs by name."""
    for ask in (offered, lambda presentation: picked(presentation, "")):
        with pytest.raises(UnsupportedMedia, match="VP9") as raised:
            ask(presented(films.data("vp9-opus")))
        assert raised.value.status_hint == 415


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("", (0, 1)),
        ("f1", (0, 1)),
        ("v1-a1", (0, 1)),
        ("a2", (2,)),
        ("v1", (0,)),
        ("f2", (4, 5)),
        ("f1-v1-f2-a1", (0, 5)),
    ],
)
def test_urls_choose(films: Library, text: str, numbers: tuple[int, ...]) -> None:
    """Pictures first, whatever the order of the tracks is; nothing said is the first picture with its sound."""
    assert picked(presented(films.data("two-audios"), films.data("h264")), text) == numbers


@pytest.mark.parametrize("text", ["v2", "a3", "a1-a2", "v0-a0", "f3", "f2-a2"])
def test_what_cannot_be_carried_together_is_not_found(films: Library, text: str) -> None:
    """Two sounds, a codec that FLV lacks, a track that is not there."""
    with pytest.raises(NotFound):
        picked(presented(films.data("two-audios"), films.data("h264")), text)


def test_a_source_of_sound_alone(films: Library) -> None:
    """`f2` is all of it that can be sent in one stream."""
    assert picked(presented(films.data("video-only"), films.data("audio-only")), "f2") == (1,)
    assert picked(presented(films.data("audio-only")), "") == (0,)
