"""How a room declares the directives that configure it.

A settings class is a frozen dataclass whose fields are directives: name, contexts, argument types, default and a one
line doc stand once, next to the code they configure. `hls_mp4.config` reads text and fills these classes; the same
declarations make docs/configuration.md. Pure.

    @dataclass(frozen=True, slots=True, kw_only=True)
    class Mp4Settings:
        \"""Pseudo-streaming of MP4 files.\"""

        enabled: bool = directive("mp4", LOCATION, Presence(), default=False, doc="Answers start= and end=.")
        buffer_size: int = directive("mp4_buffer_size", ANYWHERE, Size(), default="512k", doc="First read of a film.")
"""

from __future__ import annotations

import dataclasses
import enum
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol


class Context(enum.Flag):
    """Where a directive may stand; nginx's words."""

    MAIN = enum.auto()
    EVENTS = enum.auto()
    HTTP = enum.auto()
    SERVER = enum.auto()
    LOCATION = enum.auto()
    LIMIT_EXCEPT = enum.auto()


MAIN = Context.MAIN
EVENTS = Context.EVENTS
HTTP = Context.HTTP
SERVER = Context.SERVER
LOCATION = Context.LOCATION
LIMIT_EXCEPT = Context.LIMIT_EXCEPT
ANYWHERE = HTTP | SERVER | LOCATION


class Arguments(Protocol):
    """What may follow a directive's name."""

    @property
    def syntax(self) -> str:
        """The arguments as documentation shows them: "size", "on | off"."""

    def parse(self, args: Sequence[str]) -> Any:
        """Return the typed value; raise ValueError with a reason that reads well after "directive: "."""


def one(args: Sequence[str]) -> str:
    """Return the only argument; ValueError in nginx's words otherwise."""
    if len(args) != 1:
        raise ValueError("invalid number of arguments")
    return args[0]


@dataclass(frozen=True, slots=True)
class Presence:
    """No argument: the directive's presence is the value."""

    syntax: str = ""

    def parse(self, args: Sequence[str]) -> bool:
        """Return True."""
        if args:
            raise ValueError("invalid number of arguments")
        return True


@dataclass(frozen=True, slots=True)
class Flag:
    """`on` or `off`."""

    syntax: str = "on | off"

    def parse(self, args: Sequence[str]) -> bool:
        """Return the truth value; nginx ignores case here."""
        value = one(args).lower()
        if value not in ("on", "off"):
            raise ValueError(f'invalid value "{args[0]}", it must be "on" or "off"')
        return value == "on"


@dataclass(frozen=True, slots=True)
class Choice:
    """One word of a fixed set."""

    words: tuple[str, ...]

    @property
    def syntax(self) -> str:
        """The words, as documentation shows them."""
        return " | ".join(self.words)

    def parse(self, args: Sequence[str]) -> str:
        """Return the word."""
        value = one(args)
        if value not in self.words:
            raise ValueError(f'invalid value "{value}", it must be one of {", ".join(self.words)}')
        return value


@dataclass(frozen=True, slots=True)
class Number:
    """A whole number within bounds."""

    least: int = 0
    most: int = 2**63 - 1
    syntax: str = "number"

    def parse(self, args: Sequence[str]) -> int:
        """Return the number."""
        text = one(args)
        if not re.fullmatch(r"[0-9]{1,19}", text):
            raise ValueError(f'invalid number "{text}"')
        value = int(text)
        if not self.least <= value <= self.most:
            raise ValueError(f"value must be between {self.least} and {self.most}")
        return value


_SIZE = re.compile(r"([0-9]{1,18})([kKmMgG]?)")
_UNITS = {"": 1, "k": 1 << 10, "m": 1 << 20, "g": 1 << 30}


def parse_size(text: str) -> int:
    """Return bytes of nginx's `512`, `512k`, `1m`, `2g`; ValueError otherwise."""
    found = _SIZE.fullmatch(text)
    if not found:
        raise ValueError(f'invalid size "{text}"')
    return int(found[1]) * _UNITS[found[2].lower()]


