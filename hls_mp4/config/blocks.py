"""What a configuration is once it has been read: frozen blocks, each with its settings.

These carry structure only. Which server and which location answer a request is decided by the HTTP edge.
"""

from __future__ import annotations

from dataclasses import dataclass

from hls_mp4.config.listen import Listen
from hls_mp4.config.problems import Problem
from hls_mp4.config.scope import Scope


@dataclass(frozen=True, slots=True)
class LimitExcept:
    """Settings for all methods but some.

    Args:
        methods: the methods that these settings do not touch; HEAD is among them when GET is.
        scope: settings for the others.
        where: "file:line".
    """

    methods: frozenset[str]
    scope: Scope
    where: str


@dataclass(frozen=True, slots=True)
class IfBlock:
    """The block of an `if`; its condition is a value of the settings of the block around it.

    Args:
        scope: its settings.
        where: "file:line".
    """

    scope: Scope
    where: str


@dataclass(frozen=True, slots=True)
class LocationBlock:
    """A `location`.

    Args:
        scope: its settings.
        modifier: "", "=", "^~", "~" or "~*".
        pattern: the URI, its beginning, or the regular expression (`hls_mp4.directives.compile_regex` takes it);
            without a modifier also the name of a location that only redirects lead to, as `@missing`.
        locations: the locations inside, in the order of the file.
        limit_except: settings for other methods, None when there are none.
        where: "file:line".
        branches: the blocks of its `if` directives, in the order of the file.
    """

    scope: Scope
    modifier: str
    pattern: str
    locations: tuple[LocationBlock, ...]
    limit_except: LimitExcept | None
    where: str
    branches: tuple[IfBlock, ...] = ()


@dataclass(frozen=True, slots=True)
class ServerBlock:
    """A `server`.

    Args:
        scope: its settings.
        listens: addresses; never empty.
        names: arguments of `server_name` as they are written; never empty, "" when the server has no name.
        locations: in the order of the file.
        where: "file:line".
        branches: the blocks of its `if` directives, in the order of the file.
    """

    scope: Scope
    listens: tuple[Listen, ...]
    names: tuple[str, ...]
    locations: tuple[LocationBlock, ...]
    where: str
    branches: tuple[IfBlock, ...] = ()


@dataclass(frozen=True, slots=True)
class Config:
    """A whole configuration.

    Args:
        path: the file, as it was given.
        prefix: absolute folder that relative paths were taken against.
        main: settings outside of all blocks.
        events: settings in `events`; those of `main` without such a block.
        http: settings in `http`; those of `main` without such a block.
        servers: in the order of the file.
        warnings: what a person should read, sorted by file and line.
    """

    path: str
    prefix: str
    main: Scope
    events: Scope
    http: Scope
    servers: tuple[ServerBlock, ...]
    warnings: tuple[Problem, ...]
