"""How directives are declared."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from hls_mp4.directives import (
    ANYWHERE,
    LOCATION,
    Block,
    Directive,
    Parsed,
    Presence,
    Size,
    Text,
    directive,
    directives_of,
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
