"""The client manifest (MS-SSTR 2.2.2): streams, what their levels need to be decoded, and when their chunks begin.

Chunks are told by their durations, which are differences of rounded instants and so add up without drift; the first
one is told by its begin too, for players differ in what they take for granted. Version 2.2 tells chunks of one length
in a row once.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from hls_mp4.media.presentation import Presentation, Rendition
from hls_mp4.packagers.description import configuration
from hls_mp4.packagers.smooth.clock import TICKS
from hls_mp4.packagers.smooth.names import FRAGMENTS
from hls_mp4.packagers.smooth.protection import protection_lines
from hls_mp4.packagers.smooth.streams import Level, Stream, offer_of

_REPEATS = "2.2"
_UNSAFE = re.compile(r"[^!#-;=?-Z_a-z|~]")


def manifest(presentation: Presentation, version: str, query: str = "") -> str:
    """Return the manifest of a presentation.

    Args:
        presentation: what is told.
        version: "2.0" or "2.2".
        query: what URLs of chunks end with, see `carried`; or a mark that is replaced by it.

    Raises:
        UnsupportedMedia: nothing of it can be told in Smooth Streaming, or not decrypted there.
    """
    offer = offer_of(presentation)
    major, _, minor = version.partition(".")
    head = _attributes(
        (("MajorVersion", major), ("MinorVersion", minor), ("TimeScale", TICKS), ("Duration", offer.end))
    )
    lines = ['<?xml version="1.0" encoding="utf-8"?>', f"<SmoothStreamingMedia{head}>"]
    if presentation.protection is not None:
        lines += protection_lines(presentation.protection)
    for stream in offer.streams:
        lines += _stream(presentation, stream, query, repeats=version == _REPEATS)
    lines.append("</SmoothStreamingMedia>\n")
    return "\n".join(lines)


def _attributes(pairs: Iterable[tuple[str, object]]) -> str:
    return "".join(f' {name}="{html.escape(str(value))}"' for name, value in pairs)


def _stream(presentation: Presentation, stream: Stream, query: str, *, repeats: bool) -> list[str]:
    pairs: list[tuple[str, object]] = [("Type", stream.kind), ("Name", stream.name)]
    if stream.kind == "text":
        pairs.append(("Subtype", "SUBT"))
    if stream.language:
        pairs.append(("Language", stream.language))
    pairs += [
        ("TimeScale", TICKS),
        ("QualityLevels", len(stream.levels)),
        ("Chunks", len(stream.starts) - 1),
        ("Url", f"QualityLevels({{bitrate}})/{FRAGMENTS}({stream.name}={{start time}})\0"),
    ]
    if stream.kind == "video":
        pairs += _picture([presentation.renditions[level.number] for level in stream.levels])
    lines = [f"<StreamIndex{_attributes(pairs)}>".replace("\0", query)]
    lines += [_level(number, level) for number, level in enumerate(stream.levels)]
    lines += _chunks(stream.starts, repeats=repeats)
    lines.append("</StreamIndex>")
    return lines


def carried(forward: str) -> str:
    """Return the query of URLs in a manifest, as XML; arguments can make no field of the template that they end."""
    return html.escape("?" + _UNSAFE.sub(_percent, forward)) if forward else ""


def _percent(found: re.Match[str]) -> str:
    return "".join(f"%{byte:02X}" for byte in found[0].encode("utf-8", "surrogatepass"))


def _picture(renditions: list[Rendition]) -> list[tuple[str, object]]:
    """Return how large pictures are: the largest there are, and the shape that they are shown in."""
    tracks = [rendition.track for rendition in renditions]
    largest = max(tracks, key=lambda track: track.width * track.height)
    across, down = _pixel_shape(configuration(largest).records.get("pasp", b""))
    return [
        ("MaxWidth", max(track.width for track in tracks)),
        ("MaxHeight", max(track.height for track in tracks)),
        ("DisplayWidth", (largest.width * across * 2 + down) // (2 * down)),
        ("DisplayHeight", largest.height),
    ]


def _pixel_shape(pasp: bytes | memoryview) -> tuple[int, int]:
    """Return what a pasp box says of the shape of a pixel (ISO/IEC 14496-12 12.1.4)."""
    across, down = int.from_bytes(pasp[:4], "big"), int.from_bytes(pasp[4:8], "big")
    return (across, down) if across and down else (1, 1)


def _level(number: int, level: Level) -> str:
    pairs: list[tuple[str, object]] = [("Index", number), ("Bitrate", level.bitrate)]
    if level.told is None:
        pairs += [("FourCC", "TTML"), ("CodecPrivateData", "")]
    else:
        pairs += [("FourCC", level.told.fourcc), *level.told.attributes]
        pairs.append(("CodecPrivateData", level.told.private.hex().upper()))
    return f"<QualityLevel{_attributes(pairs)}/>"


def _chunks(starts: NDArray[np.int64], *, repeats: bool) -> list[str]:
    durations = np.diff(starts)
    if repeats:
        firsts = np.flatnonzero(np.append(True, durations[1:] != durations[:-1]))
        counts = np.diff(np.append(firsts, len(durations)))
        durations = durations[firsts]
    else:
        counts = np.ones(len(durations), np.int64)
    lines = [
        f'<c d="{duration}"/>' if count == 1 else f'<c d="{duration}" r="{count}"/>'
        for duration, count in zip(durations.tolist(), counts.tolist(), strict=True)
    ]
    lines[0] = lines[0].replace("<c", f'<c t="{int(starts[0])}"', 1)
    return lines
