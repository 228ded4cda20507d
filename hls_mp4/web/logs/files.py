"""A file that lines are appended to: one write for a line, or for a buffer full of them.

It is opened for appending, so that several processes may share a file, and a rotated file is left as soon as `reopen`
is called. A full disk costs lines, never answers, and one complaint. What is buffered is written when a line does not
fit, when the first line has waited for the time of `flush=`, when the file is opened anew and when the daemon stops.
"""

from __future__ import annotations

import os
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

_STREAMS = {"/dev/stdout": 1, "/dev/stderr": 2, "stderr": 2}
"""What is no file to be opened: it may be a socket, as under systemd."""

_GZIP = 31  # window bits of zlib for a gzip member of the largest window


@dataclass(frozen=True, slots=True)
class Buffering:
    """How lines are kept back.

    Args:
        size: bytes kept at most.
        flush_ms: milliseconds that a line waits at most; 0 for as long as there is room.
        level: of compression, each buffer a gzip member of its own; 0 for none.
    """

    size: int
    flush_ms: int = 0
    level: int = 0


def open_for_lines(path: str | bytes) -> int:
    """Return a file descriptor that appends; raises OSError."""
    # A named pipe that nobody reads must not stop the daemon; a regular file never blocks for this.
    return os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC | os.O_NOCTTY | os.O_NONBLOCK, 0o644)


def write_all(fd: int, data: bytes) -> None:
    """Write every byte; raises OSError."""
    written = os.write(fd, data)
    while written < len(data):
        data = data[written:]
        written = os.write(fd, data)


class LogFile:
    """A file that lines are appended to, shared by everyone who names it.

    Args:
        path: absolute, or one of the standard streams.
        complain: is told when lines are lost, and when they are no more.
        clock: an IReactorTime for the waits of buffered lines.

    Raises:
        OSError: it cannot be opened.
    """

    def __init__(self, path: str, complain: Callable[[str], None], clock: Any = None) -> None:
        self.path = path
        self._complain = complain
        self._clock = clock
        self._failing = False
        self._buffering: Buffering | None = None
        self._lines: list[bytes] = []
        self._length = 0
        self._timer: Any = None
        self._fd = self._open()

    def _open(self) -> int:
        return os.dup(_STREAMS[self.path]) if self.path in _STREAMS else open_for_lines(self.path)

    def buffer(self, buffering: Buffering) -> None:
        """Keep lines back, whoever writes them."""
        self._buffering = buffering

    def write(self, line: bytes) -> None:
        """Append a line; when that fails the line is lost."""
        buffering = self._buffering
        if buffering is None:
            self._append(line)
            return
        length = self._length + len(line)
        if length > buffering.size:
            self.flush()
            length = len(line)
        if buffering.flush_ms and not self._lines:
            self._timer = self._clock.callLater(buffering.flush_ms / 1000, self._waited)
        self._lines.append(line)
        self._length = length
        if length > buffering.size:
            self.flush()

    def _waited(self) -> None:
        self._timer = None
        self.flush()

    def flush(self) -> None:
        """Write what was kept back."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if not self._lines:
            return
        data = b"".join(self._lines)
        self._lines.clear()
        self._length = 0
        level = self._buffering.level if self._buffering is not None else 0
        self._append(zlib.compress(data, level, _GZIP) if level else data)

    def _append(self, data: bytes) -> None:
        try:
            write_all(self._fd, data)
        except OSError as problem:
            if not self._failing:
                self._failing = True
                reason = f"{problem.errno}: {problem.strerror}"
                self._complain(f'write() to "{self.path}" failed ({reason}), lines are lost')
            return
        if self._failing:
            self._failing = False
            self._complain(f'write() to "{self.path}" works again')

    def reopen(self) -> None:
        """Open the path anew, after the file was renamed; what was kept back goes to the old one.

        Raises:
            OSError: it cannot be opened; lines go on to where they went.
        """
        self.flush()
        fresh = self._open()
        os.close(self._fd)
        self._fd = fresh

    def settle(self) -> None:
        """Write what was kept back, and keep back nothing from now on: the daemon stops."""
        self.flush()
        if self._buffering is not None:
            self._buffering = Buffering(0, 0, self._buffering.level)

    def close(self) -> None:
        """Write what was kept back, and give the file up."""
        self.flush()
        os.close(self._fd)
