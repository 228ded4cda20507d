"""WebVTT files as browsers read them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hls_mp4.containers.texts.webvtt import parse_webvtt
from hls_mp4.errors import MalformedMedia, StreamingError
from hls_mp4.media.texts import Cue

FILE = b"""\xef\xbb\xbfWEBVTT - a title\r
Kind: captions\r
\r
STYLE\r
::cue { color: lime }\r
\r
NOTE what a reader need not see\r
\r
first\r
00:01.000 --> 00:02.500 line:0 align:start\r
One <b>bold</b>\r
and a second line\r
\r
01:00:00.000-->01:00:01.000
Two &amp; three

00:05.000 --> 00:04.000
backwards

00:06.000 --> 00:07.000
"""


def test_a_file_is_its_cues() -> None:
    """With names, settings, several lines; notes and what makes no sense are left out, styles are kept."""
    text = parse_webvtt(FILE, "de", "Deutsch", forced=True)
    assert text.cues == (
        Cue(1000, 2500, "One <b>bold</b>\nand a second line", "line:0 align:start", "first"),
        Cue(3_600_000, 3_601_000, "Two &amp; three"),
    )
    assert (text.language, text.label, text.forced) == ("de", "Deutsch", True)
    assert text.header == "STYLE\n::cue { color: lime }"


def test_cues_are_put_in_order() -> None:
    """A file that lists them otherwise is shown like any other."""
    text = parse_webvtt(b"WEBVTT\n\n00:09.000 --> 00:10.000\nlate\n\n00:01.000 --> 00:02.000\nearly\n")
    assert [cue.text for cue in text.cues] == ["early", "late"]


@pytest.mark.parametrize("data", [b"", b"WEBVTTX\n", b"1\n00:00:01,000 --> 00:00:02,000\nx\n", b"\0"])
def test_what_is_no_webvtt_is_refused(data: bytes) -> None:
    """Its first word says what it is."""
    with pytest.raises(MalformedMedia):
        parse_webvtt(data)


@given(st.binary(max_size=400))
def test_any_bytes_are_subtitles_or_an_error(data: bytes) -> None:
    """Nothing a file says ends otherwise, and cues are in order."""
    try:
        cues = parse_webvtt(b"WEBVTT\n\n" + data).cues
    except StreamingError:
        return
    assert [cue.begin_ms for cue in cues] == sorted(cue.begin_ms for cue in cues)
    assert all(cue.end_ms > cue.begin_ms and "-->" not in cue.text for cue in cues)
