"""Writing XML."""

from __future__ import annotations

from xml.etree import ElementTree

from hypothesis import given
from hypothesis import strategies as st

from hls_mp4.packagers.dash.xml import Element, attribute, written


@given(st.text(), st.text(min_size=1))
def test_any_text_can_be_told(one: str, other: str) -> None:
    """Labels of films are written by anybody: what XML can hold comes out as it was, the rest is left out."""
    root = ElementTree.fromstring(written(Element("a", {"b": one}, [Element("c", {}, text=other)])).encode())
    kept = [
        "".join(letter for letter in text if letter in "\t\n\r" or (ord(letter) >= 32 and letter not in "\ufffe\uffff"))
        for text in (one, other)
    ]
    assert root.attrib["b"] == kept[0]
    (child,) = root
    assert (child.text or "") == kept[1].replace("\r\n", "\n").replace("\r", "\n")


def test_lone_halves_of_characters_are_left_out() -> None:
    """They cannot be written in UTF-8."""
    assert attribute("a\udcffb") == "ab"


def test_the_form_is_the_same_each_time() -> None:
    """Attributes in their order, what is None left out, elements in lines."""
    made = Element("a", {"z": 1, "b": None, "c": "2"}, [Element("d", {}), "<e/>", Element("f", {}, text="<")])
    assert written(made) == (
        '<?xml version="1.0" encoding="UTF-8"?>\n<a z="1" c="2">\n  <d/>\n  <e/>\n  <f>&lt;</f>\n</a>\n'
    )
