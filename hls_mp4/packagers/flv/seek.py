"""From a byte or a second to the tags that a film is played from and to.

Seconds count from the film's earliest timestamp. They are held against the timestamps of tags, not against the time
at which a picture is shown, which B-frames make later: these are the times that onMetaData lists and players ask for.
"""

from __future__ import annotations

from typing import NamedTuple

from hls_mp4.containers.flv.layout import FlvLayout
from hls_mp4.containers.flv.tag import BACK
from hls_mp4.errors import ClipOutOfRange
from hls_mp4.media.index import MediaIndex
from hls_mp4.packagers.flv.settings import LAST_KEY_FRAME

LAST_SECOND_MS = 1000
"""What `flv_past_end last_key_frame` gives of a film without video."""


class Place(NamedTuple):
    """A tag that a film is played from.

    Args:
        offset: absolute.
        time: its timestamp.
    """

    offset: int
    time: int


def key_frame_at_byte(layout: FlvLayout, offset: int) -> Place | None:
    """Return the last key frame that begins at or before a byte, None when there is none."""
    row = int(layout.keys.offsets.searchsorted(offset, "right")) - 1
    return _place(layout, row) if row >= 0 else None


def key_frame_at(layout: FlvLayout, start_ms: int) -> Place:
    """Return the last key frame at or before a time; the film's first sample when there is none."""
    row = int(layout.keys.times.searchsorted(start_ms + layout.begin, "right")) - 1
    return _place(layout, row) if row >= 0 else Place(layout.media, layout.begin)


def _place(layout: FlvLayout, row: int) -> Place:
    return Place(int(layout.keys.offsets[row]), int(layout.keys.times[row]))


def start_place(layout: FlvLayout, start_ms: int, past_end: str) -> Place:
    """Return where a film is played from.

    Args:
        layout: of the film.
        start_ms: the time that is asked for.
        past_end: what a start past the end gives, see `flv_past_end`.

    Raises:
        ClipOutOfRange: it is past the end.
    """
    if start_ms < layout.duration_ms or not start_ms:
        return key_frame_at(layout, start_ms)
    if past_end != LAST_KEY_FRAME:
        raise ClipOutOfRange("flv start time exceeds file duration")
    if layout.video and len(layout.keys):
        return _place(layout, len(layout.keys) - 1)
    return key_frame_at(layout, max(0, layout.duration_ms - LAST_SECOND_MS))


def stop_at(index: MediaIndex, end_ms: int) -> int:
    """Return the byte after the last tag, in file order, whose timestamp is before a time.

    Whatever is shown before the time is decoded from these tags.

    Args:
        index: of the film, with its samples.
        end_ms: the time.
    """
    layout: FlvLayout = index.header
    stop = 0
    for track in index.tracks:
        waited = sum(edit.segment_duration for edit in track.edits if edit.media_time < 0)
        samples = track.samples
        if end_ms > waited and samples.count:
            last = min(samples.sample_at(end_ms - 1 - waited), samples.count - 1)
            stop = max(stop, samples.offset(last) + samples.size(last) + BACK)
    return min(stop, layout.end)
