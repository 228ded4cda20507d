"""WebVTT (W3C WebVTT 1, section 6) to cues, as forgiving as a browser: what is no cue is left out."""

from __future__ import annotations

import re

from hls_mp4.containers.texts.decoding import lines_of
from hls_mp4.errors import MalformedMedia
from hls_mp4.media.texts import Cue, Text

MOST_CUES = 100_000

_TIME = r"(?:(\d{1,6}):)?([0-5]?\d):([0-5]\d)[.,](\d{3})"
_TIMING = re.compile(rf"\s*{_TIME}\s*-->\s*{_TIME}(.*)")


def parse_webvtt(data: bytes, language: str = "und", label: str = "", *, forced: bool = False) -> Text:
    """Return the subtitles of a WebVTT file.

    Args:
        data: the file.
        language, label, forced: what its name says.

    Raises:
        MalformedMedia: it is no WebVTT.
        MediaTooLarge: it is too long to be subtitles.
    """
    lines = lines_of(data)
    if not re.match(r"WEBVTT(?:[ \t]|$)", lines[0]):
        raise MalformedMedia("no WebVTT file")
    header: list[str] = []
    cues: list[Cue] = []
    for block in blocks(lines[1:]):
        cue = cue_of(block)
        if cue is not None:
            cues.append(cue)
            if len(cues) >= MOST_CUES:
                break
        elif not cues and block[0].split(" ")[0].rstrip() in ("STYLE", "REGION"):
            header += [*block, ""]
    return Text(in_order(cues), language, label, forced, "\n".join(header).strip("\n"))


def blocks(lines: list[str]) -> list[list[str]]:
    """Return lines as blocks that blank lines part; none is empty."""
    found: list[list[str]] = [[]]
    for line in lines:
        if line.strip():
            found[-1].append(line)
        elif found[-1]:
            found.append([])
    return found if found[-1] else found[:-1]


def cue_of(block: list[str]) -> Cue | None:
    """Return the cue of a block: perhaps a name, a line of times, lines of text; None when it is none."""
    for at in (0, 1):
        timing = _TIMING.fullmatch(block[at]) if at < len(block) else None
        if timing is None:
            continue
        begin, end = milliseconds(timing.groups()[:4]), milliseconds(timing.groups()[4:8])
        text = "\n".join(line.replace("-->", "--&gt;") for line in block[at + 1 :])
        if end <= begin or not text:
            return None
        name = block[0].strip() if at else ""
        return Cue(begin, end, text, timing[9].strip(), name)
    return None


def milliseconds(groups: tuple[str | None, ...]) -> int:
    """Return what hours, minutes, seconds and milliseconds come to."""
    hours, minutes, seconds, ms = (int(group or 0) for group in groups)
    return ((hours * 60 + minutes) * 60 + seconds) * 1000 + ms


def in_order(cues: list[Cue]) -> tuple[Cue, ...]:
    """Return cues in the order of their begins; those of one begin as they were written."""
    return tuple(sorted(cues, key=lambda cue: cue.begin_ms))
