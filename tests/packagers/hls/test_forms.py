"""MPEG-TS, and encryption, as players get them: judged by FFmpeg's own HLS client."""

from __future__ import annotations

import re
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from hls_mp4.errors import NotFound, StreamingError, UnsupportedMedia
from hls_mp4.media.presentation import Presentation
from hls_mp4.media.protection import Protection
from hls_mp4.media.segments import SegmentPolicy
from hls_mp4.packagers.hls.forms import Segment, form_of
from tests.films import Library
from tests.judge import decode
from tests.media.test_presentation import presented
from tests.packagers.fmp4.encrypted import decrypted, protection
from tests.packagers.fmp4.played import rendered
from tests.packagers.hls.saved import answered, named, save, text_of
from tests.packagers.hls.test_master import bandwidth_of

KEY = bytes(range(16))
WHOLE = {"encryption": "aes-128", "key": KEY}
SAMPLES = {"form": "ts", "encryption": "sample-aes", "key": KEY}


def shown(playlist: Path) -> Iterator[av.VideoFrame | av.AudioFrame]:
    """Yield what FFmpeg's HLS client plays."""
    options = {"allowed_extensions": "ALL", "protocol_whitelist": "file,crypto,data"}
    with av.open(str(playlist), options=options) as played:
        for frame in played.decode():
            assert isinstance(frame, av.VideoFrame | av.AudioFrame)
            yield frame


def assert_plays(films: Library, name: str, folder: Path, *, missing: int = 0, **settings: object) -> None:
    """Assert that a player shows all pictures of a film to the pixel, and hears as much as there is.

    Args:
        films, name: the film.
        folder: where it is saved.
        missing: pictures at the end that do not count.
        settings: of the module.
    """
    data = films.data(name)
    original = decode(data, strict=False)
    presentation = presented(data)
    presentation.policy = SegmentPolicy(2000)
    pictures, heard = [], 0
    first: dict[type, Fraction] = {}
    for frame in shown(save(presentation, folder, **settings)):
        first.setdefault(type(frame), (frame.pts or 0) * Fraction(frame.time_base or 1))
        if isinstance(frame, av.VideoFrame):
            pictures.append(frame.to_ndarray(format="yuv420p"))
        else:
            heard += frame.samples
    wanted = original.videos[0] if original.videos else []
    assert len(pictures) == len(wanted)
    for picture, before in list(zip(pictures, wanted, strict=True))[: len(wanted) - missing]:
        assert np.array_equal(picture, before.pixels)
    if original.sounds:
        assert abs(heard - original.sounds[0].samples.shape[1]) <= 3 * 1024
    if len(first) == 2:
        apart = original.videos[0][0].time - original.sounds[0].time
        assert abs(first[av.VideoFrame] - first[av.AudioFrame] - apart) < Fraction(1, 30)


@pytest.mark.parametrize(
    "name", ["h264", "fragmented", "no-edits", "ntsc", "late-audio", "ac3", "audio-only", "video-only"]
)
def test_a_player_shows_the_film_in_transport_streams(films: Library, tmp_path: Path, name: str) -> None:
    """Every frame, to the pixel, and sound as far from the picture as in the film."""
    assert_plays(films, name, tmp_path, form="ts")


@pytest.mark.parametrize("form", ["ts", "fmp4"])
@pytest.mark.parametrize("name", ["h264", "eac3", "hevc", "audio-only"])
def test_a_player_with_the_key_shows_the_film(films: Library, tmp_path: Path, name: str, form: str) -> None:
    """Whole segments encrypted, in both forms: a player that gets the key shows the same film."""
    assert_plays(films, name, tmp_path, form=form, **WHOLE)
    text = text_of(
        presented(films.data(name)), f"index-{'a1' if name == 'audio-only' else 'v1'}.m3u8", form=form, **WHOLE
    )
    assert text.index("#EXT-X-KEY") > text.find("#EXT-X-MAP")


