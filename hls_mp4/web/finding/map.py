"""map: a variable whose value is looked up by another one, when a text asks for it.

nginx's map module. Looked for in this order: the very text, case ignored; with `hostnames` the longest name that begins
with a wildcard, then the longest that ends in one; the first regular expression (`~`, or `~*` for any case), whose
groups the value may mention; `default`, or nothing. A word that would be taken for something else is written after a
backslash. The value is kept for the rest of the request unless the map is `volatile`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from hls_mp4.directives import HTTP, Block, compile_regex, directive
from hls_mp4.web.facts import RequestFacts
from hls_mp4.web.finding.set import ASSIGNED, variable_name
from hls_mp4.web.locations import captures_of, later_captures
from hls_mp4.web.variables import Template, byte_text, compile_template, native_text

if TYPE_CHECKING:
    from hls_mp4.web.request import StreamingRequest

_PARAMETERS = ("hostnames", "volatile")
_HOST = re.compile(r"(\*?\.)?[^*]+|[^.*][^*]*\.\*|")


@dataclass(frozen=True, slots=True)
class MapLine:
    """One line of a map.

    Args:
        key: what the source must be; "default" for all else, or a parameter.
        value: what the variable is then; None for a parameter.
        regex: compiled, when the key is an expression.
        special: the key is not a text to compare with.
    """

    key: str
    value: Template | None = None
    regex: re.Pattern[str] | None = None
    special: bool = False


def read_line(words: Sequence[str]) -> MapLine:
    """Return a line of a map; raises ValueError."""
    key = words[0]
    if len(words) == 1 and key in _PARAMETERS:
        return MapLine(key, special=True)
    if len(words) != 2:
        raise ValueError("invalid number of the map parameters")
    value = compile_template(words[1])
    if key == "default":
        return MapLine(key, value, special=True)
    if key.startswith("~"):
        caseless = key.startswith("~*")
        return MapLine(key, value, compile_regex(key[2 if caseless else 1 :], ignore_case=caseless), special=True)
    return MapLine(key.removeprefix("\\"), value)


def read_head(args: Sequence[str]) -> tuple[Template, str]:
    """Return the source and the name of `source $variable`; raises ValueError."""
    if len(args) != 2:
        raise ValueError("invalid number of arguments")
    name = variable_name(args[1])
    if name in ASSIGNED:
        raise ValueError(f'the duplicate "{name}" variable')
    return compile_template(args[0]), name


@dataclass(frozen=True, slots=True)
class Map:
    """One map.

    Args:
        source: what is looked up.
        name: of the variable.
        volatile: the value is looked up each time.
        hostnames: keys may have wildcards.
        exact: values by text, in small letters.
        leading: values by the end of a name, from its dot on.
        trailing: values by the beginning of a name, to its dot.
        regexes: expressions and their values.
        default: the value for everything else.
    """

    source: Template
    name: str
    volatile: bool = False
    hostnames: bool = False
    exact: dict[str, Template] = field(default_factory=dict)
    leading: dict[str, Template] = field(default_factory=dict)
    trailing: dict[str, Template] = field(default_factory=dict)
    regexes: tuple[tuple[re.Pattern[str], Template], ...] = ()
    default: Template | None = None

    def reader(self) -> Callable[[StreamingRequest], str]:
        """Return what reads the variable for a request."""

        def read(request: StreamingRequest) -> str:
            facts = RequestFacts(request)
            found = self._find(request, native_text(self.source.render(facts)))
            text = found.render(facts) if found is not None else ""
            if not self.volatile:
                request.set_value(self.name, text)
            return text

        return read

    def _find(self, request: StreamingRequest, text: str) -> Template | None:
        """Return the value for a text."""
        low = _small(text.removesuffix(".") if self.hostnames else text)
        found = self.exact.get(low) or (self._wildcard(low) if self.hostnames else None)
        if found is not None:
            return found
        for regex, value in self.regexes if text else ():
            match = regex.search(text)
            if match:
                request.captures = later_captures(request.captures, captures_of(match))
                return value
        return self.default

    def _wildcard(self, host: str) -> Template | None:
        """Return the value of the longest wildcard that fits a host."""
        at = host.find(".", 1)
        while at >= 0:
            found = self.leading.get(host[at:])
            if found is not None:
                return found
            at = host.find(".", at + 1)
        at = host.rfind(".")
        while at >= 0:
            found = self.trailing.get(host[: at + 1])
            if found is not None:
                return found
            at = host.rfind(".", 0, at)
        return None


def _small(text: str) -> str:
    """Return a text in small letters, ASCII ones only, as nginx does it."""
    return text.lower() if text.isascii() else native_text(byte_text(text).encode("latin-1").lower().decode("latin-1"))


def build(head: tuple[Template, str], lines: Sequence[MapLine]) -> Map:
    """Return a map of its lines; raises ValueError."""
    source, name = head
    hostnames = any(line.key == "hostnames" and line.value is None for line in lines)
    volatile = any(line.key == "volatile" and line.value is None for line in lines)
    exact: dict[str, Template] = {}
    leading: dict[str, Template] = {}
    trailing: dict[str, Template] = {}
    regexes: list[tuple[re.Pattern[str], Template]] = []
    default = None
    for line in lines:
        if line.value is None:
            continue
        if line.regex is not None:
            regexes.append((line.regex, line.value))
        elif line.special:
            if default is not None:
                raise ValueError("duplicate default map parameter")
            default = line.value
        else:
            for table, key in _keys(line.key, hostnames, exact, leading, trailing):
                if key in table:
                    raise ValueError(f'conflicting parameter "{line.key}"')
                table[key] = line.value
    return Map(source, name, volatile, hostnames, exact, leading, trailing, tuple(regexes), default)


def _keys(
    written: str,
    hostnames: bool,
    exact: dict[str, Template],
    leading: dict[str, Template],
    trailing: dict[str, Template],
) -> list[tuple[dict[str, Template], str]]:
    """Return where a key goes, and as what."""
    key = _small(written)
    if not hostnames:
        return [(exact, key)]
    if not _HOST.fullmatch(key) or key in (".", "*."):
        raise ValueError(f'invalid hostname or wildcard "{written}"')
    if key.startswith("."):
        return [(exact, key[1:]), (leading, key)]
    if key.startswith("*."):
        return [(leading, key[1:])]
    if key.endswith(".*"):
        return [(trailing, key[:-1])]
    return [(exact, key)]


@dataclass(frozen=True, slots=True, kw_only=True)
class MapSettings:
    """Variables by look-up."""

    maps: tuple[Map, ...] = directive(
        "map",
        HTTP,
        Block("source $variable { text value; ... }", read_line, build, read_head),
        default=(),
        repeated=True,
        doc="A variable whose value depends on another text: the same text (case ignored), ~ or ~* (any case) a regular"
        " expression, default for all else; hostnames lets texts be *.example.com or example.*, volatile looks the"
        " value up each time.",
        differs="regular expressions are Python's, with PCRE's spellings",
    )
