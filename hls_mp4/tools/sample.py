"""A small film to try the server with: `python -m hls_mp4.tools.sample FILE`.

H.264 with B-frames and AAC, a key frame every two seconds, moov first. Each picture shows its time and its number, and
each second has a tone of its own, so that eyes and ears can tell where a clip starts. Encoded by PyAV, which carries
its own FFmpeg; nothing of the system is needed.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

GLYPHS = {
    "0": "01110 10001 10011 10101 11001 10001 01110",
    "1": "00100 01100 00100 00100 00100 00100 01110",
    "2": "01110 10001 00001 00110 01000 10000 11111",
    "3": "11110 00001 00001 01110 00001 00001 11110",
    "4": "00010 00110 01010 10010 11111 00010 00010",
    "5": "11111 10000 11110 00001 00001 10001 01110",
    "6": "00110 01000 10000 11110 10001 10001 01110",
    "7": "11111 00001 00010 00100 01000 01000 01000",
    "8": "01110 10001 10001 01110 10001 10001 01110",
    "9": "01110 10001 10001 01111 00001 00010 01100",
    ":": "00000 00100 00100 00000 00100 00100 00000",
    ".": "00000 00000 00000 00000 00000 01100 01100",
    "#": "01010 01010 11111 01010 11111 01010 01010",
    " ": "00000 00000 00000 00000 00000 00000 00000",
}
"""Seven rows of five dots each: enough to write a clock."""

SCALE = (262, 294, 330, 392, 440, 523, 587, 659, 784, 880)
"""Hertz of the tone of second 0, 1, 2, ...; from the top it starts again."""

BLOCK = 1024
"""Audio samples per AAC frame."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Film:
    """What the sample is like.

    Args:
        seconds: how long.
        width: pixels, even.
        height: pixels, even.
        fps: pictures per second.
        rate: audio samples per second.
    """

    seconds: int = 60
    width: int = 640
    height: int = 360
    fps: int = 25
    rate: int = 48000


def draw_text(luma: NDArray[np.uint8], text: str, left: int, top: int, dot: int) -> None:
    """Write text on a picture in white on black.

    Args:
        luma: the picture's brightness plane, changed in place.
        text: characters of GLYPHS.
        left: pixels to the left edge of the black plate.
        top: pixels to its upper edge.
        dot: pixels to a side of each dot.
    """
    rows = ["0".join(GLYPHS[char].split()[row] for char in text) for row in range(7)]
    dots = np.array([[int(bit) for bit in row] for row in rows], np.uint8)
    plate = np.pad(dots, 1).repeat(dot, 0).repeat(dot, 1) * 219 + 16
    luma[top : top + plate.shape[0], left : left + plate.shape[1]] = plate


def clock(number: int, fps: int) -> str:
    """Return the time that a picture is shown at, as 01:02.360."""
    milliseconds = number * 1000 // fps
    return f"{milliseconds // 60000:02}:{milliseconds // 1000 % 60:02}.{milliseconds % 1000:03}"


def pictures(film: Film) -> Iterator[NDArray[np.uint8]]:
    """Yield the film's pictures as planar YUV 4:2:0, shape (height * 3 / 2, width)."""
    width, height = film.width, film.height
    slope = (np.arange(width) + np.arange(height)[:, None]).astype(np.uint8)
    for number in range(film.seconds * film.fps):
        planes = np.full((height * 3 // 2, width), 128, np.uint8)
        luma = planes[:height]
        luma[:] = (slope + np.uint8(2 * number % 256)) // 3 + 40
        stripe = number * width // (film.fps * 4) % width
        luma[:, stripe : stripe + 6] = 235
        hue = number * 255 // (film.seconds * film.fps)
        planes[height : height * 5 // 4] = 64 + hue // 2
        planes[height * 5 // 4 :] = 192 - hue // 2
        draw_text(luma, clock(number, film.fps), width // 16, height // 4, width // 80)
        draw_text(luma, f"#{number:04}", width // 16, height * 5 // 8, width // 107)
        yield planes


def tones(film: Film) -> Iterator[NDArray[np.float32]]:
    """Yield the film's sound in blocks of shape (1, BLOCK): a tone per second that fades out before the next."""
    for start in range(0, film.seconds * film.rate, BLOCK):
        at = np.arange(start, min(start + BLOCK, film.seconds * film.rate))
        pitch = np.array(SCALE)[at // film.rate % len(SCALE)]
        inside = at % film.rate / film.rate
        yield (0.3 * (1 - inside) * np.sin(2 * np.pi * pitch * inside))[None, :].astype(np.float32)


def write(path: Path, film: Film | None = None) -> None:
    """Encode the film.

    Args:
        path: where to; the file appears there only when it is complete.
        film: what it is like; None for the usual.

    Raises:
        ModuleNotFoundError: PyAV is not installed.
    """
    import av

    film = film or Film()
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f".{path.name}.unfinished")
    try:
        with av.open(str(unfinished), "w", format="mp4", options={"movflags": "faststart"}) as container:
            encode(container, film)
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)


def encode(container: Any, film: Film) -> None:
    """Fill an open container, picture and sound side by side so that the file is well interleaved."""
    import av

    video = container.add_stream(
        "libx264",
        rate=film.fps,
        options={"preset": "veryfast", "crf": "23", "bf": "3", "b-adapt": "0", "g": str(2 * film.fps)},
    )
    video.width, video.height, video.pix_fmt = film.width, film.height, "yuv420p"
    video.time_base = Fraction(1, film.fps)
    audio = container.add_stream("aac", rate=film.rate, layout="mono")
    sound = tones(film)
    heard = 0
    for number, planes in enumerate(pictures(film)):
        picture = av.VideoFrame.from_ndarray(planes, format="yuv420p")
        picture.pts, picture.time_base = number, Fraction(1, film.fps)
        container.mux(video.encode(picture))
        while heard * film.fps < (number + 1) * film.rate and (block := next(sound, None)) is not None:
            frame = av.AudioFrame.from_ndarray(block, format="fltp", layout="mono")
            frame.sample_rate, frame.pts, frame.time_base = film.rate, heard, Fraction(1, film.rate)
            heard += block.shape[1]
            container.mux(audio.encode(frame))
    container.mux(video.encode(None))
    container.mux(audio.encode(None))


def main(arguments: Sequence[str] | None = None) -> int:
    """Make the sample that the command line asks for; return the exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m hls_mp4.tools.sample", description="Make a small film to try with."
    )
    parser.add_argument("file", type=Path, help="where to write it")
    parser.add_argument("--seconds", type=int, default=Film().seconds, help="how long (default: %(default)s)")
    asked = parser.parse_args(arguments)
    try:
        write(asked.file, Film(seconds=asked.seconds))
    except ModuleNotFoundError as missing:
        print(f"{parser.prog}: {missing.name} is not installed: pip install 'mp4stream[sample]'", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
