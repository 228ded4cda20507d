"""Directives of the main and the events context."""

from __future__ import annotations

import pytest

from hls_mp4.config import Config, ConfigErrors, load_from_text
from hls_mp4.service.settings import ErrorLogSettings, EventSettings, ServiceSettings


def loaded(text: str) -> Config:
    """Return a configuration of these directives alone."""
    return load_from_text(text, (ServiceSettings, EventSettings, ErrorLogSettings), prefix="/srv/mp4stream")


def test_nothing_need_be_written() -> None:
    """An empty configuration has nginx's defaults, and no pid file."""
    settings = loaded("")
    main = settings.main[ServiceSettings]
    assert (main.pid, main.daemon, main.user, main.worker_processes) == (None, True, ("", ""), 1)
    assert main.worker_shutdown_timeout == 10_000
    assert settings.main[ErrorLogSettings].targets == ()


def test_an_administrators_usual_lines_are_understood() -> None:
    """Relative paths start at the prefix."""
    config = loaded(
        "user www www-data; worker_processes auto; pid run/a.pid; error_log logs/e.log warn; daemon off;"
        "events { worker_connections 1024; }"
    )
    main = config.main[ServiceSettings]
    assert main.user == ("www", "www-data")
    assert main.pid == "/srv/mp4stream/run/a.pid"
    assert main.daemon is False
    assert main.worker_processes == 1
    assert config.events[EventSettings].worker_connections == 1024
    assert [(target.path, target.level) for target in config.main[ErrorLogSettings].targets] == [
        ("/srv/mp4stream/logs/e.log", 4)
    ]


@pytest.mark.parametrize(
    "text",
    [
        "user;",
        "user a b c;",
        "worker_processes 0;",
        "worker_processes many;",
        "error_log;",
        "error_log e.log loud;",
        "daemon maybe;",
        "pid;",
        "events { worker_connections 0; }",
        "http { pid a; }",
        "worker_connections 5;",
    ],
)
def test_what_makes_no_sense_is_refused(text: str) -> None:
    """With the line it stands on."""
    with pytest.raises(ConfigErrors, match=r"^mp4stream\.conf:1: "):
        loaded(text)
