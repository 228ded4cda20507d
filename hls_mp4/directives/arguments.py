"""What may follow the name of a directive: flags, numbers, sizes, times, paths, words, and grammars of their own.

Each kind says how it is written and makes a typed value of it; a mistake is a ValueError whose reason reads well after
the directive's name. nginx's units: 512k, 1m, 2g; 500ms, 60s, 1h 30m.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol


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
class FileContents:
    """One path of a file whose contents are the value: the config room reads it when it reads the configuration.

    Args:
        read: takes the contents, returns the value, raises ValueError.
        syntax: as documentation shows it.
        longest: bytes that the file may have.
    """

    read: Callable[[bytes], Any]
    syntax: str = "file"
    longest: int = 1 << 20

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
        leads: takes all arguments, returns the named locations that they lead to.
    """

    syntax: str
    read: Callable[[Sequence[str]], Any]
    paths: Callable[[Sequence[str]], Iterable[int]] = lambda _args: ()
    leads: Callable[[Sequence[str]], Iterable[str]] = lambda _args: ()

    def parse(self, args: Sequence[str]) -> Any:
        """Return what `read` returns."""
        return self.read(args)


@dataclass(frozen=True, slots=True)
class Kind:
    """One of several kinds of directives that fill one field.

    Args:
        syntax: as documentation shows it.
        read: takes all arguments, returns the value, raises ValueError.
        doc: one line.
        opens: a block of directives follows, which is for the config room to resolve: one for each such value.
    """

    syntax: str
    read: Callable[[Sequence[str]], Any]
    doc: str
    opens: bool = False


@dataclass(frozen=True, slots=True)
class OneOf:
    """Arguments that depend on the directive's name, for a group of directives whose order counts.

    Args:
        kinds: by name.
    """

    kinds: Mapping[str, Kind]

    @property
    def syntax(self) -> str:
        """All kinds, as documentation shows them."""
        return " | ".join(f"{name} {kind.syntax}".rstrip() for name, kind in self.kinds.items())

    def parse(self, args: Sequence[str]) -> Any:
        """Return the value of a directive whose name comes first."""
        return self.kinds[args[0]].read(args[1:])


def _no_head(args: Sequence[str]) -> None:
    """Check that nothing precedes a `{`."""
    if args:
        raise ValueError("invalid number of arguments")


@dataclass(frozen=True, slots=True)
class Block:
    """A `{}` whose lines are data rather than directives, as in `types { video/mp4 mp4 m4v; }`.

    Several such blocks in one context add up, as nginx's `types` do, unless words precede the `{`: then each has a
    value of its own, and the directive is a repeated one.

    Args:
        syntax: as documentation shows it.
        read_line: takes the words of one line, returns its value, raises ValueError (shown with that line's place).
        build: takes the values of all lines, returns the directive's value, raises ValueError; what `head` returned
            comes first where there is one.
        head: takes the words before the `{`, raises ValueError; None where there are none.
    """

    syntax: str
    read_line: Callable[[Sequence[str]], Any]
    build: Callable[..., Any] = tuple
    head: Callable[[Sequence[str]], Any] | None = None

    def parse(self, args: Sequence[str]) -> Any:
        """Return the value of an empty block."""
        if self.head is not None:
            return self.build(self.head(args), ())
        _no_head(args)
        return self.build(())
