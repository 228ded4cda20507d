"""SubRip files as they are out there."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hls_mp4.containers.texts.subrip import markup, parse_subrip
from hls_mp4.errors import MalformedMedia, StreamingError
from hls_mp4.media.texts import Cue

FILE = """1
00:00:01,000 --> 00:00:02,500
<i>Caf\u00e9</i> <font color="red">& more</font>

2
00:00:03,000 --> 00:00:04,000 X1:1 X2:2
{\\an8}at the top
2 < 3 -> 4
"""


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
def test_a_file_is_its_cues_in_whatever_it_was_written(encoding: str) -> None:
    """Accents come out right, simple tags stay, others go, what could be taken for a tag does not look like one."""
    text = parse_subrip(FILE.encode(encoding), "fr")
    assert text.cues == (
        Cue(1000, 2500, "<i>Caf\u00e9</i> &amp; more"),
        Cue(3000, 4000, "at the top\n2 &lt; 3 -&gt; 4", "line:0"),
    )
    assert text.language == "fr"


@pytest.mark.parametrize("data", [b"", b"WEBVTT\n", b"nothing of the kind\n" * 100])
def test_what_has_no_cue_is_refused(data: bytes) -> None:
    """An empty file is a mistake of somebody, not subtitles."""
    with pytest.raises(MalformedMedia):
        parse_subrip(data)


@given(st.text(max_size=200))
def test_mark_up_is_safe(text: str) -> None:
    """Whatever is written, the only tags that are left are those that WebVTT knows."""
    left = markup(text)
    for tag in ("<b>", "</b>", "<i>", "</i>", "<u>", "</u>"):
        left = left.replace(tag, "")
    assert "<" not in left
    assert ">" not in left


@given(st.binary(max_size=300))
def test_any_bytes_are_subtitles_or_an_error(data: bytes) -> None:
    """Nothing a file says ends otherwise."""
    try:
        parse_subrip(b"1\n00:00:01,000 --> 00:00:02,000\nx\n\n" + data)
    except StreamingError:
        return
