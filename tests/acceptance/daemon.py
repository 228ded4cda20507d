"""A real daemon for a test: `twistd -n mp4stream` in a process of its own, on a port of its own."""

from __future__ import annotations

import os
import queue
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
PATIENCE = 30
"""Seconds after which something that should have happened is taken as never to happen."""

# Tests that run under nohup, or in the background of a script, would hand ignored signals on: the daemon would keep to
# that, rightly.
_SIGNALS = (
    "import signal; signal.signal(signal.SIGHUP, signal.SIG_DFL); signal.signal(signal.SIGQUIT, signal.SIG_DFL)"
    "; signal.signal(signal.SIGINT, signal.default_int_handler)"
)
TWISTD = [sys.executable, "-c", f"{_SIGNALS}; from twisted.scripts.twistd import run; run()"]


def environment(*, tree: bool = True) -> dict[str, str]:
    """Return the environment of a process that runs the tree's own code, or only what is installed."""
    inherited = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    return inherited | {"PYTHONUNBUFFERED": "1"} | ({"PYTHONPATH": str(ROOT)} if tree else {})


def free_port() -> int:
    """Return a port that nobody listens on now."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


def until(condition: Callable[[], object], what: str) -> None:
    """Return as soon as a condition holds that another process brings about.

    Raises:
        AssertionError: it never does.
    """
    end = time.monotonic() + PATIENCE
    pause = threading.Event()
    while not condition():
        assert time.monotonic() < end, f"{what}: never within {PATIENCE} s"
        pause.wait(0.01)


def run(*words: str, cwd: Path | None = None, timeout: float = PATIENCE) -> subprocess.CompletedProcess[str]:
    """Run `twistd` with these words to its end, which should come by itself."""
    return subprocess.run(
        [*TWISTD, *words],
        cwd=cwd,
        env=environment(),
        capture_output=True,
        text=True,
        timeout=timeout,
        stdin=subprocess.DEVNULL,
        check=False,
    )


class Daemon:
    """A daemon that is ready to serve.

    Args:
        folder: its current folder; logs are looked for here.
        words: the words after `twistd`.
        port: where it listens; 0 when on no port.
        twistd: the command before the words.
        tree: whether the tree's own code is run; otherwise what `twistd` finds.

    Raises:
        AssertionError: it ended instead, or never became ready.
    """

    def __init__(
        self, folder: Path, words: list[str], port: int = 0, *, twistd: list[str] = TWISTD, tree: bool = True
    ) -> None:
        self.folder = folder
        self.port = port
        self.process = subprocess.Popen(
            [*twistd, *words],
            cwd=folder,
            env=environment(tree=tree),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
        )
        self.told: list[str] = []
        self._ready: queue.Queue[bool] = queue.Queue()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        try:
            ready = self._ready.get(timeout=PATIENCE)
        except queue.Empty:
            ready = False
        if not ready:
            self.process.kill()
            self.process.wait()
            raise AssertionError("the daemon did not start:\n" + "".join(self.told))

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.told.append(line)
            if re.search(r"\[notice\] \d+#0: ready", line):
                self._ready.put(True)
        self._ready.put(False)

    @property
    def url(self) -> str:
        """URL of its first address, without a slash at the end."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def output(self) -> str:
        """Everything it said so far on its terminal."""
        return "".join(self.told)

    def lines(self, name: str = "error.log") -> list[str]:
        """Return the lines of one of its logs."""
        path = self.folder / name
        return path.read_text(encoding="utf-8", errors="surrogateescape").splitlines() if path.exists() else []

    def logged(self, text: str, name: str = "error.log") -> str:
        """Return the first line of a log that has a text in it, as soon as there is one."""
        until(lambda: any(text in line for line in self.lines(name)), f"{text!r} in {name}")
        return next(line for line in self.lines(name) if text in line)

    def connect(self) -> socket.socket:
        """Return a connection."""
        return socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE)

    def raw(self, request: bytes) -> bytes:
        """Send bytes, and return all that comes until the daemon closes."""
        with self.connect() as client:
            client.sendall(request)
            return everything(client)

    def stop(self, number: int | None = signal.SIGTERM) -> int:
        """Stop it as a supervisor does; return its exit status.

        Args:
            number: the signal; None when it was told already.

        Raises:
            AssertionError: it does not stop, or it has told of a traceback meanwhile.
        """
        if number is not None and self.process.poll() is None:
            self.process.send_signal(number)
        try:
            status = self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise AssertionError("the daemon did not stop:\n" + self.output) from None
        self._reader.join(PATIENCE)
        assert "Traceback" not in self.output, self.output
        assert "[alert]" not in self.output, self.output
        return status


def everything(client: socket.socket) -> bytes:
    """Return all bytes that come until the other side closes."""
    received = bytearray()
    while piece := client.recv(1 << 16):
        received += piece
    return bytes(received)


class Replies:
    """Reads the replies of one kept connection one after the other."""

    def __init__(self, client: socket.socket) -> None:
        self._stream = client.makefile("rb")

    def next(self, *, head: bool = False) -> tuple[int, dict[str, str], bytes]:
        """Return status, headers (names in lower case) and body of the next reply.

        Args:
            head: the request was HEAD, so that no body comes.
        """
        line = self._stream.readline().decode("latin-1")
        assert line.startswith("HTTP/1.1 "), line
        headers = {}
        while (field := self._stream.readline().decode("latin-1").rstrip("\r\n")) != "":
            name, _, value = field.partition(":")
            headers[name.lower()] = value.strip()
        status = int(line.split()[1])
        length = 0 if head or status in (204, 304) else int(headers["content-length"])
        return status, headers, self._stream.read(length)
