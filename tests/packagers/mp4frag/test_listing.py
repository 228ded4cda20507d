"""What the command mp4frag writes."""

from __future__ import annotations

from fractions import Fraction
from xml.etree import ElementTree

import pytest

from hls_mp4.errors import UnsupportedMedia
from hls_mp4.media.segments import SegmentPolicy
from hls_mp4.packagers.mp4frag.listing import Listing, Quality
from tests.containers.f4f.test_abst import OPENHTTPSTREAMER
from tests.films import Audio, Library, Recipe, encode
from tests.judge import decode
from tests.media.test_presentation import presented
from tests.packagers.fmp4.played import rendered
from tests.packagers.hds.played import joined, tags_of


def listing_of(*films: bytes, ms: int = 3000) -> Listing:
    """Return films as they are cut."""
    presentation = presented(*films)
    presentation.policy = SegmentPolicy(ms, rule="at_least")
    names = [f"{number}.mp4" for number in range(len(films))]
    return Listing(
        presentation,
        [
            Quality(name, name.encode(), len(data), number)
            for number, (name, data) in enumerate(zip(names, films, strict=True))
        ],
    )


def twenty_seconds(films: Library) -> bytes:
    """Return the film of OpenHttpStreamer's example: 20 s, and no edit list, which that does not know."""
    return films.made("twenty-seconds", lambda: encode(Recipe(seconds=Fraction(20)))).replace(b"edts", b"free")


def test_the_manifest_is_that_of_openhttpstreamer(films: Library) -> None:
    """The bootstrap to the byte, its elements in their order, duration and bit rate by its formulas."""
    data = twenty_seconds(films)
    manifest = listing_of(data).manifest("film")
    root = ElementTree.fromstring(manifest)
    assert [each.tag.partition("}")[2] for each in root] == ["id", "streamType", "duration", "bootstrapInfo", "media"]
    assert [each.text for each in root][:4] == ["film", "recorded", "20.0232", OPENHTTPSTREAMER]
    rate = int(len(data) / 20.0232 * 8 / 10000) * 10
    assert root[4].attrib == {"streamId": "film", "url": "0/", "bootstrapInfoId": "bootstrap", "bitrate": str(rate)}


def test_qualities_are_folders_with_bit_rates_of_their_own(films: Library) -> None:
    """Clients know a quality by its bit rate: two of one size do not have the same."""
    data = films.data("h264")
    root = ElementTree.fromstring(listing_of(data, data, data).manifest("film"))
    medias = [each.attrib for each in root if each.tag.endswith("media")]
    assert [media["url"] for media in medias] == ["0/", "1/", "2/"]
    assert len({media["bitrate"] for media in medias}) == 3


def test_ids_do_not_break_the_manifest(films: Library) -> None:
    """`a&b` is a name."""
    root = ElementTree.fromstring(listing_of(films.data("h264")).manifest('a&b <"c">'))
    assert root[0].text == root[-1].attrib["streamId"] == 'a&b <"c">'


def test_fragments_show_the_film(films: Library) -> None:
    """With edit lists carried out, sound is where it belongs; no fragment is shorter than asked for but the last."""
    data = films.data("h264")
    listing = listing_of(data, ms=1500)
    shown, original = decode(joined([rendered(plan) for plan in listing.fragments(listing.qualities[0])])), decode(data)
    assert [picture.number for picture in shown.videos[0]] == [picture.number for picture in original.videos[0]]
    apart = shown.videos[0][0].time - shown.sounds[0].time
    assert abs(apart - (original.videos[0][0].time - original.sounds[0].time)) < Fraction(1, 30)
    assert (listing.cuttings[0].durations[:-1] >= 1500).all()


def test_a_film_of_one_track_has_one_configuration(films: Library) -> None:
    """No empty tag in a file, and none counted either."""
    for name, kind in (("audio-only", 8), ("video-only", 9)):
        listing = listing_of(films.data(name))
        bodies = [rendered(plan) for plan in listing.fragments(listing.qualities[0])]
        assert len(bodies) > 1
        assert {tag.kind for body in bodies for tag in tags_of(body)} == {kind}


def test_films_that_differ_are_refused_or_told_of(films: Library) -> None:
    """One bootstrap is for all: another length is an error, pictures that come a little later a warning."""
    with pytest.raises(UnsupportedMedia, match="key frames at the same times"):
        listing_of(films.data("h264"), films.made("short", lambda: encode(Recipe(seconds=Fraction(5)))))
    told = list(listing_of(films.data("h264"), films.data("no-b-frames")).warnings())
    assert told == ["1.mp4: begins fragments up to 80 ms apart from 0.mp4"]
    assert list(listing_of(films.data("h264")).warnings()) == []


def test_what_cannot_be_carried_is_refused(films: Library) -> None:
    """HEVC was called H.264 before; of two sounds one that cannot be carried is left out, and said to be."""
    with pytest.raises(UnsupportedMedia, match=r"0\.mp4: no video that can be carried.*HEVC"):
        listing_of(films.data("hevc"))
    assert "AC-3" in next(listing_of(films.data("two-audios")).warnings())


def test_mp3_has_no_place_in_an_index(films: Library) -> None:
    """Its fragments can be written all the same."""
    data = films.made("mp3-12", lambda: encode(Recipe(seconds=Fraction(6), audio=(Audio("libmp3lame", (), 44100),))))
    listing = listing_of(data)
    with pytest.raises(UnsupportedMedia, match="MP3"):
        listing.written(listing.qualities[0])
    assert len([rendered(plan) for plan in listing.fragments(listing.qualities[0])]) == 2
