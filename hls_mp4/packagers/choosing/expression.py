"""Filters of Unified Streaming: comparisons of what a track is, with `&&`, `||`, `!` and parentheses.

    expression   conjunction *( "||" conjunction )
    conjunction  negation *( "&&" negation )
    negation     "!" negation | "(" expression ")" | comparison
    comparison   name operator value
    operator     "==" | "!=" | "<" | "<=" | ">" | ">="
    value        "text" | 'text' | number | word

Names are compared without case. A number is compared as one, where both sides are; text can be equal or not. Length and
depth are bounded, and no name is looked up but those of `hls_mp4.packagers.choosing.facts`.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from hls_mp4.errors import StreamingError

LONGEST = 1024
DEEPEST = 32

Facts = Mapping[str, Any]
Test = Callable[[Facts], bool]

_TOKEN = re.compile(
    r"\s*(?:(?P<mark>&&|\|\||==|!=|<=|>=|[()!<>])|(?P<number>-?[0-9]{1,18})(?![\w.-])"
    r"|(?P<word>[\w.-]{1,128})|\"(?P<double>[^\"]*)\"|'(?P<single>[^']*)')"
)
_COMPARISONS: Mapping[str, Callable[[Any, Any], bool]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


class BadFilter(StreamingError):
    """A filter that cannot be understood: 400."""

    status_hint = 400


@dataclass(frozen=True, slots=True)
class Filter:
    """What a track has to be.

    Args:
        text: the expression as it was written.
        test: tells of the facts of a track, by names in lower case, whether it is wanted.
    """

    text: str
    test: Test


def parse_filter(text: str, names: Iterable[str], spelt: Callable[[str, str], str]) -> Filter:
    """Return what an expression asks for.

    Args:
        text: the expression.
        names: what may be compared, in lower case.
        spelt: takes a name and a text it is compared with, and returns that as facts spell it.

    Raises:
        BadFilter: it makes no sense.
    """
    if len(text) > LONGEST:
        raise BadFilter(f"filter is too long:{len(text)}")
    reader = _Reader(text, frozenset(names), spelt)
    test = reader.expression(0)
    reader.end()
    return Filter(text, test)


class _Reader:
    """Reads an expression from left to right.

    Args:
        text: the expression.
        names: what may be compared.
        spelt: see `parse_filter`.
    """

    def __init__(self, text: str, names: frozenset[str], spelt: Callable[[str, str], str]) -> None:
        self._text = text
        self._names = names
        self._spelt = spelt
        self._at = 0
        self._next: re.Match[str] | None = None
        self._move()

    def _move(self) -> None:
        """Look at the next token; None at the end."""
        found = _TOKEN.match(self._text, self._at)
        if found is None and self._text[self._at :].strip():
            raise self._bad()
        self._next = found
        self._at = found.end() if found is not None else len(self._text)

    def _bad(self) -> BadFilter:
        return BadFilter(f'invalid filter "{self._text[:200]}" at {min(self._at, len(self._text))}')

    def _take(self, *marks: str) -> str | None:
        """Return one of these marks when it is next, and go on behind it."""
        mark = self._next["mark"] if self._next is not None else None
        if mark not in marks:
            return None
        self._move()
        return mark

    def end(self) -> None:
        """Check that nothing follows."""
        if self._next is not None:
            raise self._bad()

    def expression(self, depth: int) -> Test:
        """Read what `||` joins."""
        tests = [self._conjunction(depth)]
        while self._take("||"):
            tests.append(self._conjunction(depth))
        return tests[0] if len(tests) == 1 else lambda facts: any(test(facts) for test in tests)

    def _conjunction(self, depth: int) -> Test:
        tests = [self._negation(depth)]
        while self._take("&&"):
            tests.append(self._negation(depth))
        return tests[0] if len(tests) == 1 else lambda facts: all(test(facts) for test in tests)

    def _negation(self, depth: int) -> Test:
        if depth >= DEEPEST:
            raise BadFilter("filter is too deep")
        if self._take("!"):
            test = self._negation(depth + 1)
            return lambda facts: not test(facts)
        if self._take("("):
            inner = self.expression(depth + 1)
            if not self._take(")"):
                raise self._bad()
            return inner
        return self._comparison()

    def _comparison(self) -> Test:
        found = self._next
        if found is None or found["word"] is None:
            raise self._bad()
        name = found["word"].lower()
        if name not in self._names:
            raise BadFilter(f'unknown name "{found["word"]}" in filter')
        self._move()
        sign = self._take(*_COMPARISONS)
        if sign is None or self._next is None:
            raise self._bad()
        value = self._value(self._next)
        if isinstance(value, str) and sign not in ("==", "!="):
            raise self._bad()
        self._move()
        return _compared(name, sign, self._spelt(name, value) if isinstance(value, str) else value)

    def _value(self, token: re.Match[str]) -> str | int:
        if token["number"] is not None:
            return int(token["number"])
        text = next((token[kind] for kind in ("double", "single", "word") if token[kind] is not None), None)
        if text is None:
            raise self._bad()
        return str(text)


def _compared(name: str, sign: str, value: str | int) -> Test:
    compare = _COMPARISONS[sign]

    def test(facts: Facts) -> bool:
        fact = facts[name]
        if isinstance(fact, int):
            number = _number(value)
            return sign == "!=" if number is None else compare(fact, number)
        known = fact if isinstance(fact, tuple) else (fact,)
        same = any(each.lower() == str(value).lower() for each in known)
        return same if sign == "==" else sign == "!=" and not same

    return test


def _number(value: str | int) -> int | None:
    if isinstance(value, int):
        return value
    return int(value) if re.fullmatch(r"-?[0-9]{1,18}", value) else None
