"""What a packager says of a codec, wherever the track comes from."""

from __future__ import annotations

import dataclasses

import pytest

from hls_mp4.codecs.configuration import Configuration
from hls_mp4.containers.flv.description import FlvDescription
from hls_mp4.containers.isobmff.box import Box
from hls_mp4.containers.isobmff.build import make_box
from hls_mp4.containers.isobmff.configuration import configuration_of
from hls_mp4.errors import UnsupportedMedia
from hls_mp4.media.index import Track
from hls_mp4.packagers.description import configuration, sample_description
from tests.films import Library
from tests.indexes import indexed

FILMS = ("h264", "hevc", "av1", "vp9-opus", "ac3", "eac3")


def described(track: Track) -> Configuration:
    """Return what a player reads in a track's sample description."""
    trak = make_box(b"trak", make_box(b"mdia", make_box(b"minf", make_box(b"stbl", sample_description(track)))))
    return configuration_of(Box.parse(trak), track.handler)


@pytest.mark.parametrize("name", FILMS)
def test_a_film_keeps_its_own_description(films: Library, name: str) -> None:
    """What players know of its codec is what the file says, byte for byte."""
    data = films.data(name)
    for track in indexed(data).tracks:
        assert sample_description(track) in data
        assert configuration(track) is configuration(track)


@pytest.mark.parametrize("name", FILMS)
def test_a_description_can_be_made_of_a_configuration(films: Library, name: str) -> None:
    """A track of a container without sample entries gets one that says the same."""
    for track in indexed(films.data(name)).tracks:
        told = configuration(track)
        foreign = FlvDescription(track.codec, b"", told)
        made = described(dataclasses.replace(track, box=foreign))
        assert made.codec_string == told.codec_string
        assert made.entry == told.entry
        assert all(bytes(record) == bytes(told.records[kind]) for kind, record in made.records.items())


def test_what_nobody_could_decode_is_refused(films: Library) -> None:
    """A codec that MP4 has no entry for is left out of what is announced, not announced wrongly."""
    track = indexed(films.data("h264")).tracks[0]
    for told in (Configuration(), Configuration("VP6F"), Configuration("avc1")):
        with pytest.raises(UnsupportedMedia, match="no sample entry"):
            sample_description(dataclasses.replace(track, box=FlvDescription("VP6F", b"", told)))


def test_sound_descriptions_of_quicktime_are_written_anew(films: Library) -> None:
    """Browsers read those of ISO/IEC 14496-12 only, which keep the decoder's configuration where it belongs."""
    track = indexed(films.data("h264")).tracks[1]
    esds = make_box(b"esds", bytes(configuration(track).records["esds"]))
    fields = bytes(6) + b"\0\1" + b"\0\1" + bytes(6) + b"\0\2\0\x10\xff\xfe\0\0" + (44100 << 16).to_bytes(4, "big")
    entry = make_box(b"mp4a", fields, bytes(16), make_box(b"wave", esds))
    stsd = make_box(b"stsd", bytes(4), b"\0\0\0\1", entry)
    trak = make_box(b"trak", make_box(b"mdia", make_box(b"minf", make_box(b"stbl", stsd))))
    quicktime = dataclasses.replace(track, box=Box.parse(trak))
    assert configuration(quicktime).codec_string == "mp4a.40.2"
    assert sample_description(quicktime) != stsd
    assert b"wave" not in sample_description(quicktime)
    assert described(quicktime).codec_string == "mp4a.40.2"
