"""Variables mean in a text what they mean in nginx's."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hls_mp4.directives import CAPTURE_NAMES
from hls_mp4.web.variables import compile_template
from tests.web.facts import MadeUpFacts


def test_captures() -> None:
    """Groups of a location's regular expression are there by number, and by name where the name is known."""
    facts = MadeUpFacts(captures={"1": "season", "show": "caf\N{LATIN SMALL LETTER E WITH ACUTE}"})
    assert compile_template("$1x$show$10", {"show"}).render(facts) == "seasonxcaf\xc3\xa9season0"


def test_captures_of_the_configuration_that_is_being_read() -> None:
    """A group named anywhere in the configuration may be mentioned without saying so again."""
    token = CAPTURE_NAMES.set(frozenset({"show"}))
    try:
        template = compile_template("$show")
    finally:
        CAPTURE_NAMES.reset(token)
    assert template.render(MadeUpFacts(captures={"show": "dune"})) == "dune"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("$nonesuch", 'unknown "nonesuch" variable'),
        ("a ${Nonesuch} b", 'unknown "Nonesuch" variable'),
        ("$arg_", 'unknown "arg_" variable'),
        ("$0", 'unknown "0" variable'),
        ("a$", 'invalid variable name in "a$"'),
        ("$ a", 'invalid variable name in "$ a"'),
        ("${}", 'invalid variable name in "${}"'),
        ("${host", 'the closing bracket in "host" variable is missing'),
    ],
)
def test_mistakes_are_named(text: str, reason: str) -> None:
    """A variable that does not exist is an error of the configuration, in nginx's words."""
    with pytest.raises(ValueError) as raised:
        compile_template(text)
    assert str(raised.value) == reason


def test_a_text_without_variables_is_a_constant() -> None:
    """What never changes is known at once, and only that."""
    assert compile_template("max-age=60").constant == "max-age=60"
    assert compile_template("100%").render(MadeUpFacts()) == "100%"
    assert compile_template("$host").constant is None


@given(raw=st.binary(min_size=1).filter(lambda raw: b"$" not in raw))
def test_bytes_stay_what_they_were(raw: bytes) -> None:
    """A path and a text of the configuration leave with the very bytes that they are on disk."""
    text = raw.decode("utf-8", "surrogateescape")
    rendered = compile_template(text + "|$uri").render(MadeUpFacts(uri=text))
    assert rendered.encode("latin-1") == raw + b"|" + raw


def test_texts_are_what_they_say() -> None:
    """Two configurations that say the same mean the same: templates of one text are equal."""
    assert compile_template("$host/$uri") == compile_template("$host/$uri")
    assert compile_template("$host/$uri") != compile_template("$host$uri")
    assert len({compile_template("$host"), compile_template("$host"), compile_template("a")}) == 2
