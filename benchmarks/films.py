"""The long films that are asked for: made once, kept in benchmarks/work/films.

A short piece is encoded (H.264 with B-frames and key frames two to ten seconds apart, AAC), and its packets are muxed
again and again with later timestamps until the film is long enough: libavformat writes the file, so that interleaving,
tables and faststart are exactly those of `ffmpeg -movflags +faststart`. A piece lasts 64 s, a whole number of both
video frames (25 per second) and AAC frames (1024 samples at 48 kHz), so that there is no gap at a seam.

The FLV is made of the same packets. Disk: 0.5 GB for each film of two hours and 2 GB for that of eight; nothing else
grows with time.
"""

from __future__ import annotations

import argparse
import ctypes
import mmap
import os
import struct
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from av.audio.resampler import AudioResampler

FRAME_RATE = 25
SAMPLE_RATE = 48_000
AAC_FRAME = 1024
PIECE_SECONDS = 64
SCENES_SECONDS = (2, 10, 4, 7, 3, 9, 5, 8, 6, 10)
"""Lengths of the piece's scenes; each begins with a key frame. They sum to PIECE_SECONDS."""

VIDEO_BIT_RATE = 430_000
AUDIO_BIT_RATE = 96_000


@dataclass(frozen=True, slots=True)
class Film:
    """A film on disk.

    Args:
        path: the file.
        seconds: how long it plays.
        size: bytes.
        moov_size: bytes of the moov box, 0 in an FLV.
        key_frames_ms: presentation times of the key frames of one piece, which repeat every PIECE_SECONDS.
    """

    path: Path
    seconds: int
    size: int
    moov_size: int
    key_frames_ms: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class _Coded:
    """One packet of the piece; times in the stream's time base."""

    stream: int
    pts: int
    dts: int
    duration: int
    key: bool
    data: bytes


def key_frames_ms() -> tuple[int, ...]:
    """Return when the scenes of a piece begin."""
    starts = [0]
    for seconds in SCENES_SECONDS[:-1]:
        starts.append(starts[-1] + seconds * 1000)
    return tuple(starts)


