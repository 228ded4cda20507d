"""SAMPLE-AES in transport streams, opened by a reader of its own."""

from __future__ import annotations

import random
import re

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from hypothesis import given
from hypothesis import strategies as st

from hls_mp4.errors import MalformedMedia, UnsupportedMedia
from hls_mp4.media.presentation import Presentation
from hls_mp4.packagers.mpegts.scrambling import Scrambling, scrambled
from hls_mp4.packagers.mpegts.segment import segment_parts
from hls_mp4.packagers.mpegts.streams import stream_of_rendition
from hls_mp4.plan import Plan
from tests.films import Library
from tests.media.test_presentation import presented
from tests.packagers.fmp4.played import rendered
from tests.packagers.mpegts.made import Sample, film, picture, segments_of, unit
from tests.packagers.mpegts.strict import Segment, read

WITH = Scrambling(bytes(range(16)), bytes(range(100, 116)))


def opened(blocks: bytes) -> bytes:
    """Return blocks decrypted."""
    return Cipher(algorithms.AES(WITH.key), modes.CBC(WITH.iv)).decryptor().update(blocks)


def opened_unit(data: bytes) -> bytes:
    """Return a NAL unit as it was, by the text of Apple's specification."""
    if data[0] & 31 not in (1, 5) or len(data) <= 48:
        return data
    plain = bytearray(re.sub(b"\0\0\3", b"\0\0", data))
    at, places = 32, []
    while at < len(plain):
        if len(plain) - at > 16:
            places.append(at)
            at += 16
        at += min(144, len(plain) - at)
    blocks = opened(b"".join(plain[place : place + 16] for place in places))
    for number, place in enumerate(places):
        plain[place : place + 16] = blocks[16 * number : 16 * number + 16]
    return bytes(plain)


def opened_frame(data: bytes) -> bytes:
    """Return a frame of sound as it was."""
    count = max(0, len(data) - 16) // 16
    return data[:16] + opened(data[16 : 16 + 16 * count]) + data[16 + 16 * count :]


def pictures_of(found: list[Segment]) -> list[list[bytes]]:
    """Return the units of pictures, decrypted, without what the stream adds."""
    return [
        [opened_unit(nal) for nal in each.payload.split(b"\0\0\0\1") if nal and nal[0] & 31 not in (7, 8, 9, 12)]
        for segment in found
        for each in segment.of(0xDB)
    ]


def originals(data: bytes, presentation: Presentation) -> list[list[bytes]]:
    """Return the units of a film's pictures."""
    samples = presentation.renditions[0].track.samples
    found = []
    for number in range(samples.count):
        at, units = samples.offset(number), []
        end = at + samples.size(number)
        while at < end:
            size = int.from_bytes(data[at : at + 4], "big")
            units.append(data[at + 4 : at + 4 + size])
            at += 4 + size
        found.append(units)
    return found


@pytest.mark.parametrize("name", ["h264", "open-gop", "video-only"])
def test_pictures_come_back_to_the_bit(films: Library, name: str) -> None:
    """One block in ten after 32 bytes, guarded against start codes a second time."""
    data = films.data(name)
    presentation = presented(data)
    found = read(segments_of(presentation, (0,), scrambling=WITH))
    assert pictures_of(found) == originals(data, presentation)
    assert [found[0].types[pid] for pid in found[0].types] == [0xDB]
    assert found[0].descriptors[0x100] == [(0x0F, b"zavc")]


ZEROS = st.lists(st.sampled_from((0, 0, 0, 1, 2, 3, 200)), min_size=49, max_size=400).map(bytes)


@given(body=ZEROS)
def test_units_full_of_zeros_are_guarded(body: bytes) -> None:
    """Whatever the bytes: no start code is in what is sent, and what went in comes out."""
    made = WITH.slice(memoryview(b"\x65" + body + b"\x80"))
    assert not re.search(b"\0\0[\0-\2]", made)
    assert opened_unit(made) == b"\x65" + body + b"\x80"


