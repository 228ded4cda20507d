"""Filters as they are written."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hls_mp4.errors import StreamingError
from hls_mp4.packagers.choosing.expression import DEEPEST, LONGEST, BadFilter, Facts, parse_filter

NAMES = ("type", "rate", "language")
SOUND = {"type": ("audio",), "rate": 64000, "language": ("en", "eng")}
PICTURE = {"type": ("video",), "rate": 900000, "language": ("und",)}


def told(text: str, facts: Facts) -> bool:
    """Tell whether a filter lets a track through."""
    return parse_filter(text, NAMES, lambda _, value: value).test(facts)


@pytest.mark.parametrize(
    ("text", "sound", "picture"),
    [
        ('type=="audio"', True, False),
        ("TYPE == 'Audio'", True, False),
        ("type==audio", True, False),
        ('(type!="audio")', False, True),
        ('!(type=="audio")', False, True),
        ("!!rate>64000", False, True),
        ("rate>=64000", True, True),
        ("rate<64000||rate<=64000", True, False),
        ('rate=="64000"', True, False),
        ('rate!="many"', True, True),
        ('(type=="audio"&&language=="eng")', True, False),
        ('(type=="audio"&&language=="de")||(type=="video"&&rate<1000000)', False, True),
        ('type=="audio"||type=="video"&&rate<1', True, False),
        ('language!="en"', False, True),
        ("type<=5", False, False),
    ],
)
def test_a_filter_says_what_is_wanted(text: str, sound: bool, picture: bool) -> None:
    """Comparisons of texts and numbers, with and, or, not and parentheses; `&&` binds closer than `||`."""
    assert (told(text, SOUND), told(text, PICTURE)) == (sound, picture)


@pytest.mark.parametrize(
    "text",
    [
        *("", "(", "()", "type", "type==", '=="audio"', "type=audio", "nobody==1", 'type=="audio', "type==1)"),
        *("rate==1 rate==2", "rate&&type", 'type<"a"', "type==(1)", "1==1", "rate==1&rate==2", "type==audio;"),
        "!" * (DEEPEST + 1) + "rate==1",
        "(" * (DEEPEST + 1) + "rate==1" + ")" * (DEEPEST + 1),
        "rate==1||" * LONGEST,
    ],
)
def test_nonsense_is_the_clients_mistake(text: str) -> None:
    """What cannot be understood is refused with 400, however deep or long it is."""
    with pytest.raises(BadFilter) as refused:
        told(text, SOUND)
    assert refused.value.status_hint == 400


def test_values_are_spelt_as_facts_are() -> None:
    """Who asks for "en" in any spelling has it."""
    made = parse_filter("language=='EN'", NAMES, lambda name, value: f"{name}:{value.lower()}")
    assert made.test({"language": ("language:en",)})
    assert made.text == "language=='EN'"


@given(st.text(alphabet="type=rate!<>&|()\"' 12", max_size=60))
def test_any_text_ends(text: str) -> None:
    """Whatever is sent: it is a filter or refused."""
    try:
        assert told(text, SOUND) in (True, False)
    except StreamingError:
        pass
