"""A trak box becomes the track that players see."""

from __future__ import annotations

import struct

import pytest

from hls_mp4.containers.isobmff.box import Box
from hls_mp4.containers.isobmff.build import make_box, make_full_box
from hls_mp4.containers.isobmff.tracks import track_of
from hls_mp4.errors import MalformedMedia, UnsupportedMedia
from hls_mp4.media.index import Track
from tests.films import Library
from tests.packagers.progressive.clips import index_of

COUNT_0 = bytes(4)
MDHD = make_full_box(b"mdhd", 0, 0, bytes(8), (48000).to_bytes(4, "big"), (96000).to_bytes(4, "big"), b"\x15\xc7\0\0")


def stbl(**replaced: bytes | None) -> bytes:
    """A sample table of one sample of ten bytes at offset 100; boxes can be replaced, or left out with None."""
    one = (1).to_bytes(4, "big")
    boxes: dict[str, bytes | None] = {
        "stts": make_full_box(b"stts", 0, 0, one, one, (96000).to_bytes(4, "big")),
        "stsc": make_full_box(b"stsc", 0, 0, one, one, one, one),
        "stsz": make_full_box(b"stsz", 0, 0, bytes(4), one, (10).to_bytes(4, "big")),
        "stco": make_full_box(b"stco", 0, 0, one, (100).to_bytes(4, "big")),
    }
    boxes.update(replaced)
    return make_box(b"stbl", *(data for data in boxes.values() if data is not None))


def trak(*before: bytes, table: bytes | None = None, mdhd: bytes = MDHD) -> Box:
    minf = make_box(b"minf", table if table is not None else stbl())
    moov = Box.parse(make_box(b"moov", make_box(b"trak", *before, make_box(b"mdia", mdhd, minf))))
    return moov.children[0]


def read(box: Box, size: int = 1000) -> Track:
    return track_of(box, 1, size)


def test_the_least_a_track_needs() -> None:
    """Without tkhd, hdlr, stsd, ctts, stss and edits a track is still one."""
    track = read(trak())
    assert (track.id, track.handler, track.codec, track.edits) == (1, "", "", ())
    assert (track.timescale, track.duration, track.language) == (48000, 96000, "eng")
    assert track.samples.count == 1
    assert track.samples.offset(0) == 100
    assert track.samples.all_sync


@pytest.mark.parametrize("kind", ["stts", "stsc", "stsz", "stco"])
def test_tables_that_must_be_there(kind: str) -> None:
    """A missing table is told by its name and its place."""
    with pytest.raises(MalformedMedia, match=f"no mp4 {kind} atom was found") as caught:
        read(trak(table=stbl(**{kind: None})))
    assert caught.value.box == "moov/trak[0]/mdia/minf/stbl"


@pytest.mark.parametrize("more", [b"co64", b"stz2"])
def test_two_tables_for_one_thing(more: bytes) -> None:
    """stco beside co64, or stsz beside stz2, contradict each other."""
    with pytest.raises(MalformedMedia, match="duplicate mp4"):
        read(trak(table=stbl(extra=make_full_box(more, 0, 0, bytes(8)))))


def test_a_timescale_of_zero() -> None:
    """Nothing can be timed without a timescale."""
    zero = make_full_box(b"mdhd", 0, 0, bytes(20))
    with pytest.raises(MalformedMedia, match="timescale is zero"):
        read(trak(mdhd=zero))


def test_uniform_samples_that_cannot_be_in_the_file() -> None:
    """Four thousand million samples of a kilobyte are refused before anything is made of them."""
    table = make_full_box(b"stsz", 0, 0, (1024).to_bytes(4, "big"), b"\xff\xff\xff\xff")
    with pytest.raises(MalformedMedia, match="stsz atom has 4294967295 samples"):
        read(trak(table=stbl(stsz=table)))


def test_an_unknown_duration() -> None:
    """A duration of all ones means that nobody knows; the samples do."""
    unknown = make_full_box(b"mdhd", 0, 0, bytes(8), (48000).to_bytes(4, "big"), b"\xff\xff\xff\xff", bytes(4))
    track = read(trak(mdhd=unknown))
    assert track.declared_duration == 0
    assert track.duration == 96000


def test_descriptions_of_real_films(films: Library) -> None:
    """Codec, picture size, channels and rate are those of the film."""
    video, sound = index_of(films.data("h264")).tracks
    assert (video.handler, video.codec) == ("vide", "avc1")
    assert video.width and video.height
    assert (sound.handler, sound.codec) == ("soun", "mp4a")
    assert sound.channels in (1, 2)
    assert sound.rate in (44100, 48000)
    assert video.enabled


def sound(codec: bytes, version: int, *more: bytes, channels: int = 2, bits: int = 16, rate: int = 48000) -> bytes:
    """A sound sample description of QuickTime."""
    fields = struct.pack(">6xHH6xHHHHI", 1, version, channels, bits, 0, 0, rate << 16)
    return make_full_box(b"stsd", 0, 0, (1).to_bytes(4, "big"), make_box(codec, fields, *more))


def sound_trak(stsd: bytes, sample_size: int, count: int) -> Box:
    sizes = make_full_box(b"stsz", 0, 0, sample_size.to_bytes(4, "big"), count.to_bytes(4, "big"))
    minf = make_box(b"minf", stbl(stsd=stsd, stsz=sizes))
    hdlr = make_full_box(b"hdlr", 0, 0, bytes(4), b"soun", bytes(12))
    moov = Box.parse(make_box(b"moov", make_box(b"trak", make_box(b"mdia", MDHD, hdlr, minf))))
    return moov.children[0]


@pytest.mark.parametrize(
    ("codec", "bits", "frame"),
    [(b"twos", 16, 4), (b"sowt", 16, 4), (b"raw ", 8, 2), (b"in24", 16, 6), (b"fl32", 16, 8), (b"ulaw", 16, 2)],
)
def test_frames_of_old_quicktime_sound(codec: bytes, bits: int, frame: int) -> None:
    """Uncompressed sound that old QuickTime lists as samples of one byte is cut at its frames, not inside of them."""
    track = read(sound_trak(sound(codec, 0, bits=bits), 1, 100))
    assert track.samples.bytes_between(0, 100) == 100 * frame
    assert read(sound_trak(sound(codec, 0, bits=bits), 3, 100)).samples.size(0) == 3


def test_high_rate_sound_of_quicktime() -> None:
    """A version 2 description has its rate and channels elsewhere than all others, which hold constants there."""
    extra = struct.pack(">IdIIIIII", 72, 96000.0, 6, 0x7F000000, 24, 12, 18, 1)
    track = read(sound_trak(sound(b"lpcm", 2, extra, channels=3, rate=1), 1, 20))
    assert (track.rate, track.channels) == (96000, 6)
    assert track.samples.bytes_between(0, 20) == 20 * 18


def test_sound_whose_packets_have_no_size() -> None:
    """Sound that could only be cut wrongly is refused, with a reason."""
    packets = struct.pack(">IIII", 64, 34, 68, 2)
    with pytest.raises(UnsupportedMedia, match="packets of one size") as caught:
        read(sound_trak(sound(b"ima4", 1, packets), 1, 100))
    assert caught.value.box.endswith("stsz")
