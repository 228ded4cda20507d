"""Languages as players are told them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hls_mp4.packagers.segmenting.languages import language_name, language_tag


@pytest.mark.parametrize(
    ("code", "tag"),
    [
        ("eng", "en"),
        ("EN", "en"),
        ("ger", "de"),
        ("deu", "de"),
        ("chi", "zh"),
        ("pt-br", "pt-BR"),
        ("zh_hant_tw", "zh-Hant-TW"),
        ("und", "und"),
        ("mul", "mul"),
        ("gsw", "gsw"),
        ("", "und"),
        ("a b", "und"),
        ('e"n', "und"),
    ],
)
def test_codes_become_tags(code: str, tag: str) -> None:
    """Two letters where there are two, regions and scripts in their usual case; nonsense is no language."""
    assert language_tag(code) == tag


@pytest.mark.parametrize(
    ("tag", "name"),
    [("en", "English"), ("de", "Deutsch"), ("fr", "Français"), ("und", "Unknown"), ("xx", "xx"), ("q-q", "q-q")],
)
def test_speakers_recognise_their_language(tag: str, name: str) -> None:
    """A menu shows a language as its speakers write it."""
    assert language_name(tag) == name


@given(st.text(max_size=20))
def test_whatever_a_file_says_is_some_language(code: str) -> None:
    """And the tag can stand in a manifest."""
    tag = language_tag(code)
    assert tag.replace("-", "").isalnum()
    assert tag.isascii()
    assert language_name(tag)
