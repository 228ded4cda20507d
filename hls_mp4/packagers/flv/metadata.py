"""onMetaData as `flv_metadata on` writes it: what the file says, and the truth about duration, size and key frames.

Positions of key frames are those of the body that is sent, longer metadata in front of them accounted for. Numbers
have a fixed length, so how long the metadata becomes is known before what it says.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hls_mp4.containers.flv import amf0
from hls_mp4.containers.flv.layout import FlvLayout
from hls_mp4.containers.flv.metadata import BEGINNING, KeyFrames, members_of
from hls_mp4.containers.flv.tag import AROUND, AUDIO, SCRIPT, VIDEO, tag

MOST_LISTED = 50_000
"""Key frames in a list; of more, every second, third, ... is listed."""

MOST_KEPT = 1 << 20
"""Bytes of what the file says itself; a member that would exceed them is left out."""

Served = Callable[[NDArray[np.int64]], NDArray[np.int64]]


@dataclass(frozen=True, slots=True)
class Facts:
    """What is true of a body.

    Args:
        duration_ms: of the film, or until where a clip ends.
        last_ms: the last timestamp.
        length: bytes of the body besides the metadata tag.
        keys: key frames in it, offsets as in the file.
        served: from an offset in the file, and the length of the metadata tag, to one in the body.
    """

    duration_ms: int
    last_ms: int
    length: int
    keys: KeyFrames
    served: Callable[[NDArray[np.int64], int], NDArray[np.int64]]


def listed(layout: FlvLayout, keys: KeyFrames) -> KeyFrames:
    """Return the key frames worth listing: of a film without video one for each second."""
    rows: Any = slice(None)
    if not layout.video and len(keys):
        rows = np.unique(keys.times // 1000, return_index=True)[1]
    offsets, times = keys.offsets[rows], keys.times[rows]
    step = -(-len(offsets) // MOST_LISTED) or 1
    return KeyFrames(offsets[::step], times[::step])


def metadata_tag(layout: FlvLayout, facts: Facts) -> bytes:
    """Return the tag with onMetaData of a body.

    Args:
        layout: of the film.
        facts: what it has to say.
    """
    keys = listed(layout, facts.keys)
    kinds = {stream.kind for stream in layout.streams}
    members = _kept(layout)
    members |= {
        "duration": 0.0,
        "filesize": 0.0,
        "hasMetadata": True,
        "hasVideo": VIDEO in kinds,
        "hasAudio": AUDIO in kinds,
        "hasKeyframes": bool(len(keys)),
        "lasttimestamp": facts.last_ms / 1000,
        "keyframes": {"times": keys.times / 1000, "filepositions": keys.offsets.astype(np.float64)},
    }
    if len(keys):
        members |= {"lastkeyframetimestamp": int(keys.times[-1]) / 1000, "lastkeyframelocation": 0.0}
    size = amf0.size_of(members)
    assert size is not None
    length = AROUND + len(BEGINNING) + size + 4  # an ECMA array has a count that an object has not
    positions = facts.served(keys.offsets, length)
    members["keyframes"]["filepositions"] = positions.astype(np.float64)
    if len(keys):
        members["lastkeyframelocation"] = float(positions[-1])
    members["duration"] = facts.duration_ms / 1000
    members["filesize"] = float(facts.length + length)
    made = tag(SCRIPT, 0, BEGINNING + amf0.write_ecma_array(members))
    assert len(made) == length
    return made


def _kept(layout: FlvLayout) -> dict[str, Any]:
    """Return what the file says of itself, as far as it can be said again."""
    kept: dict[str, Any] = {}
    left = MOST_KEPT
    for name, value in members_of(layout.metadata.payload if layout.metadata else None).items():
        size = 0 if name == "keyframes" else amf0.size_of({name: value}, left)
        if size is not None:
            kept[name] = value
            left -= size
    return kept
