"""A configuration from a file or a text.

Every error that can be seen is collected before any is raised. Names that only nginx knows are ignored with a
warning; the values of the rest are typed, inherited and frozen.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from hls_mp4.config.blocks import Config
from hls_mp4.config.captures import capture_names
from hls_mp4.config.paths import absolute
from hls_mp4.config.problems import ConfigErrors, Place, Problem, Problems
from hls_mp4.config.reader import Reader, Statement
from hls_mp4.config.registry import Registry
from hls_mp4.config.resolver import Resolver
from hls_mp4.config.scope import Scope
from hls_mp4.config.servers import Servers
from hls_mp4.config.walk import Contents, Walker
from hls_mp4.directives import CAPTURE_NAMES, EVENTS, HTTP, MAIN, Context


def load(path: str, prefix: str | None = None, settings: Iterable[type[Any]] = ()) -> Config:
    """Return the configuration in a file.

    Args:
        path: the file.
        prefix: folder that relative paths, includes among them, are taken against; the file's own when None.
        settings: every settings class whose directives may be used.

    Raises:
        ConfigErrors: with everything that is wrong.
    """
    folder = Path(path).parent if prefix is None else Path(prefix)
    loading = _Loading(path, str(folder.absolute()), settings)
    try:
        statements = loading.reader.read_file(path)
    except (OSError, ValueError) as e:
        reason = f"{e.errno}: {e.strerror}" if isinstance(e, OSError) else str(e)
        problem = Problem(Place(path, 0), f'open() "{path}" failed ({reason})')
        raise ConfigErrors((problem,)) from None
    return loading.config(statements)


def load_from_text(
    text: str, settings: Iterable[type[Any]] = (), *, prefix: str = "/", name: str = "mp4stream.conf"
) -> Config:
    """Return the configuration in a text; arguments and errors as of `load`.

    Args:
        text: what a file would hold.
        settings: every settings class whose directives may be used.
        prefix: folder that relative paths are taken against.
        name: stands for the file in messages.
    """
    loading = _Loading(name, str(Path(prefix).absolute()), settings)
    return loading.config(loading.reader.read_text(text, name))


class _Loading:
    """One configuration on its way from statements to settings."""

    def __init__(self, path: str, prefix: str, settings: Iterable[type[Any]]) -> None:
        self._path = path
        self._prefix = prefix
        self._problems = Problems()
        self.reader = Reader(self._problems, self._absolute)
        registry = Registry(settings)
        self._walker = Walker(registry, self.reader, self._problems)
        self._resolver = Resolver(registry, self.reader, self._problems, self._absolute)
        self._servers = Servers(self._walker, self._resolver, self._problems, self._absolute)

    def config(self, statements: tuple[Statement, ...]) -> Config:
        """Return what the statements mean; raise ConfigErrors when they have errors."""
        # Includes are followed a second time for this; their mistakes are noted once.
        token = CAPTURE_NAMES.set(capture_names(statements, Reader(Problems(), self._absolute)))
        try:
            return self._config(statements)
        finally:
            CAPTURE_NAMES.reset(token)

    def _config(self, statements: Sequence[Statement]) -> Config:
        contents = self._walker.contents(MAIN, statements)
        main = self._resolver.scope(MAIN, contents.own)
        events = http = main
        for block in self._only(contents.structure.get("events", [])):
            events, _ = self._block(EVENTS, block, main)
        for block in self._only(contents.structure.get("http", [])):
            http, inside = self._block(HTTP, block, main)
            for server in inside.structure.get("server", []):
                self._servers.add(server, http)
        self._servers.check_addresses()
        self._problems.raise_if_any()
        if not self._servers.blocks:
            self._problems.warn(Place(self._path, 0), "no server is configured, nothing will be served")
        servers = tuple(self._servers.blocks)
        return Config(self._path, self._prefix, main, events, http, servers, self._problems.warnings)

    def _only(self, blocks: Sequence[Statement]) -> Sequence[Statement]:
        """Return blocks of which there may be one; the others are looked into for their mistakes all the same."""
        self._resolver.refuse_duplicates(blocks)
        for block in blocks:
            if block.args:
                self._resolver.refuse(block, "invalid number of arguments")
        return blocks

    def _block(self, context: Context, block: Statement, main: Scope) -> tuple[Scope, Contents]:
        """Return the settings of `events` or `http`, and what else they hold."""
        contents = self._walker.contents(context, block.block or ())
        return self._resolver.scope(context, contents.own, main), contents

    def _absolute(self, path: str) -> str:
        """Return a path of this configuration in full."""
        return absolute(path, self._prefix)
