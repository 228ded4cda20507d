"""What URLs in a manifest end with."""

from __future__ import annotations

from xml.etree import ElementTree

from hypothesis import given
from hypothesis import strategies as st

from hls_mp4.packagers.dash.query import QUERY, TEMPLATE_QUERY, with_query
from hls_mp4.packagers.dash.xml import Element, Raw, written

KEPT = written(Element("a", {"media": Raw(f"x{TEMPLATE_QUERY}"), "label": QUERY}, [Element("b", {}, text=Raw(QUERY))]))


@given(st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1))
def test_any_arguments_are_carried_on(forward: str) -> None:
    """As they are, whatever XML and templates mean by them; only where they belong."""
    root = ElementTree.fromstring(with_query(KEPT, forward))
    assert root.attrib["media"].replace("$$", "$") == f"x?{forward}"
    assert root.attrib["media"].count("$") % 2 == 0
    assert root[0].text == f"?{forward}"
    assert root.attrib["label"] == ""


def test_no_arguments_leave_no_mark() -> None:
    """Not even a question mark."""
    root = ElementTree.fromstring(with_query(KEPT, ""))
    assert (root.attrib["media"], root[0].text) == ("x", None)
