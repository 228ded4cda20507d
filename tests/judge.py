"""Judges of what a player would show: FFmpeg (through PyAV) decodes, this module compares.

FFmpeg reads the file by itself and honours edit lists, so a judgement depends on no parser of ours. Decoding is strict:
an error that FFmpeg reports, or only logs, is an error here.
"""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from fractions import Fraction

import av
import numpy as np

from tests.films import frame_number


@dataclass(frozen=True)
class Picture:
    """One frame as shown: when (seconds), its number, its pixels."""

    time: Fraction
    number: int
    pixels: np.ndarray


@dataclass
class Sound:
    """The samples of an audio track.

    Args:
        rate: samples per second.
        time: of the first sample, seconds.
        samples: float32, one row per channel.
    """

    rate: int
    time: Fraction
    samples: np.ndarray

    def between(self, start: Fraction, stop: Fraction) -> np.ndarray:
        """Return the samples heard in [start, stop), rounded to whole samples."""
        first = max(0, round((start - self.time) * self.rate))
        last = max(first, round((stop - self.time) * self.rate))
        return self.samples[:, first:last]

    @property
    def end(self) -> Fraction:
        """Time after the last sample."""
        return self.time + Fraction(self.samples.shape[1], self.rate)


@dataclass
class Shown:
    """A film as a player shows it."""

    duration: Fraction
    videos: list[list[Picture]] = field(default_factory=list)
    sounds: list[Sound] = field(default_factory=list)
    texts: list[list[tuple[Fraction, bytes]]] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)


def _pixels(frame: av.VideoFrame) -> np.ndarray:
    return frame.to_ndarray(format="yuv420p") if frame.format.name != "yuv420p" else frame.to_ndarray()


def _samples(frame: av.AudioFrame) -> np.ndarray:
    array = frame.to_ndarray()
    if not frame.format.is_planar:
        array = array.reshape(-1, frame.layout.nb_channels).T
    return array.astype(np.float32) / (32768 if array.dtype == np.int16 else 1)


def decode(data: bytes, *, strict: bool = True) -> Shown:
    """Decode a film as it is shown.

    Args:
        data: bytes of a file.
        strict: raise AssertionError when FFmpeg complains; otherwise complaints are only collected.
    """
    level = av.logging.get_level()
    av.logging.set_level(av.logging.ERROR)
    try:
        with av.logging.Capture(local=False) as logs:
            shown = _decode(data)
    finally:
        av.logging.set_level(level)
    shown.complaints += [f"{name}: {text.strip()}" for severity, name, text in logs if severity <= av.logging.ERROR]
    if strict:
        assert not shown.complaints, shown.complaints
    return shown


def _decode(data: bytes) -> Shown:
    with av.open(io.BytesIO(data), options={"err_detect": "explode+crccheck"}) as container:
        shown = Shown(Fraction(container.duration or 0, 1_000_000))
        videos: dict[int, list[Picture]] = {}
        sounds: dict[int, list[tuple[Fraction, np.ndarray, int]]] = {}
        texts: dict[int, list[tuple[Fraction, bytes]]] = {}
        for stream in container.streams:
            if stream.type == "video":
                videos[stream.index] = []
            elif stream.type == "audio":
                sounds[stream.index] = []
            else:
                texts[stream.index] = []
            if stream.type in ("video", "audio"):
                stream.codec_context.options = {"err_detect": "explode+crccheck"}
                stream.codec_context.thread_count = 1
        for packet in container.demux():
            index = packet.stream.index
            if index in texts:
                if packet.pts is not None:
                    texts[index].append((packet.pts * packet.time_base, bytes(packet)))
                continue
            try:
                frames = packet.decode()
            except av.FFmpegError as error:
                shown.complaints.append(f"{packet.stream.type}: {error}")
                continue
            for frame in frames:
                at = frame.pts * frame.time_base
                if index in videos:
                    pixels = _pixels(frame)
                    videos[index].append(Picture(at, frame_number(pixels[: frame.height, : frame.width]), pixels))
                else:
                    sounds[index].append((at, _samples(frame), frame.sample_rate))
        shown.videos = list(videos.values())
        shown.texts = list(texts.values())
        shown.sounds = [_joined(pieces) for pieces in sounds.values()]
    return shown


def _joined(pieces: list[tuple[Fraction, np.ndarray, int]]) -> Sound:
    """Return frames as one run of samples; silence where the file has a hole."""
    if not pieces:
        return Sound(1, Fraction(0), np.zeros((1, 0), np.float32))
    first, samples, rate = pieces[0]
    run = [samples]
    have = samples.shape[1]
    for at, samples, _ in pieces[1:]:
        due = round((at - first) * rate)
        if due > have:
            run.append(np.zeros((samples.shape[0], due - have), np.float32))
            have = due
        run.append(samples)
        have += samples.shape[1]
    return Sound(rate, first, np.concatenate(run, axis=1))


# What is left of a decoder's memory, where its output is not a function of a bounded past: Opus keeps band energies,
# AC-3 dithers what was not coded.
TOLERANCE = {"aac": 0.0, "pcm": 0.0, "opus": 2e-3, "ac3": 2e-3}


def assert_pictures_equal(
    original: list[Picture], clip: list[Picture], start: Fraction, end: Fraction, *, tick: Fraction, exact: bool = True
) -> None:
    """Assert that a clip shows the original's frames of [start, end), each at its time.

    Args:
        original, clip: frames of the same track.
        start, end: the clip's place in the original, seconds.
        tick: time units that rounding may cost, seconds.
        exact: compare pixels too.
    """
    # A frame within a tick of a border may fall to either side of it.
    wanted = [p for p in original if start - tick < p.time < end + tick]
    got = clip
    if wanted and wanted[0].time < start + tick and (not got or got[0].number != wanted[0].number):
        wanted = wanted[1:]
    if wanted and wanted[-1].time > end - tick and (not got or got[-1].number != wanted[-1].number):
        wanted = wanted[:-1]
    assert [p.number for p in got] == [p.number for p in wanted]
    for before, after in zip(wanted, got, strict=True):
        assert abs(after.time - (before.time - start)) <= tick, (before.number, float(before.time), float(after.time))
        if exact:
            assert np.array_equal(before.pixels, after.pixels), f"frame {before.number} decodes to other pixels"


def assert_sound_equal(
    original: Sound, clip: Sound, start: Fraction, end: Fraction, *, tolerance: float = 0.0, slack: int = 1
) -> None:
    """Assert that a clip sounds as the original in [start, end), to the sample.

    Args:
        original, clip: the same track.
        start, end: the clip's place in the original, seconds.
        tolerance: of a sample's value (full scale is 1).
        slack: samples that rounding of times may cost at the start.
    """
    stop = min(end, original.end)
    begin = max(start, original.time)
    assert abs(clip.time - (begin - start)) * clip.rate <= slack, (float(clip.time), float(begin - start))
    wanted = round((stop - begin) * original.rate)
    assert clip.samples.shape[1] >= wanted - slack, f"{clip.samples.shape[1]} samples of {wanted}"
    at = round((start + clip.time - original.time) * original.rate)
    length = min(clip.samples.shape[1], wanted) - slack
    differences = []
    for shift in sorted(range(-slack, slack + 1), key=abs):
        if at + shift < 0:
            continue
        there = original.samples[:, at + shift : at + shift + length]
        here = clip.samples[:, : there.shape[1]]
        worst = float(np.abs(there - here).max()) if there.size else 0.0
        if worst <= tolerance:
            return
        differences.append(worst)
    raise AssertionError(f"sound differs by {min(differences)} at best")
