"""Cues as TTML documents (W3C TTML 1), one for each chunk.

Times count from the chunk's begin, as players of Smooth Streaming take them; a cue that is on show in several chunks
is in each of them, for as long as it lasts there. Of WebVTT's markup `<b>`, `<i>` and `<u>` are told, of its settings
whether a cue stands at the top, and how its lines are aligned.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator

from hls_mp4.media.texts import Cue, Text

_TOKEN = re.compile(r"<(/?)([a-z]*)[^<>]*>|\n|[^<\n]+|<")
_STYLES = {"b": 'tts:fontWeight="bold"', "i": 'tts:fontStyle="italic"', "u": 'tts:textDecoration="underline"'}
_UNWRITABLE = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_ALIGNED = re.compile(r"(?:^|\s)align:(start|left|center|middle|end|right)(?=\s|$)")
_LINE = re.compile(r"(?:^|\s)line:(-?[0-9]+(?:\.[0-9]+)?)(%?)(?:,[a-z]+)?(?=\s|$)")
_MIDDLE_LINE = 8
"""Of some fifteen lines that a picture has for text."""

_HEAD = """<?xml version="1.0" encoding="utf-8"?>
<tt xmlns="http://www.w3.org/ns/ttml" xmlns:tts="http://www.w3.org/ns/ttml#styling" \
xmlns:ttp="http://www.w3.org/ns/ttml#parameter" ttp:timeBase="media" xml:lang="{language}">
<head><styling><style xml:id="plain" tts:color="white" tts:fontFamily="sansSerif" tts:fontSize="100%" \
tts:textAlign="center"/></styling>
<layout><region xml:id="bottom" tts:origin="10% 10%" tts:extent="80% 80%" tts:displayAlign="after"/>\
<region xml:id="top" tts:origin="10% 10%" tts:extent="80% 80%" tts:displayAlign="before"/></layout></head>
<body style="plain"><div>
"""
_TAIL = "</div></body></tt>\n"


def document(text: Text, begin_ms: int, end_ms: int, language: str) -> bytes:
    """Return the cues of a stretch of time as a document.

    Args:
        text: whose cues they are.
        begin_ms, end_ms: of the stretch, on the timeline that its cues are on.
        language: BCP 47, empty for none.
    """
    cues = "".join(_paragraph(cue, begin_ms, end_ms) for cue in text.between(begin_ms, end_ms))
    return (_HEAD.format(language=html.escape(language)) + cues + _TAIL).encode()


def _paragraph(cue: Cue, begin_ms: int, end_ms: int) -> str:
    begin, end = max(cue.begin_ms, begin_ms) - begin_ms, min(cue.end_ms, end_ms) - begin_ms
    aligned = _ALIGNED.search(cue.settings)
    align = ""
    if aligned is not None and aligned[1] not in ("center", "middle"):
        align = f' tts:textAlign="{aligned[1]}"'
    region = "top" if _at_top(cue.settings) else "bottom"
    return f'<p begin="{stamp(begin)}" end="{stamp(end)}" region="{region}"{align}>{"".join(_spans(cue.text))}</p>\n'


def _at_top(settings: str) -> bool:
    """Tell whether a cue stands in the upper half: lines count from the top, negative ones from the bottom."""
    found = _LINE.search(settings)
    if found is None:
        return False
    at = float(found[1])
    return 0 <= at < (50 if found[2] else _MIDDLE_LINE)


def _spans(text: str) -> Iterator[str]:
    """Yield a cue's text as XML; tags that were opened are closed in the right order, whatever the cue does."""
    opened: list[str] = []
    for token in _TOKEN.finditer(text):
        name = token[2]
        if token[0] == "\n":
            yield "<br/>"
        elif name is None:
            yield _escaped(token[0])
        elif name in _STYLES and not token[1]:
            opened.append(name)
            yield f"<span {_STYLES[name]}>"
        elif name in opened:
            closed = ""
            while closed != name:
                closed = opened.pop()
                yield "</span>"
    yield "</span>" * len(opened)


def _escaped(text: str) -> str:
    return html.escape(_UNWRITABLE.sub("\ufffd", html.unescape(text)), quote=False)


def stamp(ms: int) -> str:
    """Return milliseconds as `01:02:03.004`."""
    seconds, ms = divmod(ms, 1000)
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}.{ms:03}"
