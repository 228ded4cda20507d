"""Access logs with variables in their path, and open_log_file_cache, which keeps the files open.

As in nginx a line is written only when the root of its request exists, since a client chooses the names: whoever asks
for hosts that there are none of makes no files. Besides, a value that would lead upwards (`..`) or holds a NUL costs
the line. Without the cache a file is opened and closed for each line.
"""

from __future__ import annotations

import os
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from hls_mp4.directives import parse_time_ms
from hls_mp4.web.facts import Facts
from hls_mp4.web.logs.files import open_for_lines, write_all
from hls_mp4.web.variables import Template

_QUIET_SECONDS = 60  # between complaints


@dataclass(frozen=True, slots=True)
class OpenFiles:
    """An open_log_file_cache.

    Args:
        most: files kept open.
        inactive_ms: milliseconds without a line after which a file is forgotten.
        least_uses: lines within that time that make a file worth to be kept open.
        valid_ms: milliseconds after which it is looked whether the path still leads to the file.
    """

    most: int
    inactive_ms: int = 10_000
    least_uses: int = 1
    valid_ms: int = 60_000


def read_open_files(args: Sequence[str]) -> OpenFiles | None:
    """Return the cache of `max=N [inactive=time] [min_uses=N] [valid=time] | off`; raises ValueError."""
    if not 1 <= len(args) <= 4:
        raise ValueError("invalid number of arguments")
    if args[0] == "off":
        return None
    values = {"max": 0, "inactive": 10_000, "min_uses": 1, "valid": 60_000}
    for parameter in args:
        name, _, value = parameter.partition("=")
        try:
            if name in ("inactive", "valid"):
                values[name] = parse_time_ms(value)
            elif name in ("max", "min_uses") and value.isascii() and value.isdigit():
                values[name] = int(value)
            else:
                raise ValueError
        except ValueError:
            raise ValueError(f'invalid "open_log_file_cache" parameter "{parameter}"') from None
    if not values["max"]:
        raise ValueError('must have "max" parameter')
    return OpenFiles(values["max"], values["inactive"], values["min_uses"], values["valid"])


class _Entry:
    """A file that lines went to of late; its descriptor is -1 while it is not worth one."""

    __slots__ = ("checked", "fd", "used", "uses")

    def __init__(self, now: float) -> None:
        self.fd = -1
        self.uses = 0
        self.used = self.checked = now


class NamedFiles:
    """Files whose paths requests decide.

    Args:
        cache: how many stay open; None for none.
        complain: is told, now and then, when lines are lost.
        seconds: a clock.
    """

    def __init__(self, cache: OpenFiles | None, complain: Callable[[str], None], seconds: Callable[[], float]) -> None:
        self._cache = cache
        self._complain = complain
        self._seconds = seconds
        self._entries: OrderedDict[bytes, _Entry] = OrderedDict()  # the least recently used first
        self._quiet_until = 0.0

    def __len__(self) -> int:
        return sum(entry.fd >= 0 for entry in self._entries.values())

    def write(self, path: bytes, line: bytes) -> None:
        """Append a line; when that fails the line is lost."""
        try:
            if self._cache is None:
                self._write_once(path, line)
            else:
                self._write_cached(self._cache, path, line)
        except OSError as problem:
            self.failed(path, f"{problem.errno}: {problem.strerror}")

    def failed(self, path: bytes, reason: str) -> None:
        """Complain, unless that was done a moment ago: clients decide how often this happens."""
        now = self._seconds()
        if now >= self._quiet_until:
            self._quiet_until = now + _QUIET_SECONDS
            self._complain(f'a line for "{os.fsdecode(path)}" is lost ({reason})')

    @staticmethod
    def _write_once(path: bytes, line: bytes) -> None:
        fd = open_for_lines(path)
        try:
            write_all(fd, line)
        finally:
            os.close(fd)

    def _write_cached(self, cache: OpenFiles, path: bytes, line: bytes) -> None:
        now = self._seconds()
        self._forget_idle(cache, now)
        entry = self._entries.get(path)
        if entry is None:
            while len(self._entries) >= cache.most:
                self._close(self._entries.popitem(last=False)[1])
            entry = self._entries[path] = _Entry(now)
        self._entries.move_to_end(path)
        entry.uses += 1
        entry.used = now
        if entry.fd >= 0 and (now - entry.checked) * 1000 > cache.valid_ms:
            entry.checked = now
            if not _leads_to(path, entry.fd):
                self._close(entry)
        if entry.fd >= 0:
            write_all(entry.fd, line)
        elif entry.uses >= cache.least_uses:
            entry.fd = open_for_lines(path)
            entry.checked = now
            write_all(entry.fd, line)
        else:
            self._write_once(path, line)

    def _forget_idle(self, cache: OpenFiles, now: float) -> None:
        """Close a file or two that got no line for long; there is no timer for it, as in nginx."""
        for _ in range(2):
            path, entry = next(iter(self._entries.items()), (b"", None))
            if entry is None or (now - entry.used) * 1000 <= cache.inactive_ms:
                return
            self._close(self._entries.pop(path))

    @staticmethod
    def _close(entry: _Entry) -> None:
        if entry.fd >= 0:
            os.close(entry.fd)
            entry.fd = -1

    def close(self) -> None:
        """Close every file; those that are still wanted are opened anew."""
        while self._entries:
            self._close(self._entries.popitem()[1])


def _leads_to(path: bytes, fd: int) -> bool:
    """Tell whether a path is still that of an open file."""
    try:
        there = os.stat(path)
    except OSError:
        return False
    return os.path.samestat(there, os.fstat(fd))


def write_named(files: NamedFiles, path: Template) -> Callable[[Facts, bytes], None]:
    """Return a function that writes a request's line to the file that its values name.

    Args:
        files: that are open.
        path: absolute, with variables.
    """
    upwards = path.text.split("/").count("..")

    def write(facts: Any, line: bytes) -> None:
        root = facts.document_root
        if root and not os.path.isdir(root):
            return
        name = path.render(facts).encode("latin-1", "replace")
        if b"\0" in name or name.split(b"/").count(b"..") > upwards:
            files.failed(name.replace(b"\0", b"?"), "a value in the path leads elsewhere")
            return
        files.write(name, line)

    return write