@pytest.mark.parametrize("name", ["h264", "ac3", "eac3", "open-gop", "audio-only", "video-only"])
def test_samples_that_are_encrypted_play(films: Library, tmp_path: Path, name: str) -> None:
    """SAMPLE-AES, but for the last picture, which FFmpeg's client forgets to decrypt when the playlist is over."""
    assert_plays(films, name, tmp_path, missing=1, **SAMPLES)


def test_without_the_key_nothing_is_seen(films: Library, tmp_path: Path) -> None:
    """What is sent is no transport stream, or no picture, to who has another key."""
    presentation = presented(films.data("h264"))
    playlist = save(presentation, tmp_path, form="ts", **WHOLE)
    (tmp_path / "encryption.key").write_bytes(bytes(16))
    with pytest.raises((av.FFmpegError, AssertionError)):
        assert list(shown(playlist))


@pytest.mark.parametrize("settings", [{"form": "ts"}, {"form": "ts", **WHOLE}, SAMPLES, {"form": "fmp4", **WHOLE}])
def test_bandwidth_counts_every_byte(films: Library, settings: dict[str, object]) -> None:
    """The peak that is told is that of the segments as they are sent, headers, stuffing and padding included."""
    presentation = presented(films.data("video-only"))
    playlist = text_of(presentation, "index-v1.m3u8", **settings)
    seconds = [Fraction(found) for found in re.findall(r"#EXTINF:([0-9.]+)", playlist)]
    sizes = [answered(presentation, name, **settings).plan.length for name in named(playlist) if name.startswith("seg")]
    (told,) = bandwidth_of(text_of(presentation, "master.m3u8", **settings))
    assert told == max(-(-8 * size // length) for size, length in zip(sizes, seconds, strict=True))


def test_what_a_form_cannot_carry_is_left_out_and_told_once(films: Library) -> None:
    """A film of H.264 with PCM is one of pictures in MPEG-TS; whoever has the playlist written reads why."""
    presentation = presented(films.data("pcm-mov"))
    made = answered(presentation, "master.m3u8", form="ts")
    assert made.complaint == "audio track 1 is left out: MPEG-TS cannot carry PCM"
    assert not answered(presentation, "master.m3u8", form="ts").complaint
    assert named(rendered(made.plan).decode()) == ["index-v1.m3u8", "iframes-v1.m3u8"]
    assert named(text_of(presentation, "index.m3u8", form="ts"))[0] == "seg-1-v1.ts"
    with pytest.raises(StreamingError, match="cannot carry PCM"):
        answered(presentation, "seg-1-a1.ts", form="ts")


def test_a_film_of_which_nothing_is_left_is_an_error(films: Library) -> None:
    """415, and both reasons."""
    with pytest.raises(UnsupportedMedia, match=r"carry AV1.*carry Opus") as raised:
        answered(presented(films.data("av1")), "master.m3u8", form="ts")
    assert raised.value.status_hint == 415


def test_several_sounds_are_apart_one_is_within(films: Library) -> None:
    """A single sound comes with the picture; of several a player fetches the one it wants."""
    one = text_of(presented(films.data("h264")), "master.m3u8", form="ts")
    assert "index-v1-a1.m3u8" in one and "EXT-X-MEDIA" not in one
    several = text_of(presented(films.data("two-audios")), "master.m3u8", form="ts")
    assert several.count("#EXT-X-MEDIA:TYPE=AUDIO") == 3
    assert "index-v1.m3u8" in several


@pytest.mark.parametrize(
    ("name", "form"),
    [
        *(("seg-1-v1.m4s", "ts"), ("init-v1.mp4", "ts"), ("seg-1-v1.ts", "fmp4"), ("seg-4-v1-a1.ts", "ts")),
        *(("seg-1-v1-a0.ts", "ts"), ("index-v1-a0.m3u8", "ts"), ("iframes-v1-a1.m3u8", "ts"), ("seg-1-a9.ts", "ts")),
    ],
)
def test_names_of_another_form_are_not_found(films: Library, name: str, form: str) -> None:
    """404, and not what somebody else would have got."""
    with pytest.raises(NotFound):
        answered(presented(films.data("two-audios")), name, form=form)


def test_a_name_without_tracks_is_the_first_of_each_kind(films: Library) -> None:
    """index.m3u8 and seg-1.ts work, as people type them."""
    presentation = presented(films.data("two-audios"))
    assert named(text_of(presentation, "index.m3u8", form="ts"))[0] == "seg-1-v1-a1.ts"
    made = [answered(presentation, name, form="ts") for name in ("seg-2.ts", "seg-2-v1-a1.ts")]
    assert rendered(made[0].plan) == rendered(made[1].plan)
    assert made[0].variant == made[1].variant


def test_key_frames_are_ranges_of_segments(films: Library) -> None:
    """The tables and the bytes of a range decode to the key frame: in the clear, and not where it is all encrypted."""
    presentation = presented(films.data("h264"))
    playlist = text_of(presentation, "iframes-v1.m3u8", form="ts")
    assert "#EXT-X-VERSION:4\n" in playlist
    ranges = re.findall(r"#EXT-X-BYTERANGE:(\d+)@(\d+)\n(\S+)", playlist)
    assert len(ranges) == len(presentation.segments())
    for number, (length, offset, name) in enumerate(ranges):
        plan = answered(presentation, name, form="ts").plan
        part = rendered(plan.cut(0, 376)) + rendered(plan.cut(int(offset), int(offset) + int(length)))
        assert [each.number for each in decode(part).videos[0]] == [100 * number]
    with pytest.raises(NotFound):
        answered(presentation, "iframes-v1.m3u8", form="ts", **WHOLE)
    assert "I-FRAME" not in text_of(presentation, "master.m3u8", form="ts", **WHOLE)


def test_counting_is_left_to_a_thread_once(films: Library) -> None:
    """The first segment of a film counts all of them; the next one does not."""
    presentation = presented(films.data("h264"))
    form = form_of("ts", None)
    assert form.takes_long(presentation, (0, 1))
    assert isinstance(form.segment(presentation, (0, 1), 1), Segment)
    assert not form.takes_long(presentation, (0, 1))
    assert not form_of("fmp4", None).takes_long(presentation, (0,))


@pytest.mark.parametrize("told", [protection("cbcs"), protection("cenc")], ids=["cbcs", "cenc"])
def test_a_file_of_keys_encrypts_fragments(films: Library, told: Protection) -> None:
    """Where a location has one, segments are under Common Encryption, and playlists say how."""
    presentation = presented(films.data("h264"))
    clear = [rendered(answered(presentation, name).plan) for name in ("seg-2-v1.m4s", "seg-2-a1.m4s")]
    presentation.protection = told
    for before, track in zip(clear, ("v1", "a1"), strict=True):
        init, segment = (
            rendered(answered(presentation, name).plan) for name in (f"init-{track}.mp4", f"seg-2-{track}.m4s")
        )
        samples = decrypted(init, segment, told.video.key)
        assert b"".join(samples) == before[-len(b"".join(samples)) :]
    with pytest.raises(UnsupportedMedia, match="drm_key_file"):
        answered(presentation, "index-v1.m3u8", form="ts")
    assert "I-FRAME" not in text_of(presentation, "master.m3u8")


def test_samples_of_fragments_are_encrypted_with_the_key_of_hls(films: Library) -> None:
    """SAMPLE-AES in fragmented MP4 is cbcs; the key and the vector are those that the playlist tells."""
    presentation: Presentation = presented(films.data("h264"))
    clear = rendered(answered(presentation, "seg-1-v1.m4s").plan)
    settings = SAMPLES | {"form": "fmp4"}
    playlist = text_of(presentation, "index-v1.m3u8", **settings)
    iv = bytes.fromhex(re.findall('METHOD=SAMPLE-AES,URI="encryption.key",IV=0x([0-9A-F]{32})', playlist)[0])
    init, segment = (
        rendered(answered(presentation, name, **settings).plan) for name in ("init-v1.mp4", "seg-1-v1.m4s")
    )
    assert iv in init
    samples = decrypted(init, segment, rendered(answered(presentation, "encryption.key", **settings).plan))
    assert b"".join(samples) == clear[-len(b"".join(samples)) :]
