"""Adaptation sets."""

from __future__ import annotations

from dataclasses import replace

from hls_mp4.media.presentation import Presentation
from hls_mp4.packagers.dash.sets import AdaptationSet, adaptation_sets
from tests.films import Library
from tests.media.test_presentation import presented


def sets_of(presentation: Presentation) -> list[AdaptationSet]:
    """Return the sets of pictures and sounds."""
    return adaptation_sets(
        presentation, [number for number, each in enumerate(presentation.renditions) if each.kind != "text"]
    )


def names(sets: list[AdaptationSet]) -> list[list[str]]:
    """Return what is in each."""
    return [[member.name for member in each.members] for each in sets]


def test_several_sizes_of_a_film_are_one_choice(films: Library) -> None:
    """A player changes between them; their sound is offered once."""
    presentation = presented(films.data("h264"), films.data("no-b-frames"))
    video, audio = sets_of(presentation)
    assert sorted(member.name for member in video.members) == ["f1-v1", "f2-v1"]
    assert [member.rendition.bitrate for member in video.members] == sorted(
        member.rendition.bitrate for member in video.members
    )
    assert len(audio.members) == 1


def test_sizes_that_begin_segments_elsewhere_are_choices_of_their_own(films: Library) -> None:
    """A player that changed between them would stumble."""
    presentation = presented(films.data("h264"), films.data("long-gop"))
    videos = [each for each in sets_of(presentation) if each.kind == "video"]
    assert names(videos) == [["f1-v1"], ["f2-v1"]]


def test_codecs_are_not_mixed(films: Library) -> None:
    """Nobody changes from H.264 to HEVC in the middle of a film."""
    presentation = presented(films.data("h264"), films.data("hevc"))
    assert names([each for each in sets_of(presentation) if each.kind == "video"]) == [["f1-v1"], ["f2-v1"]]


def test_each_sound_of_a_film_is_one_for_itself(films: Library) -> None:
    """A commentary is not a rate of the dialogue; the same in another codec is as good as the first."""
    presentation = presented(films.data("two-audios"))
    sets = sets_of(presentation)
    assert names(sets) == [["v1"], ["a1"], ["a2"], ["a3"]]
    assert [each.role for each in sets] == ["main", "main", "alternate", "main"]


def test_languages_are_choices(films: Library) -> None:
    """The one that is not enabled is not played unasked."""
    presentation = presented(films.data("two-audios"))
    spoken = zip(presentation.renditions, ("und", "eng", "deu", "eng"), strict=True)
    presentation.renditions = tuple(replace(each, language=language) for each, language in spoken)
    presentation.renditions[1].track.enabled = False
    presentation.renditions[2].track.enabled = True
    assert [each.role for each in sets_of(presentation)] == ["main", "alternate", "main", "alternate"]


def test_one_timeline_tells_of_all(films: Library) -> None:
    """Where clocks are the same it is written once."""
    presentation = presented(films.data("h264"), films.data("no-b-frames"))
    assert sets_of(presentation)[0].same_times
    presentation = presented(films.data("two-videos"))
    (video, *_) = sets_of(presentation)
    assert not video.same_times or len(video.members) == 1
