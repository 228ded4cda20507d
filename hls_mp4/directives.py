"""How a room declares the directives that configure it.

A settings class is a frozen dataclass whose fields are directives: name, contexts, argument types, default and a one
line doc stand once, next to the code they configure. `hls_mp4.config` reads text and fills these classes; the same
declarations make docs/configuration.md. Pure.

    @dataclass(frozen=True, slots=True, kw_only=True)
    class Mp4Settings:
        \"""Pseudo-streaming of MP4 files.\"""

        enabled: bool = directive("mp4", LOCATION, Presence(), default=False, doc="Answers start= and end=.")
        buffer_size: int = directive("mp4_buffer_size", ANYWHERE, Size(), default="512k", doc="First read of a film.")

A settings class may check its fields against each other in `__post_init__` and raise ValueError: it is shown like any
other mistake of the block.
"""

from __future__ import annotations

import dataclasses
import enum
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextvars import ContextVar
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


_TIME_PART = re.compile(r"([0-9]{1,12})(ms|[yMwdhms]?) *")
_MILLISECONDS = {
    "y": 365 * 86400_000,
    "M": 30 * 86400_000,
    "w": 7 * 86400_000,
    "d": 86400_000,
    "h": 3600_000,
    "m": 60_000,
    "s": 1000,
    "": 1000,
    "ms": 1,
}


def parse_time_ms(text: str) -> int:
    """Return milliseconds of nginx's `60`, `60s`, `1h 30m`, `500ms`; ValueError otherwise.

    Units go from large to small, each at most once; a number without a unit means seconds and comes last.
    """
    total, at, smallest = 0, 0, None
    while at < len(text):
        part = _TIME_PART.match(text, at)
        if not part or (smallest is not None and _MILLISECONDS[part[2]] >= smallest):
            raise ValueError(f'invalid time "{text}"')
        smallest = _MILLISECONDS[part[2]] if part[2] else 0
        total += int(part[1]) * _MILLISECONDS[part[2]]
        at = part.end()
    if smallest is None:
        raise ValueError(f'invalid time "{text}"')
    return total


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
class Path:
    """One path; the value is absolute, for the config room resolves what is relative against the prefix."""

    syntax: str = "path"

    def parse(self, args: Sequence[str]) -> str:
        """Return the path."""
        return one(args)

    def paths(self, args: Sequence[str]) -> Iterable[int]:
        """Return which arguments are paths."""
        return range(len(args))


@dataclass(frozen=True, slots=True)
class Parsed:
    """Arguments with a grammar of their own.

    Args:
        syntax: as documentation shows it.
        read: takes all arguments, returns the value, raises ValueError.
        paths: takes all arguments, returns the indexes of those that are paths; the config room makes these absolute
            before `read` sees them.
    """

    syntax: str
    read: Callable[[Sequence[str]], Any]
    paths: Callable[[Sequence[str]], Iterable[int]] = lambda _args: ()

    def parse(self, args: Sequence[str]) -> Any:
        """Return what `read` returns."""
        return self.read(args)


@dataclass(frozen=True, slots=True)
class Block:
    """A `{}` whose lines are data rather than directives, as in `types { video/mp4 mp4 m4v; }`.

    Several such blocks in one context add up, as nginx's `types` do.

    Args:
        syntax: as documentation shows it.
        read_line: takes the words of one line, returns its value, raises ValueError (shown with that line's place).
        build: takes the values of all lines, returns the directive's value, raises ValueError.
    """

    syntax: str
    read_line: Callable[[Sequence[str]], Any]
    build: Callable[[Sequence[Any]], Any] = tuple

    def parse(self, args: Sequence[str]) -> Any:
        """Return the value of an empty block; what precedes the `{` must be nothing."""
        if args:
            raise ValueError("invalid number of arguments")
        return self.build(())


CAPTURE_NAMES: ContextVar[frozenset[str]] = ContextVar("CAPTURE_NAMES", default=frozenset())
"""Named groups of the regular expressions in the configuration that is being read: arguments may mention them as
variables, whichever of the two is written first."""

_POSIX_CLASSES = {
    "[:alnum:]": "a-zA-Z0-9",
    "[:alpha:]": "a-zA-Z",
    "[:blank:]": r" \t",
    "[:digit:]": "0-9",
    "[:lower:]": "a-z",
    "[:space:]": r"\s",
    "[:upper:]": "A-Z",
    "[:word:]": r"\w",
    "[:xdigit:]": "0-9a-fA-F",
}
_PCRE_SPELLINGS = (
    (re.compile(r"((?:^|[^\\])(?:\\\\)*\(\?)<(?=[A-Za-z_])"), r"\1P<"),  # (?<name> is (?P<name> here
    (re.compile(r"((?:^|[^\\])(?:\\\\)*)\\z"), r"\1\\Z"),
)


def compile_regex(pattern: str, *, ignore_case: bool = False) -> re.Pattern[str]:
    r"""Return a regular expression of a configuration (`location ~`, `server_name ~`), compiled.

    PCRE's spelling of named groups, POSIX classes and `\z` is understood; classes such as `\w` are ASCII, as PCRE's
    are without its UTF mode.

    Raises:
        ValueError: with the reason and the position.
    """
    translated = pattern
    for spelling, ours in _PCRE_SPELLINGS:
        translated = spelling.sub(ours, translated)
    for name, members in _POSIX_CLASSES.items():
        translated = translated.replace(name, members)
    try:
        return re.compile(translated, re.ASCII | (re.IGNORECASE if ignore_case else 0))
    except (re.error, OverflowError, RecursionError) as e:
        raise ValueError(f'invalid regular expression "{pattern}": {e}') from None


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

    @property
    def names(self) -> tuple[str, ...]:
        """Every name that fills the field."""
        return tuple(self.group) or (self.name,)

    def contexts_of(self, name: str) -> Context:
        """Return where one of the names may stand."""
        return self.group[name] if isinstance(self.group, Mapping) else self.contexts

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
) -> Any:
    """Declare a field of a settings class as a directive; see `Directive` for the arguments."""
    declared = Directive(name, contexts, arguments, default, doc, repeated, inherited, group, joined)
    value = declared.default_value
    if value.__hash__ is None:  # a mapping: dataclasses refuse it as a default, though nobody changes it
        return dataclasses.field(default_factory=lambda: value, metadata={_KEY: declared})
    return dataclasses.field(default=value, metadata={_KEY: declared})


def directives_of(settings_class: type[Any]) -> dict[str, Directive]:
    """Return field name -> Directive of a settings class, in order."""
    return {field.name: field.metadata[_KEY] for field in dataclasses.fields(settings_class) if _KEY in field.metadata}
