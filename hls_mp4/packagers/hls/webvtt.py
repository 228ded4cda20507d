"""Segments of WebVTT (RFC 8216 3.5): the cues that are shown in a segment, on the clock of the pictures."""

from __future__ import annotations

from hls_mp4.media.presentation import Presentation

TS_BASE = 900_000
"""Where the clock of MPEG-TS stands when the timeline begins: ten seconds, so that no timestamp is negative."""


def vtt_segment(presentation: Presentation, text: int, segment: int, form: str) -> bytes:
    """Return a segment of a text.

    Args:
        presentation: whose text it is.
        text: number of the text, from 0.
        segment: number of the segment, from 0.
        form: of the pictures' segments, whose clock is meant: "ts" or "fmp4".
    """
    segments = presentation.segments()
    told = presentation.texts[text]
    begin, end = (
        int(segments.times[at]) * 1000 // segments.timescale - presentation.lead_ms for at in (segment, segment + 1)
    )
    clock = presentation.lead_ms * 90 + (TS_BASE if form == "ts" else 0)
    lines = ["WEBVTT", f"X-TIMESTAMP-MAP=LOCAL:00:00:00.000,MPEGTS:{clock}", ""]
    if told.header:
        lines += [told.header.strip("\n"), ""]
    for cue in told.between(begin, end):
        if cue.name:
            lines.append(cue.name)
        lines.append(" ".join(filter(None, (f"{stamp(cue.begin_ms)} --> {stamp(cue.end_ms)}", cue.settings))))
        lines += [cue.text, ""]
    return "\n".join(lines).encode("utf-8", "replace")


def stamp(ms: int) -> str:
    """Return milliseconds as `01:02:03.004`."""
    seconds, ms = divmod(ms, 1000)
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}.{ms:03}"
