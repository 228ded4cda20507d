"""if: statements, and in a location settings, that hold for some requests only.

Named so because `if` is a word of Python. nginx's rewrite module: a variable that is neither empty nor 0; one compared
with =, !=, ~, ~*, !~ or !~*; a file that is there (-f), a folder (-d), either (-e), one that may be executed (-x), and
their negations with an exclamation mark.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hls_mp4.directives import compile_regex
from hls_mp4.web.finding.texts import compile_value
from hls_mp4.web.locations import captures_of, later_captures
from hls_mp4.web.variables import Template, compile_template, native_text

if TYPE_CHECKING:
    from hls_mp4.web.finding.running import Run

Test = Callable[["Run"], bool | Awaitable[bool]]

_MISSING = (FileNotFoundError, NotADirectoryError)
_FILES: dict[str, Callable[[int], bool]] = {
    "-f": stat.S_ISREG,
    "-d": stat.S_ISDIR,
    "-e": lambda mode: stat.S_ISREG(mode) or stat.S_ISDIR(mode),
    "-x": lambda mode: bool(mode & stat.S_IXUSR),
}


@dataclass(frozen=True, slots=True)
class Condition:
    """The condition of one `if`; its block is a block of the configuration.

    Args:
        operator: "", "=", "!=", "~", "~*", "!~", "!~*", "-f" and the like.
        left: the variable, or the path of a file.
        right: what it is compared with; None where there is nothing to compare.
        regex: compiled, for the operators with a tilde.
    """

    operator: str
    left: Template
    right: Template | None = None
    regex: re.Pattern[str] | None = None

    def test(self) -> Test:
        """Return what tells whether the condition holds for a request, at once or after waiting for a disk."""
        if self.regex is not None:
            return _matches(self.left, self.regex, wanted=not self.operator.startswith("!"))
        if self.operator.lstrip("!") in _FILES:
            return _file(self.left, _FILES[self.operator.lstrip("!")], wanted=not self.operator.startswith("!"))
        left = self.left.render
        if self.right is None:
            return lambda run: left(run.facts) not in ("", "0")
        right, equal = compile_value(self.right), self.operator == "="
        return lambda run: (left(run.facts) == right(run)) is equal


def _matches(left: Template, regex: re.Pattern[str], *, wanted: bool) -> Test:
    def test(run: Run) -> bool:
        text = native_text(left.render(run.facts))
        found = regex.search(text)
        if run.log is not None:
            run.log(f'"{regex.pattern}" {"matches" if found else "does not match"} "{text}"')
        captures = captures_of(found) if found is not None else {}
        run.request.captures = later_captures(run.request.captures, captures)
        return (found is not None) is wanted

    return test


def _file(path: Template, fits: Callable[[int], bool], *, wanted: bool) -> Test:
    value = compile_value(path)

    async def test(run: Run) -> bool:
        name = native_text(value(run))
        try:
            found = await run.request.shared.threads.call(os.stat, name)
        except ValueError:  # a NUL in the name
            return not wanted
        except OSError as problem:
            if not isinstance(problem, _MISSING):
                run.request.report(f'stat() "{name}" failed ({problem.errno}: {problem.strerror})', level="critical")
            return not wanted
        return fits(found.st_mode) is wanted

    return test


def read_condition(args: Sequence[str]) -> Condition:
    """Return the condition of `(...)`; raises ValueError."""
    if not args:
        raise ValueError("invalid number of arguments")
    words = list(args)
    if not words[0].startswith("(") or not words[-1].endswith(")") or words == ["("]:
        raise ValueError(f'invalid condition "{" ".join(args)}"')
    words[0] = words[0][1:]
    words[-1] = words[-1][:-1]
    if not words[0] and len(words) > 1:
        del words[0]
    if not words[-1] and len(words) > 1 and args[-1] == ")":
        del words[-1]
    return _condition(words)


def _condition(words: list[str]) -> Condition:
    whole = " ".join(words)
    first = words[0]
    if first.startswith("$") and len(first) > 1:
        left = _variable(first)
        if len(words) == 1:
            return Condition("", left)
        if len(words) != 3:
            raise ValueError(f'invalid condition "{whole}"')
        operator, right = words[1:]
        if operator in ("=", "!="):
            return Condition(operator, left, compile_template(right))
        if operator in ("~", "~*", "!~", "!~*"):
            return Condition(operator, left, regex=compile_regex(right, ignore_case=operator.endswith("*")))
        raise ValueError(f'unexpected "{operator}" in condition')
    if first.removeprefix("!") in _FILES and len(words) == 2:
        return Condition(first, compile_template(words[1]))
    raise ValueError(f'invalid condition "{whole}"')


def _variable(word: str) -> Template:
    """Return the variable on the left, which is one whole variable."""
    template = compile_template(word)
    if len(template.parts) != 1 or isinstance(template.parts[0], str):
        raise ValueError(f'unknown "{word[1:]}" variable')
    return template
