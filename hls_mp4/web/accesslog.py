"""The access log: a line for each request, in nginx's formats.

A line is one write to a file opened for appending, so that several processes may share a file, and a rotated file is
left as soon as `reopen` is called. A full disk costs lines, never answers, and one complaint. Buffers, gzip, conditions
and syslog are refused when the configuration is read, rather than ignored.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from hls_mp4.directives import ANYWHERE, HTTP, Parsed, directive
from hls_mp4.web.facts import Facts
from hls_mp4.web.variables import Escape, Template, compile_template, renderer

COMBINED = (
    '$remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent "$http_referer" "$http_user_agent"'
)
"""nginx's predefined format."""

_STREAMS = {"/dev/stdout": 1, "/dev/stderr": 2, "stderr": 2}
"""What is no file to be opened: it may be a socket, as under systemd."""

_HEX = {code: f"\\x{code:02X}" for code in (*range(32), 0x22, 0x5C, *range(0x7F, 0x100))}
_JSON = {code: f"\\u{code:04X}" for code in range(32)} | {
    ord(char): "\\" + letter for char, letter in zip('"\\\n\r\t\b\f', '"\\nrtbf', strict=True)
}


def _as_text(value: str | None) -> str:
    """Escape as nginx does by default: what could end or forge a line is `\\x0A`; what is absent is `-`."""
    if value is None:
        return "-"
    # Together these cost less than looking for one of the rare characters.
    if value.isascii() and value.isprintable() and '"' not in value and "\\" not in value:
        return value
    return value.translate(_HEX)


def _as_json(value: str | None) -> str:
    """Escape for the inside of a JSON string; what is absent is empty."""
    return value.translate(_JSON) if value else ""


def _as_it_is(value: str | None) -> str:
    return value or ""


ESCAPES: dict[str, Escape] = {"default": _as_text, "json": _as_json, "none": _as_it_is}


@dataclass(frozen=True, slots=True)
class LogFormat:
    """A log_format.

    Args:
        name: what access_log calls it.
        template: its text.
        escape: how values of variables are made safe, a key of ESCAPES.
    """

    name: str
    template: Template
    escape: str = "default"

    def compiled(self) -> Callable[[Facts], str]:
        """Return a function from a request's facts to its line, one character per byte, without the line end."""
        return renderer(self.template.parts, ESCAPES[self.escape])


def read_format(args: Sequence[str]) -> LogFormat:
    """Return the format of `name [escape=...] string ...`; raises ValueError."""
    if len(args) < 2:
        raise ValueError("invalid number of arguments")
    name, *strings = args
    escape = "default"
    if strings[0].startswith("escape="):
        escape = strings.pop(0).removeprefix("escape=")
        if escape not in ESCAPES:
            raise ValueError(f'unknown log format escaping "{escape}"')
        if not strings:
            raise ValueError("invalid number of arguments")
    return LogFormat(name, compile_template("".join(strings)), escape)


@dataclass(frozen=True, slots=True)
class LogTarget:
    """One access_log.

    Args:
        path: absolute, or a device such as /dev/stdout; empty for off.
        format: name of its format.
    """

    path: str
    format: str = "combined"


def read_target(args: Sequence[str]) -> LogTarget:
    """Return the target of `path [format]` or `off`; raises ValueError."""
    if not args:
        raise ValueError("invalid number of arguments")
    path, *parameters = args
    if path == "off":
        if parameters:
            raise ValueError(f'invalid parameter "{parameters[0]}"')
        return LogTarget("")
    if path.startswith("syslog:"):
        raise ValueError('"syslog:" is not supported, name a file or /dev/stdout')
    if "$" in path:
        raise ValueError(f'variables in the path "{path}" are not supported')
    for parameter in parameters:
        if re.match(r"(buffer|flush|gzip|if)=|gzip$", parameter):
            raise ValueError(f'parameter "{parameter}" is not supported')
    if len(parameters) > 1:
        raise ValueError(f'invalid parameter "{parameters[1]}"')
    return LogTarget(path, *parameters)


