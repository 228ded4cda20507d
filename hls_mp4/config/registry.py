"""Every directive of a configuration by name: those of the settings classes, the structural ones, and nginx's others.

A name that only nginx knows is worth a warning, for a person brings a configuration along; an error where ignoring it
would open what it protects (`hls_mp4.config.foreign`). A name that nobody knows is an error, for it is a slip of the
pen.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from hls_mp4.config.foreign import NGINX_NAMES
from hls_mp4.config.reader import Statement
from hls_mp4.config.structure import STRUCTURE
from hls_mp4.directives import Context, Directive, directives_of

_LONGEST_NAME = 64


@dataclass(frozen=True, slots=True)
class Slot:
    """The field of a settings class that a directive fills."""

    settings: type[Any]
    attribute: str
    directive: Directive = field(compare=False)


class Registry:
    """All directives that a configuration may use.

    Args:
        settings: the settings classes.

    Raises:
        TypeError: two fields claim one name, which is a programmer's mistake.
    """

    def __init__(self, settings: Iterable[type[Any]]) -> None:
        self.settings = tuple(dict.fromkeys(settings))
        self._by_class = {
            settings: tuple(Slot(settings, name, directive) for name, directive in directives_of(settings).items())
            for settings in self.settings
        }
        self.slots = tuple(slot for slots in self._by_class.values() for slot in slots)
        self._by_name: dict[str, Slot] = {}
        for slot in self.slots:
            for name in slot.directive.names:
                if name in self._by_name or name in STRUCTURE:
                    raise TypeError(f'directive "{name}" is declared twice, once by {slot.settings.__name__}')
                self._by_name[name] = slot

    def slots_of(self, settings: type[Any]) -> tuple[Slot, ...]:
        """Return the fields of one settings class."""
        return self._by_class[settings]

    def slot(self, name: str) -> Slot | None:
        """Return what a directive fills, None when it is of no settings class."""
        return self._by_name.get(name)

    def knows(self, name: str) -> bool:
        """Tell whether we or nginx have a directive of this name."""
        return name in self._by_name or name in STRUCTURE or name in NGINX_NAMES

    def forgotten_semicolon(self, statement: Statement) -> str:
        """Return a guess to add to a message when a later line of a statement begins with a directive, or nothing."""
        before = statement.place.line
        for word, line in zip(statement.args, statement.lines, strict=True):
            if line > before and self.knows(word):
                return f'; is ";" missing at the end of line {before}?'
            before = line
        return ""

    def near_miss(self, name: str, context: Context) -> str | None:
        """Return the directive that was probably meant, first of those that may stand here."""
        if len(name) > _LONGEST_NAME:
            return None
        contexts = {known: slot.directive.contexts_of(known) for known, slot in self._by_name.items()}
        contexts |= {known: directive.contexts for known, directive in STRUCTURE.items()}
        here = [known for known, allowed in contexts.items() if context in allowed]
        for names in (here, contexts, NGINX_NAMES):
            found: list[str] = difflib.get_close_matches(name, names, n=1, cutoff=0.66)
            if found:
                return found[0]
        return None
