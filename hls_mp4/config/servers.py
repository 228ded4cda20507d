"""`server` and `location` blocks to what the HTTP edge serves from."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import replace

from hls_mp4.config.blocks import IfBlock, LimitExcept, LocationBlock, ServerBlock
from hls_mp4.config.listen import Listen, parse_listen
from hls_mp4.config.locations import (
    check_server_name,
    is_named,
    location_key,
    nesting_mistake,
    parse_location,
    parse_methods,
)
from hls_mp4.config.paths import Absolute
from hls_mp4.config.problems import Problems
from hls_mp4.config.proxies import misplaced_proxies
from hls_mp4.config.reader import Statement
from hls_mp4.config.resolver import Resolver
from hls_mp4.config.scope import Scope
from hls_mp4.config.walk import Walker
from hls_mp4.directives import LIMIT_EXCEPT, LOCATION, LOCATION_IF, SERVER, SERVER_IF, Context, Parsed


class Servers:
    """Collects the servers of a configuration and checks them against each other.

    Args:
        walker: sorts the statements of blocks.
        resolver: makes their settings.
        problems: where errors and warnings go.
        absolute: makes a path absolute.
    """

    def __init__(self, walker: Walker, resolver: Resolver, problems: Problems, absolute: Absolute) -> None:
        self.blocks: list[ServerBlock] = []
        self._walker = walker
        self._resolver = resolver
        self._problems = problems
        self._absolute = absolute
        self._listened: list[tuple[Statement, Listen, ServerBlock]] = []

    def add(self, server: Statement, http: Scope) -> None:
        """Take in a `server` block."""
        if server.args:
            self._resolver.refuse(server, "invalid number of arguments")
        contents = self._walker.contents(SERVER, server.block or ())
        scope = self._resolver.scope(SERVER, contents.own, http)
        listens = self._listens(contents.structure.get("listen", []))
        names = self._names(contents.structure.get("server_name", []))
        locations = self._locations(contents.structure.get("location", []), scope, None)
        addresses = tuple(listen for _, listen in listens) or (default_listen(),)
        branches = self._branches(contents.structure.get("if", []), SERVER_IF, scope)
        block = ServerBlock(scope, addresses, names or ("",), locations, str(server.place), branches)
        self.blocks.append(block)
        self._check_names(block)
        for place, message in misplaced_proxies(block):
            self._problems.error(place, message)
        self._listened += [(statement, listen, block) for statement, listen in listens] or [
            (server, addresses[0], block)
        ]

    def check_addresses(self) -> None:
        """Note addresses that a server has twice, and what several servers of one address dispute."""
        seen: set[tuple[str, int]] = set()
        defaults: dict[str, ServerBlock] = {}
        named: set[tuple[str, str]] = set()
        for statement, listen, server in self._listened:
            address = listen.address
            if (address, id(server)) in seen:
                self._problems.error(statement.place, f"a duplicate listen {address}")
                continue
            seen.add((address, id(server)))
            if listen.default_server and defaults.setdefault(address, server) is not server:
                self._problems.error(statement.place, f"a duplicate default server for {address}")
            for name in dict.fromkeys(name.lower() for name in server.names):
                if (address, name) in named:
                    self._problems.warn(statement.place, f'conflicting server name "{name}" on {address}, ignored')
                named.add((address, name))

    def _listens(self, statements: Sequence[Statement]) -> list[tuple[Statement, Listen]]:
        """Return the addresses of a server."""
        listens = []
        for statement in statements:
            try:
                listen, without_effect = parse_listen(statement.args, self._absolute)
            except ValueError as e:
                self._resolver.refuse(statement, str(e))
                continue
            listens.append((statement, replace(listen, where=str(statement.place))))
            for parameter in without_effect:
                self._problems.warn(
                    statement.place, f'parameter "{parameter}" of "listen" is not supported and is ignored'
                )
        return listens

    def _names(self, statements: Sequence[Statement]) -> tuple[str, ...]:
        """Return the names of a server."""
        names: list[str] = []
        for statement in statements:
            if not statement.args:
                self._resolver.refuse(statement, "invalid number of arguments")
            for name in statement.args:
                try:
                    check_server_name(name)
                except ValueError as e:
                    self._resolver.refuse(statement, str(e))
                if "/" in name and not name.startswith("~"):
                    self._problems.warn(statement.place, f'server name "{name}" has suspicious symbols')
                names.append(name)
        return tuple(names)

    def _locations(
        self, statements: Sequence[Statement], parent: Scope, outer: tuple[str, str] | None
    ) -> tuple[LocationBlock, ...]:
        """Return locations that stand side by side.

        Args:
            statements: the `location` directives.
            parent: settings of what they stand in.
            outer: modifier and pattern of the location around them.
        """
        locations = []
        keys = set()
        for statement in statements:
            try:
                modifier, pattern = parse_location(statement.args)
            except ValueError as e:
                self._resolver.refuse(statement, str(e))
                continue
            mistake = nesting_mistake(modifier, pattern, *outer) if outer else None
            if mistake:
                self._problems.error(statement.place, mistake)
            key = location_key(modifier, pattern)
            if key and key in keys:
                self._problems.error(statement.place, f'duplicate location "{pattern}"')
            keys.add(key)
            locations.append(self._location(statement, modifier, pattern, parent))
        return tuple(locations)

    def _location(self, statement: Statement, modifier: str, pattern: str, parent: Scope) -> LocationBlock:
        """Return one location."""
        contents = self._walker.contents(LOCATION, statement.block or ())
        scope = self._resolver.scope(LOCATION, contents.own, parent)
        for alias in (one for statements in contents.own.values() for one in statements if one.name == "alias"):
            if is_named(modifier, pattern):
                self._problems.error(alias.place, 'the "alias" directive cannot be used inside the named location')
        inner = self._locations(contents.structure.get("location", []), scope, (modifier, pattern))
        limits = contents.structure.get("limit_except", [])
        self._resolver.refuse_duplicates(limits)
        limit = [self._limit_except(limit, scope) for limit in limits]
        branches = self._branches(contents.structure.get("if", []), LOCATION_IF, scope)
        where = str(statement.place)
        return LocationBlock(scope, modifier, pattern, inner, limit[0] if limit else None, where, branches)

    def _branches(self, statements: Sequence[Statement], context: Context, parent: Scope) -> tuple[IfBlock, ...]:
        """Return the blocks of the `if` directives of a server or a location."""
        return tuple(
            IfBlock(self._resolver.scope(context, contents.own, parent), str(statement.place))
            for statement in statements
            for contents in [self._walker.contents(context, statement.block or ())]
        )

    def _check_names(self, server: ServerBlock) -> None:
        """Warn of directives that lead to a named location which the server has not."""
        known = {block.pattern for block in server.locations if is_named(block.modifier, block.pattern)}
        for scope in _scopes(server):
            for slot, given in scope.given.items():
                if not isinstance(slot.directive.arguments, Parsed):
                    continue
                for written in given.written:
                    for name in slot.directive.arguments.leads(written.args):
                        if name not in known:
                            self._problems.warn(written.place, f'could not find named location "{name}"')

    def _limit_except(self, statement: Statement, parent: Scope) -> LimitExcept:
        """Return the settings for all methods but some."""
        methods: frozenset[str] = frozenset()
        try:
            methods = parse_methods(statement.args)
        except ValueError as e:
            self._resolver.refuse(statement, str(e))
        contents = self._walker.contents(LIMIT_EXCEPT, statement.block or ())
        return LimitExcept(methods, self._resolver.scope(LIMIT_EXCEPT, contents.own, parent), str(statement.place))


def _scopes(block: ServerBlock | LocationBlock) -> Iterator[Scope]:
    """Yield the scopes of a server and of all locations inside it."""
    yield block.scope
    yield from (branch.scope for branch in block.branches)
    for location in block.locations:
        yield from _scopes(location)


def default_listen() -> Listen:
    """Return where a server without `listen` listens: *:80, or *:8000 when only the superuser may take 80."""
    port = 80 if os.geteuid() == 0 else 8000
    return Listen(f"*:{port}", port=port)