@given(size=st.integers(1, 700))
def test_units_of_any_length_come_back(size: int) -> None:
    """Up to 48 bytes nothing is encrypted; the last block is, only where more follows it."""
    data = bytes((0x61,)) + bytes(random.Random(size).choices(range(4, 256), k=size - 1))
    pack = WITH.of_pictures(stream_of_rendition(film([Sample(b"\0\0\0\1\5", 1)], []).renditions[0]).framing)  # type: ignore[arg-type]
    made = bytes(pack(memoryview(picture([b"\x09\xf0", data])), size + 100))
    assert len(made) == size + 100
    first, *rest = [each for each in made.split(b"\0\0\0\1") if each]
    assert opened_unit(first) == data
    assert (first == data) == (size <= 48)
    assert [each[0] for each in rest] == [12]


def test_a_picture_that_outgrows_its_room_is_not_sent() -> None:
    """Nothing but zeros doubles in length: the promise cannot be kept, and is not broken."""
    bad = picture([b"\x65" + b"\0\0\3" * 3000 + b"\x80"])
    presentation = film([Sample(bad, 3000)], [])
    with pytest.raises(MalformedMedia, match="look like start codes"):
        rendered(Plan(segment_parts(presentation, (0,), 0, WITH)))


@given(size=st.integers(1, 200))
def test_frames_of_any_length_come_back(size: int) -> None:
    """16 bytes in the clear, whole blocks, and what is left over in the clear."""
    data = unit(1, size, size)
    made = WITH.frame(memoryview(data))
    assert opened_frame(made) == data
    assert (made == data) == (size < 32)


@pytest.mark.parametrize(
    ("name", "kind", "indicator", "setup"),
    [
        ("h264", 0xCF, b"aacd", b"zaac\0\0\1"),
        ("ac3", 0xC1, b"ac3d", b"zac3\0\0\1\x0a\x0b\x77"),
        ("eac3", 0xC2, b"ec3d", b"zec3\0\0\1"),
    ],
)
def test_sound_is_told_what_it_is(films: Library, name: str, kind: int, indicator: bytes, setup: bytes) -> None:
    """Stream type, indicator, and a description that a decoder needs before it has the key."""
    (segment, *_) = read(segments_of(presented(films.data(name)), (1,), scrambling=WITH))
    assert segment.types == {0x101: kind}
    first, second = segment.descriptors[0x101]
    assert first == (0x0F, indicator)
    assert second[0] == 5
    assert second[1].startswith(b"apad" + setup)
    assert second[1][4 + 7] == len(second[1]) - 12


def test_the_description_of_ac3_is_a_frames_begin(films: Library) -> None:
    """What is made of dac3 is the begin of the film's own frames, but for their checksum."""
    data = films.data("ac3")
    presentation = presented(data)
    (segment, *_) = read(segments_of(presentation, (1,), scrambling=WITH))
    made = segment.descriptors[0x101][1][1][12:]
    frame = data[presentation.renditions[1].track.samples.offset(0) :][:10]
    assert (made[:2], made[4:6]) == (frame[:2], frame[4:6])
    assert made[6] == frame[6] & 0xE0 | made[6] & 0x1F
    assert len(made) == 10


def test_each_frame_of_eac3_is_encrypted_by_itself() -> None:
    """A sample may have several; one that has none, or half a one, is an error."""
    from hls_mp4.packagers.mpegts.scrambling import _syncframes

    one, two = (b"\x0b\x77" + (size // 2 - 1).to_bytes(2, "big") + bytes(size - 4) for size in (40, 60))
    assert [bytes(each) for each in _syncframes(memoryview(one + two))] == [one, two]
    for wrong, reason in ((b"\x0b\x78\0\0", "no frame"), (one[:20], "cut short"), (one + b"\x0b", "no frame")):
        with pytest.raises(ValueError, match=reason):
            list(_syncframes(memoryview(wrong)))


def test_codecs_without_a_form_are_refused(films: Library) -> None:
    """HEVC, which Apple encrypts in fragmented MP4 only."""
    video = presented(films.data("hevc")).renditions[0]
    with pytest.raises(UnsupportedMedia, match="no form"):
        scrambled(stream_of_rendition(video), video)
