"""What a server manifest offers of its files."""

from __future__ import annotations

import pytest

from hls_mp4.containers.smil.manifest import Entry, ServerManifest
from hls_mp4.errors import UnsupportedMedia
from hls_mp4.packagers.servermanifest.selection import selected
from tests.films import Library
from tests.media.test_presentation import presented


def test_tracks_are_those_of_the_manifest(films: Library) -> None:
    """In its order, with its names, languages and bit rates; a track that it does not name is not there."""
    whole = presented(films.data("two-audios"), films.data("no-b-frames"))
    tracks = {each.number: each.track.id for each in whole.of_kind("audio") if each.source == 0}
    entries = (
        Entry("audio", "a.mp4", tracks[2], 64000, "fra", "audio_fra", "Commentary"),
        Entry("video", "b.mp4"),
        Entry("video", "a.mp4", 1, 800000),
    )
    made, complaints = selected(whole, ServerManifest(entries), {"a.mp4": 0, "b.mp4": 1})
    assert complaints == []
    assert [(each.source, each.kind, each.number) for each in made.renditions] == [
        (0, "audio", 2),
        (1, "video", 1),
        (0, "video", 1),
    ]
    sound, _, picture = made.renditions
    assert (sound.language, sound.name, sound.label, sound.bitrate) == ("fra", "audio_fra", "Commentary", 64000)
    assert (picture.bitrate, picture.language) == (800000, "und")
    assert made.renditions[1].bitrate == whole.renditions[-2].bitrate
    assert len(made.segments()) > 1


def test_what_is_not_there_is_told(films: Library) -> None:
    """The log says which track is missing; the others are offered."""
    whole = presented(films.data("h264"))
    entries = (Entry("video", "a.mp4", 1), Entry("audio", "a.mp4", 9), Entry("text", "a.mp4"), Entry("video", "gone"))
    made, complaints = selected(whole, ServerManifest(entries), {"a.mp4": 0})
    assert [each.kind for each in made.renditions] == ["video"]
    assert complaints == ['"a.mp4" has no audio track 9', '"a.mp4" has no text track']
    with pytest.raises(UnsupportedMedia, match="no audio track 9"):
        selected(whole, ServerManifest(entries[1:]), {"a.mp4": 0})


def test_a_track_is_there_once(films: Library) -> None:
    """Two entries of one track are one rendition, the first."""
    whole = presented(films.data("h264"))
    entries = (Entry("video", "a.mp4", 1, 5), Entry("video", "a.mp4", 0, 6))
    made, _ = selected(whole, ServerManifest(entries), {"a.mp4": 0})
    assert [each.bitrate for each in made.renditions] == [5]
