"""Variables that a configuration defines itself, which texts anywhere in it may mention.

They are the named groups of regular expressions, and what `set` and `map` name. nginx knows such a variable once any
line defines it, also after the line that mentions it: a `log_format` stands above the servers. So they are looked for
before any argument is read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from hls_mp4.config.locations import parse_location
from hls_mp4.config.reader import Reader, Statement
from hls_mp4.directives import compile_regex


def capture_names(statements: tuple[Statement, ...], reader: Reader) -> frozenset[str]:
    """Return the names of all variables, in small letters.

    Args:
        statements: of a whole configuration.
        reader: follows includes; what is wrong with them, and with the expressions, is for the real reading to say.
    """
    names: set[str] = set()
    for statement in _all(statements, reader):
        names.update(_named(statement))
        for pattern in _patterns(statement, reader):
            try:
                names.update(compile_regex(pattern).groupindex)
            except ValueError:
                continue
    return frozenset(name.lower() for name in names)


def _all(statements: tuple[Statement, ...], reader: Reader) -> Iterator[Statement]:
    """Yield every statement that may define a variable, those in blocks included."""
    for statement in reader.walk(statements):
        yield statement
        if statement.block and statement.name in ("http", "server", "location", "if"):
            yield from _all(statement.block, reader)


def _named(statement: Statement) -> Iterator[str]:
    """Yield the variables that a statement names."""
    written = {"set": statement.args[:1], "map": statement.args[1:2], "auth_request_set": statement.args[:1]}
    for word in written.get(statement.name, ()):
        if re.fullmatch(r"\$[A-Za-z_0]\w*", word, re.ASCII):
            yield word[1:]


def _patterns(statement: Statement, reader: Reader) -> Iterator[str]:
    """Yield the regular expressions of a statement."""
    if statement.name == "server_name":
        yield from (name[1:] for name in statement.args if name.startswith("~"))
    elif statement.name == "location":
        try:
            modifier, pattern = parse_location(statement.args)
        except ValueError:
            return
        if modifier in ("~", "~*"):
            yield pattern
    elif statement.name == "rewrite":
        yield from statement.args[:1]
    elif statement.name == "if":
        for operator, word in pairwise(statement.args):
            if operator in ("~", "~*", "!~", "!~*"):
                # The bracket that ends the condition may stick to the expression.
                yield word
                yield word.removesuffix(")")
    elif statement.name == "map":
        for line in reader.walk(statement.block or ()):
            if line.name.startswith("~"):
                yield line.name.removeprefix("~").removeprefix("*")
