"""Daemons for the acceptance tests, stopped and looked through at the end of each."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

import pytest

from tests.acceptance.daemon import Daemon, free_port
from tests.films import Library

EVERYTHING = """
pid mp4stream.pid;
error_log stderr notice;
error_log error.log info;
worker_shutdown_timeout 5s;
http {{
    access_log access.log;
    server {{
        listen 127.0.0.1:{port};
        listen unix:mp4stream.sock;
        server_name localhost;
        root {media};
        location / {{ mp4; autoindex on; }}
        location /key/ {{ alias {media}/; mp4; mp4_start_key_frame on; }}
        location /last/ {{ alias {media}/; mp4; mp4_past_end last_key_frame; }}
        location /plain/ {{ alias {media}/; }}
        location /denied/ {{ alias {media}/; deny all; }}
    }}
}}
"""
"""A configuration with a location for each way to serve the films."""


class Start(Protocol):
    """Starts a daemon on a configuration, in which {port} and {folder} stand for its own."""

    def __call__(self, configuration: str, *words: str, **places: object) -> Daemon:
        """Return the daemon, ready."""


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Start daemons in a folder of the test's own."""
    started: list[Daemon] = []

    def begin(configuration: str, *words: str, **places: object) -> Daemon:
        port = free_port()
        config = tmp_path / "mp4stream.conf"
        config.write_text(configuration.format(port=port, folder=tmp_path, **places), encoding="utf-8")
        started.append(Daemon(tmp_path, ["-n", "mp4stream", "--config", str(config), *words], port))
        return started[-1]

    yield begin
    for daemon in started:
        daemon.stop()


@pytest.fixture(scope="session")
def daemon(films: Library, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Daemon]:
    """A daemon that serves all films; what a test changes about it, it must not leave changed."""
    folder = tmp_path_factory.mktemp("daemon")
    port = free_port()
    config = folder / "mp4stream.conf"
    config.write_text(EVERYTHING.format(port=port, media=films.directory), encoding="utf-8")
    serving = Daemon(folder, ["-n", "mp4stream", "--config", str(config)], port)
    yield serving
    serving.stop()
