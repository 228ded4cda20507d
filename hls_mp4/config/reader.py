"""Words to statements: `name args... ;` and `name args... { ... }`, files and their includes.

Nothing is known here of what a directive means. The one exception is `include`, which is resolved when a block is
walked: a pattern that matches nothing is no error, a plain name that cannot be opened is, and a file may be included
in several places. After a syntax error the rest of that file is not read, for its structure cannot be trusted.
"""

from __future__ import annotations

import glob
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from hls_mp4.config.paths import Absolute
from hls_mp4.config.problems import Place, Problems
from hls_mp4.config.words import BrokenText, Word, end_of, words

DEEPEST = 64
"""Blocks and includes within each other; nobody writes so many, and the walk is recursive."""


@dataclass(frozen=True, slots=True)
class Statement:
    """A directive as it is written.

    Args:
        name: first word.
        args: the other words.
        lines: the line of each argument.
        place: where the name stands.
        block: what stands between braces; None when a semicolon ends the statement.
        trail: files that include each other down to this one.
        depth: blocks and includes around it.
    """

    name: str
    args: tuple[str, ...]
    lines: tuple[int, ...]
    place: Place
    block: tuple[Statement, ...] | None
    trail: tuple[str, ...]
    depth: int


@dataclass(slots=True)
class _Open:
    """A block whose closing brace is still to come."""

    head: list[Word]
    statements: list[Statement] = field(default_factory=list)


class Reader:
    """Reads files and texts into statements.

    Args:
        problems: where errors go.
        absolute: makes a path of an include absolute.
    """

    def __init__(self, problems: Problems, absolute: Absolute) -> None:
        self._problems = problems
        self._absolute = absolute

    def read_file(self, path: str, trail: tuple[str, ...] = (), depth: int = 0) -> tuple[Statement, ...]:
        """Return the statements of a file.

        Raises:
            OSError: it cannot be read.
        """
        text = Path(path).read_bytes().decode("utf-8", "surrogateescape")
        return self.read_text(text, path, trail, depth)

    def read_text(self, text: str, name: str, trail: tuple[str, ...] = (), depth: int = 0) -> tuple[Statement, ...]:
        """Return the statements of a text; those before the first syntax error when it has one."""
        trail = (*trail, name)
        outermost = _Open([])
        opened = [outermost]
        head: list[Word] = []

        def end(head: list[Word], block: tuple[Statement, ...] | None) -> None:
            first, *rest = head
            args = tuple(word.text for word in rest)
            lines = tuple(word.line for word in rest)
            level = depth + len(opened) - 1
            opened[-1].statements.append(
                Statement(first.text, args, lines, Place(name, first.line), block, trail, level)
            )

        def end_block() -> None:
            inner = opened.pop()
            end(inner.head, tuple(inner.statements))

        def fail(line: int, message: str) -> tuple[Statement, ...]:
            self._problems.error(Place(name, line), message)
            while len(opened) > 1:
                end_block()
            return tuple(outermost.statements)

        try:
            for word in words(text):
                if not word.special:
                    head.append(word)
                elif word.text == "}":
                    if head:
                        return fail(word.line, f'unexpected "}}"; is ";" missing after "{head[-1].text}"?')
                    if len(opened) == 1:
                        return fail(word.line, 'unexpected "}"')
                    end_block()
                elif not head:
                    return fail(word.line, f'unexpected "{word.text}"')
                elif word.text == ";":
                    end(head, None)
                    head = []
                elif depth + len(opened) >= DEEPEST:
                    return fail(word.line, "blocks are nested too deeply")
                else:
                    opened.append(_Open(head))
                    head = []
        except BrokenText as e:
            return fail(e.line, str(e))
        if head:
            return fail(end_of(text), 'unexpected end of file, expecting ";" or "}"')
        if len(opened) > 1:
            begun = opened[-1].head[0]
            return fail(end_of(text), f'unexpected end of file, expecting "}}" for "{begun.text}" of line {begun.line}')
        return tuple(outermost.statements)

    def walk(self, statements: tuple[Statement, ...]) -> Iterator[Statement]:
        """Yield the statements of a block with those of included files in the place of each include."""
        for statement in statements:
            if statement.name != "include":
                yield statement
            elif statement.block is not None:
                self._problems.error(statement.place, 'directive "include" is not terminated by ";"')
            elif len(statement.args) != 1:
                self._problems.error(statement.place, 'invalid number of arguments in "include" directive')
            else:
                yield from self._included(statement)

    def _included(self, include: Statement) -> Iterator[Statement]:
        """Yield the statements of the files that an include names."""
        pattern = self._absolute(include.args[0])
        try:
            # As in nginx: a pattern may match nothing, a name must be there.
            files = sorted(glob.glob(pattern)) if glob.has_magic(pattern) else [pattern]  # noqa: PTH207 keeps the text
            for path in files:
                if path in include.trail:
                    self._problems.error(include.place, f'"{path}" includes itself')
                elif include.depth + 1 >= DEEPEST:
                    self._problems.error(include.place, "files are included too deeply")
                else:
                    yield from self.walk(self._open(path, include))
        except ValueError as e:
            self._problems.error(include.place, f'invalid path "{pattern}": {e}')

    def _open(self, path: str, include: Statement) -> tuple[Statement, ...]:
        """Return the statements of an included file, none when it cannot be read."""
        try:
            return self.read_file(path, include.trail, include.depth + 1)
        except OSError as e:
            self._problems.error(include.place, f'open() "{path}" failed ({e.errno}: {e.strerror})')
            return ()
