"""Key frames without a walk over all tags: from onMetaData, where it is true.

It is believed when all of this holds:

- it gives the file's size;
- it lists key frames in order, none of them more than LONGEST_GAP_MS after the one before, after the film's begin, or
  before its end;
- up to MOST_CHECKED of them, spread evenly with the first and the last among them, are found where it says, with the
  time it says, as key frames or as what writers list in their place, the sequence header or the colours before them;
- the file begins with tags of every kind that its header promises, and ends with whole tags, of which the last two of
  each kind tell the duration.

In every other case all tags are read.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass, field

import numpy as np

from hls_mp4.containers.flv.layout import FlvLayout, read_specials
from hls_mp4.containers.flv.metadata import (
    TOLERANCE_MS,
    KeyFrames,
    complete,
    listed_key_frames,
    measures_agree,
    members_of,
    number_in,
)
from hls_mp4.containers.flv.packets import CONFIG, FRAME, HEAD, KEY, OTHER, SIDE, read_packet
from hls_mp4.containers.flv.scan import Special, Stream
from hls_mp4.containers.flv.tag import (
    AROUND,
    AUDIO,
    BACK,
    HAS_AUDIO,
    HAS_VIDEO,
    KIND,
    SCRIPT,
    TAG_HEADER,
    VIDEO,
    FileHeader,
)
from hls_mp4.interfaces import IndexLimits, ReadAt

MOST_CHECKED = 64
MOST_WALKED = 1024
"""Tags that are looked at from the beginning, and from the end."""


@dataclass(slots=True)
class _Beginning:
    """What the first tags tell."""

    specials: list[Special] = field(default_factory=list)
    streams: dict[tuple[int, int, int], Stream] = field(default_factory=dict)
    media: int = 0
    begin: int | None = None

    def kinds(self) -> set[int]:
        """Return the kinds of which there was a sample."""
        return {stream.kind for stream in self.streams.values()}


def told_layout(
    size: int, limits: IndexLimits, header: FileHeader
) -> Generator[ReadAt, bytes, tuple[FlvLayout, int] | None]:
    """Return the layout of a file and its bytes of metadata; None when onMetaData is not to be believed.

    Args:
        size: of the file.
        limits: of each read, and of metadata.
        header: of the file.

    Raises:
        MediaTooLarge: there is more metadata than the limit.
    """
    if not header.flags & HAS_VIDEO:
        return None
    most = max(1024, limits.buffer_size)
    head = yield ReadAt(0, min(size, most))
    promised = {VIDEO} | ({AUDIO} if header.flags & HAS_AUDIO else set())
    beginning = _first_tags(head, header.first_tag, promised)
    if beginning is None or beginning.begin is None:
        return None
    metadata, configs, spent = yield from read_specials(beginning.specials, size, limits, AROUND)
    members = members_of(metadata.payload if metadata else None)
    listed = listed_key_frames(members, size)
    if metadata is None or listed is None or number_in(members, "filesize") != size:
        return None
    tail_at = max(0, size - most)
    tail = yield ReadAt(tail_at, size - tail_at)
    ending = _last_times(tail, beginning.kinds())
    if ending is None:
        return None
    last = max(latest for latest, _ in ending)
    duration = max(latest + lasting for latest, lasting in ending) - beginning.begin
    if not complete(listed, beginning.begin, last) or not (yield from _checked(listed, size)):
        return None
    layout = FlvLayout(
        flags=header.flags,
        first=header.first_tag,
        end=size,
        media=beginning.media,
        begin=beginning.begin,
        duration_ms=duration,
        last=last,
        keys=listed,
        video=True,
        metadata=metadata,
        truthful=measures_agree(members, size, duration),
        configs=configs,
        streams=tuple(beginning.streams.values()),
        complaint="",
    )
    return layout, spent


def _first_tags(head: bytes, at: int, promised: set[int]) -> _Beginning | None:
    """Return what the first tags tell, up to a sample of each kind that was promised; None without them."""
    found = _Beginning()
    for _ in range(MOST_WALKED):
        if at + TAG_HEADER + HEAD > len(head):
            return None
        kind, size = head[at] & KIND, int.from_bytes(head[at + 1 : at + 4], "big")
        start = head[at + TAG_HEADER : at + TAG_HEADER + min(size, HEAD)]
        packet = read_packet(kind, start, size)
        stamp = _stamp(head, at)
        if kind == SCRIPT or packet.role in (CONFIG, SIDE):
            stream = kind << 16 | packet.track if kind != SCRIPT else 0
            found.specials.append(Special(at, size, packet.role, stream, packet.skip, packet.codec, start))
        elif packet.role != OTHER:
            found.media = found.media or at
            found.begin = stamp if found.begin is None else min(found.begin, stamp)
            name = (kind, packet.track, packet.codec)
            found.streams.setdefault(name, Stream(*name, start))
            if promised <= found.kinds():
                return found
        elif kind not in (AUDIO, VIDEO):
            return None
        at += size + AROUND
    return None


def _last_times(tail: bytes, kinds: set[int]) -> list[tuple[int, int]] | None:
    """Return the last timestamp of each kind, and the time between the last two; None when they are not found.

    Args:
        tail: the end of the file.
        kinds: of which there has to be an end.
    """
    stamps: dict[int, list[int]] = {kind: [] for kind in kinds}
    at = len(tail)
    for _ in range(MOST_WALKED):
        if at < BACK:
            return None
        back = int.from_bytes(tail[at - BACK : at], "big")
        start = at - BACK - back
        if back < TAG_HEADER or start < 0:
            return None
        size = int.from_bytes(tail[start + 1 : start + 4], "big")
        kind = tail[start] & KIND
        if size != back - TAG_HEADER or kind not in (AUDIO, VIDEO, SCRIPT):
            return None
        packet = read_packet(kind, tail[start + TAG_HEADER : at - BACK][:HEAD], size)
        if packet.role in (FRAME, KEY) and kind in stamps:
            stamps[kind].append(_stamp(tail, start))
        if all(len(found) > 1 for found in stamps.values()):
            return [(found[0], max(0, found[0] - found[1])) for found in stamps.values()]
        at = start
    return None


def _checked(listed: KeyFrames, size: int) -> Generator[ReadAt, bytes, bool]:
    """Tell whether key frames are where a list has them."""
    rows = np.unique(np.linspace(0, len(listed) - 1, MOST_CHECKED).astype(np.int64))
    for offset, time in zip(listed.offsets[rows].tolist(), listed.times[rows].tolist(), strict=True):
        length = min(TAG_HEADER + HEAD, size - offset)
        if length <= TAG_HEADER:
            return False
        head = yield ReadAt(offset, length)
        if len(head) <= TAG_HEADER or head[0] & KIND != VIDEO:
            return False
        carried = int.from_bytes(head[1:4], "big")
        packet = read_packet(VIDEO, head[TAG_HEADER : TAG_HEADER + carried], carried)
        good = packet.role in (KEY, CONFIG, SIDE) and abs(_stamp(head, 0) - time) <= TOLERANCE_MS
        if not good or offset + TAG_HEADER + carried > size:
            return False
    return True


def _stamp(data: bytes, at: int) -> int:
    """Return the timestamp of the tag that begins here."""
    return data[at + 7] << 24 | int.from_bytes(data[at + 4 : at + 7], "big")
