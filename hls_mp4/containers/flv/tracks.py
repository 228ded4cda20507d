"""The streams of an FLV file as tracks: each tag a sample, in a chunk of its own, times in milliseconds.

Media time 0 of a track is its first sample; one that begins later than the film waits in its edit list, as in an MP4
file. FLV has no durations: a sample lasts until the next of its stream, the last one as long as the one before it.
Timestamps that go back count as standing still.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hls_mp4.containers.flv.amf import Value
from hls_mp4.containers.flv.description import description_of
from hls_mp4.containers.flv.layout import Configuring
from hls_mp4.containers.flv.metadata import number_in
from hls_mp4.containers.flv.packets import CONFIG
from hls_mp4.containers.flv.scan import Stream, Tags
from hls_mp4.containers.flv.tag import TAG_HEADER, VIDEO
from hls_mp4.errors import MalformedMedia
from hls_mp4.media.chunks import ChunkMap
from hls_mp4.media.index import Edit, Track
from hls_mp4.media.runs import Durations, Runs
from hls_mp4.media.samples import SampleTable, SyncTable
from hls_mp4.media.sizes import ListedSizes

TIMESCALE = 1000
_ONE_EACH = np.array([[1, 1, 1]], np.uint32)
_NONE = np.empty(0, np.uint32)


def tracks_of(
    tags: Tags, configs: Sequence[Configuring], members: Mapping[str, Value], size: int
) -> tuple[list[Track], int]:
    """Return the tracks of a file, and the timestamp of its first sample.

    Args:
        tags: of the file.
        configs: its configurations.
        members: what onMetaData says: of the picture's size nothing else does.
        size: bytes of the file.
    """
    rows_of = [np.flatnonzero(tags.streams == number) for number in range(len(tags.known))]
    times_of = [np.maximum.accumulate(tags.times[rows]) for rows in rows_of]
    begin = min(int(times[0]) for times in times_of)
    tracks: list[Track] = []
    for stream, rows, times in zip(tags.known, rows_of, times_of, strict=True):
        if stream.track > 0xFF:
            continue  # packets of several tracks in each tag
        samples = samples_of(tags, rows, times, size)
        wait = int(times[0]) - begin
        tracks.append(
            track_of(len(tracks) + 1, stream, configs, members, samples, _edits(wait, samples.duration) if wait else ())
        )
    return tracks, begin


def _edits(wait: int, duration: int) -> tuple[Edit, ...]:
    return Edit(wait, -1), Edit(duration, 0)


def track_of(
    number: int,
    stream: Stream,
    configs: Sequence[Configuring],
    members: Mapping[str, Value],
    samples: SampleTable,
    edits: tuple[Edit, ...] = (),
    duration: int = 0,
) -> Track:
    """Return a stream as a track.

    Args:
        number: its id.
        stream: the stream.
        configs, members: as for `tracks_of`.
        samples: its samples.
        edits: its edit list.
        duration: of a track whose samples are not known.
    """
    mine = (
        config.payload[config.skip :]
        for config in configs
        if (config.stream, config.codec, config.role) == (stream.kind << 16 | stream.track, stream.codec, CONFIG)
    )
    description = description_of(stream, next(mine, b""))
    video = stream.kind == VIDEO
    width, height = (_pixels(members, name) if video and not stream.track else 0 for name in ("width", "height"))
    return Track(
        id=number,
        handler="vide" if video else "soun",
        timescale=TIMESCALE,
        declared_duration=duration,
        language="und",
        codec=description.codec,
        enabled=not stream.track,
        width=width,
        height=height,
        channels=description.channels,
        rate=description.rate,
        edits=edits,
        samples=samples,
        box=description,
    )


def _pixels(members: Mapping[str, Value], name: str) -> int:
    told = number_in(members, name)
    return int(told) if told is not None and 1 <= told <= 0xFFFF else 0


def no_samples() -> SampleTable:
    """Return the table of a track whose samples nobody asked for."""
    sizes = ListedSizes.over(_NONE)
    return SampleTable(
        0,
        Durations(_NONE, _NONE, 0, MalformedMedia),
        None,
        sizes,
        ChunkMap(_ONE_EACH[:0], _NONE, 0, sizes, 0, MalformedMedia, MalformedMedia),
        None,
    )


def samples_of(tags: Tags, rows: NDArray[np.intp], times: NDArray[np.int64], size: int) -> SampleTable:
    """Return the samples of a stream.

    Args:
        tags: of the file.
        rows: which of them are of this stream; one at least.
        times: their timestamps, none before the one in front of it.
        size: bytes of the file.
    """
    count = len(rows)
    skips = tags.skips[rows].astype(np.int64)
    offsets = tags.offsets[rows] + TAG_HEADER + skips
    sizes = (tags.sizes[rows] - skips).astype(np.uint32)
    lasting = np.diff(times)
    durations = _runs(np.append(lasting, lasting[-1:] if count > 1 else 0), np.uint32)
    shifts = tags.compositions[rows]
    compositions = _runs(shifts, np.int32) if shifts.any() else None
    keys = tags.keys[rows]
    syncs = None if keys.all() else (np.flatnonzero(keys) + 1).astype(np.uint32)
    listed = ListedSizes.over(sizes)
    held = [offsets, sizes, *durations, *(compositions or ()), *([syncs] if syncs is not None else ())]
    return SampleTable(
        count,
        Durations(*durations, count, MalformedMedia),
        Runs(*compositions, count) if compositions else None,
        listed,
        ChunkMap(_ONE_EACH, offsets.astype(np.uint64), count, listed, size, MalformedMedia, MalformedMedia),
        SyncTable(syncs, count, MalformedMedia) if syncs is not None else None,
        held=sum(array.nbytes for array in held),
    )


def _runs(values: NDArray[Any], kind: type[Any]) -> tuple[NDArray[np.uint32], NDArray[Any]]:
    """Return values as runs: how often each is there in a row, and the value."""
    starts = np.append(0, np.flatnonzero(values[1:] != values[:-1]) + 1)
    counts = np.diff(np.append(starts, len(values))).astype(np.uint32)
    return counts, values[starts].astype(kind)
