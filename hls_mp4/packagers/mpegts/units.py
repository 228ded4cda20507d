"""What a transport stream is made of, counted in packets without a look at the media.

A unit is a picture, or a group of frames of sound, in a PES packet of its own; or a clock reference alone, where the
pictures leave it out for longer than a tenth of a second (ISO/IEC 13818-1 2.7.2). How many packets each takes follows
from sizes and times: so lengths, byte ranges and continuity counters of any segment are known before it is made.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hls_mp4.containers.mpegts import pes
from hls_mp4.containers.mpegts.packets import CLOCK_FIELD, PAYLOAD
from hls_mp4.containers.mpegts.timestamps import to_clock
from hls_mp4.errors import UnsupportedMedia
from hls_mp4.media.presentation import Rendition
from hls_mp4.media.samples import SampleTable
from hls_mp4.packagers.mpegts.streams import Stream

Ints = NDArray[np.int64]

BASE = 900_000
"""Where the clock stands when the timeline begins: ten seconds, so that no time is negative."""

CLOCK_STEP = 9_000
"""Ticks between clock references, at most: a tenth of a second."""

MOST_FRAMES = 14
"""Frames of sound in a PES packet: its headers and stuffing are spread over a third of a second of AAC."""

MOST_SAMPLES = 1 << 20
"""Of a track in a segment: hours of film."""

_TYPICAL_OF = 256
_LEAST_UNITS, _BYTES_A_UNIT = 96, 64


def check_count(first: int, stop: int) -> None:
    """Check that a segment has not more samples than can be held in memory; raises UnsupportedMedia."""
    if stop - first > MOST_SAMPLES:
        raise UnsupportedMedia(f"a segment of {stop - first} samples cannot be put in MPEG-TS")


def decode_times(samples: SampleTable, first: int, stop: int) -> Ints:
    """Return the decode times of samples [first, stop)."""
    counts, durations = samples.durations(first, stop)
    if len(counts) == 1:
        times = np.arange(stop - first)
        times *= durations[0]
        times += samples.decode_time(first)
        return times
    times = np.repeat(durations, counts)
    if len(times):
        times[1:] = np.cumsum(times[:-1])
        times[0] = 0
        times += samples.decode_time(first)
    return times


def decoded_at(rendition: Rendition, first: int, stop: int) -> Ints:
    """Return when samples [first, stop) are decoded, in ticks of the stream's clock."""
    times = decode_times(rendition.track.samples, first, stop)
    times += rendition.shift - rendition.delay
    return to_clock(times, rendition.track.timescale) + BASE


def seen_at(rendition: Rendition, first: int, stop: int) -> tuple[Ints, Ints]:
    """Return when pictures [first, stop) are decoded, and when they are shown, in ticks of the stream's clock."""
    samples, timescale = rendition.track.samples, rendition.track.timescale
    times = decode_times(samples, first, stop)
    times += rendition.shift - rendition.delay
    decoded = to_clock(times, timescale) + BASE
    if not samples.has_composition and not rendition.delay:
        return decoded, decoded
    counts, offsets = samples.composition_offsets(first, stop)
    return decoded, to_clock(times + np.repeat(offsets + rendition.delay, counts), timescale) + BASE


def heard_at(rendition: Rendition, first: int, places: Ints) -> Ints:
    """Return when some frames of sound are heard, in ticks of the stream's clock.

    Args:
        rendition: whose they are.
        first: the sample that places count from.
        places: of the frames, rising.
    """
    samples = rendition.track.samples
    if not len(places):
        return places
    last = first + int(places[-1])
    counts, durations = samples.durations(first, last + 1)
    if len(counts) == 1 and not samples.has_composition:
        times = places * durations[0]
        times += samples.decode_time(first)
    else:
        times = samples.presentation_times(first, last + 1)[places]
    times += rendition.shift
    return to_clock(times, rendition.track.timescale) + BASE


