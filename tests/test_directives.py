"""How directives are declared, and the grammar of their arguments."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hls_mp4.directives import (
    ANYWHERE,
    LOCATION,
    Arguments,
    Block,
    Choice,
    Directive,
    Flag,
    Number,
    Parsed,
    Path,
    Presence,
    Size,
    Text,
    Time,
    Words,
    compile_regex,
    directive,
    directives_of,
    parse_time_ms,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """One of each kind."""

    size: int = directive("size", ANYWHERE, Size(), default="1k", doc="x")
    table: Mapping[str, str] = directive("table", ANYWHERE, Block("{ }", tuple, dict), default={}, doc="x")
    place: Any = directive(
        "root",
        ANYWHERE,
        Parsed("path", tuple),
        default="root html",
        doc="x",
        group={"root": ANYWHERE, "alias": LOCATION},
    )
    lines: Any = directive("line", ANYWHERE, Text(), default=("a b",), doc="x", repeated=True)
    plain: int = 7


def test_an_instance_without_arguments_has_the_defaults() -> None:
    """Code that has no configuration gets typed defaults, tables among them."""
    example = Example()
    assert (example.size, example.table, example.place, example.lines) == (1024, {}, ("root", "html"), ("a b",))
    assert list(directives_of(Example)) == ["size", "table", "place", "lines"]


def test_defaults_can_be_written_down() -> None:
    """The documentation shows a default as a person would write it; a table or an absence has no such form."""
    declared = directives_of(Example)
    assert [declared[name].default_text for name in declared] == ["size 1k", None, "root html", None]
    assert Directive("limit", ANYWHERE, Size(), 0, "x").default_text == "limit 0"
    assert Directive("mp4", ANYWHERE, Presence(), False, "x").default_text is None


def test_names_that_share_a_field_may_differ_in_where_they_stand() -> None:
    """alias is for locations, root for everything."""
    place = directives_of(Example)["place"]
    assert place.names == ("root", "alias")
    assert (place.contexts_of("root"), place.contexts_of("alias")) == (ANYWHERE, LOCATION)
    both = Directive("allow", ANYWHERE, Text(), (), "x", group=("allow", "deny"))
    assert both.names == ("allow", "deny") and both.contexts_of("deny") == ANYWHERE
    assert directives_of(Example)["size"].names == ("size",)


@pytest.mark.parametrize(
    ("arguments", "args", "value"),
    [
        (Presence(), [], True),
        (Flag(), ["on"], True),
        (Flag(), ["OFF"], False),
        (Choice(("a", "b")), ["b"], "b"),
        (Number(), ["0"], 0),
        (Number(1, 5), ["5"], 5),
        (Size(), ["512"], 512),
        (Size(), ["512k"], 512 << 10),
        (Size(), ["1M"], 1 << 20),
        (Size(), ["2g"], 2 << 30),
        (Time(), ["90"], 90_000),
        (Text(), ["a b"], "a b"),
        (Path(), ["a"], "a"),
        (Words("w"), ["a", "b"], ("a", "b")),
        (Parsed("x", len), ["a", "b"], 2),
        (Block("{ }", tuple), [], ()),
    ],
)
def test_arguments_become_values(arguments: Arguments, args: list[str], value: Any) -> None:
    """Every kind of argument is typed once, here."""
    assert arguments.parse(args) == value


@pytest.mark.parametrize(
    ("arguments", "args", "reason"),
    [
        (Presence(), ["on"], "invalid number of arguments"),
        (Flag(), [], "invalid number of arguments"),
        (Flag(), ["yes"], 'invalid value "yes", it must be "on" or "off"'),
        (Choice(("a", "b")), ["c"], 'invalid value "c", it must be one of a, b'),
        (Number(), ["-1"], 'invalid number "-1"'),
        (Number(), ["9" * 5000], "invalid number"),
        (Number(1, 5), ["6"], "value must be between 1 and 5"),
        (Size(), ["1t"], 'invalid size "1t"'),
        (Size(least=2), ["1"], "value must be at least 2"),
        (Time(), ["1x"], 'invalid time "1x"'),
        (Words("w", 2, 2), ["a"], "invalid number of arguments"),
        (Block("{ }", tuple), ["a"], "invalid number of arguments"),
    ],
)
def test_wrong_arguments_are_refused_with_a_reason(arguments: Arguments, args: list[str], reason: str) -> None:
    """The reason reads well after the name of the directive."""
    with pytest.raises(ValueError, match=reason):
        arguments.parse(args)


def test_every_kind_says_how_it_is_written() -> None:
    """The documentation needs no second table."""
    assert Choice(("a", "b")).syntax == "a | b"
    assert [kind.syntax for kind in (Presence(), Flag(), Size(), Time(), Path())] == [
        *("", "on | off", "size", "time", "path")
    ]


def test_paths_are_known_as_paths() -> None:
    """What is to be made absolute is declared, not guessed."""
    assert list(Path().paths(["a"])) == [0]
    assert list(Parsed("x", tuple).paths(["a"])) == []


@pytest.mark.parametrize(
    ("text", "milliseconds"),
    [
        ("0", 0),
        ("60", 60_000),
        ("60s", 60_000),
        ("500ms", 500),
        ("1h 30m", 5_400_000),
        ("1h30", 3_630_000),
        ("1m 500ms", 60_500),
        ("1y 1M 1w 1d", (365 + 30 + 7 + 1) * 86_400_000),
    ],
)
def test_times_are_nginx_times(text: str, milliseconds: int) -> None:
    """Units from large to small; without one, seconds."""
    assert parse_time_ms(text) == milliseconds


@pytest.mark.parametrize("text", ["", " ", "s", "1 2", "1s 1m", "1s1s", "5ms 3", "1h 5 3s", "-1", "1.5s", "\u0661"])
def test_what_is_no_time_is_refused(text: str) -> None:
    """Units in the wrong order or twice are slips of the pen."""
    with pytest.raises(ValueError, match="invalid time"):
        parse_time_ms(text)


@given(st.text(st.sampled_from("0123456789 ymMwdhs"), max_size=200))
def test_any_text_is_a_time_or_none(text: str) -> None:
    """Reading a time takes no time, whatever the text."""
    try:
        assert parse_time_ms(text) >= 0
    except ValueError:
        pass


@pytest.mark.parametrize(
    ("pattern", "text", "groups"),
    [
        (r"^/(?<user>\w+)/(?P<film>.+)$", "/ann/b.mp4", {"user": "ann", "film": "b.mp4"}),
        (r"(?<!x)(?<=/)(?<a>b)\z", "/b", {"a": "b"}),
        (r"((?<a>b))", "b", {"a": "b"}),
        (r"\\(?<a>b)", r"\b", {"a": "b"}),
        (r"^/[[:alpha:]_]+[[:digit:]]$", "/a_b1", {}),
    ],
)
def test_expressions_of_nginx_work(pattern: str, text: str, groups: dict[str, str]) -> None:
    """PCRE's named groups, classes and ends mean what they did."""
    found = compile_regex(pattern).search(text)
    assert found and found.groupdict() == groups


def test_letters_are_those_of_ascii() -> None:
    """As PCRE without its UTF mode: a word is made of ASCII, and so is the other case of a letter."""
    assert not compile_regex(r"^\w$").search("é")
    assert compile_regex("mp4$", ignore_case=True).search("A.MP4")
    assert not compile_regex("mp4$").search("A.MP4")
    assert compile_regex(r"\(?<a>").search("<a>")


@pytest.mark.parametrize("pattern", ["(", "a**", "[", "(?<a>b)(?<a>c)", "a{2}{99999999999999}", "(" * 5000, "\\"])
def test_a_wrong_expression_is_refused(pattern: str) -> None:
    """The reason has the expression and, where there is one, the position."""
    with pytest.raises(ValueError, match="invalid regular expression"):
        compile_regex(pattern)
