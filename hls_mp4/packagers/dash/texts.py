"""Subtitles in a manifest: as segments like everything else, or as one file of WebVTT beside the segments."""

from __future__ import annotations

import numpy as np

from hls_mp4.media.presentation import Presentation
from hls_mp4.media.texts import Text
from hls_mp4.packagers.dash.query import QUERY, TEMPLATE_QUERY
from hls_mp4.packagers.dash.timeline import timeline
from hls_mp4.packagers.dash.xml import Element, Raw
from hls_mp4.packagers.fmp4.texts import TIMESCALE, segment_times
from hls_mp4.packagers.hls.webvtt import stamp
from hls_mp4.packagers.segmenting.languages import UNKNOWN, language_name, language_tag

_ROLE = "urn:mpeg:dash:role:2011"
_HEADERS = 400
"""Bytes of a segment without its cues, at most."""

_CUE = 80
"""Bytes of a cue beside its text."""


def text_sets(presentation: Presentation, form: str, template: str, number: int) -> list[Element]:
    """Return the adaptation sets of a presentation's texts.

    Args:
        presentation: whose texts they are.
        form: "wvtt" or "vtt".
        template: "time" or "number": what segments are called after.
        number: @id of the first one.
    """
    times = segment_times(presentation) if presentation.texts and form == "wvtt" else []
    sets = []
    for turn, text in enumerate(presentation.texts, 1):
        name = f"t{turn}"
        tag = language_tag(text.language)
        attributes: dict[str, str | int | None] = {
            "id": number + turn - 1,
            "contentType": "text",
            "lang": tag if tag != UNKNOWN else None,
            "mimeType": "application/mp4" if form == "wvtt" else "text/vtt",
            "segmentAlignment": "true" if form == "wvtt" else None,
            "startWithSAP": 1 if form == "wvtt" else None,
        }
        label = text.label or (language_name(tag) if tag != UNKNOWN else "Subtitles")
        role = "forced-subtitle" if text.forced else "subtitle"
        children: list[Element | str] = [
            Element("Label", {}, text=label),
            Element("Role", {"schemeIdUri": _ROLE, "value": role}),
        ]
        if form == "wvtt":
            offset = presentation.lead_ms * TIMESCALE // 1000
            told: dict[str, str | int | None] = {
                "id": name,
                "bandwidth": _rate_in_segments(text, times, presentation.lead_ms),
                "codecs": "wvtt",
            }
            inside = _template(name, times, offset, template)
        else:
            told = {"id": name, "bandwidth": _rate(text)}
            inside = Element("BaseURL", {}, text=Raw(f"text-{name}.vtt{QUERY}"))
        sets.append(Element("AdaptationSet", attributes, [*children, Element("Representation", told, [inside])]))
    return sets


def _template(name: str, times: list[int], offset: int, template: str) -> Element:
    number = template == "number"
    attributes: dict[str, str | int | None] = {
        "timescale": TIMESCALE,
        "presentationTimeOffset": offset or None,
        "startNumber": 1 if number else None,
        "initialization": Raw(f"init-{name}.mp4{TEMPLATE_QUERY}"),
        "media": Raw(f"fragment-{'$Number$' if number else 't$Time$'}-{name}.m4s{TEMPLATE_QUERY}"),
    }
    return Element("SegmentTemplate", attributes, [Element("SegmentTimeline", {}, timeline(np.array(times)))])


def _rate_in_segments(text: Text, times: list[int], lead_ms: int) -> int:
    """Return bits per second of the segment with the most text, or a little more."""
    edges = np.array(times)
    begins = np.array([cue.begin_ms for cue in text.cues], np.int64) + lead_ms
    ends = np.array([cue.end_ms for cue in text.cues], np.int64) + lead_ms
    # A cue is told anew when another one appears or goes while it is shown.
    others = np.searchsorted(np.sort(begins), ends) - np.searchsorted(np.sort(ends), begins)
    sizes = (np.array([len(cue.text.encode("utf-8", "replace")) for cue in text.cues], np.int64) + _CUE) * 2
    costs = sizes * others.clip(1)
    first = edges.searchsorted(begins, "right") - 1
    last = edges.searchsorted(ends, "left")
    spent = np.zeros(len(times) + 1, np.int64)
    np.add.at(spent, first.clip(0, len(times)), costs)
    np.add.at(spent, last.clip(0, len(times)), -costs)
    per_segment = np.cumsum(spent)[: len(times) - 1] + _HEADERS
    return max(1, int((per_segment * 8 * TIMESCALE // np.diff(edges).clip(1)).max()) + 1)


def _rate(text: Text) -> int:
    """Return bits per second of a whole file."""
    size = len(vtt_file(text))
    return max(1, -(-size * 8 * 1000 // max(1000, text.end_ms)))


def vtt_file(text: Text) -> bytes:
    """Return a text as a file of WebVTT (W3C WebVTT 4.1), its times those of the presentation."""
    blocks = ["WEBVTT"]
    if text.header:
        blocks.append(text.header.strip("\n"))
    for cue in text.cues:
        lines = [cue.name] if cue.name else []
        lines.append(" ".join(filter(None, (f"{stamp(cue.begin_ms)} --> {stamp(cue.end_ms)}", cue.settings))))
        blocks.append("\n".join((*lines, cue.text)))
    return ("\n\n".join(blocks) + "\n").encode("utf-8", "replace")
