"""The table of docs/operations.md for those who come from nginx: every directive of nginx, and what becomes of it.

Made of the declarations of our directives and of `hls_mp4.config.foreign`, so that it says what the daemon does.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from hls_mp4.config.foreign import NGINX_NAMES, Foreign, entries, foreign
from hls_mp4.config.structure import STRUCTURE
from hls_mp4.directives import Context, Directive, directives_of

BEGIN = "<!-- Made from the declarations in the code by `make docs`, down to the end mark; edit those. -->"
END = "<!-- The end mark. -->"

_FEW = 6


def coming_from_nginx(settings: Iterable[type[Any]]) -> str:
    """Return the table as Markdown.

    Args:
        settings: the settings classes, in the order of the documentation.
    """
    ours = list(STRUCTURE.values())
    ours += [directive for each in settings for directive in directives_of(each).values()]
    return "\n".join(_lines([(name, directive) for directive in ours for name in directive.names]))


def with_table(page: str, settings: Iterable[type[Any]]) -> str:
    """Return a page whose table, between the two marks, is made anew.

    Raises:
        ValueError: the page has no place for it.
    """
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError("there is no place for the table")
    return f"{before}{begin}\n\n{coming_from_nginx(settings)}\n\n{end}{after}"


def _lines(ours: list[tuple[str, Directive]]) -> Iterator[str]:
    """Yield the lines of the table."""
    known = NGINX_NAMES | STRUCTURE.keys()
    yield "### Directives of nginx that hold here\n"
    yield "| directive | context | state |"
    yield "|---|---|---|"
    for name, directive in ours:
        if name in known:
            state = directive.differs_of(name) or "same"
            where = ", ".join(context.title for context in Context if context in directive.contexts_of(name))
            yield f"| [{name}](configuration.md#{name}) | {where} | {state} |"
    further = [f"[{name}](configuration.md#{name})" for name, _ in ours if name not in known]
    yield f"\nOnly here there are: {', '.join(further)}."
    present = {name for name, _ in ours}
    yield "\n### Directives of nginx that are ignored with a warning\n"
    yield "`fastcgi_*` is every directive that begins so and is named neither above nor in a row of its own.\n"
    yield "| directive | what happens instead |"
    yield "|---|---|"
    yield from _foreign_rows(present, refused=False)
    yield "\n### Directives of nginx that are errors\n"
    yield "Something that they close would be open without them. With `off` they may stand there.\n"
    yield "| directive | what would happen without it |"
    yield "|---|---|"
    yield from _foreign_rows(present, refused=True)


def _foreign_rows(present: set[str], *, refused: bool) -> Iterator[str]:
    """Yield a row for each thing that happens instead, with the directives for which it does."""
    for listed, entry in entries():
        if entry.refused == refused:
            names = dict.fromkeys(name for word in listed.split() for name in _shown(word, entry, present))
            if names:
                yield f"| {', '.join(f'`{name}`' for name in names)} | {entry.instead} |"


def _shown(word: str, entry: Foreign, present: set[str]) -> list[str]:
    """Return how a name of a row is shown: a family of few by its members, a large one by its beginning."""
    if "*" not in word:
        return [] if word in present else [word]
    start, _, end = word.partition("*")
    members = [name for name in sorted(NGINX_NAMES - present) if name.startswith(start) and name.endswith(end)]
    members = [name for name in members if foreign(name) == entry]
    if not members:
        # Of modules whose names are in no list any name is known that begins so.
        return [word] if foreign(f"{start}x{end}") == entry else []
    return members if len(members) <= _FEW else [word]
