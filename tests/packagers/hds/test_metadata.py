"""onMetaData of a media."""

from __future__ import annotations

from hls_mp4.containers.flv.metadata import members_of
from hls_mp4.packagers.hds.coding import codings_of
from hls_mp4.packagers.hds.metadata import media_metadata
from hls_mp4.packagers.hds.offer import offer_of
from tests.films import Library
from tests.media.test_presentation import presented


def test_a_player_is_told_what_it_will_show(films: Library) -> None:
    """Size, rates and codecs are the film's; it ends as an object ends."""
    presentation = presented(films.data("h264"))
    codings = codings_of(presentation)
    (media,) = offer_of(presentation, codings).medias
    data = media_metadata(presentation, codings, media, 12_080)
    assert data.startswith(b"\x02\x00\x0aonMetaData\x08")
    assert data.endswith(b"\0\0\x09")
    told = members_of(data)
    assert {name: told[name] for name in ("duration", "width", "height", "framerate", "videocodecid")} == {
        "duration": 12.08,
        "width": 160,
        "height": 120,
        "framerate": 25,
        "videocodecid": 7,
    }
    assert (told["audiosamplerate"], told["audiochannels"], told["stereo"], told["audiocodecid"]) == (
        44100,
        1,
        False,
        10,
    )
    assert 50 < told["audiodatarate"] < 80
