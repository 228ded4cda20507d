"""Films on one timeline."""

from __future__ import annotations

import io
from fractions import Fraction

import av
import numpy as np
import pytest

from hls_mp4.errors import UnsupportedMedia
from hls_mp4.interfaces import Asset
from hls_mp4.media.presentation import Presentation, times_of
from tests.films import Library
from tests.indexes import indexed

ORDINARY = (
    "h264",
    "moov-last",
    "fragmented",
    "no-edits",
    "negative-offsets",
    "no-b-frames",
    "open-gop",
    "ntsc",
    "hevc",
)
FILMS = (*ORDINARY, "av1", "vp9-opus", "pcm-mov", "ac3", "late-audio", "late-video", "two-videos", "two-audios")


def presented(*films: bytes) -> Presentation:
    """Return the presentation of films."""
    return Presentation.of([Asset(indexed(data), data) for data in films])


def shown(data: bytes) -> dict[int, list[Fraction]]:
    """Return when FFmpeg shows each frame of each stream, in seconds."""
    times: dict[int, list[Fraction]] = {}
    with av.open(io.BytesIO(data)) as container:
        for frame in container.decode():
            if isinstance(frame, av.VideoFrame | av.AudioFrame) and frame.pts is not None:
                stream = next(each for each in container.streams if each.type == _type(frame))
                times.setdefault(stream.index, []).append(frame.pts * Fraction(frame.time_base or 1))
    return times


def _type(frame: av.VideoFrame | av.AudioFrame) -> str:
    return "video" if isinstance(frame, av.VideoFrame) else "audio"


@pytest.mark.parametrize("name", [name for name in FILMS if not name.startswith("two-")])
def test_pictures_are_where_a_decoder_shows_them(films: Library, name: str) -> None:
    """Each picture, and the distance of sound from picture, is that of the film as FFmpeg plays it."""
    data = films.data(name)
    presentation = presented(data)
    judged = shown(data)
    for rendition in presentation.renditions:
        ours = np.sort(times_of(rendition, np.arange(rendition.first, rendition.stop)))
        theirs = [float(time) for time in judged[presentation.assets[0].index.tracks.index(rendition.track)]]
        seconds = ours / rendition.track.timescale - presentation.lead_ms / 1000
        if rendition.kind == "video":
            assert len(seconds) == len(theirs)
            assert np.abs(seconds - theirs).max() < 0.0015
        else:
            # A decoder cuts the frame that begins before 0; here it is left out, so the first one is one of theirs.
            assert min(abs(seconds[0] - time) for time in theirs[:3]) < 0.0015


def test_several_tracks_of_a_kind_are_numbered(films: Library) -> None:
    """v1, v2, a1, a2: as nginx-vod-module's file names count them, in each source anew."""
    both = presented(films.data("two-videos"), films.data("two-audios"))
    assert [(each.source, each.kind, each.number) for each in both.renditions] == [
        (0, "video", 1),
        (0, "video", 2),
        (0, "audio", 1),
        (1, "video", 1),
        (1, "audio", 1),
        (1, "audio", 2),
        (1, "audio", 3),
    ]
    assert len(both.of_kind("video")) == 3


def test_texts_are_presented_too(films: Library) -> None:
    """A track of subtitles is a rendition like any other."""
    assert [each.kind for each in presented(films.data("texts")).renditions] == ["video", "audio", "text"]


@pytest.mark.parametrize("name", FILMS)
def test_no_time_is_negative(films: Library, name: str) -> None:
    """Fragments cannot say negative decode times, and not every player takes negative composition offsets."""
    for each in presented(films.data(name)).renditions:
        samples = each.track.samples
        assert each.decode_time(each.first) >= 0
        assert samples.composition_bounds[0] + each.delay >= 0
        assert times_of(each, np.arange(each.first, each.stop)).min() >= 0
        assert each.begin < each.end
        assert each.bitrate > 1000


@pytest.mark.parametrize("name", ["late-audio", "late-video"])
def test_what_begins_later_is_late(films: Library, name: str) -> None:
    """An empty edit is a distance in time, not an offset of bytes."""
    begins = {each.kind: each.begin / each.track.timescale for each in presented(films.data(name)).renditions}
    late = begins["audio"] - begins["video"]
    assert abs(late - (1.5 if name == "late-audio" else -1.2)) < 0.03


def test_an_edit_list_of_several_pieces_is_noticed(films: Library) -> None:
    """What cannot be told by segments is cut down to its first piece, and it is known that it was."""
    presentation = presented(films.data("two-edits"))
    assert not presentation.of_kind("video")[0].whole
    assert all(each.whole for each in presented(films.data("h264")).renditions)


def test_a_film_of_nothing_is_refused(films: Library) -> None:
    """There has to be a track that can be presented."""
    index = indexed(films.data("h264"))
    index.tracks = ()
    with pytest.raises(UnsupportedMedia, match="no track that can be presented"):
        Presentation.of([Asset(index, None)])
