"""HLS as players get it, judged by FFmpeg's own HLS client."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import pytest
from hypothesis import given
from hypothesis import strategies as st
from zope.interface.verify import verifyObject

from hls_mp4.errors import StreamingError
from hls_mp4.interfaces import IPackagerModule
from hls_mp4.media.segments import SegmentPolicy
from hls_mp4.media.texts import Cue, Text
from hls_mp4.packagers.hls.module import HlsModule
from hls_mp4.packagers.hls.settings import HlsSettings
from tests.films import Library, frame_number
from tests.judge import decode
from tests.media.test_presentation import presented
from tests.packagers.fmp4.played import rendered
from tests.packagers.hls.saved import answered, named, save, text_of


def test_it_is_a_packager() -> None:
    """It provides what the web asks of one."""
    verifyObject(IPackagerModule, HlsModule())


@pytest.mark.parametrize("name", ["h264", "fragmented", "no-edits", "ntsc", "hevc", "late-audio", "late-video"])
def test_a_player_shows_the_film(films: Library, tmp_path: Path, name: str) -> None:
    """Every frame, to the pixel, and sound as far from the picture as in the film."""
    data = films.data(name)
    original = decode(data)
    presentation = presented(data)
    presentation.policy = SegmentPolicy(2000)
    with av.open(str(save(presentation, tmp_path)), options={"allowed_extensions": "ALL"}) as played:
        pictures, sounds = [], []
        for frame in played.decode():
            at = frame.pts * Fraction(frame.time_base or 1)
            if isinstance(frame, av.VideoFrame):
                pictures.append((at, frame_number(frame.to_ndarray()[: frame.height, : frame.width])))
            else:
                sounds.append(at)
    assert [number for _, number in pictures] == [picture.number for picture in original.videos[0]]
    apart = pictures[0][0] - sounds[0]
    expected = original.videos[0][0].time - original.sounds[0].time
    assert abs(apart - expected) < Fraction(1, 20)
    for (at, _), picture in zip(pictures, original.videos[0], strict=True):
        assert abs(at - picture.time - Fraction(presentation.lead_ms, 1000)) < Fraction(1, 400)


@pytest.mark.parametrize("name", ["h264", "two-audios", "two-videos", "audio-only", "video-only", "vp9-opus"])
def test_everything_that_is_named_is_there(films: Library, tmp_path: Path, name: str) -> None:
    """No playlist leads to a 404; types are told, bodies are told apart."""
    presentation = presented(films.data(name))
    save(presentation, tmp_path)
    variants = set()
    for path in tmp_path.iterdir():
        delivery = answered(presentation, path.name)
        assert delivery.content_type
        assert delivery.cache
        assert delivery.variant
        variants.add((delivery.content_type, delivery.variant))
    assert len(variants) == len(list(tmp_path.iterdir()))


@pytest.mark.parametrize(
    "name",
    [
        *("seg-4-v1.m4s", "seg-999-a1.m4s", "index-v2.m3u8", "index-a9.m3u8", "init-t1.mp4", "seg-1-t1.vtt"),
        *("index-t1.m3u8", "seg-1.m4s", "init.mp4", "iframes-a1.m3u8", "index-f2-v1.m3u8"),
    ],
)
def test_what_is_not_there_is_not_found(films: Library, name: str) -> None:
    """404, and not the nearest thing."""
    with pytest.raises(StreamingError) as raised:
        answered(presented(films.data("h264")), name)
    assert raised.value.status_hint == 404


@given(st.text("mastreindxgfv0123456789-.uavc8tp4", max_size=30))
def test_other_names_are_left_to_others(name: str) -> None:
    """Only names of HLS are claimed: everything else below a film may be somebody's."""
    match = HlsModule().match(name, b"", HlsSettings())
    assert match is None or name.endswith((".m3u8", ".m4s", ".ts", ".vtt", ".mp4"))


def test_arguments_are_carried_on(films: Library) -> None:
    """A token that the playlist was asked for with is asked for with everything in it."""
    presentation = presented(films.data("h264"))
    presentation.forward = "token=a&x=1"
    for name in ("master.m3u8", "index-v1.m3u8", "iframes-v1.m3u8"):
        assert all(url.endswith("?token=a&x=1") for url in named(text_of(presentation, name)))


def test_subtitles_are_told_in_segments(films: Library) -> None:
    """Each cue is in every segment in which it is shown, on the clock of the pictures; empty segments are there too."""
    presentation = presented(films.data("h264"))
    cues = (Cue(500, 5000, "One\nand more", "line:0"), Cue(9000, 9500, "Two", name="second"))
    presentation.texts = (Text(cues, "de", header="STYLE\n::cue { color: lime }"),)
    master = text_of(presentation, "master.m3u8")
    assert 'TYPE=SUBTITLES,GROUP-ID="texts",LANGUAGE="de",NAME="Deutsch"' in master
    assert 'SUBTITLES="texts"' in master
    assert named(text_of(presentation, "index-t1.m3u8")) == [f"seg-{number}-t1.vtt" for number in (1, 2, 3)]
    segments = [rendered(answered(presentation, f"seg-{number}-t1.vtt").plan).decode() for number in (1, 2, 3)]
    assert all(segment.startswith("WEBVTT\nX-TIMESTAMP-MAP=LOCAL:00:00:00.000,MPEGTS:7200\n") for segment in segments)
    assert ["One\nand more" in segment for segment in segments] == [True, True, False]
    assert "second\n00:00:09.000 --> 00:00:09.500\nTwo\n" in segments[2]
    assert "00:00:00.500 --> 00:00:05.000 line:0" in segments[0]


def test_playlists_are_written_once(films: Library) -> None:
    """Whoever asks again gets the same answer, without a thread and without writing it anew."""
    presentation = presented(films.data("h264"))
    module, settings = HlsModule(), HlsSettings(enabled=True)
    match = module.match("master.m3u8", b"", settings)
    assert match is not None
    assert module.takes_long(presentation, match, settings)
    first = module.respond(presentation, match, settings, 0.0)
    assert not module.takes_long(presentation, match, settings)
    assert module.respond(presentation, match, settings, 1.0) is first
