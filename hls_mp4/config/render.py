"""A loaded configuration as text again: what was understood, in every block.

The text can be loaded: it means the same. Directives that a block has from outside are repeated in it with a comment
that says from where; blocks of data, such as `types`, are only named.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from hls_mp4.config.blocks import Config, IfBlock, LimitExcept, LocationBlock, ServerBlock
from hls_mp4.config.listen import DEFAULT_BACKLOG, Listen
from hls_mp4.config.paths import absolute, located
from hls_mp4.config.registry import Slot
from hls_mp4.config.scope import Given, Scope
from hls_mp4.config.words import quote

_COMMENT_COLUMN = 56

Line = tuple[str, str]
"""Text and comment; either may be empty."""


def render(config: Config, slots: Sequence[Slot], *, defaults: bool = False) -> str:
    """Return the text of a configuration.

    Args:
        config: what was loaded.
        slots: every field that a directive fills, in the order in which they are shown.
        defaults: show what nobody has set, too.
    """
    lines = _Text(config, slots, defaults).lines()
    return "".join(_finished(text, comment.replace("\n", "\\n")) + "\n" for text, comment in lines)


def _finished(text: str, comment: str) -> str:
    """Return a line with its comment where comments stand."""
    if not comment:
        return text
    return f"{text}# {comment}" if not text.strip() else f"{text:<{_COMMENT_COLUMN}} # {comment}"


class _Text:
    """Lines of one configuration."""

    def __init__(self, config: Config, slots: Sequence[Slot], defaults: bool) -> None:
        self._config = config
        self._slots = slots
        self._defaults = defaults

    def lines(self) -> Iterator[Line]:
        """Yield all lines."""
        config = self._config
        main = config.main
        title = [("", f"{config.path}, relative paths against {config.prefix}")]
        blocks: list[Iterable[Line]] = [title, self._settings(main)]
        if config.events is not main:
            blocks.append(_block("events", "", self._settings(config.events, main)))
        if config.http is not main:
            servers = map(self._server, config.servers)
            blocks.append(_block("http", "", self._settings(config.http, main), *servers))
        yield from _apart(*blocks)

    def _server(self, server: ServerBlock) -> Iterator[Line]:
        own = [(_listen(listen), "") for listen in server.listens]
        if server.names != ("",):
            own.append((f"server_name {' '.join(map(quote, server.names))};", ""))
        settings = [*own, *self._settings(server.scope, self._config.http, server.branches)]
        locations = (self._location(location, server.scope) for location in server.locations)
        return _block("server", server.where, settings, *locations)

    def _location(self, location: LocationBlock, outer: Scope) -> Iterator[Line]:
        words = (location.modifier, quote(location.pattern)) if location.modifier else (quote(location.pattern),)
        scope, limit = location.scope, location.limit_except
        limits = [self._limit_except(limit, scope)] if limit else []
        locations = (self._location(inner, scope) for inner in location.locations)
        head = f"location {' '.join(words)}"
        return _block(head, location.where, self._settings(scope, outer, location.branches), *limits, *locations)

    def _limit_except(self, limit: LimitExcept, outer: Scope) -> Iterator[Line]:
        head = f"limit_except {' '.join(sorted(limit.methods))}"
        return _block(head, limit.where, self._settings(limit.scope, outer))

    def _settings(self, scope: Scope, outer: Scope | None = None, branches: Sequence[IfBlock] = ()) -> Iterator[Line]:
        """Yield the directives that hold in a block and may stand in it."""
        opened = iter(branches)
        for slot in self._slots:
            given = scope.given.get(slot)
            names = [written.name for written in given.written] if given else slot.directive.names[:1]
            if all(scope.context in slot.directive.contexts_of(name) for name in names):
                if given and "if" in names:
                    yield from self._script(given, scope, opened)
                elif given:
                    yield from _given(given, inherited=outer is not None and outer.given.get(slot) is given)
                elif self._defaults:
                    yield self._default(slot)

    def _script(self, given: Given, scope: Scope, branches: Iterator[IfBlock]) -> Iterator[Line]:
        """Yield directives some of which have a block of directives."""
        for written in given.written:
            words = (written.name, *written.args)
            if written.name != "if":
                yield _statement(words), str(written.place)
                continue
            branch = next(branches)
            yield from _block(" ".join(map(quote, words)), branch.where, self._settings(branch.scope, scope))

    def _default(self, slot: Slot) -> Line:
        """Return what is shown of a field that nobody has set."""
        directive = slot.directive
        if directive.default_text is None:
            return "", f"{' and '.join(directive.names)}: not set"
        name, *args = directive.default_text.split()
        first = [name] if directive.group else []
        args = located(directive.arguments, [*first, *args], lambda path: absolute(path, self._config.prefix))
        return _statement((name, *args[len(first) :])), "default"


def _given(given: Given, *, inherited: bool) -> Iterator[Line]:
    """Yield the directives of one field."""
    origin = f"from {given.context.title}, " if inherited else ""
    for written in given.written:
        comment = f"{origin}{written.place}"
        if written.lines is None:
            yield _statement((written.name, *written.args)), comment
        elif inherited:
            yield "", f"{written.name} {{ ... }} {comment}"
        else:
            head = " ".join(map(quote, (written.name, *written.args)))
            yield from _block(head, comment, [(_statement(words), "") for words in written.lines])


def _statement(words: Iterable[str]) -> str:
    """Return words as a directive."""
    return " ".join(map(quote, words)) + ";"


def _block(head: str, comment: str, *parts: Iterable[Line]) -> Iterator[Line]:
    """Yield a block, its parts set apart by blank lines."""
    yield f"{head} {{", comment
    for text, inner_comment in _apart(*parts):
        yield (f"    {text}" if text or inner_comment else ""), inner_comment
    yield "}", ""


def _apart(*parts: Iterable[Line]) -> Iterator[Line]:
    """Yield the lines of parts with a blank line before every one but the first; empty parts leave no trace."""
    begun = False
    for part in parts:
        for number, line in enumerate(part):
            if begun and number == 0:
                yield "", ""
            begun = True
            yield line


def _listen(listen: Listen) -> str:
    """Return a `listen` directive."""
    words = ["listen", f"unix:{listen.path}" if listen.path else listen.text]
    words += ["default_server"] * listen.default_server
    words += ["ssl"] * listen.ssl
    words += ["http2"] * listen.http2
    words += [f"backlog={listen.backlog}"] * (listen.backlog != DEFAULT_BACKLOG)
    words += ["reuseport"] * listen.reuseport
    words += ["ipv6only=off"] * (not listen.ipv6only)
    if listen.so_keepalive is not None:
        words.append(f"so_keepalive={'on' if listen.so_keepalive else 'off'}")
    return _statement(words)
