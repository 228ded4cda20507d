"""One directive: its name, where it may stand, what may follow, its default and a line of documentation."""

from __future__ import annotations

import dataclasses
import enum
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from hls_mp4.directives.arguments import Arguments


class Context(enum.Flag):
    """Where a directive may stand; nginx's words."""

    MAIN = enum.auto()
    EVENTS = enum.auto()
    HTTP = enum.auto()
    SERVER = enum.auto()
    LOCATION = enum.auto()
    LIMIT_EXCEPT = enum.auto()
    SERVER_IF = enum.auto()
    LOCATION_IF = enum.auto()

    @property
    def title(self) -> str:
        """The context in nginx's words."""
        name = (self.name or "").lower()
        return f"if in {name.removesuffix('_if')}" if name.endswith("_if") else name


MAIN = Context.MAIN
EVENTS = Context.EVENTS
HTTP = Context.HTTP
SERVER = Context.SERVER
LOCATION = Context.LOCATION
LIMIT_EXCEPT = Context.LIMIT_EXCEPT
SERVER_IF = Context.SERVER_IF
LOCATION_IF = Context.LOCATION_IF
ANYWHERE = HTTP | SERVER | LOCATION


@dataclass(frozen=True, slots=True)
class Directive:
    """One directive, declared once.

    Args:
        name: as it is written.
        contexts: where it may stand.
        arguments: what may follow.
        default: nginx-like text that is parsed like an argument (in a group the name comes first: "root html"), or a
            value that is taken as it is.
        doc: one line.
        joined: several may stand in one block and are read as one with all their arguments.
        repeated: several may stand in one block; the value is a tuple of all, and a block that has any replaces the
            outer block's whole (nginx's rule for arrays).
        inherited: False for what holds in its own block only.
        group: all names, `name` among them, that fill this one field, as `allow` and `deny` do: in the order in which
            they are written when repeated, else only one of them may stand in a block. `arguments.parse` is given the
            written name as its first argument, and so a default that is text begins with one. A mapping of names to
            contexts says where each may stand, when that differs.
        differs: in what it is not nginx's directive of that name, a phrase for the table of those who come from nginx;
            empty for the same, and for what nginx does not have. A mapping of names says it of some in a group.
    """

    name: str
    contexts: Context
    arguments: Arguments
    default: Any
    doc: str
    repeated: bool = False
    inherited: bool = True
    group: Sequence[str] | Mapping[str, Context] = ()
    joined: bool = False
    differs: str | Mapping[str, str] = ""

    @property
    def names(self) -> tuple[str, ...]:
        """Every name that fills the field."""
        return tuple(self.group) or (self.name,)

    def contexts_of(self, name: str) -> Context:
        """Return where one of the names may stand."""
        return self.group[name] if isinstance(self.group, Mapping) else self.contexts

    def differs_of(self, name: str) -> str:
        """Return in what one of the names is not nginx's; empty for nothing."""
        return self.differs.get(name, "") if isinstance(self.differs, Mapping) else self.differs

    @property
    def default_text(self) -> str | None:
        """The default as it would be written, without a semicolon; None for what cannot be written."""
        if self.repeated or not isinstance(self.default, str | int) or isinstance(self.default, bool):
            return None
        return str(self.default) if self.group else f"{self.name} {self.default}"

    @property
    def default_value(self) -> Any:
        """The default as a typed value."""
        if isinstance(self.default, str) and not self.repeated:
            return self.arguments.parse(self.default.split())
        return self.default


_KEY = "hls_mp4.directive"


def directive(
    name: str,
    contexts: Context,
    arguments: Arguments,
    *,
    default: Any,
    doc: str,
    repeated: bool = False,
    inherited: bool = True,
    group: Sequence[str] | Mapping[str, Context] = (),
    joined: bool = False,
    differs: str | Mapping[str, str] = "",
) -> Any:
    """Declare a field of a settings class as a directive; see `Directive` for the arguments."""
    declared = Directive(name, contexts, arguments, default, doc, repeated, inherited, group, joined, differs)
    value = declared.default_value
    if value.__hash__ is None:  # a mapping: dataclasses refuse it as a default, though nobody changes it
        return dataclasses.field(default_factory=lambda: value, metadata={_KEY: declared})
    return dataclasses.field(default=value, metadata={_KEY: declared})


def directives_of(settings_class: type[Any]) -> dict[str, Directive]:
    """Return field name -> Directive of a settings class, in order."""
    return {field.name: field.metadata[_KEY] for field in dataclasses.fields(settings_class) if _KEY in field.metadata}
