"""Where everything lies in a segment: units in the order of their decode times, each in packets of its own."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hls_mp4.errors import UnsupportedMedia
from hls_mp4.media.samples import SampleTable
from hls_mp4.packagers.mpegts.clocks import clock_times
from hls_mp4.packagers.mpegts.contents import Sound, Video
from hls_mp4.packagers.mpegts.totals import Totals
from hls_mp4.packagers.mpegts.units import Ints, groups, heard_at, pictures, seen_at


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """Pictures of a segment in decode order, those without bytes left out; arrays of one length.

    Args:
        offsets, sizes: of the samples in the file.
        marked: whether parameter sets stand before each.
        room: bytes that are kept for what grows when it is packed.
        packets: of each.
        decoded, shown: when they are.
        units: their places among all units; rising.
    """

    offsets: Ints
    sizes: Ints
    marked: NDArray[np.bool_]
    room: Ints | None
    packets: Ints
    decoded: Ints
    shown: Ints
    units: Ints


@dataclass(frozen=True, slots=True, eq=False)
class Heard:
    """Groups of sound of a segment.

    Args:
        offsets, sizes: of the frames in the file, those without bytes left out.
        members: the group that each frame is in; rising.
        packets: of each group.
        bytes: of each group, with what stands before each frame.
        times: when each group is heard.
        units: places of the groups among all units; rising.
    """

    offsets: Ints
    sizes: Ints
    members: Ints
    packets: Ints
    bytes: Ints
    times: Ints
    units: Ints


@dataclass(frozen=True, slots=True, eq=False)
class Layout:
    """A segment.

    Args:
        seen: its pictures; None for none at all.
        heard: its sound; None for none at all.
        told: when the clock is told by itself.
        told_units: places of these among all units.
        packets: of each unit, in order.
        counters: continuity counter of the first packet of each unit.
    """

    seen: Seen | None
    heard: Heard | None
    told: Ints
    told_units: Ints
    packets: Ints
    counters: Ints


def sample_offsets(samples: SampleTable, first: int, stop: int, sizes: Ints) -> Ints:
    """Return where samples [first, stop) lie in the file.

    Raises:
        MalformedMedia: one does not.
        UnsupportedMedia: they are not of the track's first description, the one whose codec is known.
    """
    chunks = samples.chunks(first, stop)
    if len(chunks) and (chunks.descriptions != 1).any():
        raise UnsupportedMedia("a segment with samples of a second description cannot be put in MPEG-TS")
    before = np.cumsum(sizes)
    before -= sizes
    starts = np.cumsum(chunks.samples)
    starts -= chunks.samples
    return np.asarray(before + np.repeat(chunks.offsets - before[starts], chunks.samples))


def lay_out(totals: Totals, segment: int) -> Layout:
    """Return where everything lies in a segment.

    Args:
        totals: of the playlist.
        segment: from 0.

    Raises:
        UnsupportedMedia: its samples are of several descriptions.
        MalformedMedia: the film's tables make no sense.
    """
    contents = totals.contents
    seen = _seen(contents.video, segment) if contents.video is not None else None
    heard = _heard(contents.sound, segment) if contents.sound is not None else None
    told = clock_times(contents, segment) if totals.clocks[segment] else np.empty(0, np.int64)
    if heard is None and seen is not None and not len(told):
        units = np.arange(len(seen.packets))
        return _laid(totals, segment, _placed(seen, units), None, told, units[:0])
    if seen is None and heard is not None and not len(told):
        units = np.arange(len(heard.packets))
        return _laid(totals, segment, None, _placed_sound(heard, units), told, units[:0])
    times = [told]
    times += [seen.decoded] if seen is not None else []
    times += [heard.times] if heard is not None else []
    order = np.argsort(np.concatenate(times), kind="stable")
    units = np.empty(len(order), np.int64)
    units[order] = np.arange(len(order))
    first = len(told)
    told_units = units[:first]
    if seen is not None:
        seen = _placed(seen, units[first : first + len(seen.packets)])
        first += len(seen.packets)
    if heard is not None:
        heard = _placed_sound(heard, units[first:])
    return _laid(totals, segment, seen, heard, told, told_units)


def _laid(totals: Totals, segment: int, seen: Seen | None, heard: Heard | None, told: Ints, told_units: Ints) -> Layout:
    count = len(told)
    count += len(seen.packets) if seen is not None else 0
    count += len(heard.packets) if heard is not None else 0
    packets = np.ones(count, np.int64)
    counters = np.empty(count, np.int64)
    clocked: Seen | Heard | None = None
    for stream, before in ((heard, totals.sound), (seen, totals.video)):
        if stream is not None:
            packets[stream.units] = stream.packets
            counters[stream.units] = int(before[segment]) + np.cumsum(stream.packets) - stream.packets
            clocked, last = stream, int(before[segment + 1])
    if len(told):
        # A packet without payload has the counter of the one with payload before it (2.4.3.3).
        assert clocked is not None
        following = clocked.units.searchsorted(told_units)
        counters[told_units] = np.append(counters[clocked.units], last)[following] - 1
    return Layout(seen, heard, told, told_units, packets, counters)


def _seen(video: Video, segment: int) -> Seen:
    rendition, bounds = video.rendition, video.bounds[segment : segment + 2]
    first, stop = bounds.tolist()
    found = pictures(rendition, video.stream, bounds, scrambled=video.scrambled)
    decoded, shown = seen_at(rendition, first, stop)
    offsets = sample_offsets(rendition.track.samples, first, stop, found.sizes)
    seen = Seen(offsets, found.sizes, found.marked, found.room, found.packets, decoded, shown, offsets)
    if found.packets.all():
        return seen
    there = found.packets > 0
    return Seen(
        offsets[there],
        found.sizes[there],
        found.marked[there],
        found.room[there] if found.room is not None else None,
        found.packets[there],
        decoded[there],
        shown[there],
        offsets[there],
    )


def _heard(sound: Sound, segment: int) -> Heard:
    rendition, bounds = sound.rendition, sound.bounds[segment : segment + 2]
    first, stop = bounds.tolist()
    found = groups(rendition, sound.stream, sound.grouping, bounds)
    offsets = sample_offsets(rendition.track.samples, first, stop, found.sizes)
    starts = found.starts - first
    lengths = np.append(starts[1:], stop - first) - starts
    members = np.repeat(np.arange(len(starts)), lengths)
    times = heard_at(rendition, first, starts)
    if found.sizes.all():
        return Heard(offsets, found.sizes, members, found.packets, found.bytes, times, starts)
    there, full = found.sizes > 0, found.packets > 0
    renumbered = np.cumsum(full) - 1
    return Heard(
        offsets[there],
        found.sizes[there],
        renumbered[members[there]],
        found.packets[full],
        found.bytes[full],
        times[full],
        starts[full],
    )


def _placed(seen: Seen, units: Ints) -> Seen:
    return Seen(seen.offsets, seen.sizes, seen.marked, seen.room, seen.packets, seen.decoded, seen.shown, units)


def _placed_sound(heard: Heard, units: Ints) -> Heard:
    return Heard(heard.offsets, heard.sizes, heard.members, heard.packets, heard.bytes, heard.times, units)
