"""docs/configuration.md, made of the declarations themselves, in the manner of nginx's own documentation."""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Iterator
from typing import Any

from hls_mp4.config.structure import STRUCTURE, Opens
from hls_mp4.directives import Block, Context, Directive, Kind, OneOf, directives_of

_INTRODUCTION = """\
# Configuration

<!-- Made from the declarations in the code by `make docs`; edit those. -->

The configuration is written in nginx's language. `mp4stream check --config FILE` finds every mistake in a file, with
its line; `mp4stream dump --config FILE` shows what was understood, in every block, with `--all` also what nobody has
set. A commented example is [etc/mp4stream/mp4stream.conf](../etc/mp4stream/mp4stream.conf).

**Statements.** A simple directive is a name, arguments and a semicolon; a block has `{ }` instead of the semicolon.
From `#` to the end of the line is a comment. An argument with blanks, braces, semicolons or quotes in it is put in
quotes, `"..."` or `'...'`. A backslash makes `\\t`, `\\r` and `\\n` what they are in nginx, takes the meaning from
a quote or a backslash, and stands for itself before anything else.

**Inheritance.** What stands in `http` holds in its servers, what stands in a server holds in its locations, and so on
inwards, until a block says otherwise. A directive that may be given several times is inherited as a whole: a location
with one `add_header` of its own has none of the outer ones. A directive that is not inherited says so below.

**Sizes** are bytes, or have a unit: `k`, `m` or `g`, of 1024 each. **Times** are seconds, or have units: `ms`, `s`,
`m`, `h`, `d`, `w`, `M` (30 days), `y` (365 days), the large ones first: `1h 30m` in quotes, or `1h30m`.

**Paths** that are relative are taken against the prefix: `--prefix DIR`, by default the folder of the configuration
file. This goes for `include` too. A path that begins with a variable is taken as it is.

**Regular expressions** are Python's, with PCRE's spelling of named groups, `(?<name>...)`, and POSIX classes.

**nginx's other directives.** A directive that only nginx has is ignored with a warning that says what happens
instead, together with its block if it is one. Ignored with a warning, too, are parameters of `listen` without effect
here. Directives that keep something from clients (`auth_jwt`, `valid_referers`, `fastcgi_pass` and the like), and
`listen` with `quic` or `proxy_protocol`, are errors: nothing is opened by being ignored. A name that nginx does not
have either is an error. [Coming from nginx](operations.md#coming-from-nginx) lists them all.
"""


def document(settings: Iterable[type[Any]]) -> str:
    """Return the documentation of every directive as Markdown.

    Args:
        settings: the settings classes, in the order of the sections.
    """
    sections = [("Structure", list(STRUCTURE.values()))]
    sections += [(_title(settings_class), list(directives_of(settings_class).values())) for settings_class in settings]
    return "\n".join(_lines([section for section in sections if section[1]]))


def _lines(sections: list[tuple[str, list[Directive]]]) -> Iterator[str]:
    """Yield the lines of the document."""
    yield _INTRODUCTION
    yield "## Directives\n"
    for title, directives in sections:
        names = [f"[{name}](#{name})" for directive in directives for name in directive.names]
        yield f"- {title}: {', '.join(names)}"
    for title, directives in sections:
        yield f"\n## {title}"
        for directive in directives:
            yield from _directive(directive)
    yield ""


def _title(settings: type[Any]) -> str:
    """Return the first line of a settings class's docstring as a heading."""
    return inspect.getdoc(settings).partition("\n")[0].rstrip(".")  # type: ignore[union-attr]


def _directive(directive: Directive) -> Iterator[str]:
    """Yield the entry of one directive, or of those that share a field; each of several kinds has its own."""
    if isinstance(directive.arguments, OneOf):
        for name, kind in directive.arguments.kinds.items():
            yield from _entry(name, f"{name} {kind.syntax}".rstrip(), kind, directive)
        return
    for name in directive.names:
        yield f"\n### {name}"
    yield "\n```"
    for name in directive.names:
        yield f"Syntax:   {_syntax(name, directive)}"
    yield f"Default:  {_default(directive)}"
    places = dict.fromkeys(_places(directive.contexts_of(name)) for name in directive.names)
    if len(places) == 1:
        yield f"Context:  {', '.join(places)}"
    else:
        for name in directive.names:
            yield f"Context:  {_places(directive.contexts_of(name))} ({name})"
    yield "```\n"
    yield directive.doc
    yield from _unlike_nginx(directive)
    if directive.repeated or directive.joined:
        yield "\nMay be given several times."
    elif len(directive.names) > 1:
        yield f"\nOnly one of {' and '.join(directive.names)} may stand in a block."
    if not directive.inherited:
        yield "\nHolds in its own block only, not in those inside."


def _entry(name: str, written: str, kind: Kind, directive: Directive) -> Iterator[str]:
    """Yield the entry of one of several kinds."""
    yield f"\n### {name}"
    yield "\n```"
    yield f"Syntax:   {written if kind.opens else f'{written};'}"
    yield "Default:  —"
    yield f"Context:  {_places(directive.contexts_of(name))}"
    yield "```\n"
    yield kind.doc
    if directive.differs_of(name):
        yield f"\nUnlike nginx: {directive.differs_of(name)}."
    yield "\nMay be given several times."
    yield "\nHolds in its own block only, not in those inside."


def _unlike_nginx(directive: Directive) -> Iterator[str]:
    """Yield what whoever knows nginx has to know."""
    for differs in dict.fromkeys(filter(None, map(directive.differs_of, directive.names))):
        yield f"\nUnlike nginx: {differs}."


def _syntax(name: str, directive: Directive) -> str:
    """Return how a directive is written."""
    written = " ".join(filter(None, (name, directive.arguments.syntax)))
    return written if isinstance(directive.arguments, Block | Opens) else f"{written};"


def _default(directive: Directive) -> str:
    """Return the default as it would be written."""
    return "—" if directive.default_text is None else f"{directive.default_text};"


def _places(contexts: Context) -> str:
    """Return where a directive may stand, in words."""
    return ", ".join(context.title for context in Context if context in contexts)
