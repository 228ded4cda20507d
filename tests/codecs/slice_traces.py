"""Where slice headers end, as FFmpeg's own parser of bitstreams says (its filter trace_headers)."""

from __future__ import annotations

import io
import re
from fractions import Fraction

import av

from hls_mp4.codecs.annexb import units_of
from hls_mp4.containers.isobmff.configuration import configuration_of
from tests.films import X264, X265, Recipe, Video, encode
from tests.indexes import indexed

_ELEMENT = re.compile(r"^(\d+)\s+(\w+)\S*\s+([01]+) = ")


def x264(**changes: str) -> bytes:
    """Return two seconds of H.264."""
    settings = dict(item.split("=") for item in X264.split(":")) | {k.replace("_", "-"): v for k, v in changes.items()}
    return _made(Video(options=(("preset", "veryfast"), ("x264-params", _joined(settings)))))


def x265(**changes: str) -> bytes:
    """Return two seconds of HEVC."""
    settings = dict(item.split("=") for item in dict(X265)["x265-params"].split(":"))
    settings |= {k.replace("_", "-"): v for k, v in changes.items()}
    return _made(Video("libx265", (("preset", "fast"), ("x265-params", _joined(settings)))))


def _joined(settings: dict[str, str]) -> str:
    return ":".join(f"{name}={value}" for name, value in settings.items())


def _made(video: Video) -> bytes:
    return encode(Recipe(seconds=Fraction(2), video=(video,), audio=()))


def record_of(data: bytes, kind: str) -> bytes:
    """Return a box of the sample entry of a film's video."""
    (track,) = (each for each in indexed(data).tracks if each.handler == "vide")
    return bytes(configuration_of(track.box, "vide").records[kind])


def traced(data: bytes) -> list[tuple[list[bytes], list[int]]]:
    """Return for each packet of a film's video its NAL units, and at which bit the header of each slice ends.

    Bits are those without emulation prevention.
    """
    found = []
    level = av.logging.get_level()
    av.logging.set_level(av.logging.INFO)
    try:
        with av.open(io.BytesIO(data)) as container:
            stream = container.streams.video[0]
            tracer = av.bitstream.BitStreamFilterContext("trace_headers", stream)
            for packet in container.demux(stream):
                if packet.dts is None:
                    break
                units = [bytes(unit) for unit in units_of(memoryview(bytes(packet)), 4)]
                with av.logging.Capture(local=False) as logs:
                    tracer.filter(packet)
                found.append((units, _ends("".join(text for _, _, text in logs).splitlines())))
    finally:
        av.logging.set_level(level)
    return found


def _ends(lines: list[str]) -> list[int]:
    ends: list[int] = []
    inside = False
    for line in lines:
        element = _ELEMENT.match(line)
        if element is None:
            inside = line.startswith(("Slice Header", "Slice Segment Header"))
            if inside:
                ends.append(0)
        elif inside and element[2] not in ("cabac_alignment_one_bit",):
            ends[-1] = int(element[1]) + len(element[3])
    return ends
