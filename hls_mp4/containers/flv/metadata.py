"""onMetaData: what a file says of itself (Video File Format Specification 10.1, E.5), and whether that is true.

Nothing in it is needed and nothing believed: what cannot be read counts as not there.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hls_mp4.containers.flv import amf0
from hls_mp4.containers.flv.amf import Reading, Value
from hls_mp4.errors import MalformedMedia

NAME = "onMetaData"
BEGINNING = b"\x02\x00\x0aonMetaData"
WRAPPED = b"\x02\x00\x0d@setDataFrame" + BEGINNING
"""What recorders of RTMP write that forget to take the message apart."""

LONGEST_GAP_MS = 30_000
"""Time without a listed key frame after which a list counts as incomplete."""

TOLERANCE_MS = 1
"""Times are listed in seconds: what a writer makes of a millisecond may be cut off or rounded."""

DURATION_TOLERANCE_MS = 1000


@dataclass(frozen=True, slots=True, eq=False)
class KeyFrames:
    """Tags that playing can begin at, in file order.

    Args:
        offsets: absolute, rising.
        times: timestamps, milliseconds.
    """

    offsets: NDArray[np.int64]
    times: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.offsets)


def is_metadata(head: bytes) -> bool:
    """Tell whether script data that begins like this is onMetaData."""
    return head.startswith((BEGINNING, WRAPPED))


def members_of(payload: bytes | None) -> dict[str, Value]:
    """Return what onMetaData says; nothing when it cannot be read."""
    if payload is None:
        return {}
    reading = Reading(payload)
    try:
        while isinstance(told := amf0.read(reading), str):
            pass
    except MalformedMedia:
        return {}
    return dict(told) if isinstance(told, Mapping) else {}


def number_in(members: Mapping[str, Value], name: str) -> float | None:
    """Return a number that onMetaData says, None when it says no finite one."""
    value = members.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return None
    return value


def listed_key_frames(members: Mapping[str, Value], size: int) -> KeyFrames | None:
    """Return the key frames that onMetaData lists; None when it lists none, or what cannot be a list of them.

    Args:
        members: what it says.
        size: of the file, in which they have to lie.
    """
    listed = members.get("keyframes")
    if not isinstance(listed, Mapping):
        return None
    times, offsets = (_numbers(listed.get(name)) for name in ("times", "filepositions"))
    if times is None or offsets is None or len(times) != len(offsets) or not len(times):
        return None
    if offsets[0] < 0 or offsets[-1] > size or (np.diff(offsets) <= 0).any():
        return None
    if times[0] < 0 or times[-1] > 2**50 or (np.diff(times) < 0).any() or (offsets % 1).any():
        return None
    return KeyFrames(offsets.astype(np.int64), np.round(times * 1000).astype(np.int64))


def _numbers(value: Value) -> NDArray[np.float64] | None:
    if isinstance(value, list):
        if any(isinstance(each, bool) or not isinstance(each, int | float) for each in value):
            return None
        value = np.array(value, np.float64)
    if not isinstance(value, np.ndarray) or not np.isfinite(value).all():
        return None
    return value


def complete(listed: KeyFrames, begin: int, end: int) -> bool:
    """Tell whether a list leaves no long part of a film without a key frame.

    Args:
        listed: the key frames.
        begin, end: the film's first and last timestamp.
    """
    edges = np.concatenate(([begin], listed.times, [end]))
    return bool((np.diff(edges) <= LONGEST_GAP_MS).all())


def agree(listed: KeyFrames, found: KeyFrames) -> bool:
    """Tell whether each listed key frame is one of those that were found, at its time."""
    if not len(found):
        return False
    rows = np.minimum(found.offsets.searchsorted(listed.offsets), len(found) - 1)
    late = np.abs(found.times[rows] - listed.times)
    return bool(((found.offsets[rows] == listed.offsets) & (late <= TOLERANCE_MS)).all())


def measures_agree(members: Mapping[str, Value], size: int, duration_ms: int) -> bool:
    """Tell whether onMetaData knows how large and how long the film is."""
    told_size, told_duration = number_in(members, "filesize"), number_in(members, "duration")
    if told_size is None or told_duration is None:
        return False
    return told_size == size and abs(told_duration * 1000 - duration_ms) <= DURATION_TOLERANCE_MS
