"""Small films of every codec and layout, made with PyAV when a test asks for one.

Each video frame carries its number as sixteen black or white blocks (Gray code, so that neighbours differ in one
block), which survives any lossy coding; audio is noise under a sweep, different at each instant. Everything is
deterministic. A `Library` makes a film once per test session, in milliseconds to a second, and keeps it on disk.

    def test_x(films):                      # the session fixture of tests/conftest.py
        data = films.data("h264")           # bytes
        path = films.path("fragmented")     # pathlib.Path
"""

from __future__ import annotations

import contextlib
import functools
import io
import os
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

from tests import annotations, layouts

os.environ.setdefault("SVT_LOG", "1")  # libsvtav1 greets on stderr otherwise

WIDTH, HEIGHT = 160, 120
X264 = "bframes=2:b-adapt=0:keyint=50:min-keyint=50:scenecut=0:open-gop=0"


@dataclass(frozen=True)
class Video:
    """How a video track is made."""

    codec: str = "libx264"
    options: tuple[tuple[str, str], ...] = (("preset", "ultrafast"), ("x264-params", X264))
    rate: Fraction = Fraction(25)
    first_number: int = 0
    delay: Fraction = Fraction(0)


@dataclass(frozen=True)
class Audio:
    """How an audio track is made."""

    codec: str = "aac"
    # Noise substitution makes a decoder's output depend on everything it decoded before.
    options: tuple[tuple[str, str], ...] = (("aac_pns", "0"), ("b", "64k"))
    rate: int = 44100
    seed: int = 1
    delay: Fraction = Fraction(0)


@dataclass(frozen=True)
class Recipe:
    """How a film is made.

    Args:
        seconds: length.
        video, audio: tracks, videos first unless `audio_first`.
        form: muxer.
        mux: options of the muxer.
        texts: (start, end, text) in seconds of a mov_text track.
        metadata: tags of the movie.
        chapters: (start, end, title) in seconds.
        rewrite: what is done to the muxed bytes, see `tests.layouts`.
        base: name of the film whose packets are taken instead of encoding.
    """

    seconds: Fraction = Fraction(12)
    video: tuple[Video, ...] = (Video(),)
    audio: tuple[Audio, ...] = (Audio(),)
    form: str = "mp4"
    mux: tuple[tuple[str, str], ...] = (("movflags", "+faststart"),)
    texts: tuple[tuple[float, float, str], ...] = ()
    metadata: tuple[tuple[str, str], ...] = ()
    chapters: tuple[tuple[float, float, str], ...] = ()
    rewrite: Callable[[bytes], bytes] | None = None
    base: str | None = None


def frame_bits(number: int) -> list[bool]:
    """Return the blocks of a frame number, least significant first."""
    gray = number ^ number >> 1
    return [bool(gray >> bit & 1) for bit in range(16)]


