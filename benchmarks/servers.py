"""The two servers, configured alike.

Both get one worker process, sendfile, no access log, the same buffer limits and kept-alive connections without a
bound that a run could reach. nginx keeps its defaults otherwise, as an administrator has them: open_file_cache is off,
tcp_nopush is off, sendfile_max_chunk is 2m.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks import processes
from benchmarks.machine import cpu_seconds, family, memory_bytes

REPOSITORY = Path(__file__).resolve().parent.parent

_COMMON = """\
    types {{ video/mp4 mp4; video/x-flv flv; }}
    default_type application/octet-stream;
    access_log off;
    sendfile on;
    keepalive_timeout 600s;
    keepalive_requests 1000000000;
    mp4_buffer_size 512k;
    mp4_max_buffer_size 128m;
    server {{
        listen 127.0.0.1:{port};
        root {root};
        location /films/ {{ mp4; }}
        location /key/ {{ alias {root}/films/; mp4; mp4_start_key_frame on; }}
        location /flv/ {{ alias {root}/films/; flv; }}
        location /paced/ {{ alias {root}/films/; limit_rate {rate}; }}
{more}    }}
"""

# What an FLV asks for that nginx' module has not is compared with what it has: the same URL means a byte there.
_NGINX_TIMES = "        location /times/ { alias %s/films/; flv; }\n"
_TIMES = "        location /times/ { alias %s/films/; flv; flv_start time; }\n"

_COPIES = "        location /streams/ { }\n"
"""What nginx has of streams: files that were fetched from the daemon."""

PACED_RATE = 65536
"""Bytes per second of a paced response."""

_NGINX = """\
worker_processes 1;
daemon off;
pid {folder}/nginx.pid;
error_log {folder}/error.log error;
worker_rlimit_nofile {files};
{user}events {{ worker_connections {files}; }}
http {{
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
{common}}}
"""

_MP4STREAM = """\
worker_processes 1;
error_log {folder}/error.log error;
events {{ worker_connections {files}; }}
http {{
{common}}}
"""


def free_port() -> int:
    """Return a port of 127.0.0.1 on which nothing listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class ServerFailed(Exception):
    """A server did not come up; the message holds its own words."""


@dataclass
class Server:
    """A server that can be started, measured and stopped.

    Args:
        name: as tables show it.
        root: the folder it serves.
        folder: where its configuration and log go.
        wrapper: words to put before its command, to run it under a profiler.
    """

    name: str
    root: Path
    folder: Path
    wrapper: tuple[str, ...] = ()
    port: int = 0
    process: subprocess.Popen[str] | None = field(default=None, repr=False)

    def configuration(self) -> str:
        """Return the text of the configuration file."""
        raise NotImplementedError

    def command(self, configuration: Path) -> list[str]:
        """Return the command that runs it in the foreground."""
        raise NotImplementedError

    def start(self, patience: float = 15.0) -> None:
        """Start it on the server's core and wait until it accepts connections."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self.port = free_port()
        configuration = self.folder / f"{self.name}.conf"
        configuration.write_text(self.configuration())
        with (self.folder / "output.log").open("w") as output:
            self.process = processes.start(
                [*self.wrapper, *self.command(configuration)],
                processes.cores()[0],
                cwd=REPOSITORY,
                env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        deadline = time.monotonic() + patience
        while time.monotonic() < deadline and self.process.poll() is None:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.05)
        self.stop()
        words = (self.folder / "output.log").read_text()[-2000:]
        raise ServerFailed(f"{self.name} did not start:\n{words}")

    def stop(self) -> None:
        """Stop it; nothing happens when it does not run."""
        if self.process is not None:
            processes.stop(self.process)
            self.process = None

    def pids(self) -> list[int]:
        """Return its processes; raises ServerFailed when it died."""
        if self.process is None or self.process.poll() is not None:
            raise ServerFailed(f"{self.name} ended by itself: see {self.folder}")
        return family(self.process.pid)

    def cpu_seconds(self) -> float:
        """Return the CPU time of all its processes so far."""
        return cpu_seconds(self.pids())

    def memory_bytes(self, field: str = "VmRSS") -> int:
        """Return the resident memory of all its processes."""
        return memory_bytes(self.pids(), field)

    def _common(self, more: str) -> str:
        return _COMMON.format(port=self.port, root=self.root, rate=PACED_RATE, more=more)


class Nginx(Server):
    """Debian's nginx."""

    def configuration(self) -> str:
        """Return nginx.conf."""
        user = "user root;\n" if os.geteuid() == 0 else ""
        return _NGINX.format(
            folder=self.folder,
            files=processes.open_file_limit(),
            user=user,
            common=self._common(_NGINX_TIMES % self.root + _COPIES),
        )

    def command(self, configuration: Path) -> list[str]:
        """Return nginx' command line."""
        return ["nginx", "-p", str(self.folder), "-c", str(configuration)]


class Mp4stream(Server):
    """This daemon, as a supervisor runs it."""

    twistd_options: tuple[str, ...] = ()
    more: str = ""
    """Further locations."""

    def configuration(self) -> str:
        """Return mp4stream.conf."""
        common = self._common(_TIMES % self.root + self.more)
        return _MP4STREAM.format(folder=self.folder, files=processes.open_file_limit(), common=common)

    def command(self, configuration: Path) -> list[str]:
        """Return twistd's command line."""
        twistd = str(Path(sys.executable).parent / "twistd")
        options = ["-n", "--pidfile=", *self.twistd_options]
        return [sys.executable, twistd, *options, "mp4stream", "--config", str(configuration)]
