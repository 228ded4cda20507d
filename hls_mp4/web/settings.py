"""Directives of the edge itself: where files are, how bodies leave, how long connections stay."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from hls_mp4.directives import ANYWHERE, HTTP, LOCATION, LOCATION_IF, Flag, Number, Parsed, Size, Time, Words, directive
from hls_mp4.web.variables import Template, compile_template


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


@dataclass(frozen=True, slots=True)
class Place:
    """Where the files of a location are.

    Args:
        path: folder (or, for an alias, what replaces the prefix) as an absolute path.
        replaces: True for alias: the location's prefix is cut off a URI before it is appended.
        template: the path with its variables; None when it has none.
    """

    path: str
    replaces: bool = False
    template: Template | None = None


def parse_place(args: Any) -> Place:
    """Return the place of `root path` or `alias path`."""
    name, *words = args
    if len(words) != 1:
        raise ValueError("invalid number of arguments")
    template = compile_template(words[0])
    for part in template.parts:
        if not isinstance(part, str) and part.name in ("document_root", "realpath_root"):
            raise ValueError(f"the ${part.name} variable cannot be used in it")
    path = words[0].rstrip("/") if name == "root" else words[0]
    return Place(path, name == "alias", template if template.constant is None else None)


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

    place: Place = directive(
        "root",
        ANYWHERE | LOCATION_IF,
        Parsed("path", parse_place, paths=lambda args: (1,)),
        default="root html",
        group={"root": ANYWHERE | LOCATION_IF, "alias": LOCATION},
        doc="Folder that URIs are looked up in; alias: folder, or file, that stands for the location's own prefix.",
        differs="a rewritten URI or a variable that climbs with `..` is answered with 404",
    )
    index: tuple[str, ...] = directive(
        "index",
        ANYWHERE,
        Words("file ..."),
        default="index.html",
        joined=True,
        doc="Files tried for a URI that ends in a slash.",
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
        "sendfile",
        ANYWHERE | LOCATION_IF,
        Flag(),
        default="on",
        doc="Sends files without copying them, wherever that is possible.",
        differs="other default; nginx's is off",
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
    nodelay: bool = directive(
        "tcp_nodelay",
        ANYWHERE,
        Flag(),
        default="on",
        doc="Sends the last part of an answer without waiting for the client to confirm what was before; the default"
        " server's holds.",
        differs="the default server's holds",
    )
    nopush: bool = directive(
        "tcp_nopush",
        ANYWHERE,
        Flag(),
        default="off",
        doc="Understood: a header always leaves in one packet with the beginning of its body, as with on.",
        differs="without effect: a header always leaves together with the beginning of its body",
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
        differs="the second time is not told to clients",
    )
    requests: int = directive(
        "keepalive_requests",
        ANYWHERE,
        Number(least=1),
        default="1000",
        doc="Requests after which a connection is closed.",
    )
    time: int = directive(
        "keepalive_time",
        ANYWHERE,
        Time(),
        default="1h",
        doc="Age at which a connection is closed after the next response.",
    )
    least: int = directive(
        "keepalive_min_timeout",
        ANYWHERE,
        Time(),
        default="0",
        doc="Time for which an idle connection is not closed when the daemon stops; the default server's holds.",
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
    timeout: int = directive(
        "client_body_timeout",
        ANYWHERE,
        Time(),
        default="60s",
        doc="A client that sends nothing of its request's body for this long is hung up on; the log says 408.",
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
