"""Subtitles as segments of fragmented MP4: WebVTT in samples (ISO/IEC 14496-30 6 and 7).

A sample holds the cues that are shown for as long as it lasts, so a cue is repeated where another one appears while it
is shown, and in each segment that it reaches into; where nothing is shown there is a sample that says so. Times are
milliseconds on the presentation's timeline.
"""

from __future__ import annotations

import struct
from itertools import pairwise

import numpy as np

from hls_mp4.containers.isobmff.build import make_box, make_full_box
from hls_mp4.errors import MalformedMedia, NotFound
from hls_mp4.media.chunks import ChunkMap
from hls_mp4.media.index import Track
from hls_mp4.media.presentation import Presentation, Rendition
from hls_mp4.media.runs import Durations
from hls_mp4.media.samples import SampleTable
from hls_mp4.media.sizes import UniformSizes
from hls_mp4.media.texts import Cue, Text
from hls_mp4.packagers.fmp4.fragment import SYNC
from hls_mp4.packagers.fmp4.init import init_segment

TIMESCALE = 1000
EMPTY_CUE = make_box(b"vtte")

_BASE_IS_MOOF, _FLAGS = 0x020000, 0x20  # in tfhd
_OFFSET, _EACH_DURATION, _EACH_SIZE = 1, 0x100, 0x200  # in trun
_MOST_SOURCES = 0x7FFFFFFF

_NONE = np.empty(0, np.uint32)
_NO_SAMPLES = SampleTable(
    0,
    Durations(_NONE, _NONE, 0, MalformedMedia),
    None,
    UniformSizes(0),
    ChunkMap(np.empty((0, 3), np.uint32), _NONE, 0, UniformSizes(0), 0, MalformedMedia, MalformedMedia),
    None,
)


def segment_times(presentation: Presentation) -> list[int]:
    """Return when the segments of a presentation begin, and when the last one ends, in milliseconds."""
    segments = presentation.segments()
    return [int(time) * TIMESCALE // segments.timescale for time in segments.times.tolist()]


def text_init(text: Text) -> bytes:
    """Return the init segment of a text."""
    head = "\n\n".join(filter(None, ("WEBVTT", text.header.strip("\n"))))
    entry = make_box(b"wvtt", bytes(6), struct.pack(">H", 1), make_box(b"vttC", _utf8(head)))
    stsd = make_full_box(b"stsd", 0, 0, struct.pack(">I", 1), entry)
    return init_segment([_rendition(text)], [stsd])


def text_segment(presentation: Presentation, text: Text, number: int) -> bytes:
    """Return a segment of a text.

    Args:
        presentation: whose segments they are.
        text: one of its texts.
        number: of the segment, from 1.

    Raises:
        NotFound: there is no such segment.
    """
    times = segment_times(presentation)
    if not 1 <= number < len(times):
        raise NotFound(f"no segment {number}")
    begin, end = times[number - 1], times[number]
    samples = text_samples(text, begin - presentation.lead_ms, end - presentation.lead_ms)
    tfhd = make_full_box(b"tfhd", 0, _BASE_IS_MOOF | _FLAGS, struct.pack(">II", 1, SYNC))
    tfdt = make_full_box(b"tfdt", 1, 0, struct.pack(">Q", begin))
    mfhd = make_full_box(b"mfhd", 0, 0, struct.pack(">I", number))
    rows = b"".join(struct.pack(">II", duration, len(data)) for duration, data in samples)
    length = 8 + len(mfhd) + 8 + len(tfhd) + len(tfdt) + 20 + len(rows)
    head = struct.pack(">II", len(samples), length + 8)
    trun = make_full_box(b"trun", 0, _OFFSET | _EACH_DURATION | _EACH_SIZE, head, rows)
    moof = make_box(b"moof", mfhd, make_box(b"traf", tfhd, tfdt, trun))
    return moof + make_box(b"mdat", *(data for _, data in samples))


def text_samples(text: Text, begin_ms: int, end_ms: int) -> list[tuple[int, bytes]]:
    """Return the samples of a stretch of time: how long each lasts, and what it holds.

    Args:
        text: whose cues are shown.
        begin_ms, end_ms: on the cues' own clock, the end after the begin.
    """
    cues = text.between(begin_ms, end_ms)
    edges = sorted({begin_ms, end_ms, *(edge for cue in cues for edge in (cue.begin_ms, cue.end_ms))})
    edges = [edge for edge in edges if begin_ms <= edge <= end_ms]
    samples: list[tuple[int, bytes]] = []
    coming = 0
    shown: list[tuple[int, Cue]] = []
    for at, until in pairwise(edges):
        while coming < len(cues) and cues[coming].begin_ms <= at:
            shown.append((coming, cues[coming]))
            coming += 1
        shown = [(number, cue) for number, cue in shown if cue.end_ms > at]
        data = b"".join(_cue(number, cue, at, until) for number, cue in shown) or EMPTY_CUE
        samples.append((until - at, data))
    return samples


def _cue(number: int, cue: Cue, begin_ms: int, end_ms: int) -> bytes:
    """Return a cue in a sample; one that goes on in another sample is told by a number there and here."""
    parts = []
    if cue.begin_ms < begin_ms or cue.end_ms > end_ms:
        # The same in every sample and every segment: a cue is told from others by its begin.
        parts.append(make_box(b"vsid", struct.pack(">I", (cue.begin_ms * 31 + len(cue.text)) % _MOST_SOURCES)))
    if cue.name:
        parts.append(make_box(b"iden", _utf8(cue.name)))
    if cue.settings:
        parts.append(make_box(b"sttg", _utf8(cue.settings)))
    return make_box(b"vttc", *parts, make_box(b"payl", _utf8(cue.text)))


def _utf8(text: str) -> bytes:
    return text.encode("utf-8", "replace")


def _rendition(text: Text) -> Rendition:
    """Return what an init segment has to know of a track that lies in no film."""
    track = Track(
        id=1,
        handler="text",
        timescale=TIMESCALE,
        declared_duration=0,
        language=text.language,
        codec="wvtt",
        enabled=True,
        width=0,
        height=0,
        channels=0,
        rate=0,
        edits=(),
        samples=_NO_SAMPLES,
        box=None,
    )
    return Rendition(
        source=0, number=1, kind="text", track=track, first=0, stop=0, shift=0, delay=0, end=0, language=text.language
    )
