"""Chapter marks in user data (Nero's chpl, as FFmpeg and players read it), moved to a clip's time.

Payload: version and flags, in version 1 four reserved bytes, a count of 8 bits, then for each chapter its start in
100 ns as 64 bits, and a title of an 8-bit length. The chapter that runs when the clip begins begins with it.
"""

from __future__ import annotations

import struct

from hls_mp4.containers.isobmff.box import Box
from hls_mp4.containers.isobmff.build import make_box

PER_MS = 10_000


def user_data(udta: Box, start_ms: int, end_ms: int) -> bytes:
    """Return a udta box whose chapter marks are those of a clip.

    Args:
        udta: the film's.
        start_ms, end_ms: what the clip shows.
    """
    if not any(box.kind == b"chpl" for box in udta.children):
        return bytes(udta.raw)
    inside = [box.raw if box.kind != b"chpl" else crop_chpl(box.payload, start_ms, end_ms) for box in udta.children]
    return make_box(b"udta", *(part for part in inside if part is not None))


def crop_chpl(payload: memoryview, start_ms: int, end_ms: int) -> bytes | None:
    """Return a chpl box of the chapters of [start, end); None when there are none."""
    if len(payload) < 5:
        return None
    first = at = 9 if payload[0] else 5
    if len(payload) < at:
        return None
    marks: list[tuple[int, bytes]] = []
    count = payload[at - 1]
    for _ in range(count):
        if at + 9 > len(payload):
            return None
        (begin,) = struct.unpack_from(">Q", payload, at)
        after = at + 9 + payload[at + 8]
        if after > len(payload):
            return None
        if begin < end_ms * PER_MS:
            mark = (max(0, begin - start_ms * PER_MS), bytes(payload[at + 8 : after]))
            # Of all chapters that began before the clip, the last one is running.
            if marks and marks[-1][0] == 0 and begin <= start_ms * PER_MS:
                marks.pop()
            marks.append(mark)
        at = after
    if not marks:
        return None
    head = bytes(payload[: first - 1]) + bytes([len(marks)])
    return make_box(b"chpl", head, *(struct.pack(">Q", begin) + title for begin, title in marks))
