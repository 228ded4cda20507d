"""What holds in a location: every setting the edge reads while it answers, resolved once when the daemon starts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from hls_mp4.directives import ANYWHERE, HTTP, LOCATION, Flag, Number, Parsed, Size, Text, Time, Words, directive
from hls_mp4.web.access import AccessSettings
from hls_mp4.web.autoindex import AutoindexSettings
from hls_mp4.web.conditional import ConditionalSettings
from hls_mp4.web.headers import HeaderSettings
from hls_mp4.web.mimetypes import TypeSettings
from hls_mp4.web.pacing import PacingSettings
from hls_mp4.web.ranges import RangeSettings


@dataclass(frozen=True, slots=True)
class SymlinkPolicy:
    """Whether symbolic links are followed (nginx: disable_symlinks).

    Args:
        mode: "off" follows them, "on" refuses them, "if_not_owner" refuses those whose owner is not the target's.
        trusted: leading part of paths that is not checked; "$document_root" means the location's root.
    """

    mode: str = "off"
    trusted: str = "/"


def parse_symlinks(args: Any) -> SymlinkPolicy:
    """Return the policy of `off`, or of `on | if_not_owner [from=path]`."""
    words = list(args)
    if not 1 <= len(words) <= 2:
        raise ValueError("invalid number of arguments")
    if words[0] not in ("off", "on", "if_not_owner"):
        raise ValueError(f'invalid value "{words[0]}", it must be off, on or if_not_owner')
    trusted = "/"
    if len(words) == 2:
        if words[0] == "off" or not words[1].startswith("from=") or len(words[1]) == 5:
            raise ValueError(f'invalid parameter "{words[1]}"')
        trusted = words[1][5:]
        if not trusted.startswith(("/", "$document_root")):
            raise ValueError(f'invalid parameter "{words[1]}", neither absolute nor beginning with $document_root')
    return SymlinkPolicy(words[0], trusted)


def parse_keepalive(args: Any) -> int:
    """Return milliseconds; nginx's second argument, the value of a Keep-Alive header, is checked and not sent."""
    if not 1 <= len(args) <= 2:
        raise ValueError("invalid number of arguments")
    for arg in args[1:]:
        Time().parse([arg])
    return Time().parse([args[0]])


@dataclass(frozen=True, slots=True, kw_only=True)
class ContentSettings:
    """Where the files of a location are."""

    root: str = directive("root", ANYWHERE, Text("path"), default="html", doc="Folder that URIs are looked up in.")
    alias: str = directive(
        "alias",
        LOCATION,
        Text("path"),
        default=None,
        inherited=False,
        doc="Folder, or file, that stands for the location's own prefix.",
    )
    index: tuple[str, ...] = directive(
        "index", ANYWHERE, Words("file ..."), default=("index.html",), doc="Files tried for a URI that ends in a slash."
    )
    symlinks: SymlinkPolicy = directive(
        "disable_symlinks",
        ANYWHERE,
        Parsed("off | on | if_not_owner [from=part]", parse_symlinks),
        default="off",
        doc="Whether symbolic links in the path of a file are refused with 403.",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class SendSettings:
    """How bodies leave."""

    sendfile: bool = directive(
        "sendfile", ANYWHERE, Flag(), default="on", doc="Sends files without copying them, wherever that is possible."
    )
    chunk: int = directive(
        "sendfile_max_chunk",
        ANYWHERE,
        Size(),
        default="2m",
        doc="Most that one connection sends before others get their turn; 0 is unlimited.",
    )
    timeout: int = directive(
        "send_timeout", ANYWHERE, Time(), default="60s", doc="A client that takes nothing for this long is dropped."
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class KeepaliveSettings:
    """How long connections are kept between requests."""

    timeout: int = directive(
        "keepalive_timeout",
        ANYWHERE,
        Parsed("timeout [header_timeout]", parse_keepalive),
        default="75s",
        doc="Time an idle connection is kept open; 0 closes it after each response.",
    )
    requests: int = directive(
        "keepalive_requests",
        ANYWHERE,
        Number(least=1),
        default="1000",
        doc="Requests after which a connection is closed.",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class BodySettings:
    """Bodies of requests."""

    most: int = directive(
        "client_max_body_size",
        ANYWHERE,
        Size(),
        default="1m",
        doc="Largest request body that is read before the request is refused with 413; 0 is unlimited.",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexCacheSettings:
    """Indexes of films."""

    capacity: int = directive(
        "mp4_index_cache",
        HTTP,
        Size(),
        default="256m",
        doc="Memory for the indexes of films; the least recently used go first.",
    )


@dataclass(frozen=True, slots=True)
class EnabledModule:
    """A delivery module that a location turned on, with the settings that hold there."""

    module: Any
    settings: Any


@dataclass(frozen=True, slots=True)
class LocationRules:
    """Everything that holds in one location.

    Args:
        prefix: the location's literal prefix, which `alias` replaces; empty for a regular expression.
        limit_except: methods that are free of `excepted`, the access rules for all others; None without such a block.
        logs: access logs that get a line for each request.
        errors: where error lines of this location go; None for the daemon's own log.
    """

    content: ContentSettings
    send: SendSettings
    keepalive: KeepaliveSettings
    body: BodySettings
    pacing: PacingSettings
    ranges: RangeSettings
    conditional: ConditionalSettings
    headers: HeaderSettings
    access: AccessSettings
    types: TypeSettings
    autoindex: AutoindexSettings
    modules: tuple[EnabledModule, ...] = ()
    prefix: str = ""
    limit_except: frozenset[str] | None = None
    excepted: AccessSettings | None = None
    logs: tuple[Any, ...] = ()
    errors: Any = None
