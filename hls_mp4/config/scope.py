"""The settings that hold in one block, resolved as nginx resolves them.

A field has the value written in the block, else that of the enclosing block, else the default. A repeated directive
follows the same rule as a whole: a block that has one `add_header` has none of the outer ones.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from hls_mp4.config.problems import Place
from hls_mp4.config.registry import Slot
from hls_mp4.directives import MAIN, Context

S = TypeVar("S")


@dataclass(frozen=True, slots=True)
class Written:
    """A directive of a settings class as it stands in a block, its paths made absolute."""

    name: str
    args: tuple[str, ...]
    place: Place
    lines: tuple[tuple[str, ...], ...] | None = None


@dataclass(frozen=True, slots=True)
class Given:
    """The value that a block, or one around it, gives to a field.

    Args:
        value: typed.
        written: the directives that made it.
        context: the kind of block they stand in.
    """

    value: Any
    written: tuple[Written, ...]
    context: Context


class Scope:
    """Settings of one block: `scope[Mp4Settings].enabled`.

    Args:
        context: the kind of block.
        given: fields that are not left to their default.
        settings: an instance of every settings class.
        doubtful: classes of which a directive, here or in a block around, was refused.
    """

    __slots__ = ("_settings", "context", "doubtful", "given")

    def __init__(
        self,
        context: Context,
        given: Mapping[Slot, Given],
        settings: Mapping[type[Any], Any],
        doubtful: frozenset[type[Any]] = frozenset(),
    ) -> None:
        self.context = context
        self.given = given
        self.doubtful = doubtful
        self._settings = settings

    def __getitem__(self, settings: type[S]) -> S:
        """Return the settings of one class.

        Raises:
            KeyError: the configuration was loaded without this class.
        """
        found: S = self._settings[settings]
        return found

    def all(self) -> Mapping[type[Any], Any]:
        """Return the settings of every class."""
        return self._settings

    @classmethod
    def of(cls, *settings: Any, context: Context = MAIN) -> Scope:
        """Return a scope of ready-made settings, for code that has no configuration file."""
        return cls(context, {}, {type(instance): instance for instance in settings})
