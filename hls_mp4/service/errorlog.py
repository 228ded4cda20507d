"""The error log: nginx's lines, out of Twisted's log events.

    2026/11/20 20:31:02 [error] 1234#0: reason, client: 192.0.2.1, server: example.org, request: "GET / HTTP/1.1"

One event is one line whatever it carries: control characters are escaped, since clients choose much of what is
logged, and a failure is told by its type, its message and the innermost places it came through. What nginx calls
notice, crit, alert or emerg and Twisted has no level for is asked for with the event key `severity`.

A request's events may carry `target`, the targets of its location; all others go to the daemon's own.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterable
from pathlib import Path

from twisted.logger import ILogObserver, LogEvent, LogLevel, formatEvent
from twisted.python.failure import Failure
from zope.interface import implementer

from hls_mp4.errors import StreamingError
from hls_mp4.service.settings import LEVELS, ErrorTarget
from hls_mp4.web.logs.syslog import SyslogSender, SyslogServer

LONGEST = 4096
"""Bytes of a line; what is longer is cut, as in nginx."""

PLACES = 4
"""Stack frames told of a failure."""

_SEVERITIES = {
    LogLevel.debug: LEVELS.index("debug"),
    LogLevel.info: LEVELS.index("info"),
    LogLevel.warn: LEVELS.index("warn"),
    LogLevel.error: LEVELS.index("error"),
    LogLevel.critical: LEVELS.index("crit"),
}
_CONTROLS = {code: f"\\x{code:02x}" for code in (*range(0x20), 0x7F)}


class LogFile:
    """One file that lines are appended to, or standard error.

    Args:
        path: absolute; empty for standard error.

    Raises:
        OSError: it cannot be opened.
    """

    def __init__(self, path: str) -> None:
        self.path = path
        self._fd = self._open()

    def _open(self) -> int:
        if not self.path:
            return 2
        return os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o644)

    def write(self, line: bytes, severity: int) -> None:
        """Append a line, whatever its severity; a full disk or a closed terminal cannot stop the daemon."""
        try:
            os.write(self._fd, line)
        except OSError:
            pass

    def reopen(self) -> None:
        """Open the path anew, after it was renamed by whoever rotates logs.

        Raises:
            OSError: it cannot be opened; the old file is written on.
        """
        fresh, old = self._open(), self._fd
        if fresh != old:
            self._fd = fresh
            os.close(old)

    def close(self) -> None:
        """Give the file up."""
        if self.path:
            os.close(self._fd)


class LogServer:
    """A syslog server that lines are sent to; those that do not arrive are lost.

    Args:
        server: where.

    Raises:
        OSError: its host is not known.
    """

    def __init__(self, server: SyslogServer) -> None:
        # Nobody is told of lost lines: whom we would tell is who does not listen.
        self._sender = SyslogSender(server, lambda _reason: None, time.time)  # noqa: TID251 - the clock of the log

    def write(self, line: bytes, severity: int) -> None:
        """Send a line under its own severity."""
        self._sender.send(line.rstrip(b"\n"), severity)

    def reopen(self) -> None:
        """Nothing to open anew."""

    def close(self) -> None:
        """Give the socket up."""
        self._sender.close()


class LogFiles:
    """Every error log of the daemon, each path open once."""

    def __init__(self) -> None:
        self._files: dict[str, LogFile | LogServer] = {}

    def open(self, targets: Iterable[ErrorTarget]) -> None:
        """Open the files of these targets.

        Raises:
            OSError: one cannot be opened.
        """
        for target in targets:
            self._file(target)

    def _file(self, target: ErrorTarget) -> LogFile | LogServer:
        if target.path not in self._files:
            self._files[target.path] = LogServer(target.syslog) if target.syslog else LogFile(target.path)
        return self._files[target.path]

    def write(self, targets: Iterable[ErrorTarget], severity: int, line: bytes) -> None:
        """Write a line wherever its severity is wanted, once to each file."""
        for target in {target.path: target for target in targets if severity <= target.level}.values():
            self._file(target).write(line, severity)

    def reopen(self) -> list[OSError]:
        """Open every file anew; return what went wrong."""
        failed = []
        for file in self._files.values():
            try:
                file.reopen()
            except OSError as error:
                failed.append(error)
        return failed

    def close(self) -> None:
        """Give all files up."""
        while self._files:
            self._files.popitem()[1].close()


@implementer(ILogObserver)
class ErrorLog:
    """Observer that turns events into lines.

    Args:
        files: where lines go.
        targets: for events that carry none of their own.
    """

    def __init__(self, files: LogFiles, targets: tuple[ErrorTarget, ...]) -> None:
        self.files = files
        self.targets = targets
        self._last_failure: tuple[int, str] | None = None

    def __call__(self, event: LogEvent) -> None:
        """Write an event."""
        severity = severity_of(event)
        targets = event.get("target") or self.targets
        if not any(severity <= target.level for target in targets):
            return
        text = text_of(event)
        if "client" not in event and "log_failure" in event and self._is_repeated(int(event.get("log_time", 0)), text):
            return
        self.files.write(targets, severity, line_of(event, severity, text))

    def _is_repeated(self, second: int, text: str) -> bool:
        """Tell whether the daemon just said the same: twistd loads plugins more than once, and each time one fails."""
        seen, self._last_failure = self._last_failure, (second, text)
        return seen is not None and seen[1] == text and second - seen[0] <= 1


def severity_of(event: LogEvent) -> int:
    """Return how bad an event is, as an index of LEVELS."""
    named = event.get("severity")
    if named in LEVELS:
        return LEVELS.index(named)
    return _SEVERITIES.get(event.get("log_level", LogLevel.info), LEVELS.index("info"))


def text_of(event: LogEvent) -> str:
    """Return what an event says, without when, how bad and for whom."""
    text = formatEvent(event)
    failure = event.get("log_failure")
    if isinstance(failure, Failure):
        why = event.get("why") or ("" if event.get("isError") else text)
        told = failure_text(failure)
        text = f"{why}: {told}" if why and why not in told else told
    return text


def failure_text(failure: Failure) -> str:
    """Return a failure as one line: what it says, and for an unforeseen one where it came from."""
    error = failure.value
    if isinstance(error, StreamingError):
        return str(error)
    places = [f"{Path(file).name}:{line} {function}" for function, file, line, *_ in failure.frames[-PLACES:]]
    told = f"{failure.type.__name__}: {error}" if failure.type else str(error)
    return f"{told} ({' > '.join(places)})" if places else told


def line_of(event: LogEvent, severity: int, text: str) -> bytes:
    """Return the line of an event."""
    stamp = time.strftime("%Y/%m/%d %H:%M:%S", time.localtime(event.get("log_time")))
    parts = [text]
    for name in ("client", "server"):
        if name in event:
            parts.append(f"{name}: {event[name]}")
    for name in ("request", "host"):
        if event.get(name):
            parts.append(f'{name}: "{event[name]}"')
    line = f"{stamp} [{LEVELS[severity]}] {os.getpid()}#0: {', '.join(parts)}".translate(_CONTROLS)
    return line.encode("utf-8", "surrogateescape")[: LONGEST - 1] + b"\n"


def emergency(message: str, also: str = "") -> None:
    """Say why the daemon does not start, where a person sees it.

    Args:
        message: one line or several.
        also: absolute path of a file that is told too; empty for none. It need not be writable.
    """
    for line in message.splitlines():
        print(f"mp4stream: [emerg] {line}", file=sys.stderr)
        if also:
            try:
                file = LogFile(also)
            except OSError:
                continue
            file.write(line_of({}, LEVELS.index("emerg"), line), LEVELS.index("emerg"))
            file.close()