def picture(number: int) -> np.ndarray:
    """Return a yuv420p frame that shows its number."""
    blocks = np.array(frame_bits(number), dtype=np.uint8).reshape(4, 4) * 160 + 48
    luma = np.kron(blocks, np.ones((HEIGHT // 4, WIDTH // 4), dtype=np.uint8))
    luma[:8, :] += np.uint8(number % 7 * 4)  # motion in between, so that prediction is used
    chroma = np.full((HEIGHT // 2, WIDTH), 128, dtype=np.uint8)
    return np.vstack([luma, chroma])


def frame_number(luma: np.ndarray) -> int:
    """Return the number that a decoded luma plane shows."""
    height, width = luma.shape
    gray = 0
    for bit in range(16):
        row, column = divmod(bit, 4)
        middle = luma[
            (row * 2 + 1) * height // 8 - 4 : (row * 2 + 1) * height // 8 + 4,
            (column * 2 + 1) * width // 8 - 4 : (column * 2 + 1) * width // 8 + 4,
        ]
        gray |= int(middle.mean() > 128) << bit
    number = 0
    while gray:
        number ^= gray
        gray >>= 1
    return number


def sound(rate: int, seconds: Fraction, seed: int = 1) -> np.ndarray:
    """Return mono 16-bit samples that are different at each instant."""
    count = int(seconds * rate)
    at = np.arange(count) / rate
    sweep = np.sin(2 * np.pi * (200 + 150 * (at % 3)) * at)
    noise = np.random.default_rng(seed).normal(0, 1, count)
    smooth = np.convolve(noise, np.ones(8) / 8, mode="same")
    return (sweep * 6000 + smooth * 6000).clip(-32000, 32000).astype(np.int16)


def _encode_video(stream: av.VideoStream, video: Video, seconds: Fraction) -> Iterator[av.Packet]:
    delay = round(video.delay * video.rate)
    for number in range(int(seconds * video.rate)):
        frame = av.VideoFrame.from_ndarray(picture(video.first_number + number), format="yuv420p")
        frame.pts = number + delay
        frame.time_base = 1 / video.rate
        yield from stream.encode(frame)
    yield from stream.encode(None)


def _encode_audio(stream: av.AudioStream, audio: Audio, seconds: Fraction) -> Iterator[av.Packet]:
    frame = av.AudioFrame.from_ndarray(
        sound(audio.rate, seconds, audio.seed).reshape(1, -1), format="s16", layout="mono"
    )
    frame.sample_rate = audio.rate
    frame.time_base = Fraction(1, audio.rate)
    frame.pts = round(audio.delay * audio.rate)
    if audio.codec.startswith("pcm"):
        # One frame of twelve seconds would be one packet; players read PCM in small chunks.
        step = 1000
        samples = frame.to_ndarray()
        for at in range(0, samples.shape[1], step):
            part = av.AudioFrame.from_ndarray(samples[:, at : at + step].copy(), format="s16", layout="mono")
            part.sample_rate, part.time_base, part.pts = audio.rate, frame.time_base, frame.pts + at
            yield from stream.encode(part)
    else:
        yield from stream.encode(frame)
    yield from stream.encode(None)


def _interleave(streams: list[Iterator[av.Packet]]) -> Iterator[av.Packet]:
    """Yield packets of all streams by decode time, as a live encoder would."""
    heads = [next(packets, None) for packets in streams]
    while any(head is not None for head in heads):
        which = min(
            (number for number, head in enumerate(heads) if head is not None),
            key=lambda number: heads[number].dts * heads[number].time_base,  # type: ignore[union-attr]
        )
        packet = heads[which]
        heads[which] = next(streams[which], None)
        assert packet is not None
        yield packet


def _text_packets(stream: av.stream.Stream, recipe: Recipe) -> Iterator[av.Packet]:
    at = 0.0
    for start, end, text in recipe.texts:
        if start > at:
            yield _text_packet(stream, at, start, "")
        yield _text_packet(stream, start, end, text)
        at = end
    if at < recipe.seconds:
        yield _text_packet(stream, at, float(recipe.seconds), "")


def _text_packet(stream: av.stream.Stream, start: float, end: float, text: str) -> av.Packet:
    body = text.encode()
    packet = av.Packet(len(body).to_bytes(2, "big") + body)
    packet.stream = stream
    packet.time_base = Fraction(1, 1000)
    packet.pts = packet.dts = round(start * 1000)
    packet.duration = round((end - start) * 1000)
    packet.is_keyframe = True
    return packet


def encode(recipe: Recipe) -> bytes:
    """Return the bytes of a film that is encoded as the recipe says."""
    with _written(recipe) as (out, container):
        container.metadata.update(dict(recipe.metadata))
        packets = []
        for video in recipe.video:
            stream = container.add_stream(video.codec, rate=video.rate, options=dict(video.options))
            stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
            stream.codec_context.time_base = 1 / video.rate
            stream.codec_context.thread_count = 1
            packets.append(_encode_video(stream, video, recipe.seconds - video.delay))
        for audio in recipe.audio:
            stream = container.add_stream(audio.codec, rate=audio.rate, options=dict(audio.options))
            stream.codec_context.layout = "mono"
            packets.append(_encode_audio(stream, audio, recipe.seconds - audio.delay))
        if recipe.texts:
            packets.append(_text_packets(container.add_mux_stream("mov_text"), recipe))
        if recipe.chapters:
            container.set_chapters(
                [
                    {
                        "id": number + 1,
                        "start": round(start * 1000),
                        "end": round(end * 1000),
                        "time_base": Fraction(1, 1000),
                        "metadata": {"title": title},
                    }
                    for number, (start, end, title) in enumerate(recipe.chapters)
                ]
            )
        for packet in _interleave(packets):
            container.mux(packet)
    return bytes(out)


def remux(data: bytes, recipe: Recipe) -> bytes:
    """Return a film of the same packets, muxed as the recipe says."""
    with av.open(io.BytesIO(data)) as source, _written(recipe) as (out, container):
        container.metadata.update(dict(recipe.metadata))
        into = {stream.index: container.add_stream_from_template(stream) for stream in source.streams}
        for packet in source.demux():
            if packet.dts is not None:
                packet.stream = into[packet.stream.index]
                container.mux(packet)
    return bytes(out)


@contextlib.contextmanager
def _written(recipe: Recipe) -> Iterator[tuple[bytearray, av.container.OutputContainer]]:
    """Lend a container and a buffer that holds the film afterwards; moving moov needs a file with a name."""
    out = bytearray()
    with tempfile.TemporaryDirectory() as directory:
        path = os.path.join(directory, "film")
        with av.open(path, "w", format=recipe.form, options={"fflags": "+bitexact", **dict(recipe.mux)}) as container:
            yield out, container
        with open(path, "rb") as file:
            out += file.read()


def _with_x264(**changes: str) -> tuple[Video, ...]:
    settings = dict(item.split("=") for item in X264.split(":")) | {k.replace("_", "-"): v for k, v in changes.items()}
    params = ":".join(f"{name}={value}" for name, value in settings.items())
    return (Video(options=(("preset", "ultrafast"), ("x264-params", params))),)


OPUS = Audio("libopus", (("b", "64k"),), 48000)
X265 = (
    ("preset", "ultrafast"),
    ("x265-params", "bframes=2:b-adapt=0:keyint=50:min-keyint=50:scenecut=0:log-level=0:pools=none"),
)
SVT = (("preset", "11"), ("g", "50"), ("svtav1-params", "lp=1"))
VP9 = (("cpu-used", "8"), ("deadline", "good"), ("g", "50"), ("auto-alt-ref", "1"), ("lag-in-frames", "10"))

RECIPES: dict[str, Recipe] = {
    # The reference: H.264 with B-frames and a key frame each 2 s, AAC with priming, moov first.
    "h264": Recipe(),
    "moov-last": Recipe(base="h264", mux=()),
    "fragmented": Recipe(base="h264", mux=(("movflags", "+frag_keyframe+empty_moov+default_base_moof"),)),
    "fragmented-base-offsets": Recipe(base="h264", mux=(("movflags", "+frag_keyframe+empty_moov+omit_tfhd_offset"),)),
    "fragmented-tfhd-offsets": Recipe(base="h264", mux=(("movflags", "+frag_keyframe+empty_moov"),)),
    "fragmented-short": Recipe(
        base="h264", mux=(("movflags", "+empty_moov+default_base_moof+dash+global_sidx"), ("frag_duration", "500000"))
    ),
    "fragmented-negative-offsets": Recipe(base="h264", mux=(("movflags", "+cmaf+negative_cts_offsets+frag_keyframe"),)),
    "hybrid": Recipe(base="h264", mux=(("movflags", "+frag_keyframe"),)),
    "hybrid-finished": Recipe(base="h264", mux=(("movflags", "+hybrid_fragmented"),)),
    "no-edits": Recipe(base="h264", mux=(("movflags", "+faststart"), ("use_editlist", "0"))),
    "negative-offsets": Recipe(base="h264", mux=(("movflags", "+faststart+negative_cts_offsets"),)),
    "no-b-frames": Recipe(video=_with_x264(bframes="0")),
    "open-gop": Recipe(video=_with_x264(open_gop="1", bframes="3")),
    "long-gop": Recipe(video=_with_x264(keyint="infinite")),
    "ntsc": Recipe(video=(Video(rate=Fraction(30000, 1001)),), audio=(Audio(rate=48000),)),
    "hevc": Recipe(seconds=Fraction(8), video=(Video("libx265", X265),)),
    "av1": Recipe(seconds=Fraction(8), video=(Video("libsvtav1", SVT),), audio=(OPUS,)),
    "vp9-opus": Recipe(seconds=Fraction(8), video=(Video("libvpx-vp9", VP9),), audio=(OPUS,)),
    "pcm-mov": Recipe(form="mov", audio=(Audio("pcm_s16le", ()),)),
    "ipcm": Recipe(audio=(Audio("pcm_s16le", ()),)),
    "ac3": Recipe(audio=(Audio("ac3", (("b", "96k"),), 48000),)),
    "eac3": Recipe(audio=(Audio("eac3", (("b", "96k"),), 48000),)),
    "two-videos": Recipe(video=(Video(), Video(first_number=4096, rate=Fraction(30)))),
    "two-audios": Recipe(audio=(Audio(), Audio(rate=48000, seed=2), Audio("ac3", (("b", "96k"),), 48000, seed=3))),
    "texts": Recipe(texts=((1.0, 3.0, "one"), (4.5, 7.0, "two"), (7.0, 9.5, "three"))),
    "audio-only": Recipe(video=()),
    "video-only": Recipe(audio=()),
    "late-audio": Recipe(audio=(Audio(delay=Fraction(3, 2)),)),
    "late-video": Recipe(video=(Video(delay=Fraction(6, 5)),)),
    "tagged": Recipe(
        metadata=(("title", "A film"), ("artist", "Tests")),
        chapters=((0.0, 4.0, "First"), (4.0, 9.0, "Second"), (9.0, 12.0, "Third")),
    ),
    # The same samples, other bytes: what legal writers do that nginx refuses, cuts short or sends wrongly.
    "size-0-mdat": Recipe(base="h264", rewrite=layouts.endless_mdat),
    "wide-mdat": Recipe(base="h264", rewrite=functools.partial(layouts.lay_out, wide_mdat=True)),
    "co64": Recipe(base="h264", rewrite=functools.partial(layouts.lay_out, wide_offsets=True)),
    "several-mdat": Recipe(base="h264", rewrite=functools.partial(layouts.lay_out, mdats=4)),
    "several-mdat-moov-last": Recipe(
        base="h264", rewrite=functools.partial(layouts.lay_out, mdats=3, moov_first=False)
    ),
    "big-chunks": Recipe(base="h264", rewrite=functools.partial(layouts.lay_out, per_chunk=(7, 13))),
    "one-chunk-each": Recipe(base="h264", rewrite=functools.partial(layouts.lay_out, per_chunk=(10**6,))),
    "backwards": Recipe(base="h264", rewrite=functools.partial(layouts.lay_out, per_chunk=(5, 9), order="backwards")),
    "shuffled": Recipe(base="h264", rewrite=functools.partial(layouts.lay_out, per_chunk=(3, 4), order="shuffled")),
    "gaps": Recipe(base="h264", rewrite=functools.partial(layouts.lay_out, per_chunk=(4, 8), gap=70_000)),
    "compact-sizes": Recipe(base="h264", rewrite=functools.partial(layouts.lay_out, compact_sizes=True)),
    "big-boxes": Recipe(base="h264", rewrite=layouts.big_boxes),
    "no-ftyp": Recipe(base="h264", rewrite=layouts.without_ftyp),
    "rotated": Recipe(base="h264", rewrite=layouts.rotated),
    "two-edits": Recipe(base="h264", rewrite=layouts.two_edits),
    "dwell": Recipe(base="h264", rewrite=layouts.dwelling),
    "sample-notes": Recipe(base="h264", rewrite=annotations.annotated),
    "pcm-big-chunks": Recipe(base="pcm-mov", rewrite=functools.partial(layouts.lay_out, per_chunk=(3, 5000))),
}


class Library:
    """Films by name, made when first asked for and kept in a directory.

    Args:
        directory: where films are kept; several processes may share it.
    """

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self._data: dict[str, bytes] = {}

    def data(self, name: str) -> bytes:
        """Return the bytes of a film."""
        if name not in self._data:
            path = self._file(name)
            if not path.exists():
                self._keep(path, self._make(RECIPES[name]))
            self._data[name] = path.read_bytes()
        return self._data[name]

    def path(self, name: str) -> Path:
        """Return the file of a film; never change it."""
        self.data(name)
        return self._file(name)

    def made(self, name: str, make: Callable[[], bytes]) -> bytes:
        """Return a film that a test makes by itself, kept under a name of its own."""
        path = self._file(name)
        if not path.exists():
            self._keep(path, make())
        return path.read_bytes()

    def _file(self, name: str) -> Path:
        return self.directory / f"{name}{'.mov' if name.startswith('pcm') else '.mp4'}"

    def _keep(self, path: Path, data: bytes) -> None:
        half = path.with_name(f"{path.name}.{os.getpid()}")
        half.write_bytes(data)
        half.rename(path)

    def _make(self, recipe: Recipe) -> bytes:
        if recipe.base is None:
            data = encode(replace(recipe, rewrite=None))
        elif recipe.rewrite is None:
            data = remux(self.data(recipe.base), recipe)
        else:
            data = self.data(recipe.base)
        return recipe.rewrite(data) if recipe.rewrite else data


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Keep FFmpeg's log away from the terminal."""
    level = av.logging.get_level()
    av.logging.set_level(None)
    try:
        yield
    finally:
        av.logging.set_level(level)
