"""Text tracks of MP4 to cues: tx3g (3GPP TS 26.245) and wvtt (ISO/IEC 14496-30).

Samples of such a track are a few kilobytes in all; they are read at once, in as few reads as their chunks allow.
"""

from __future__ import annotations

import struct
from collections.abc import Generator, Iterator

import numpy as np

from hls_mp4.errors import MediaTooLarge
from hls_mp4.interfaces import ReadAt
from hls_mp4.media.index import Track
from hls_mp4.media.texts import Cue

MOST_SAMPLES = 100_000
MOST_BYTES = 16 << 20

READABLE = frozenset(("tx3g", "text", "wvtt"))
"""Codecs of tracks that cues can be made of."""

_GAP = 64 * 1024


def read_cues(track: Track, shift: int) -> Generator[ReadAt, bytes, tuple[Cue, ...]]:
    """Return a generator that returns the cues of a text track.

    Args:
        track: of a codec in READABLE.
        shift: what is added to a composition time to have the time in the film, track's timescale.

    Raises:
        MediaTooLarge: that are too many samples for subtitles.
        MalformedMedia: the tables make no sense.
    """
    samples = track.samples
    count = samples.count
    if count > MOST_SAMPLES or samples.bytes_between(0, count) > MOST_BYTES:
        raise MediaTooLarge("subtitles are too large")
    if not count:
        return ()
    payloads: list[bytes] = []
    chunks = samples.chunks(0, count)
    sizes = samples.sizes(0, count).tolist()
    rows = list(zip(chunks.offsets.tolist(), chunks.sizes.tolist(), chunks.samples.tolist(), strict=True))
    at = 0
    while at < len(rows):
        stop = at + 1
        while stop < len(rows) and 0 <= rows[stop][0] - (rows[stop - 1][0] + rows[stop - 1][1]) <= _GAP:
            stop += 1
        low = rows[at][0]
        data = yield ReadAt(low, rows[stop - 1][0] + rows[stop - 1][1] - low)
        for offset, _, inside in rows[at:stop]:
            place = offset - low
            for _ in range(inside):
                size = sizes[len(payloads)]
                payloads.append(data[place : place + size])
                place += size
        at = stop
    times = samples.presentation_times_of(np.arange(count + 1)) + shift
    bounds = (times * 1000 // track.timescale).tolist()
    read = _webvtt if track.codec == "wvtt" else _tx3g
    cues: list[Cue] = []
    for number, payload in enumerate(payloads):
        begin, end = max(0, bounds[number]), bounds[number + 1]
        if end > begin:
            cues += read(payload, begin, end)
    return tuple(_joined(cues))


def _tx3g(payload: bytes, begin: int, end: int) -> Iterator[Cue]:
    """Yield the cue of a sample: a length and text; what styles it is left out."""
    if len(payload) < 2:
        return
    (length,) = struct.unpack_from(">H", payload)
    raw = payload[2 : 2 + length]
    text = raw.decode("utf-16" if raw[:2] in (b"\xfe\xff", b"\xff\xfe") else "utf-8", "replace").strip()
    if text:
        lines = [line for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n") if line.strip()]
        plain = "\n".join(lines).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
        yield Cue(begin, end, plain.replace("\0", "\ufffd"))


def _webvtt(payload: bytes, begin: int, end: int) -> Iterator[Cue]:
    """Yield the cues of a sample: boxes vttc, each with a payload, settings and a name."""
    for kind, body in _boxes(payload):
        if kind != b"vttc":
            continue
        parts = dict(_boxes(body))
        text = parts.get(b"payl", b"").decode("utf-8", "replace").strip("\n")
        if text.strip():
            settings, name = (parts.get(part, b"").decode("utf-8", "replace").strip() for part in (b"sttg", b"iden"))
            yield Cue(begin, end, "\n".join(line for line in text.split("\n") if line.strip()), settings, name)


def _boxes(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = 0
    while at + 8 <= len(data):
        size, kind = struct.unpack_from(">I4s", data, at)
        if size < 8 or at + size > len(data):
            return
        yield kind, data[at + 8 : at + size]
        at += size


def _joined(cues: list[Cue]) -> Iterator[Cue]:
    """Yield cues, those joined that are the same and touch: a sample ends wherever another cue begins."""
    open_cues: list[Cue] = []
    for cue in cues:
        for number, before in enumerate(open_cues):
            if before.end_ms == cue.begin_ms and (before.text, before.settings, before.name) == (
                cue.text,
                cue.settings,
                cue.name,
            ):
                open_cues[number] = Cue(before.begin_ms, cue.end_ms, cue.text, cue.settings, cue.name)
                break
        else:
            open_cues.append(cue)
        done = [each for each in open_cues if each.end_ms < cue.begin_ms]
        open_cues = [each for each in open_cues if each.end_ms >= cue.begin_ms]
        yield from done
    yield from open_cues
