"""Samples that are not copied into a stream but made anew: of H.264 and HEVC with lengths of less than four bytes."""

from __future__ import annotations

from collections.abc import Callable

from hls_mp4.codecs.annexb import START_CODE, Framing, filler, units_of
from hls_mp4.plan import Buffer

Pack = Callable[[memoryview, int], Buffer]
"""Takes a sample and the bytes that there are for it, returns as many of them, fit for a stream; raises ValueError."""


def relaid(framing: Framing) -> Pack:
    """Return what makes a byte stream of samples whose lengths are shorter than start codes."""

    def pack(sample: memoryview, room: int) -> bytes:
        units = [
            unit
            for unit in units_of(sample, framing.length_size)
            if framing.family.type_of(unit[0]) != framing.family.delimiter_type
        ]
        made = b"".join([START_CODE + bytes(unit) for unit in units])
        if len(made) > room:
            raise ValueError(f"{len(units)} NAL units, too many to be put in MPEG-TS")
        return made + filler(framing.family, room - len(made))

    return pack
