"""Which samples a clip carries."""

from __future__ import annotations

import pytest

from tests import boxes
from tests.films import Library
from tests.packagers.progressive.clips import cut


@pytest.mark.parametrize("name", ["h264", "open-gop", "two-videos"])
def test_key_frame_mode_begins_at_key_frames_and_takes_the_sound_along(films: Library, name: str) -> None:
    """Every video begins with a key frame, and no sound begins later than the earliest of these: players that know
    nothing of edit lists stay in step.
    """
    movie = boxes.read_movie(cut(films.data(name), 5500, 8000, start_key_frame=True))
    hidden = []
    for track in movie.tracks:
        assert track.samples[0].sync
        begins = min(sample.decode + sample.composition for sample in track.samples[:1])
        hidden.append(((track.edits[0].media_time - begins) / track.timescale, track.handler))
    longest = max(seconds for seconds, handler in hidden if handler == b"vide")
    assert longest > 0.5
    for seconds, handler in hidden:
        if handler == b"soun":
            assert longest <= seconds <= longest + 0.05


def test_without_key_frames_the_clip_begins_where_nginx_would(films: Library) -> None:
    """At the sample that is shown then, key frame or not, and hides nothing of the picture."""
    movie = boxes.read_movie(cut(films.data("no-b-frames"), 5500, 8000))
    video = movie.tracks[0]
    assert not video.samples[0].sync
    assert len(video.samples) == 63
    assert video.edits[0].media_time == 0


def test_sound_before_its_first_sample_is_not_asked_for(films: Library) -> None:
    """At the very beginning there is nothing to decode before."""
    movie = boxes.read_movie(cut(films.data("vp9-opus"), 0, 2000))
    assert movie.tracks[1].samples[0].size == boxes.read_movie(films.data("vp9-opus")).tracks[1].samples[0].size
