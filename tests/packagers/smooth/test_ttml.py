"""Cues as TTML."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hls_mp4.media.texts import Cue, Text
from hls_mp4.packagers.smooth.ttml import document, stamp

TT = "{http://www.w3.org/ns/ttml}"
STYLING = "{http://www.w3.org/ns/ttml#styling}"
LANG = "{http://www.w3.org/XML/1998/namespace}lang"


def paragraphs(text: Text, begin: int = 0, end: int = 10_000, language: str = "en") -> list[ElementTree.Element]:
    """Return the paragraphs of a document."""
    root = ElementTree.fromstring(document(text, begin, end, language))
    assert root.tag == f"{TT}tt"
    assert root.attrib[LANG] == language
    return list(root.iter(f"{TT}p"))


def inside(cue: str) -> str:
    """Return a cue's text as XML."""
    (found,) = paragraphs(Text((Cue(0, 1000, cue),)))
    written = ElementTree.tostring(found, encoding="unicode")
    return written.partition(">")[2].rpartition("</")[0].replace("ns0:", "").replace("ns1:", "tts:")


def test_times_count_from_the_chunk() -> None:
    """A cue is on show for as long as it is within the chunk."""
    text = Text((Cue(500, 5000, "a"), Cue(4000, 9500, "b"), Cue(8000, 8500, "c"), Cue(9000, 9001, "d")))
    found = [(each.attrib["begin"], each.attrib["end"], each.text) for each in paragraphs(text, 4000, 9000)]
    assert found == [
        ("00:00:00.000", "00:00:01.000", "a"),
        ("00:00:00.000", "00:00:05.000", "b"),
        ("00:00:04.000", "00:00:04.500", "c"),
    ]


@pytest.mark.parametrize(
    ("cue", "expected"),
    [
        ("one\ntwo", "one<br />two"),
        ("a &amp; b &lt; c & d", "a &amp; b &lt; c &amp; d"),
        ("<i>x</i>", '<span tts:fontStyle="italic">x</span>'),
        ("<b><u>x</b>y", '<span tts:fontWeight="bold"><span tts:textDecoration="underline">x</span></span>y'),
        ("</i>x<i>", 'x<span tts:fontStyle="italic" />'),
        ("<c.red>x</c> <v Ann>y <00:01.000>z", "x y z"),
        ("1 < 2", "1 &lt; 2"),
        ("\0\x0b\ufffe", "\ufffd\ufffd\ufffd"),
    ],
)
def test_markup(cue: str, expected: str) -> None:
    """Bold, italic, underlined, lines; everything else is text."""
    assert inside(cue) == expected


@pytest.mark.parametrize(
    ("settings", "region", "align"),
    [
        ("", "bottom", None),
        ("line:0", "top", None),
        ("line:10%,start align:start", "top", "start"),
        ("line:-1 align:right", "bottom", "right"),
        ("line:80% align:center", "bottom", None),
        ("line:14", "bottom", None),
        ("line:x align:nowhere", "bottom", None),
    ],
)
def test_settings(settings: str, region: str, align: str | None) -> None:
    """A cue at the top stands at the top, so that it hides nobody's name."""
    (found,) = paragraphs(Text((Cue(0, 1000, "x", settings),)))
    assert found.attrib["region"] == region
    assert found.attrib.get(f"{STYLING}textAlign") == align


@given(st.text(st.characters(), max_size=80), st.text(st.characters(), max_size=20), st.text(max_size=10))
def test_whatever_a_cue_holds(text: str, settings: str, language: str) -> None:
    """It is a document, and says nothing that the cue does not."""
    language = "".join(letter for letter in language if letter.isalnum() or letter in "<&'\"")
    (found,) = paragraphs(Text((Cue(0, 1000, text, settings),)), language=language)
    assert {child.tag for child in found.iter()} <= {f"{TT}p", f"{TT}span", f"{TT}br"}


def test_stamps() -> None:
    """Hours and more."""
    assert stamp(3_723_004) == "01:02:03.004"
    assert stamp(360_000_000) == "100:00:00.000"
