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
    """Return frames as one run of samples, each at its time: silence in holes, the later one where two overlap."""
    if not pieces:
        return Sound(1, Fraction(0), np.zeros((1, 0), np.float32))
    first, samples, rate = pieces[0]
    places = [round((at - first) * rate) for at, _, _ in pieces]
    run = np.zeros((samples.shape[0], places[-1] + pieces[-1][1].shape[1]), np.float32)
    for place, (_, samples, _) in zip(places, pieces, strict=True):
        here = run[:, place : place + samples.shape[1]]
        here[:] = samples[:, : here.shape[1]]
    return Sound(rate, first, run)


BOUNDED = frozenset({"aac", "pcm_s16le", "pcm_s16be"})
"""Decoders whose output follows from a bounded past. Opus keeps band energies, AC-3 dithers what was not coded."""


def assert_pictures_equal(
    original: list[Picture], clip: list[Picture], start: Fraction, end: Fraction, *, tick: Fraction, exact: bool = True
) -> None:
    """Assert that a clip shows the original's frames of [start, end), each at its time.

    The frame that is on show at the start counts, from time 0 of the clip on.

    Args:
        original, clip: frames of the same track.
        start, end: the clip's place in the original, seconds.
        tick: time units that rounding may cost, seconds.
        exact: compare pixels too.
    """
    on_show = [picture for picture in original if picture.time <= start + tick][-1:]
    wanted = on_show + [picture for picture in original if start + tick < picture.time < end + tick]
    if len(wanted) == len(clip) + 1 and wanted[-1].time > end - tick:
        wanted.pop()  # within a tick of the end it may fall to either side
    assert [picture.number for picture in clip] == [picture.number for picture in wanted]
    for before, after in zip(wanted, clip, strict=True):
        due = max(Fraction(0), before.time - start)
        assert abs(after.time - due) <= tick, f"frame {before.number} shows at {float(after.time)}, not {float(due)}"
        if exact:
            assert np.array_equal(before.pixels, after.pixels), f"frame {before.number} decodes to other pixels"


def assert_sound_equal(
    original: Sound, clip: Sound, start: Fraction, end: Fraction, *, exact: bool = True, slack: int = 1
) -> None:
    """Assert that a clip sounds as the original in [start, end), to the sample.

    Args:
        original, clip: the same track.
        start, end: the clip's place in the original, seconds.
        exact: the samples are the very same; otherwise they only have to fit best where they are, and well.
        slack: samples that rounding of times may cost at the start.
    """
    begin, stop = max(start, original.time), min(end, original.end)
    assert abs(clip.time - (begin - start)) * clip.rate <= slack, (float(clip.time), float(begin - start))
    length = round((stop - begin) * original.rate) - slack
    assert clip.samples.shape[1] >= length, f"{clip.samples.shape[1]} samples of {length}"
    at = round((start + clip.time - original.time) * original.rate)
    errors = {}
    for shift in range(-8, 9):
        there = original.samples[:, max(0, at + shift) : at + shift + length]
        here = clip.samples[:, max(0, -at - shift) :][:, : there.shape[1]]
        difference = here - there[:, : here.shape[1]]
        errors[shift] = float(np.abs(difference).max() if exact else np.sqrt((difference**2).mean()))
    best = min(errors, key=lambda shift: (errors[shift], abs(shift)))
    assert abs(best) <= slack, f"sound is {best} samples off"
    assert errors[best] <= (0 if exact else 0.02), f"sound differs by {errors[best]}"
