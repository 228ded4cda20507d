"""What filters ask of films."""

from __future__ import annotations

from dataclasses import replace

import pytest

from hls_mp4.errors import NotFound
from hls_mp4.media.presentation import Presentation
from hls_mp4.media.texts import Cue, Text
from hls_mp4.packagers.choosing.facts import chosen, of_tracks, read_filter
from tests.films import Library
from tests.media.test_presentation import presented


@pytest.fixture
def film(films: Library) -> Presentation:
    """A picture, three sounds, subtitles in two languages."""
    made = presented(films.data("two-audios"))
    languages = iter(("und", "eng", "pt-BR", "deu"))
    renditions = tuple(replace(each, language=next(languages)) for each in made.renditions)
    texts = (Text((Cue(0, 1, "x"),), "en", "Words"), Text((Cue(0, 1, "y"),), "de"))
    return replace(made, renditions=renditions, texts=texts)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ('type=="video"', ["video1"]),
        ('type!="video"', ["audio1", "audio2", "audio3", "en", "de"]),
        ('type=="textstream"||type=="video"', ["video1", "en", "de"]),
        ('type=="video"||(type=="audio"&&systemLanguage=="en")', ["video1", "audio1"]),
        ('systemLanguage=="eng"', ["audio1", "en"]),
        ('systemLanguage=="por"', ["audio2"]),
        ('FourCC=="AACL"', ["audio1", "audio2"]),
        ('FourCC=="avc1"||fourcc=="H264"', ["video1"]),
        ("SamplingRate==48000&&channels==1", ["audio2", "audio3"]),
        ("MaxWidth>=160", ["video1"]),
        ('trackName=="Words"||trackID==1', ["video1", "en"]),
        ("systemBitrate>0", ["video1", "audio1", "audio2", "audio3"]),
    ],
)
def test_tracks_are_chosen_by_what_they_are(film: Presentation, text: str, names: list[str]) -> None:
    """Kind, language in any spelling, codec by either name, size, rate; each keeps its number."""
    made = chosen(film, read_filter(text))
    assert [f"{each.kind}{each.number}" for each in made.renditions] + [each.language for each in made.texts] == names
    assert len(film.renditions) == 4


def test_nothing_left_is_not_found(film: Presentation) -> None:
    """A film without any track is none."""
    for text in ('systemLanguage=="fr"', 'type=="textstream"'):
        with pytest.raises(NotFound):
            chosen(film, read_filter(text))


def test_tracks_are_chosen_by_number(film: Presentation) -> None:
    """As nginx-vod-module has it in URLs; 0 is all of a kind."""
    made = of_tracks(film, [("video", 0), ("audio", 3), ("text", 2)])
    assert [(each.kind, each.number) for each in made.renditions] == [("video", 1), ("audio", 3)]
    assert [text.language for text in made.texts] == ["de"]
    with pytest.raises(NotFound):
        of_tracks(film, [("audio", 7)])
