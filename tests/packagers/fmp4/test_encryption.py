"""Encrypted segments, opened again by FFmpeg and by a reader of the tests' own."""

from __future__ import annotations

import io

import av
import pytest

from hls_mp4.errors import MalformedMedia, UnsupportedMedia
from hls_mp4.interfaces import Asset
from hls_mp4.media.presentation import Presentation
from hls_mp4.media.segments import SegmentPolicy
from hls_mp4.packagers.fmp4.encryption import encryptable, protected_segment
from hls_mp4.packagers.fmp4.init import init_segment
from hls_mp4.plan import Plan, Transformed
from tests import boxes
from tests.films import Library
from tests.flvs import FlvLibrary
from tests.indexes import indexed
from tests.media.test_presentation import presented
from tests.packagers.dash.saved import flash
from tests.packagers.fmp4.encrypted import KEY, KEY_ID, decrypted, encrypted, finished, packets, protection
from tests.packagers.fmp4.played import rendered, segments_of

SCHEMES = ("cenc", "cbcs")


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("name", ["h264", "hevc", "ntsc", "ac3", "shuffled", "fragmented", "open-gop"])
def test_ffmpeg_opens_it_with_the_key(films: Library, name: str, scheme: str) -> None:
    """Every sample comes out as it lies in the film; without the key none of any length does."""
    presentation = presented(films.data(name))
    told = protection(scheme)
    for number, rendition in enumerate(presentation.renditions):
        init, segments = encrypted(presentation, number, told)
        plain = packets(init_segment([rendition]) + b"".join(segments_of(presentation, number)))
        assert packets(init + b"".join(segments), KEY) == plain
        for one, two in zip(segments, segments_of(presentation, number), strict=True):
            locked, opened = one[one.index(b"mdat") + 4 :], two[two.index(b"mdat") + 4 :]
            assert locked != opened
            at = 0
            for size in rendition.track.samples.sizes(*_samples(presentation, number, segments.index(one))).tolist():
                if size >= 300:
                    assert locked[at : at + size] != opened[at : at + size]
                at += size


def _samples(presentation: Presentation, number: int, segment: int) -> tuple[int, int]:
    """Return the samples of a segment."""
    first, stop = presentation.segments().parts[number][segment : segment + 2].tolist()
    return first, stop


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("name", ["h264", "hevc", "audio-only"])
def test_it_is_what_the_standard_says(films: Library, name: str, scheme: str) -> None:
    """Read by its words: saiz and saio lead to vectors and maps, these open every sample of every segment."""
    presentation = presented(films.data(name))
    told = protection(scheme, iv="ffeeddccbbaa99887766554433221100")
    for number in range(len(presentation.renditions)):
        init, segments = encrypted(presentation, number, told)
        plain = segments_of(presentation, number)
        assert len(segments) == len(plain)
        for one, two in zip(segments, plain, strict=True):
            assert b"".join(decrypted(init, one, bytes.fromhex(KEY))) == two[two.index(b"mdat") + 4 :]


@pytest.mark.parametrize("scheme", SCHEMES)
def test_players_learn_how_before_the_first_sample(films: Library, scheme: str) -> None:
    """encv and enca around the film's own entries, the scheme, the key's id, and pssh boxes in the moov."""
    presentation = presented(films.data("h264"))
    told = protection(scheme, pssh={"widevine": "CAESEAEjRWeJq83vASNFZ4mrze8="})
    for number, (entry, original) in enumerate(((b"encv", b"avc1"), (b"enca", b"mp4a"))):
        init, _ = encrypted(presentation, number, told)
        tree = boxes.tree(init)
        stsd = bytes(tree.need("moov/trak/mdia/minf/stbl/stsd").payload)
        assert stsd[12:16] == entry
        for text in (b"sinf", b"frma" + original, b"schm\0\0\0\0" + scheme.encode() + b"\0\1\0\0"):
            assert text in stsd
        tenc = stsd[stsd.index(b"tenc") + 4 :]
        assert tenc[8:24].hex() == KEY_ID
        pattern = 0x19 if entry == b"encv" else 0
        assert tenc[:8] == (
            bytes((0, 0, 0, 0, 0, 0, 1, 8)) if scheme == "cenc" else bytes((1, 0, 0, 0, 0, pattern, 1, 0))
        )
        systems = [bytes(box.payload) for box in tree.need("moov").children if box.kind == b"pssh"]
        assert [system[4:20].hex() for system in systems] == [
            "1077efecc0b24d02ace33c1e52e2fb4b",
            "edef8ba979d64acea3c827dcd51d21ed",
        ]
        assert systems[0][24:40].hex() == KEY_ID
        with av.open(io.BytesIO(init), format="mp4") as container:
            assert container.streams[0].codec_context.name in ("h264", "aac")


def test_sound_may_have_a_key_of_its_own(films: Library) -> None:
    """As Widevine's rules for large pictures want it."""
    presentation = presented(films.data("h264"))
    told = protection("cenc", audio={"key_id": "aa" * 16, "key": "bb" * 16})
    init, segments = encrypted(presentation, 1, told)
    plain = packets(init_segment([presentation.renditions[1]]) + b"".join(segments_of(presentation, 1)))
    assert packets(init + b"".join(segments), "bb" * 16) == plain
    assert bytes.fromhex("aa" * 16) in init


