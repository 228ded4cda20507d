"""Starting and, whatever happens, stopping what the benchmark runs."""

from __future__ import annotations

import ctypes
import os
import resource
import signal
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import IO, Any

from benchmarks.machine import family

_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None)


def cores() -> tuple[int, int]:
    """Return (the server's core, the load generator's core); the same one twice on a machine with a single core."""
    known = sorted(os.sched_getaffinity(0))
    return known[0], known[-1]


def open_file_limit() -> int:
    """Return how many files a process may open when its soft limit is raised."""
    return resource.getrlimit(resource.RLIMIT_NOFILE)[1]


def start(
    command: Sequence[str],
    core: int,
    *,
    cwd: Path | None = None,
    env: dict[str, str] | None = None,
    stdin: int | None = subprocess.DEVNULL,
    stdout: int | IO[Any] | None = None,
    stderr: int | IO[Any] | None = None,
) -> subprocess.Popen[str]:
    """Start a program on one core, in a session of its own, with as many open files as are allowed.

    It gets SIGTERM from the kernel should the benchmark itself be killed.
    """
    parent = os.getpid()

    def prepare() -> None:
        _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != parent:
            os._exit(1)
        os.sched_setaffinity(0, {core})
        limit = open_file_limit()
        resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit))

    return subprocess.Popen(
        command,
        cwd=cwd,
        env=env,
        stdin=stdin,
        stdout=stdout,
        stderr=stderr,
        text=True,
        start_new_session=True,
        preexec_fn=prepare,  # noqa: PLW1509 - this program has one thread
    )


def stop(process: subprocess.Popen[str], patience: float = 5.0) -> None:
    """End a program and its children, politely first."""
    members = family(process.pid) if process.poll() is None else []
    if members:
        process.terminate()
        try:
            process.wait(patience)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
    for pid in members[1:]:
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
    for pipe in (process.stdin, process.stdout, process.stderr):
        if pipe is not None:
            pipe.close()
