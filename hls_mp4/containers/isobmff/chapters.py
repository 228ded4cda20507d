"""Chapter marks of a film: QuickTime's chapter track, else Nero's list in user data.

QuickTime File Format, "Chapter Lists": a track names with a reference of type `chap` a text track, each sample of
which is a chapter: 16 bits of length, then UTF-8, or UTF-16 behind a byte order mark. Nero's chpl in moov/udta, as
FFmpeg and players read it: version and flags, in version 1 four reserved bytes, a count of 8 bits, then for each
chapter its start in 100 ns as 64 bits, and a title of an 8-bit length.

Refused: nothing. A list that contradicts itself ends where it does so, for no film needs chapters to be played.
"""

from __future__ import annotations

import codecs
import struct
from collections.abc import Generator, Iterator

from hls_mp4.errors import StreamingError
from hls_mp4.interfaces import ReadAt
from hls_mp4.media.chapters import MOST_CHAPTERS, Chapter, in_order
from hls_mp4.media.index import MediaIndex, Track

LONGEST_SAMPLE = 2048
"""Bytes read of a title; what is longer is cut."""

_NERO_PER_MS = 10_000


def read_chapters(index: MediaIndex) -> Generator[ReadAt, bytes, tuple[Chapter, ...]]:
    """Return a generator that returns the chapters of a film, none when it has none.

    Args:
        index: of a film of the MP4 family.
    """
    marks: list[Chapter] = []
    try:
        track = chapter_track(index)
        if track is not None:
            yield from _read_samples(track, index.timescale, marks)
    except StreamingError:
        pass
    total_ms = index.duration * 1000 // index.timescale
    if not marks:
        marks += nero_chapters(index)
    return in_order(marks, total_ms)


def chapter_track(index: MediaIndex) -> Track | None:
    """Return the text track that another track names as its chapters, or None."""
    for track in index.tracks:
        reference = track.box.find(b"tref", b"chap")
        if reference is None:
            continue
        payload = bytes(reference.payload)
        named = {identity for (identity,) in struct.iter_unpack(">I", payload[: len(payload) // 4 * 4])}
        for other in index.tracks:
            # A second chapter track may hold a picture of each chapter.
            if other.id in named and other.handler in ("text", "sbtl"):
                return other
    return None


def _read_samples(track: Track, movie_timescale: int, marks: list[Chapter]) -> Generator[ReadAt, bytes, None]:
    """Append a mark for each sample of a text track; raises StreamingError where its tables are wrong."""
    samples = track.samples
    waited_ms = media_time = 0
    for edit in track.edits:
        if edit.media_time >= 0:
            media_time = edit.media_time
            break
        waited_ms += edit.segment_duration * 1000 // movie_timescale
    for sample in range(min(samples.count, MOST_CHAPTERS)):
        size = min(samples.size(sample), LONGEST_SAMPLE)
        data = (yield ReadAt(samples.offset(sample), size)) if size else b""
        start = max(0, samples.decode_time(sample) - media_time)
        # Rounded, for a writer that counts in 48000ths means whole milliseconds all the same.
        marks.append(Chapter(waited_ms + (2000 * start + track.timescale) // (2 * track.timescale), title_of(data)))


def title_of(sample: bytes) -> str:
    """Return the text of a sample of a chapter track."""
    text = sample[2 : 2 + int.from_bytes(sample[:2], "big")]
    if text.startswith((codecs.BOM_UTF16_BE, codecs.BOM_UTF16_LE)):
        return text.decode("utf-16", "replace")
    return text.decode("utf-8", "replace")


def nero_chapters(index: MediaIndex) -> list[Chapter]:
    """Return the marks of chpl, none when there is no such box."""
    try:
        listed = index.header.moov.find(b"udta", b"chpl")
    except StreamingError:
        return []
    return list(_nero_marks(bytes(listed.payload))) if listed is not None else []


def _nero_marks(payload: bytes) -> Iterator[Chapter]:
    at = 9 if payload[:1] != b"\0" else 5
    if len(payload) < at:
        return
    for _ in range(payload[at - 1]):
        if at + 9 > len(payload):
            return
        (start,) = struct.unpack_from(">Q", payload, at)
        after = at + 9 + payload[at + 8]
        if after > len(payload):
            return
        yield Chapter(start // _NERO_PER_MS, payload[at + 9 : after].decode("utf-8", "replace"))
        at = after
