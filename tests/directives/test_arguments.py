"""The grammar of what follows the name of a directive."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hls_mp4.directives import (
    Arguments,
    Block,
    Choice,
    Flag,
    Kind,
    Number,
    OneOf,
    Parsed,
    Path,
    Presence,
    Size,
    Text,
    Time,
    Words,
    parse_time_ms,
)


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
        (Block("x { }", tuple, lambda head, lines: (head, lines), tuple), ["a"], (("a",), ())),
        (OneOf({"a": Kind("x", len, "Counts."), "b": Kind("", tuple, "Keeps.")}), ["a", "1", "2"], 2),
        (OneOf({"a": Kind("x", len, "Counts."), "b": Kind("", tuple, "Keeps.")}), ["b", "1"], ("1",)),
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
    assert OneOf({"a": Kind("x", len, "Counts."), "b": Kind("", tuple, "Keeps.")}).syntax == "a x | b"
    assert [kind.syntax for kind in (Presence(), Flag(), Size(), Time(), Path())] == [
        *("", "on | off", "size", "time", "path")
    ]


def test_paths_are_known_as_paths() -> None:
    """What is to be made absolute is declared, not guessed."""
    assert list(Path().paths(["a"])) == [0]
    assert list(Parsed("x", tuple).paths(["a"])) == []


def test_named_locations_are_known_as_such() -> None:
    """Who leads to them says so, so that a missing one is found before a client does."""
    assert list(Parsed("x", tuple).leads(["@a"])) == []
    assert list(Parsed("x", tuple, leads=lambda args: args).leads(["@a"])) == ["@a"]


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
