"""Subtitles in a manifest."""

from __future__ import annotations

import pytest

from hls_mp4.containers.texts.webvtt import parse_webvtt
from hls_mp4.media.presentation import Presentation
from hls_mp4.media.texts import Cue, Text
from hls_mp4.packagers.dash.texts import vtt_file
from tests.films import Library
from tests.media.test_presentation import presented
from tests.packagers.dash.saved import answered, body_of, offered

CUES = (
    Cue(500, 5000, "One\nand <i>more</i>", "line:0 align:start", "first"),
    Cue(4000, 9000, "Two &amp; a half"),
    Cue(9000, 20_000, "Three"),
)


def titled(films: Library, *texts: Text) -> Presentation:
    """Return the presentation of a film with subtitles."""
    presentation = presented(films.data("h264"))
    presentation.texts = texts
    return presentation


def test_a_file_says_what_the_cues_do() -> None:
    """Read again it is the same cues, with their header."""
    text = Text(CUES, header="STYLE\n::cue { color: lime }")
    data = vtt_file(text)
    assert data.startswith(b"WEBVTT\n\nSTYLE\n::cue { color: lime }\n\nfirst\n00:00:00.500 --> 00:00:05.000 line:0")
    assert tuple(parse_webvtt(data).cues) == CUES


@pytest.mark.parametrize("template", ["time", "number"])
def test_every_segment_is_there_and_covers_the_film(films: Library, template: str) -> None:
    """Also those in which nothing is said; its bandwidth is enough for each."""
    presentation = titled(films, Text(CUES, "de"), Text((), "fr"))
    told = [
        each
        for each in offered(body_of(presentation, "manifest.mpd", template=template).decode())
        if each.id.startswith("t")
    ]
    assert [each.attributes["lang"] for each in told] == ["de", "fr"]
    for each in told:
        assert each.segments[0].begin == 0
        assert all(one.end == two.begin for one, two in zip(each.segments, each.segments[1:], strict=False))
        for segment in each.segments:
            size = len(body_of(presentation, segment.url, template=template))
            assert size * 8 <= int(each.attributes["bandwidth"]) * (segment.end - segment.begin)
        assert body_of(presentation, each.init)[4:8] == b"ftyp"


def test_types_are_told(films: Library) -> None:
    """A player that asks for text gets text."""
    presentation = titled(films, Text(CUES, "de"))
    assert answered(presentation, "text-t1.vtt").content_type == "text/vtt; charset=utf-8"
    assert answered(presentation, "init-t1.mp4").content_type == "application/mp4"
    assert answered(presentation, "fragment-1-t1.m4s").content_type == "application/mp4"