def packets_of(needed: Ints) -> Ints:
    """Return how many packets hold as many bytes of payload and adaptation field."""
    return np.asarray((needed + PAYLOAD - 1) // PAYLOAD)


@dataclass(frozen=True, slots=True, eq=False)
class Pictures:
    """Pictures of a video, a unit each; arrays of one length.

    Args:
        sizes: of the samples.
        marked: whether parameter sets stand before each.
        room: bytes that are kept for what grows when it is packed, of each; None where nothing does.
        packets: of each; 0 for samples without bytes, which are left out.
    """

    sizes: Ints
    marked: NDArray[np.bool_]
    room: Ints | None
    packets: Ints


def pictures(rendition: Rendition, stream: Stream, bounds: Ints, *, scrambled: bool) -> Pictures:
    """Return the pictures of segments.

    Args:
        rendition: whose they are.
        stream: what that is.
        bounds: the samples that segments begin with, and that after the last.
        scrambled: whether they are encrypted by SAMPLE-AES.
    """
    samples = rendition.track.samples
    first, stop = int(bounds[0]), int(bounds[-1])
    sizes = samples.sizes(first, stop)
    if samples.all_sync:
        marked = np.ones(stop - first, np.bool_)
    else:
        marked = np.zeros(stop - first, np.bool_)
        sync = samples.sync_samples
        low, high = sync.searchsorted((first, stop))
        marked[sync[low:high] - first] = True
        begins = bounds[:-1] - first
        marked[begins[begins < stop - first]] = True
    needed, room = needed_of(stream, sizes, marked, scrambled=scrambled)
    return Pictures(sizes, marked, room, packets_of(needed))


def needed_of(stream: Stream, sizes: Ints, marked: NDArray[np.bool_], *, scrambled: bool) -> tuple[Ints, Ints | None]:
    """Return the bytes that pictures need in packets, and those kept for what grows; as `pictures` has them."""
    framing = stream.framing
    assert framing is not None
    needed = sizes + (CLOCK_FIELD + pes.BOTH + len(framing.family.delimiter))
    needed += len(framing.parameter_sets) * marked
    room = None
    if framing.length_size < 4:
        # A length becomes a start code of four bytes; how many there are, only the media knows.
        units = np.minimum(sizes // 2, np.maximum(_LEAST_UNITS, sizes // _BYTES_A_UNIT))
        room = (4 - framing.length_size) * units
    if scrambled:
        # Bytes of 3 against start codes that are none: one in four million of random bytes, a few more of real ones.
        room = (room if room is not None else 0) + (_LEAST_UNITS + sizes // 256)
    if room is not None:
        needed += room
    if not sizes.all():
        needed[sizes == 0] = 0
    return needed, room


@dataclass(frozen=True, slots=True)
class Grouping:
    """How frames of sound are put in PES packets.

    Args:
        frames: at most in each.
        typical: duration of a frame, in the track's timescale.
        clocked: whether the sound carries the clock, as it does where there is no video.
    """

    frames: int
    typical: int
    clocked: bool


def grouping_of(rendition: Rendition, stream: Stream, *, clocked: bool) -> Grouping:
    """Return how the frames of a sound are grouped: the same in all segments.

    Raises:
        UnsupportedMedia: there is a frame that no header can tell of.
    """
    samples, timescale = rendition.track.samples, rendition.track.timescale
    counts, durations = samples.durations(rendition.first, min(rendition.stop, rendition.first + _TYPICAL_OF))
    each = np.repeat(durations, counts)
    typical = int(np.sort(each)[len(each) // 2]) if len(each) else 0
    longest = samples.uniform_size
    if not longest:
        for first in range(rendition.first, rendition.stop, MOST_SAMPLES):
            part = samples.packed_sizes(first, min(rendition.stop, first + MOST_SAMPLES))
            longest = max(longest, int(part.max(initial=0)))
    if longest > stream.longest:
        raise UnsupportedMedia(f"a frame of sound of {longest} bytes cannot be put in MPEG-TS")
    frames = min(MOST_FRAMES, (pes.LONGEST - pes.HEADER - pes.MOST_STUFFING) // (longest + stream.overhead or 1))
    if clocked and typical:
        frames = min(frames, CLOCK_STEP * timescale // (typical * 90_000))
    return Grouping(max(1, frames), typical, clocked)


@dataclass(frozen=True, slots=True, eq=False)
class Groups:
    """Groups of frames of sound, a unit each.

    Args:
        starts: sample that each begins with.
        sizes: of all frames, in the order of the samples.
        bytes: of each group, with what stands before each frame.
        packets: of each group; 0 for those without bytes, which are left out.
    """

    starts: Ints
    sizes: Ints
    bytes: Ints
    packets: Ints


def groups(rendition: Rendition, stream: Stream, grouping: Grouping, bounds: Ints) -> Groups:
    """Return the sound of segments.

    A group ends where a frame lasts longer or shorter than the others do, or has no bytes: a decoder counts on from
    the time of the first frame.

    Args:
        rendition: whose it is.
        stream: what that is.
        grouping: of its frames.
        bounds: the samples that segments begin with, and that after the last.
    """
    samples = rendition.track.samples
    first, stop = int(bounds[0]), int(bounds[-1])
    sizes = samples.sizes(first, stop)
    if first == stop:
        nothing = np.empty(0, np.int64)
        return Groups(nothing, sizes, nothing, nothing)
    begins = bounds[:-1]
    counts, durations = samples.durations(first, stop)
    odd = np.abs(durations - grouping.typical) * 200 > rendition.track.timescale
    frames = sizes + stream.overhead
    full, even = bool(sizes.all()), not odd.any()
    if len(bounds) == 2 and full and even:
        starts = np.arange(first, stop, grouping.frames)
        packed = np.add.reduceat(frames, starts - first)
        return Groups(starts, sizes, packed, packets_of(packed + (pes.HEADER + CLOCK_FIELD * grouping.clocked)))
    if not even:
        begins = np.concatenate((begins, np.flatnonzero(np.repeat(odd, counts)) + (first + 1)))
    if not full:
        empty = np.flatnonzero(sizes == 0)
        frames[empty] = 0
        begins = np.concatenate((begins, empty + first, empty + (first + 1)))
    begins = np.unique(begins)
    begins = begins[begins < stop]
    lengths = np.diff(begins, append=stop)
    number = (lengths + grouping.frames - 1) // grouping.frames
    before = np.cumsum(number) - number
    starts = np.repeat(begins - before * grouping.frames, number) + np.arange(int(number.sum())) * grouping.frames
    packed = np.add.reduceat(frames, starts - first)
    needed = packed + (pes.HEADER + CLOCK_FIELD * grouping.clocked)
    if not full:
        needed[packed == 0] = 0
    return Groups(starts, sizes, packed, packets_of(needed))


def clocks_between(times: Ints) -> Ints:
    """Return when the clock has to be told between rising times at which it is."""
    gaps = np.diff(times)
    missing: Ints = np.maximum((gaps - 1) // CLOCK_STEP, 0)
    if not missing.any():
        return np.empty(0, np.int64)
    which = np.repeat(np.arange(len(gaps)), missing)
    step = np.arange(len(which)) - np.repeat(np.cumsum(missing) - missing, missing) + 1
    return np.asarray(times[which] + gaps[which] * step // (missing[which] + 1))
