"""Directives of the daemon itself: the main and the events context, and where errors are written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from hls_mp4.directives import ANYWHERE, EVENTS, MAIN, Flag, Number, Parsed, Path, Time, directive
from hls_mp4.web.logs.syslog import SEVERITIES, SyslogServer, read_syslog

LEVELS = SEVERITIES
"""nginx's words for how bad something is, the worst first."""


@dataclass(frozen=True, slots=True)
class ErrorTarget:
    """Where lines of the error log go.

    Args:
        path: absolute path of a file; empty for standard error, the words of a syslog server as they are.
        level: the least bad level that is still written, an index of LEVELS.
        syslog: where lines go instead of a file.
    """

    path: str = ""
    level: int = LEVELS.index("error")
    syslog: SyslogServer | None = None


def read_error_log(args: Sequence[str]) -> ErrorTarget:
    """Return the target that `error_log` names."""
    if not 1 <= len(args) <= 2:
        raise ValueError("invalid number of arguments")
    place, level = args[0], args[1] if len(args) == 2 else "error"
    if place.startswith("memory:"):
        raise ValueError('"memory:" is not supported, name a file, stderr or a syslog server')
    if level not in LEVELS:
        raise ValueError(f'invalid log level "{level}", it must be one of {", ".join(reversed(LEVELS))}')
    syslog = read_syslog(place) if place.startswith("syslog:") else None
    return ErrorTarget("" if place == "stderr" else place, LEVELS.index(level), syslog)


def error_log_paths(args: Sequence[str]) -> tuple[int, ...]:
    """Return which arguments of `error_log` are paths."""
    return (0,) if args and args[0] != "stderr" and not args[0].startswith(("syslog:", "memory:")) else ()


def read_user(args: Sequence[str]) -> tuple[str, str]:
    """Return the user and the group of `user`; the group is empty when it is the user's own."""
    if not 1 <= len(args) <= 2:
        raise ValueError("invalid number of arguments")
    return args[0], args[1] if len(args) == 2 else ""


def read_worker_processes(args: Sequence[str]) -> int:
    """Return how many processes are asked for; `auto` is one."""
    return 1 if list(args) == ["auto"] else Number(least=1, most=1024).parse(args)


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceSettings:
    """How the process runs."""

    pid: str | None = directive(
        "pid",
        MAIN,
        Path("file"),
        default=None,
        doc="File that holds the daemon's process number once every socket listens.",
        differs="other default: none is written; nginx's is logs/nginx.pid",
    )
    daemon: bool = directive(
        "daemon",
        MAIN,
        Flag(),
        default="on",
        doc='Whether to leave the terminal; "off" is the same as twistd -n.',
        differs="`twistd -n` outweighs it",
    )
    user: tuple[str, str] = directive(
        "user",
        MAIN,
        Parsed("user [group]", read_user),
        default=("", ""),
        doc="Whom to become after the sockets are bound, when started by root.",
        differs="without it nothing is given up; nginx becomes nobody",
    )
    worker_processes: int = directive(
        "worker_processes",
        MAIN,
        Parsed("number | auto", read_worker_processes),
        default="1",
        doc="Number of processes; the daemon is one process, more are warned about.",
        differs="one process serves, whatever the number",
    )
    worker_shutdown_timeout: int = directive(
        "worker_shutdown_timeout",
        MAIN,
        Time(),
        default="10s",
        doc="How long a stopping daemon waits for the responses under way.",
        differs="other default; nginx waits without end",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class EventSettings:
    """Connection processing."""

    worker_connections: int = directive(
        "worker_connections",
        EVENTS,
        Number(least=1),
        default="512",
        doc="Accepted as in nginx; the limit of open files is what bounds connections.",
        differs="without effect: the limit of open files bounds connections",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorLogSettings:
    """What went wrong, line by line."""

    targets: tuple[ErrorTarget, ...] = directive(
        "error_log",
        MAIN | ANYWHERE,
        Parsed("file | stderr | syslog:server=address[,parameter=value] ... [level]", read_error_log, error_log_paths),
        default=(),
        repeated=True,
        doc="Where errors of this level and worse are written; without it to stderr, or error.log of a daemon.",
        differs="other default: standard error, in the background error.log in the prefix",
    )
