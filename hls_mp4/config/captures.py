"""Named groups of the regular expressions in a configuration, which texts anywhere in it may mention as variables.

nginx knows a variable once any `location` or `server_name` defines it, also after the line that mentions it: a
`log_format` stands above the servers. So the groups are looked for before any argument is read.
"""

from __future__ import annotations

from collections.abc import Iterator

from hls_mp4.config.locations import parse_location
from hls_mp4.config.reader import Reader, Statement
from hls_mp4.directives import compile_regex


def capture_names(statements: tuple[Statement, ...], reader: Reader) -> frozenset[str]:
    """Return the names of all groups.

    Args:
        statements: of a whole configuration.
        reader: follows includes; what is wrong with them, and with the expressions, is for the real reading to say.
    """
    names: set[str] = set()
    for pattern in _patterns(statements, reader):
        try:
            names.update(compile_regex(pattern).groupindex)
        except ValueError:
            continue
    return frozenset(names)


def _patterns(statements: tuple[Statement, ...], reader: Reader) -> Iterator[str]:
    for statement in reader.walk(statements):
        if statement.name == "server_name":
            yield from (name[1:] for name in statement.args if name.startswith("~"))
        elif statement.name == "location":
            try:
                modifier, pattern = parse_location(statement.args)
            except ValueError:
                continue
            if modifier in ("~", "~*"):
                yield pattern
        if statement.block and statement.name in ("http", "server", "location"):
            yield from _patterns(statement.block, reader)