def _pictures(seconds: int, width: int, height: int) -> Iterator[tuple[np.ndarray, bool]]:
    """Yield (RGB picture, begins a scene): a texture that drifts, another one in each scene."""
    random = np.random.default_rng(20)
    starts = {ms * FRAME_RATE // 1000 for ms in key_frames_ms()}
    texture = np.zeros((1, 1, 3), np.uint8)
    for number in range(seconds * FRAME_RATE):
        if number % (PIECE_SECONDS * FRAME_RATE) in starts:
            coarse = random.integers(0, 256, (height // 10, width // 10, 3), np.uint8)
            texture = np.kron(coarse, np.ones((12, 12, 1), np.uint8))
        picture = np.roll(texture, (number % 97, -2 * number), (0, 1))[:height, :width].copy()
        grain = random.integers(0, 24, (height // 2, width // 2, 1), np.uint8)
        picture //= 2
        picture += np.kron(grain, np.ones((2, 2, 1), np.uint8))
        yield picture, number % (PIECE_SECONDS * FRAME_RATE) in starts


def _tone(seconds: int) -> np.ndarray:
    """Return two channels of a slowly changing chord over noise, as float planes."""
    time = np.arange(seconds * SAMPLE_RATE + 8 * AAC_FRAME) / SAMPLE_RATE
    random = np.random.default_rng(21)
    left = 0.3 * np.sin(2 * np.pi * (220 + 20 * np.sin(time / 5)) * time)
    return np.stack((left, left[::-1])).astype(np.float32) + random.normal(0, 0.02, (2, time.size)).astype(np.float32)


def encode_piece(path: Path, seconds: int = PIECE_SECONDS, width: int = 640, height: int = 360) -> None:
    """Encode the piece that films are made of.

    Args:
        path: MP4 file to write.
        seconds: its length.
        width: of the picture; even.
        height: of the picture; even.
    """
    with av.open(str(path), "w", format="mp4") as out:
        video = out.add_stream("libx264", rate=FRAME_RATE)
        video.width, video.height, video.pix_fmt = width, height, "yuv420p"
        video.bit_rate = VIDEO_BIT_RATE
        # A closed GOP at each scene only: nothing at a seam of two pieces refers across it.
        video.options = {
            "preset": "veryfast",
            "x264-params": f"keyint=1000:scenecut=0:open-gop=0:bframes=3:b-adapt=0"
            f":vbv-maxrate={VIDEO_BIT_RATE * 2 // 1000}:vbv-bufsize={VIDEO_BIT_RATE * 4 // 1000}",
        }
        audio = out.add_stream("aac", rate=SAMPLE_RATE, layout="stereo")
        audio.bit_rate = AUDIO_BIT_RATE
        for number, (picture, begins) in enumerate(_pictures(seconds, width, height)):
            frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
            frame.pts, frame.time_base = number, Fraction(1, FRAME_RATE)
            frame.pict_type = 1 if begins else 0
            out.mux(video.encode(frame))
        out.mux(video.encode(None))
        resampler = AudioResampler(format=audio.format, layout="stereo", rate=SAMPLE_RATE, frame_size=AAC_FRAME)
        tone = av.AudioFrame.from_ndarray(_tone(seconds), format="fltp", layout="stereo")
        tone.sample_rate, tone.pts, tone.time_base = SAMPLE_RATE, 0, Fraction(1, SAMPLE_RATE)
        for sound in (*resampler.resample(tone), *resampler.resample(None)):
            out.mux(audio.encode(sound))
        out.mux(audio.encode(None))


def _time_bases(container: av.container.InputContainer) -> list[Fraction]:
    return [stream.time_base or Fraction(1) for stream in container.streams]


def _read_piece(container: av.container.InputContainer, seconds: int) -> list[_Coded]:
    """Return exactly `seconds` of packets of both streams, in decoding order.

    The encoder's priming, whose timestamps are negative, counts like any other AAC frame: it is what fills the seam.
    """
    wanted = (seconds * FRAME_RATE, seconds * SAMPLE_RATE // AAC_FRAME)
    taken = [0, 0]
    coded: list[_Coded] = []
    bases = _time_bases(container)
    for packet in container.demux():
        number = packet.stream_index
        if packet.dts is None or packet.pts is None or taken[number] == wanted[number]:
            continue
        taken[number] += 1
        coded.append(
            _Coded(number, packet.pts, packet.dts, packet.duration or 0, bool(packet.is_keyframe), bytes(packet))
        )
    if tuple(taken) != wanted:
        raise RuntimeError(f"the piece holds {taken} packets, {list(wanted)} were expected")
    coded.sort(key=lambda p: p.dts * bases[p.stream])
    return coded


def repeat_piece(
    piece: Path, film: Path, seconds: int, piece_seconds: int = PIECE_SECONDS, chunk_seconds: int = 0
) -> None:
    """Mux the packets of `piece` over and over into a faststart MP4 file, or into an FLV.

    Args:
        piece: what `encode_piece` wrote.
        film: the file to write, .mp4 or .flv; it appears only when it is complete.
        seconds: how long it shall play.
        piece_seconds: how long the piece plays.
        chunk_seconds: how much of a track is written in one go; 0 for ffmpeg's default, about a picture.
    """
    form = film.suffix[1:]
    muxing = {"movflags": "+faststart", "chunk_duration": str(chunk_seconds * 1_000_000)} if form == "mp4" else {}
    unfinished = film.with_suffix(".part")
    with av.open(str(piece)) as container:
        coded = _read_piece(container, piece_seconds)
        bases = _time_bases(container)
        with av.open(str(unfinished), "w", format=form, options=muxing) as out:
            streams = [out.add_stream_from_template(stream) for stream in container.streams]
            for round_ in range(-(-seconds // piece_seconds)):
                shifts = [int(round_ * piece_seconds / base) for base in bases]
                limit = seconds - round_ * piece_seconds
                for p in coded:
                    if p.dts * bases[p.stream] >= limit:
                        continue
                    packet = av.Packet(p.data)
                    packet.stream = streams[p.stream]
                    packet.time_base = bases[p.stream]
                    packet.pts, packet.dts = p.pts + shifts[p.stream], p.dts + shifts[p.stream]
                    packet.duration, packet.is_keyframe = p.duration, p.key
                    out.mux_one(packet)
    unfinished.replace(film)


def moov_size(path: Path) -> int:
    """Return the size of the moov box; ValueError when there is none at the top level."""
    with path.open("rb") as file:
        offset, end = 0, path.stat().st_size
        while offset + 8 <= end:
            file.seek(offset)
            size, kind = struct.unpack(">I4s", file.read(8))
            if size == 1:
                size = struct.unpack(">Q", file.read(8))[0]
            if kind == b"moov":
                return int(size)
            if size < 8:
                break
            offset += size
    raise ValueError(f"{path} has no moov box")


FILMS = {"2h": (2, 0), "2h-chunks": (2, 1), "8h": (8, 0), "2h-flv": (2, 0)}
"""Hours and seconds per chunk of each film, by name. Chunks of a second make the smallest moov."""


def film(folder: Path, name: str, say: Callable[[str], None] = lambda _line: None) -> Film:
    """Return a film, making it when it is not there yet.

    Args:
        folder: where films are kept.
        name: one of FILMS.
        say: told what takes a while.
    """
    hours, chunk_seconds = FILMS[name]
    folder.mkdir(parents=True, exist_ok=True)
    is_flv = name.endswith("-flv")
    path = folder / (f"film-{name.removesuffix('-flv')}.flv" if is_flv else f"film-{name}.mp4")
    piece = folder / "piece.mp4"
    if not path.exists():
        if not piece.exists():
            say(f"encoding {PIECE_SECONDS} s of film, once")
            unfinished = piece.with_suffix(".part")
            encode_piece(unfinished)
            unfinished.replace(piece)
        say(f"muxing a film of {hours} h, once")
        repeat_piece(piece, path, hours * 3600, chunk_seconds=chunk_seconds)
    return Film(path, hours * 3600, path.stat().st_size, 0 if is_flv else moov_size(path), key_frames_ms())


def small_files(folder: Path, size: int, count: int) -> None:
    """Make `count` files of `size` random bytes: folder/0.bin, folder/1.bin, ..."""
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(count):
        path = folder / f"{number}.bin"
        if not path.exists() or path.stat().st_size != size:
            path.write_bytes(os.urandom(size))


def warm(path: Path) -> None:
    """Read a file through, so that the page cache holds it."""
    with path.open("rb", buffering=0) as file:
        buffer = bytearray(1 << 20)
        while file.readinto(buffer):
            pass


_libc = ctypes.CDLL(None, use_errno=True)
_libc.mmap.restype = ctypes.c_void_p
_libc.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int, ctypes.c_int, ctypes.c_int, ctypes.c_long]
_libc.munmap.argtypes = _libc.mlock.argtypes = [ctypes.c_void_p, ctypes.c_size_t]


@contextmanager
def pinned(paths: Iterable[Path]) -> Iterator[bool]:
    """Keep files in the page cache while the context lasts; False when this user may not lock as much.

    A kernel may take pages back at any time; some, with DAMON, after seconds without access. What is measured then is
    a disk.
    """
    held: list[tuple[int, int]] = []
    try:
        yield all(_pin(path, held) for path in paths)
    finally:
        for address, size in held:
            _libc.munmap(address, size)


def _pin(path: Path, held: list[tuple[int, int]]) -> bool:
    size = path.stat().st_size
    with path.open("rb") as file:
        address = _libc.mmap(None, size, mmap.PROT_READ, mmap.MAP_SHARED, file.fileno(), 0)
    if address in (None, ctypes.c_void_p(-1).value):
        return False
    held.append((address, size))
    return bool(_libc.mlock(address, size) == 0)


def main() -> None:
    """Make films by hand: `python -m benchmarks.films 2h 8h`."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("films", choices=FILMS, nargs="+")
    parser.add_argument("--folder", type=Path, default=Path(__file__).parent / "work" / "films")
    options = parser.parse_args()
    for name in options.films:
        made = film(options.folder, name, print)
        print(f"{made.path}: {made.size:,} bytes, moov {made.moov_size:,} bytes")


if __name__ == "__main__":
    main()
