"""From a command line to a daemon whose sockets listen."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import pytest_twisted

from hls_mp4.service.daemon import Daemon
from hls_mp4.service.errorlog import ErrorLog
from hls_mp4.service.listeners import close_all
from hls_mp4.service.maker import makeService, prepare
from hls_mp4.service.options import Options
from hls_mp4.service.settings import LEVELS, ErrorTarget

Make = Callable[..., Options]


@pytest.fixture
def options(tmp_path: Path) -> Make:
    """Return the options of a configuration with this text."""

    def made(text: str, *words: str) -> Options:
        config = tmp_path / "a.conf"
        config.write_text(text, encoding="utf-8")
        parsed = Options()
        parsed.parseOptions(["--config", str(config), *words])
        return parsed

    return made


@pytest.fixture
def error_log_of() -> Iterator[Callable[[Options], ErrorLog]]:
    """Return the error log that options lead to; sockets are given up afterwards."""
    plants = []

    def prepared(options: Options) -> ErrorLog:
        from twisted.internet import reactor

        plants.append(prepare(options, reactor))
        return plants[-1].error_log

    yield prepared
    for plant in plants:
        close_all(door.bound for door in plant.doors)
        plant.error_log.files.close()


@pytest_twisted.ensureDeferred
async def test_a_daemon_listens_when_it_is_made(options: Make) -> None:
    """Before twistd does anything else with it."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    daemon = makeService(options(f"http {{ server {{ listen 127.0.0.1:{port}; }} }}"))
    assert isinstance(daemon, Daemon)
    socket.create_connection(("127.0.0.1", port), timeout=5).close()
    await daemon.stopService()


@pytest.mark.parametrize(
    ("text", "reasons"),
    [
        ("htp { }", ['a.conf:1: unknown directive "htp", did you mean "http"?']),
        (
            "daemon maybe;\nhttp { server { listen 127.0.0.1:0; } sendfile maybe; }",
            ["a.conf:1: ", "a.conf:2: "],
        ),
        (
            "http { server { listen no.such.host.invalid:80; } }",
            ['a.conf:1: host not found in "no.such.host.invalid:80"'],
        ),
        ("error_log missing/e.log; http { server { listen 127.0.0.1:0; } }", ["missing/e.log"]),
        ("http { access_log missing/a.log; server { listen 127.0.0.1:0; } }", ["missing/a.log"]),
        ("pid missing/a.pid; http { server { listen 127.0.0.1:0; } }", ["missing"]),
    ],
)
def test_what_is_wrong_is_said_and_nothing_stays_open(
    options: Make, text: str, reasons: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """A line for each reason, marked as nginx marks it, and exit status 1."""
    import twisted.internet.reactor  # noqa: F401 - it opens files of its own

    before = len(os.listdir("/proc/self/fd"))
    with pytest.raises(SystemExit) as refused:
        makeService(options(text))
    assert refused.value.code == 1
    told = [line for line in capsys.readouterr().err.splitlines() if "[emerg]" in line]
    assert len(told) == len(reasons)
    for line, reason in zip(told, reasons, strict=True):
        assert line.startswith("mp4stream: [emerg] ")
        assert reason in line
    if "e.log" not in text and "a.log" not in text:
        assert len(os.listdir("/proc/self/fd")) == before


def test_reasons_are_in_the_named_log_too(options: Make, tmp_path: Path) -> None:
    """`--error-log` is where a supervisor looks when nothing came up."""
    with pytest.raises(SystemExit):
        makeService(options("htp { }", "--error-log", "e.log"))
    assert 'unknown directive "htp"' in (tmp_path / "e.log").read_text()


SERVER = "http { server { listen 127.0.0.1:0; } }"


def test_errors_go_to_the_terminal_unless_said_otherwise(
    options: Make, error_log_of: Callable[[Options], ErrorLog], tmp_path: Path
) -> None:
    """--error-log is for what the configuration does not direct; the configuration has the last word."""
    error = LEVELS.index("error")
    assert error_log_of(options(SERVER)).targets == (ErrorTarget("", error),)
    assert error_log_of(options(SERVER, "--error-log", "e.log")).targets == (
        ErrorTarget(str(tmp_path / "e.log"), error),
    )
    assert error_log_of(options(f"error_log own.log warn; {SERVER}", "--error-log", "e.log")).targets == (
        ErrorTarget(str(tmp_path / "own.log"), LEVELS.index("warn")),
    )


def test_what_nginx_has_and_we_have_not_is_a_warning(
    options: Make, error_log_of: Callable[[Options], ErrorLog], capsys: pytest.CaptureFixture[str]
) -> None:
    """A configuration that was brought along starts, and says what is ignored."""
    error_log_of(options(f"worker_rlimit_nofile 1000; {SERVER}"))
    assert "mp4stream: [warn] " in (told := capsys.readouterr().err)
    assert "worker_rlimit_nofile" in told


def test_a_wrong_address_on_the_command_line_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Without the lines of a configuration that nobody wrote."""
    parsed = Options()
    parsed.parseOptions(["--root", str(tmp_path), "--listen", "127.0.0.1:99999"])
    with pytest.raises(SystemExit):
        makeService(parsed)
    (line,) = [line for line in capsys.readouterr().err.splitlines() if "[emerg]" in line]
    assert line.startswith("mp4stream: [emerg] --listen: ")
    assert 'invalid port in "127.0.0.1:99999"' in line
