"""Sample entries: which codec a track has."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hls_mp4.containers.isobmff.box import Box
from hls_mp4.containers.isobmff.configuration import configuration_of
from hls_mp4.containers.isobmff.format import IsobmffFormat
from hls_mp4.interfaces import IndexLimits
from hls_mp4.media.drive import index_bytes
from tests.boxes import make, make_full
from tests.films import Library

AVCC = make(b"avcC", bytes.fromhex("01640028FF"))
ESDS = make(b"esds", bytes.fromhex("00000000 0316 000100 0411 40150000000000000000000000 0502 1210"))
VISUAL = bytes(78)
SOUND = bytes(28)


def trak(*entries: bytes, version: int = 0) -> Box:
    """Return a track with these sample entries, and nothing else."""
    stsd = make_full(b"stsd", version, 0, len(entries).to_bytes(4, "big"), *entries)
    return Box.parse(make(b"trak", make(b"mdia", make(b"minf", make(b"stbl", stsd)))))


def codec(entry: bytes, handler: str, version: int = 0) -> str:
    """Return the codec string of a track with this sample entry."""
    return configuration_of(trak(entry, version=version), handler).codec_string


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        # What Debian's ffprobe says of profile and level agrees.
        ("h264", ["avc1.4D400B", "mp4a.40.2"]),
        ("hevc", ["hev1.1.6.L30.90", "mp4a.40.2"]),
        ("av1", ["av01.0.00M.08", "Opus"]),
        ("vp9-opus", ["vp09.00.10.08", "Opus"]),
        ("pcm-mov", ["avc1.4D400B", "sowt"]),
        ("ipcm", ["avc1.4D400B", "ipcm"]),
        ("ac3", ["avc1.4D400B", "ac-3"]),
        ("eac3", ["avc1.4D400B", "ec-3"]),
        ("texts", ["avc1.4D400B", "mp4a.40.2", "tx3g"]),
        ("fragmented", ["avc1.4D400B", "mp4a.40.2"]),
    ],
)
def test_codecs_of_films(films: Library, name: str, expected: list[str]) -> None:
    """Films of real encoders are named as a player wants it."""
    data = films.data(name)
    index = index_bytes(IsobmffFormat().index(len(data), IndexLimits()), data)
    assert [configuration_of(track.box, track.handler).codec_string for track in index.tracks] == expected


@pytest.mark.parametrize(("version", "more"), [(0, 0), (1, 16), (2, 36)])
def test_quicktime_sound_descriptions(version: int, more: int) -> None:
    """QuickTime's later versions have more fields, and put the record one box deeper."""
    fields = SOUND[:8] + version.to_bytes(2, "big") + SOUND[10:] + bytes(more)
    entry = make(b"mp4a", fields, make(b"wave", make(b"frma", b"mp4a"), ESDS, bytes.fromhex("0000000800000000")))
    assert codec(entry, "soun") == "mp4a.40.2"


def test_sound_entries_of_iso_version_1() -> None:
    """In a sample description box of version 1 the same number means ISO's entry, which has no more fields."""
    fields = SOUND[:8] + b"\x00\x01" + SOUND[10:]
    assert codec(make(b"mp4a", fields, ESDS), "soun", version=1) == "mp4a.40.2"


def test_protected_tracks_have_the_codec_they_had_before() -> None:
    """A player asks for the codec that comes out of the decryption."""
    sinf = make(b"sinf", make(b"frma", b"avc1"), make_full(b"schm", 0, 0, b"cenc\x00\x01\x00\x00"))
    found = configuration_of(trak(make(b"encv", VISUAL, AVCC, sinf)), "vide")
    assert (found.codec_string, found.protected, sorted(found.records)) == ("avc1.640028", True, ["avcC", "sinf"])
    torn = configuration_of(trak(make(b"encv", VISUAL, AVCC, make(b"sinf", make(b"frma", b"av")))), "vide")
    assert (torn.codec_string, torn.protected) == ("encv", True)


def test_the_first_entry_and_the_first_record_count() -> None:
    """Tracks with several descriptions are named by the one they begin with."""
    other = make(b"avcC", bytes.fromhex("01420010FF"))
    assert codec(make(b"avc1", VISUAL, AVCC, other), "vide") == "avc1.640028"
    both = trak(make(b"avc3", VISUAL, AVCC), make(b"hvc1", VISUAL))
    assert configuration_of(both, "vide").codec_string == "avc3.640028"


def test_subtitles() -> None:
    """TTML has three strings before its boxes; WebVTT has nothing."""
    mime = make_full(b"mime", 0, 0, b"application/ttml+xml;codecs=im1t\0")
    assert codec(make(b"stpp", bytes(8), b"http://www.w3.org/ns/ttml\0\0\0", mime), "subt") == "stpp.ttml.im1t"
    assert codec(make(b"stpp", bytes(8), b"no end"), "subt") == "stpp"
    assert codec(make(b"wvtt", bytes(8), make(b"vttC", b"WEBVTT")), "text") == "wvtt"


@pytest.mark.parametrize(
    "entry",
    [
        make(b"avc1"),
        make(b"avc1", VISUAL[:40]),
        make(b"avc1", VISUAL),
        make(b"avc1", VISUAL, b"\x00\x00\x00\x03avcC"),
        make(b"avc1", VISUAL, AVCC[:-6]),
    ],
)
def test_entries_that_are_cut_short(entry: bytes) -> None:
    """The four letters are still right."""
    assert codec(entry, "vide") == "avc1"


def test_nothing_to_go_by() -> None:
    """Without a sample description there is no codec, and that is no failure."""
    assert configuration_of(trak(), "vide").codec_string == ""
    assert configuration_of(Box.parse(make(b"trak")), "vide").codec_string == ""
    short = Box.parse(make(b"trak", make(b"mdia", make(b"minf", make(b"stbl", make(b"stsd", bytes(4)))))))
    assert configuration_of(short, "vide").codec_string == ""


@given(
    st.binary(max_size=120), st.sampled_from([b"avc1", b"mp4a", b"stpp", b"encv"]), st.sampled_from(["vide", "soun"])
)
def test_any_bytes_are_an_entry(body: bytes, kind: bytes, handler: str) -> None:
    """Naming the codec of a track never fails."""
    assert codec(make(kind, body), handler).isprintable()
