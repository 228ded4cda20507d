"""Settings classes with a directive of every kind, so that the language is tested without the rooms that use it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from hls_mp4.config import Config, ConfigErrors, load_from_text
from hls_mp4.directives import (
    ANYWHERE,
    EVENTS,
    HTTP,
    LIMIT_EXCEPT,
    LOCATION,
    MAIN,
    Block,
    Flag,
    Number,
    Parsed,
    Path,
    Presence,
    Size,
    Words,
    directive,
)


def read_log(args: Any) -> tuple[str, ...]:
    """Return path and level."""
    if not 1 <= len(args) <= 2:
        raise ValueError("invalid number of arguments")
    return tuple(args)


def read_type(words: Any) -> tuple[str, tuple[str, ...]]:
    """Return a type and its suffixes."""
    if "/" not in words[0]:
        raise ValueError(f'"{words[0]}" is no media type')
    return words[0], tuple(words[1:])


@dataclass(frozen=True, slots=True, kw_only=True)
class Process:
    """The process.

    Not shown in headings.
    """

    pid: str | None = directive("pid", MAIN, Path("file"), default=None, doc="File for the number.")
    logs: tuple[tuple[str, ...], ...] = directive(
        "error_log",
        MAIN | ANYWHERE,
        Parsed("file [level]", read_log, lambda args: (0,) if args[0] != "stderr" else ()),
        default=(),
        repeated=True,
        doc="Where errors go.",
    )
    connections: int = directive("worker_connections", EVENTS, Number(least=1), default="512", doc="How many.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """Files."""

    place: tuple[str, ...] = directive(
        "root",
        ANYWHERE,
        Parsed("path", tuple, lambda args: (1,)),
        default="root html",
        group={"root": ANYWHERE, "alias": LOCATION},
        doc="Where files are.",
    )
    index: tuple[str, ...] = directive(
        "index", ANYWHERE, Words("file ...", 1, 4), default="index.html", joined=True, doc="First file."
    )
    types: Mapping[str, tuple[str, ...]] = directive(
        "types", ANYWHERE, Block("{ ... }", read_type, dict), default={}, doc="Types."
    )
    sendfile: bool = directive("sendfile", ANYWHERE, Flag(), default="on", doc="No copies.")
    headers: tuple[tuple[str, ...], ...] = directive(
        "add_header", ANYWHERE, Words("name value", 2, 2), default=(), repeated=True, doc="Headers."
    )
    rules: tuple[tuple[str, ...], ...] = directive(
        "allow",
        ANYWHERE | LIMIT_EXCEPT,
        Parsed("address", tuple),
        default=(),
        repeated=True,
        group=("allow", "deny"),
        doc="Who may.",
    )
    formats: tuple[tuple[str, ...], ...] = directive(
        "log_format", HTTP, Words("name text"), default=(), repeated=True, doc="Lines."
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Film:
    """Films."""

    enabled: bool = directive("mp4", LOCATION, Presence(), default=False, inherited=False, doc="Seeks.")
    first: int = directive("mp4_buffer_size", ANYWHERE, Size(), default="512k", doc="First read.")
    most: int = directive("mp4_max_buffer_size", ANYWHERE, Size(), default="10m", doc="Most.")

    def __post_init__(self) -> None:
        """Check the sizes against each other."""
        if self.first > self.most:
            raise ValueError("the first read is above what may be read")


CLASSES = (Process, Content, Film)


def loaded(text: str, **options: Any) -> Config:
    """Return the configuration of a text."""
    return load_from_text(text, CLASSES, **options)


def in_server(text: str) -> Config:
    """Return the configuration of what stands in a server."""
    return loaded(f"http {{ server {{ listen 80;\n{text}\n}} }}", prefix="/srv")


def errors(text: str) -> list[str]:
    """Return what is wrong with a text, file:line: message."""
    try:
        loaded(text, name="x.conf")
    except ConfigErrors as e:
        return [str(problem) for problem in e.problems]
    return []


def errors_in_server(text: str) -> list[str]:
    """Return the messages about what stands in a server, without their places."""
    return [line.partition(": ")[2] for line in errors(f"http {{ server {{ listen 80;\n{text}\n}} }}")]


def warnings(text: str) -> list[str]:
    """Return what is said of a text that is no mistake."""
    return [str(problem) for problem in loaded(text, name="x.conf").warnings]
