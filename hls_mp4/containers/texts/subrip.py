"""SubRip (.srt) to cues.

It has no specification; what is out there is numbers, times with a comma, and text with `<b>`, `<i>`, `<u>`, which
WebVTT has too, `<font>`, which it has not, and `{\\an8}` and the like, of which the place at the top is kept.
"""

from __future__ import annotations

import re
from dataclasses import replace

from hls_mp4.containers.texts.decoding import lines_of
from hls_mp4.containers.texts.webvtt import MOST_CUES, blocks, cue_of, in_order
from hls_mp4.errors import MalformedMedia
from hls_mp4.media.texts import Cue, Text

_TAGS = re.compile(r"<(/?)([A-Za-z]+)[^<>]{0,200}>")
_OVERRIDES = re.compile(r"\{\\[^{}]{0,200}\}")
_TOP = re.compile(r"\{\\an?[789]\}")
_KEPT = frozenset("biu")


def parse_subrip(data: bytes, language: str = "und", label: str = "", *, forced: bool = False) -> Text:
    """Return the subtitles of a SubRip file.

    Args:
        data: the file.
        language, label, forced: what its name says.

    Raises:
        MalformedMedia: there is no cue in it.
        MediaTooLarge: it is too long to be subtitles.
    """
    cues = []
    for block in blocks(lines_of(data)):
        cue = cue_of(block)
        if cue is not None:
            cues.append(_as_webvtt(cue))
            if len(cues) >= MOST_CUES:
                break
    if not cues:
        raise MalformedMedia("no SubRip file")
    return Text(in_order(cues), language, label, forced)


def _as_webvtt(cue: Cue) -> Cue:
    """Return a cue with what WebVTT knows of its mark-up, and without its number."""
    top = _TOP.search(cue.text) is not None
    text = _OVERRIDES.sub("", cue.text.replace("--&gt;", "-->"))
    return replace(cue, text=markup(text), settings="line:0" if top else "", name="")


def markup(text: str) -> str:
    """Return text as WebVTT has it: simple tags kept, others gone, what is left escaped."""
    made, at = [], 0
    for found in _TAGS.finditer(text):
        made.append(_escaped(text[at : found.start()]))
        if found[2].lower() in _KEPT:
            made.append(f"<{found[1]}{found[2].lower()}>")
        at = found.end()
    made.append(_escaped(text[at:]))
    return "".join(made)


def _escaped(text: str) -> str:
    return re.sub(r"&(?!(?:amp|lt|gt|nbsp|lrm|rlm);)", "&amp;", text).replace("<", "&lt;").replace(">", "&gt;")
