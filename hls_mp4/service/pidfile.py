"""The pid file: written by the daemon itself, last of all, so that whoever waits for it finds sockets that listen.

It holds the process that serves: under `twistd -n` the one a supervisor started, otherwise the one twistd forked off.
twistd has a pid file of its own (`--pidfile`) that is written before anything listens; `options` switches it off
unless somebody names it.
"""

from __future__ import annotations

import os
from pathlib import Path


class PidFile:
    """One pid file.

    Args:
        path: absolute; None for no file at all.
    """

    def __init__(self, path: str | None) -> None:
        self.path = Path(path) if path else None

    def check(self) -> None:
        """See early whether it can be written later.

        Raises:
            OSError: its folder is missing or not ours to write to.
        """
        if self.path and not os.access(self.path.parent, os.W_OK | os.X_OK):
            self.path.parent.stat()
            raise PermissionError(13, "Permission denied", str(self.path))

    def write(self) -> None:
        """Put this process's number there; readers see all of it or nothing.

        Raises:
            OSError: it cannot be written.
        """
        if not self.path:
            return
        unfinished = self.path.with_name(f".{self.path.name}.{os.getpid()}")
        try:
            unfinished.write_text(f"{os.getpid()}\n", encoding="ascii")
            unfinished.replace(self.path)
        finally:
            unfinished.unlink(missing_ok=True)

    def remove(self) -> None:
        """Take it away, unless another daemon has written its own number meanwhile.

        Raises:
            OSError: it is ours and cannot be removed, as by a daemon that is not root any more.
        """
        if not self.path:
            return
        try:
            holder = self.path.read_text(encoding="ascii", errors="replace").strip()
        except FileNotFoundError:
            return
        if holder == str(os.getpid()):
            self.path.unlink()