def _paths(args: Sequence[str]) -> tuple[int, ...]:
    no_file = not args or args[0] in ("off", "stderr") or args[0].startswith("syslog:")
    return () if no_file else (0,)


@dataclass(frozen=True, slots=True, kw_only=True)
class LogSettings:
    """Who asked for what."""

    targets: tuple[LogTarget, ...] = directive(
        "access_log",
        ANYWHERE,
        Parsed("path [format] | off", read_target, _paths),
        default=(),
        repeated=True,
        doc="Writes a line for each request; several may stand in one block. Without one nothing is logged.",
    )
    formats: tuple[LogFormat, ...] = directive(
        "log_format",
        HTTP,
        Parsed("name [escape=default|json|none] string ...", read_format),
        default=(),
        repeated=True,
        doc='What a line of access_log looks like; nginx\'s "combined" is there already.',
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


PREDEFINED = LogFormat("combined", compile_template(COMBINED))


class LogFile:
    """A file that lines are appended to, shared by everyone who names it.

    Args:
        path: absolute, or one of the standard streams.
        complain: is told when lines are lost, and when they are no more.

    Raises:
        OSError: it cannot be opened.
    """

    def __init__(self, path: str, complain: Callable[[str], None]) -> None:
        self.path = path
        self._complain = complain
        self._failing = False
        self._fd = self._open()

    def _open(self) -> int:
        if self.path in _STREAMS:
            return os.dup(_STREAMS[self.path])
        # A named pipe that nobody reads must not stop the daemon; a regular file never blocks for this.
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC | os.O_NOCTTY | os.O_NONBLOCK
        return os.open(self.path, flags, 0o644)

    def write(self, line: bytes) -> None:
        """Append a line; when that fails the line is lost."""
        try:
            written = os.write(self._fd, line)
        except OSError as problem:
            self._failed(f"{problem.errno}: {problem.strerror}")
            return
        if written < len(line):
            self._failed(f"only {written} of {len(line)} bytes were written")
        elif self._failing:
            self._failing = False
            self._complain(f'write() to "{self.path}" works again')

    def _failed(self, reason: str) -> None:
        if not self._failing:
            self._failing = True
            self._complain(f'write() to "{self.path}" failed ({reason}), lines are lost')

    def reopen(self) -> None:
        """Open the path anew, after the file was renamed.

        Raises:
            OSError: it cannot be opened; lines go on to where they went.
        """
        fresh = self._open()
        os.close(self._fd)
        self._fd = fresh

    def close(self) -> None:
        """Give the file up."""
        os.close(self._fd)


class AccessLog:
    """What a location writes its lines to.

    Args:
        file: where.
        form: how.
    """

    __slots__ = ("_line", "_write")

    def __init__(self, file: LogFile, form: LogFormat) -> None:
        self._write = file.write
        self._line = form.compiled()

    def write(self, facts: Facts) -> None:
        """Write the line of a request; never raises for what the disk does."""
        self._write((self._line(facts) + "\n").encode("latin-1", "replace"))


class AccessLogs:
    """Every access log of the daemon, each path open once.

    Args:
        complain: takes a sentence for the error log, when lines begin to be lost and when they are no more.
    """

    def __init__(self, complain: Callable[[str], None]) -> None:
        self._complain = complain
        self._files: dict[str, LogFile] = {}

    def of(self, settings: LogSettings) -> tuple[AccessLog, ...]:
        """Return the logs of a location; an `off` among them turns all off, as in nginx.

        Raises:
            OSError: a file cannot be opened.
        """
        targets = settings.targets
        if not all(target.path for target in targets):
            return ()
        return tuple(AccessLog(self._file(target.path), settings.format_named(target.format)) for target in targets)

    def _file(self, path: str) -> LogFile:
        if path not in self._files:
            self._files[path] = LogFile(path, self._complain)
        return self._files[path]

    def reopen(self) -> list[OSError]:
        """Open every file anew; return what went wrong, each with its filename."""
        failed = []
        for file in self._files.values():
            try:
                file.reopen()
            except OSError as problem:
                failed.append(problem)
        return failed

    def close(self) -> None:
        """Give all files up."""
        while self._files:
            self._files.popitem()[1].close()
