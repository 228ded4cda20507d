"""Texts with nginx's `$variables` in them, compiled once and rendered for each request.

What the names mean is in `hls_mp4.web.variable_names`. A name that is neither a variable nor a capture is refused when
the configuration is read.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, field

from hls_mp4.directives import CAPTURE_NAMES
from hls_mp4.web.bytetext import byte_text, native_text
from hls_mp4.web.facts import Facts
from hls_mp4.web.variable_names import FAMILIES, KNOWN, Read, Variable

__all__ = [
    "Escape",
    "Part",
    "Template",
    "Variable",
    "byte_text",
    "compile_template",
    "native_text",
    "renderer",
    "variable",
]

Escape = Callable[[str | None], str]
Part = str | Variable


@dataclass(frozen=True, slots=True)
class Template:
    """A text with variables; equal to another of the same text.

    Args:
        text: as it was written.
        parts: literal texts and variables in turn.
        render: returns the text for a request; a variable that is not there is empty.
        constant: the text when it has no variable, else None.
    """

    text: str
    parts: tuple[Part, ...] = field(compare=False)
    render: Callable[[Facts], str] = field(compare=False)
    constant: str | None = field(compare=False)


_MENTION = re.compile(r"\$(?:\{([^{}]*)(\}?)|([1-9])|([A-Za-z0-9_]+))?")


def compile_template(text: str, captures: Collection[str] | None = None) -> Template:
    """Return a template of a text such as `$scheme://${host}/$arg_id`.

    Args:
        text: of the configuration.
        captures: named groups that may be mentioned; None for those of the configuration that is being read.

    Raises:
        ValueError: the text mentions a variable that does not exist, or its braces are not closed.
    """
    parts = tuple(_parts(text, CAPTURE_NAMES.get() if captures is None else captures))
    literals = [part for part in parts if isinstance(part, str)]
    return Template(text, parts, renderer(parts), "".join(literals) if len(literals) == len(parts) else None)


def renderer(parts: Iterable[Part], escape: Escape | None = None) -> Callable[[Facts], str]:
    """Return a function from facts to text.

    Args:
        parts: of a template.
        escape: makes the text of a variable's value, unless the variable is plain; None to take values as they are.
    """
    literals = [""]
    reads: list[Read] = []
    for part in parts:
        if isinstance(part, Variable):
            reads.append(part.read if part.plain else _escaped(part.read, escape))
            literals.append("")
        else:
            literals[-1] += part
    if not reads:
        constant = literals[0]
        return lambda facts: constant
    # One formatting operation for the whole text: log lines are made thousands of times a second.
    form = "%s".join(literal.replace("%", "%%") for literal in literals)
    every = tuple(reads)
    return lambda facts: form % tuple([read(facts) for read in every])


def _escaped(read: Read, escape: Escape | None) -> Read:
    if escape is None:
        return lambda facts: read(facts) or ""
    return lambda facts: escape(read(facts))


def _parts(text: str, captures: Collection[str]) -> Iterator[Part]:
    at = 0
    for found in _MENTION.finditer(text):
        if found.start() > at:
            yield byte_text(text[at : found.start()])
        at = found.end()
        braced, closed, digit, word = found.groups()
        if braced and not closed:
            raise ValueError(f'the closing bracket in "{braced}" variable is missing')
        name = braced or digit or word
        if not name:
            raise ValueError(f'invalid variable name in "{text}"')
        yield variable(name, captures)
    if at < len(text):
        yield byte_text(text[at:])


def variable(written: str, captures: Collection[str] = ()) -> Variable:
    """Return a variable by its name, in which case does not count.

    Args:
        written: the name, without the dollar.
        captures: in small letters, the named groups that there are, and what `set` and `map` define; groups have
            numbers from 1 to 9 besides.

    Raises:
        ValueError: there is no such variable.
    """
    name = written.lower()
    if name in KNOWN:
        return KNOWN[name]
    if name in captures:
        return Variable(name, _defined(name))
    if re.fullmatch("[1-9]", written):
        return Variable(written, _capture(written))
    for prefix, make in FAMILIES.items():
        rest = name.removeprefix(prefix)
        if rest and rest != name:
            return Variable(name, make(rest))
    raise ValueError(f'unknown "{written}" variable')


def _defined(name: str) -> Read:
    """Return the reader of a variable of the configuration: what was caught or set last, or what a map has."""

    def read(facts: Facts) -> str | None:
        text = facts.captures.get(name)
        return facts.value(name) if text is None else byte_text(text)

    return read


def _capture(name: str) -> Read:
    def read(facts: Facts) -> str | None:
        text = facts.captures.get(name)
        return None if text is None else byte_text(text)

    return read