@dataclass(frozen=True, slots=True)
class Size:
    """Bytes, with k, m or g."""

    least: int = 0
    syntax: str = "size"

    def parse(self, args: Sequence[str]) -> int:
        """Return bytes."""
        value = parse_size(one(args))
        if value < self.least:
            raise ValueError(f"value must be at least {self.least}")
        return value


_TIME = re.compile(
    r"(?:(\d+)y)?\s*(?:(\d+)M)?\s*(?:(\d+)w)?\s*(?:(\d+)d)?\s*(?:(\d+)h)?\s*(?:(\d+)m)?\s*(?:(\d+)s?)?\s*(?:(\d+)ms)?"
)
_MILLISECONDS = (365 * 86400_000, 30 * 86400_000, 7 * 86400_000, 86400_000, 3600_000, 60_000, 1000, 1)


def parse_time_ms(text: str) -> int:
    """Return milliseconds of nginx's `60`, `60s`, `1h 30m`, `500ms`; ValueError otherwise."""
    bare_ms = re.fullmatch(r"(\d+)ms", text)
    if bare_ms:
        return int(bare_ms[1])
    found = _TIME.fullmatch(text)
    if not text or not found:
        raise ValueError(f'invalid time "{text}"')
    return sum(int(value) * unit for value, unit in zip(found.groups(), _MILLISECONDS, strict=True) if value)


@dataclass(frozen=True, slots=True)
class Time:
    """A span of time; the value is in milliseconds."""

    syntax: str = "time"

    def parse(self, args: Sequence[str]) -> int:
        """Return milliseconds."""
        return parse_time_ms(one(args))


@dataclass(frozen=True, slots=True)
class Text:
    """One argument, as it is."""

    syntax: str = "string"

    def parse(self, args: Sequence[str]) -> str:
        """Return the argument."""
        return one(args)


@dataclass(frozen=True, slots=True)
class Words:
    """Several arguments, as they are."""

    syntax: str
    least: int = 1
    most: int = 1000

    def parse(self, args: Sequence[str]) -> tuple[str, ...]:
        """Return the arguments."""
        if not self.least <= len(args) <= self.most:
            raise ValueError("invalid number of arguments")
        return tuple(args)


@dataclass(frozen=True, slots=True)
class Parsed:
    """Arguments with a grammar of their own.

    Args:
        syntax: as documentation shows it.
        read: takes all arguments, returns the value, raises ValueError.
    """

    syntax: str
    read: Callable[[Sequence[str]], Any]

    def parse(self, args: Sequence[str]) -> Any:
        """Return what `read` returns."""
        return self.read(args)


@dataclass(frozen=True, slots=True)
class Directive:
    """One directive, declared once.

    Args:
        name: as it is written.
        contexts: where it may stand.
        arguments: what may follow.
        default: nginx-like text that is parsed like an argument, or a value that is taken as it is.
        doc: one line.
        repeated: several may stand in one block; the value is a tuple of all, and a block that has any replaces the
            outer block's whole (nginx's rule for arrays).
        inherited: False for what holds in its own block only.
        block: the directive opens a `{}` of its own, whose lines are handed to `arguments.parse` as
            [*args, *["word word", ...]] by the config room.
    """

    name: str
    contexts: Context
    arguments: Arguments
    default: Any
    doc: str
    repeated: bool = False
    inherited: bool = True
    block: bool = False

    @property
    def default_value(self) -> Any:
        """The default as a typed value."""
        if isinstance(self.default, str) and not self.repeated:
            return self.arguments.parse(self.default.split())
        return self.default


_KEY = "hls_mp4.directive"


def directive(name: str, contexts: Context, arguments: Arguments, *, default: Any, doc: str, **kind: bool) -> Any:
    """Declare a field of a settings class as a directive; see `Directive` for the arguments."""
    declared = Directive(name, contexts, arguments, default, doc, **kind)
    return dataclasses.field(default=declared.default_value, metadata={_KEY: declared})


def directives_of(settings_class: type[Any]) -> dict[str, Directive]:
    """Return field name -> Directive of a settings class, in order."""
    return {field.name: field.metadata[_KEY] for field in dataclasses.fields(settings_class) if _KEY in field.metadata}