def test_flash_video_is_encrypted_too(flvs: FlvLibrary) -> None:
    """Its entries are made, and then turned into encrypted ones."""
    presentation = flash(flvs.data("h264"))
    for number, rendition in enumerate(presentation.renditions):
        init, segments = encrypted(presentation, number, protection("cbcs"))
        plain = packets(init_segment([rendition]) + b"".join(segments_of(presentation, number)))
        assert packets(init + b"".join(segments), KEY) == plain


def vectors(films: Library, name: str, number: int = 0, **members: str) -> list[bytes]:
    """Return the vectors of all samples of a rendition."""
    presentation = presented(films.data(name))
    _, segments = encrypted(presentation, number, protection("cenc", **members))
    found = []
    for segment in segments:
        senc = bytes(boxes.tree(segment).need("moof/traf/senc").payload)
        at = 8
        for _ in range(int.from_bytes(senc[4:8], "big")):
            found.append(senc[at : at + 8])
            at += 8
            if senc[3] & 2:
                at += 2 + 6 * int.from_bytes(senc[at : at + 2], "big")
    return found


def test_no_vector_is_used_twice(films: Library) -> None:
    """Not in a track, not in another of the film, not in another film: with one key that would give both away."""
    seen = [
        *vectors(films, "h264"),
        *vectors(films, "h264", 1),
        *vectors(films, "ntsc"),
        *vectors(films, "ntsc", 1),
        *vectors(films, "h264", key="ff" * 16),
    ]
    assert len(set(seen)) == len(seen)
    assert vectors(films, "h264") == vectors(films, "h264")
    shifted = vectors(films, "two-audios", 1), vectors(films, "two-audios", 2)
    assert not set(shifted[0]) & set(shifted[1])


def test_a_segment_is_the_same_however_it_is_cut(films: Library) -> None:
    """Vectors count samples of the film: policies do not matter to them. Any range of a body is that range."""
    presentation = presented(films.data("h264"))
    told = protection("cenc")
    rendition = presentation.renditions[0]
    plan = Plan(finished(protected_segment(presentation, rendition, 0, 100, 1, told)))
    whole = rendered(plan)
    for start, stop in ((0, 10), (500, 3000), (len(whole) - 9, len(whole)), (0, len(whole))):
        assert rendered(plan.cut(start, stop)) == whole[start:stop]
    other = presented(films.data("h264"))
    other.policy = SegmentPolicy(2000)
    _, segments = encrypted(other, 0, told)
    media = [segment[segment.index(b"mdat") + 4 :] for segment in segments]
    assert whole[whole.index(b"mdat") + 4 :] == media[0] + media[1]


def test_maps_are_found_once(films: Library) -> None:
    """A segment that is asked for again is not read before it is sent; sound never is."""
    presentation = presented(films.data("h264"))
    video, audio = presentation.renditions
    for scheme in SCHEMES:
        first = protected_segment(presentation, video, 0, 100, 1, protection(scheme))
        assert next(first).length > 0
        finished(protected_segment(presentation, video, 0, 100, 1, protection(scheme)))
        with pytest.raises(StopIteration):
            next(protected_segment(presentation, video, 0, 100, 1, protection(scheme)))
        with pytest.raises(StopIteration):
            next(protected_segment(presentation, audio, 0, 100, 1, protection(scheme)))


def test_long_segments_are_made_in_pieces(films: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    """A slow client holds one piece of a segment in memory, not all of it."""
    from hls_mp4.packagers.fmp4 import encryption

    presentation = presented(films.data("h264"))
    monkeypatch.setattr(encryption, "PIECE", 4096)
    parts = finished(protected_segment(presentation, presentation.renditions[0], 0, 300, 1, protection("cenc")))
    pieces = [part for part in parts if isinstance(part, Transformed)]
    assert len(pieces) > 3
    init, _ = encrypted(presentation, 0, protection("cenc"))
    plain = packets(init_segment([presentation.renditions[0]]) + b"".join(segments_of(presentation, 0)))
    assert packets(init + rendered(Plan(parts)), KEY) == plain


@pytest.mark.parametrize("name", ["av1", "vp9-opus"])
def test_what_cannot_be_encrypted_is_refused(films: Library, name: str) -> None:
    """It is not sent as it is, and not with headers that no decoder could read."""
    presentation = presented(films.data(name))
    (video,) = presentation.of_kind("video")
    with pytest.raises(UnsupportedMedia, match="cannot be encrypted"):
        encryptable(video, protection("cenc"))
    (audio,) = presentation.of_kind("audio")
    encryptable(audio, protection("cenc"))


def test_uncompressed_sound_is_refused(films: Library) -> None:
    """A sample of it is less than a block, which cbcs would leave as it is."""
    (audio,) = presented(films.data("pcm-mov")).of_kind("audio")
    with pytest.raises(UnsupportedMedia, match="few bytes"):
        encryptable(audio, protection("cbcs"))


def test_texts_are_not_encrypted(films: Library) -> None:
    """Nobody asks for it, and players do not expect it."""
    (text,) = presented(films.data("texts")).of_kind("text")
    with pytest.raises(UnsupportedMedia, match="subtitles"):
        encryptable(text, protection("cenc"))


def test_broken_samples_are_an_error(films: Library) -> None:
    """Lengths of NAL units that lead nowhere: an error before the first byte is sent."""
    data = bytearray(films.data("h264"))
    index = indexed(bytes(data))
    at = index.tracks[0].samples.offset(3)
    data[at : at + 4] = b"\x7f\xff\xff\xff"
    presentation = Presentation.of([Asset(index, bytes(data))])
    with pytest.raises(MalformedMedia, match="NAL unit"):
        finished(protected_segment(presentation, presentation.renditions[0], 0, 50, 1, protection("cenc")))
