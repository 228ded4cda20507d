"""What manifests offer."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from hls_mp4.errors import UnsupportedMedia
from hls_mp4.media.presentation import Presentation, Rendition
from hls_mp4.media.texts import Text
from hls_mp4.packagers.smooth.streams import Offer, Stream, offer_of
from tests.films import Library
from tests.media.test_presentation import presented


def changed(presentation: Presentation, **changes: tuple[object, ...]) -> Presentation:
    """Return a presentation whose renditions have other properties, one for each."""
    renditions: list[Rendition] = list(presentation.renditions)
    for name, values in changes.items():
        renditions = [
            replace(each, **{name: value})
            for each, value in zip(renditions, values, strict=True)  # type: ignore[arg-type]
        ]
    presentation.renditions = tuple(renditions)
    return presentation


def names(offer: Offer) -> list[str]:
    """Return the names of streams."""
    return [stream.name for stream in offer.streams]


def numbers(stream: Stream) -> list[int]:
    """Return the renditions that are levels of a stream."""
    return sorted(level.number for level in stream.levels)


def test_streams_are_named_after_their_languages(films: Library) -> None:
    """Video has no language to choose by; sounds that have one name are numbered."""
    presentation = changed(presented(films.data("two-audios")), language=("eng", "eng", "eng", "und"))
    presentation.texts = (Text((), "fra"), Text((), "und"))
    offer = offer_of(presentation)
    assert names(offer) == ["video", "audio_eng", "audio_eng_2", "text_fra", "text"]
    assert [stream.language for stream in offer.streams] == ["eng", "eng", "eng", "fra", ""]


def test_the_offer_is_made_once(films: Library) -> None:
    """Chunks are found in the table that the manifest was written from."""
    presentation = presented(films.data("h264"))
    assert offer_of(presentation) is offer_of(presentation)


def test_bit_rates_tell_levels_apart(films: Library) -> None:
    """Near the average bit rate, and different even where two files are the same."""
    data = films.data("h264")
    presentation = presented(data, data, data)
    (video, sound) = offer_of(presentation).streams
    rates = [level.bitrate for level in video.levels]
    assert len(set(rates)) == 3
    assert all(abs(rate - presentation.renditions[0].bitrate) < 1024 for rate in rates)
    # The same whatever else there is: a link from a filtered manifest never means another film.
    alone = presented(data)
    assert offer_of(alone).streams[0].levels[0].bitrate in rates
    assert numbers(sound) == [1], "the same sound is offered once"


def test_sounds_of_different_rates_are_levels(films: Library) -> None:
    """What the same instants of two files sound like at 32 and at 64 kilobits is one stream."""
    data = films.data("h264")
    presentation = presented(data, data)
    offer = offer_of(changed(presentation, announced=(0, 32_000, 0, 64_000)))
    assert [numbers(stream) for stream in offer.streams] == [[0, 2], [1, 3]]
    assert [level.bitrate for level in offer.streams[1].levels] == [32_000, 64_000], "as announced"


def test_of_sounds_in_other_chunks_the_best_is_offered(films: Library) -> None:
    """A frame of AAC at 48 kHz begins elsewhere than one at 44.1: a player could not change between them."""
    presentation = presented(films.data("h264"), films.data("late-audio"))
    low, high = presentation.renditions[1], presentation.renditions[3]
    (_, sound) = offer_of(presentation).streams
    assert numbers(sound) == [1 if low.bitrate >= high.bitrate else 3]
    turned = presented(films.data("late-audio"), films.data("h264"))
    (_, sound) = offer_of(turned).streams
    assert numbers(sound) == [3 if low.bitrate > high.bitrate else 1]


def test_two_sounds_of_one_film_are_two(films: Library) -> None:
    """A commentary is no worse a sound than the film's, though it may look like it; of each, one is offered."""
    data = films.data("two-audios")
    presentation = presented(data, data)
    offer = offer_of(presentation)
    assert [numbers(stream) for stream in offer.streams] == [[0, 4], [1], [2]]
    assert "audio track 3 of source 1 is left out" in offer.complaint


@pytest.mark.parametrize("property", ["name", "language", "label"])
def test_what_differs_is_apart(films: Library, property: str) -> None:
    """A name of a server manifest, a language or a label tells sounds apart."""
    data = films.data("h264")
    presentation = changed(presented(data, data), **{property: ("", "eng", "", "fra")})
    assert len([stream for stream in offer_of(presentation).streams if stream.kind == "audio"]) == 2


def test_codecs_are_apart(films: Library) -> None:
    """No player changes from H.264 to HEVC within a stream."""
    offer = offer_of(presented(films.data("h264"), films.data("hevc")))
    assert [numbers(stream) for stream in offer.streams if stream.kind == "video"] == [[0], [2]]
    assert names(offer)[:2] == ["video", "video_2"]


def test_videos_with_other_key_frames_are_apart(films: Library) -> None:
    """The log says so: encoders should be told to agree."""
    presentation = presented(films.data("h264"), films.data("ntsc"))
    offer = offer_of(presentation)
    videos = [stream for stream in offer.streams if stream.kind == "video"]
    if len(videos) == 2:
        assert "video track 1 of source 2 is no quality level of the others" in offer.complaint
    for stream in videos:
        assert all(len(level.parts) == len(stream.starts) for level in stream.levels)


def test_chunks_are_found_by_their_begin(films: Library) -> None:
    """Exactly, and not beyond the end."""
    stream = offer_of(presented(films.data("h264"))).streams[0]
    starts = stream.starts.tolist()
    assert [stream.chunk_at(start) for start in starts] == [0, 1, 2, None]
    assert stream.chunk_at(starts[1] - 1) is stream.chunk_at(starts[1] + 1) is stream.chunk_at(-1) is None
    assert stream.chunk_at(2**64) is None
    assert (np.diff(stream.starts) > 0).all()


def test_nothing_left_is_an_error(films: Library) -> None:
    """The reasons are all there."""
    with pytest.raises(UnsupportedMedia, match=r"video track 1 is left out.*audio track 1"):
        offer_of(presented(films.data("vp9-opus")))
