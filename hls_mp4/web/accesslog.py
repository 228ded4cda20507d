"""The access log: a line for each request, in nginx's formats, to files, to the standard streams or to syslog.

nginx's ngx_http_log_module: conditions, buffers, compression, variables in the path, open_log_file_cache. What lines
look like and where they go is in `hls_mp4.web.logs`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from hls_mp4.directives import ANYWHERE, HTTP, LOCATION_IF, Parsed, directive, parse_size, parse_time_ms
from hls_mp4.web.facts import Facts
from hls_mp4.web.logs.files import Buffering, LogFile
from hls_mp4.web.logs.formats import PREDEFINED, LogFormat, read_format
from hls_mp4.web.logs.named import NamedFiles, OpenFiles, read_open_files, write_named
from hls_mp4.web.logs.syslog import SyslogSender, SyslogServer, read_syslog
from hls_mp4.web.variables import Template, compile_template

_GZIP_BUFFER = 64 << 10
_GZIP_LEVEL = 1


@dataclass(frozen=True, slots=True)
class LogTarget:
    """One access_log.

    Args:
        path: absolute, or a device such as /dev/stdout; empty for off and for syslog.
        format: name of its format.
        buffering: how lines are kept back; None for not at all.
        condition: a text that is empty or 0 for requests that leave no line; None for every request.
        named: the path when it has variables.
        syslog: where lines go instead of a file.
    """

    path: str
    format: str = "combined"
    buffering: Buffering | None = None
    condition: Template | None = None
    named: Template | None = None
    syslog: SyslogServer | None = None

    @property
    def off(self) -> bool:
        """Whether nothing is logged."""
        return not self.path and self.syslog is None


def read_target(args: Sequence[str]) -> LogTarget:
    """Return the target of `path [format [buffer=size] [gzip[=level]] [flush=time] [if=condition]]` or `off`.

    Raises:
        ValueError: with the reason in nginx's words.
    """
    if not args:
        raise ValueError("invalid number of arguments")
    path, *parameters = args
    if path == "off":
        if parameters:
            raise ValueError(f'invalid parameter "{parameters[0]}"')
        return LogTarget("")
    syslog = read_syslog(path) if path.startswith("syslog:") else None
    named = None
    if syslog is None:
        named = compile_template(path)
        if named.constant is not None:
            named = None
        elif not path.startswith("/"):
            raise ValueError(f'the path "{path}" begins with a variable, put a folder before it')
    buffering, condition = _read_parameters(path, parameters[1:])
    if buffering is not None and named is not None:
        raise ValueError("buffered logs cannot have variables in name")
    if buffering is not None and syslog is not None:
        raise ValueError("logs to syslog cannot be buffered")
    form = parameters[0] if parameters else "combined"
    return LogTarget("" if syslog else path, form, buffering, condition, named, syslog)


def _read_parameters(path: str, parameters: Sequence[str]) -> tuple[Buffering | None, Template | None]:
    """Return the buffer and the condition of a target; raises ValueError."""
    size = flush_ms = level = 0
    condition = None
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if parameter.startswith("buffer="):
            size = _positive(parse_size, value, "buffer size")
        elif parameter.startswith("flush="):
            flush_ms = _positive(parse_time_ms, value, "flush time")
        elif name == "gzip":
            if parameter != name and not re.fullmatch("[1-9]", value):
                raise ValueError(f'invalid compression level "{value}"')
            level = int(value) if value else _GZIP_LEVEL
            size = size or _GZIP_BUFFER
        elif parameter.startswith("if="):
            condition = compile_template(value)
        else:
            raise ValueError(f'invalid parameter "{parameter}"')
    if flush_ms and not size:
        raise ValueError(f'no buffer is defined for access_log "{path}"')
    return Buffering(size, flush_ms, level) if size else None, condition


def _positive(read: Callable[[str], int], text: str, what: str) -> int:
    try:
        value = read(text)
    except ValueError:
        value = 0
    if not value:
        raise ValueError(f'invalid {what} "{text}"')
    return value


def _paths(args: Sequence[str]) -> tuple[int, ...]:
    no_file = not args or args[0] in ("off", "stderr") or args[0].startswith("syslog:")
    return () if no_file else (0,)


@dataclass(frozen=True, slots=True, kw_only=True)
class LogSettings:
    """Who asked for what."""

    targets: tuple[LogTarget, ...] = directive(
        "access_log",
        ANYWHERE | LOCATION_IF,
        Parsed(
            "path | syslog:server=address[,parameter=value] ..."
            " [format [buffer=size] [gzip[=level]] [flush=time] [if=condition]] | off",
            read_target,
            _paths,
        ),
        default=(),
        repeated=True,
        doc="Writes a line for each request; several may stand in one block. Without one nothing is logged. Lines are"
        " kept back up to `buffer` bytes or for the time of `flush`, and written together, compressed with `gzip`; a"
        " request for which `if` is empty or 0 leaves no line. In the path may be variables: such a file is written"
        " only while the root of the request exists. Parameters of syslog are `facility` (local7), `severity` (info),"
        " `tag` (mp4stream) and `nohostname`.",
        differs="other default: nothing is logged; nginx writes logs/access.log",
    )
    formats: tuple[LogFormat, ...] = directive(
        "log_format",
        HTTP,
        Parsed("name [escape=default|json|none] string ...", read_format),
        default=(),
        repeated=True,
        doc='What a line of access_log looks like; nginx\'s "combined" is there already.',
    )
    open_files: OpenFiles | None = directive(
        "open_log_file_cache",
        ANYWHERE,
        Parsed("max=N [inactive=time] [min_uses=N] [valid=time] | off", read_open_files),
        default="off",
        doc="Keeps files of logs with variables in their path open: `max` of them, until they got no line for"
        " `inactive` (10s), from `min_uses` (1) lines in that time on; every `valid` (60s) it is looked whether a file"
        " is still there. Without it, such a file is opened and closed for each line.",
    )

    def __post_init__(self) -> None:
        """Check that every format has one meaning, and that those that are named are there."""
        known = {"combined"}
        for each in self.formats:
            if each.name in known:
                raise ValueError(f'duplicate "log_format" name "{each.name}"')
            known.add(each.name)
        for target in self.targets:
            if target.format not in known:
                raise ValueError(f'unknown log format "{target.format}"')

    def format_named(self, name: str) -> LogFormat:
        """Return a format that `access_log` names."""
        return next((each for each in self.formats if each.name == name), PREDEFINED)


class AccessLog:
    """What a location writes its lines to.

    Args:
        form: how.
        put: appends the line of a request.
        condition: renders empty or 0 for requests that leave no line; None for every request.
    """

    __slots__ = ("_condition", "_line", "_put")

    def __init__(self, form: LogFormat, put: Callable[[Facts, bytes], None], condition: Template | None = None) -> None:
        self._put = put
        self._line = form.compiled()
        self._condition = condition.render if condition is not None else None

    def write(self, facts: Facts) -> None:
        """Write the line of a request; never raises for what the disk does."""
        if self._condition is None or self._condition(facts) not in ("", "0"):
            self._put(facts, (self._line(facts) + "\n").encode("latin-1", "replace"))


class AccessLogs:
    """Every access log of the daemon, each path open once.

    Args:
        complain: takes a sentence for the error log, when lines begin to be lost and when they are no more.
        clock: an IReactorTime; None where nothing waits.
        wall_clock: returns seconds since the epoch, for syslog.
    """

    def __init__(
        self, complain: Callable[[str], None], clock: Any = None, wall_clock: Callable[[], float] = lambda: 0.0
    ) -> None:
        self._complain = complain
        self._clock = clock
        self._wall_clock = wall_clock
        self._files: dict[str, LogFile] = {}
        self._senders: dict[SyslogServer, SyslogSender] = {}
        self._named: dict[OpenFiles | None, NamedFiles] = {}

    def of(self, settings: LogSettings) -> tuple[AccessLog, ...]:
        """Return the logs of a location; an `off` among them turns all off, as in nginx.

        Raises:
            OSError: a file cannot be opened, or the host of a syslog server is not known.
        """
        targets = settings.targets
        if any(target.off for target in targets):
            return ()
        return tuple(
            AccessLog(settings.format_named(target.format), self._place(target, settings.open_files), target.condition)
            for target in targets
        )

    def _place(self, target: LogTarget, open_files: OpenFiles | None) -> Callable[[Facts, bytes], None]:
        """Return what appends lines to a target."""
        if target.syslog is not None:
            send = self._sender(target.syslog).send
            return lambda _facts, line: send(line[:-1])
        if target.named is not None:
            if open_files not in self._named:
                seconds = self._clock.seconds if self._clock is not None else lambda: 0.0
                self._named[open_files] = NamedFiles(open_files, self._complain, seconds)
            return write_named(self._named[open_files], target.named)
        file = self._file(target.path)
        if target.buffering is not None:
            file.buffer(target.buffering)
        return lambda _facts, line: file.write(line)

    def _sender(self, server: SyslogServer) -> SyslogSender:
        if server not in self._senders:
            self._senders[server] = SyslogSender(server, self._complain, self._wall_clock)
        return self._senders[server]

    def _file(self, path: str) -> LogFile:
        if path not in self._files:
            self._files[path] = LogFile(path, self._complain, self._clock)
        return self._files[path]

    def reopen(self) -> list[OSError]:
        """Open every file anew, with what was kept back in the old one; return what went wrong, with filenames."""
        failed = []
        for named in self._named.values():
            named.close()
        for file in self._files.values():
            try:
                file.reopen()
            except OSError as problem:
                failed.append(problem)
        return failed

    def settle(self) -> None:
        """Write what is kept back, and keep nothing back from now on: the daemon stops."""
        for file in self._files.values():
            file.settle()

    def close(self) -> None:
        """Write what is kept back, and give all files up."""
        while self._files:
            self._files.popitem()[1].close()
        while self._senders:
            self._senders.popitem()[1].close()
        for named in self._named.values():
            named.close()
