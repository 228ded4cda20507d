"""The error log."""

from __future__ import annotations

import os
import re
import socket
from pathlib import Path
from typing import Any

import pytest
from twisted.logger import Logger, LogLevel, LogPublisher
from twisted.python.failure import Failure

from hls_mp4.errors import MalformedMedia
from hls_mp4.service.errorlog import LONGEST, ErrorLog, LogFiles, emergency
from hls_mp4.service.settings import LEVELS, ErrorTarget, error_log_paths, read_error_log


class Written:
    """An error log in a folder, and what it holds."""

    def __init__(self, path: Path, level: str = "error") -> None:
        self.path = path
        self.files = LogFiles()
        self.observer = ErrorLog(self.files, (ErrorTarget(str(path), LEVELS.index(level)),))
        self.log = Logger(observer=LogPublisher(self.observer))

    @property
    def lines(self) -> list[str]:
        """Every line so far."""
        return self.path.read_text(encoding="utf-8", errors="surrogateescape").splitlines()


@pytest.fixture
def written(tmp_path: Path) -> Written:
    """Return a log at the usual level."""
    return Written(tmp_path / "error.log")


def test_a_line_is_one_that_tools_for_nginx_understand(written: Written) -> None:
    """Time, level, process, reason, then client, server, request and host in nginx's order and quoting."""
    written.log.error(
        "{reason}",
        reason='"/srv/a.mp4" mp4 file truncated',
        client="192.0.2.7",
        server="films.example",
        request="GET /a.mp4?start=5 HTTP/1.1",
        host="films.example:8080",
    )
    (line,) = written.lines
    assert re.fullmatch(
        r"\d{4}/\d\d/\d\d \d\d:\d\d:\d\d \[error\] "
        + str(os.getpid())
        + r'#0: "/srv/a\.mp4" mp4 file truncated, client: 192\.0\.2\.7, server: films\.example, '
        r'request: "GET /a\.mp4\?start=5 HTTP/1\.1", host: "films\.example:8080"',
        line,
    )


def test_a_request_without_a_host_has_none_in_its_line(written: Written) -> None:
    """As nginx: an HTTP/1.0 client that sent no Host gets no empty quotes."""
    written.log.error("gone", client="192.0.2.7", server="", request="GET / HTTP/1.0", host="")
    assert written.lines[0].endswith('gone, client: 192.0.2.7, server: , request: "GET / HTTP/1.0"')


@pytest.mark.parametrize(
    ("threshold", "seen"),
    [
        ("debug", ["debug", "info", "notice", "warn", "error", "crit", "alert", "emerg"]),
        ("notice", ["notice", "warn", "error", "crit", "alert", "emerg"]),
        ("error", ["error", "crit", "alert", "emerg"]),
        ("emerg", ["emerg"]),
    ],
)
def test_a_level_lets_the_worse_ones_through(tmp_path: Path, threshold: str, seen: list[str]) -> None:
    """`error_log file notice;` has notices and everything worse, nothing less."""
    written = Written(tmp_path / "error.log", threshold)
    written.log.debug("x")
    written.log.info("x")
    written.log.info("x", severity="notice")
    written.log.warn("x")
    written.log.error("x")
    written.log.critical("x")
    written.log.critical("x", severity="alert")
    written.log.critical("x", severity="emerg")
    found = written.lines if written.path.exists() else []
    assert [re.findall(r"\[(\w+)\]", line)[0] for line in found] == seen


def test_a_client_cannot_write_lines_of_its_own(written: Written) -> None:
    """Line breaks and terminal escapes in a request come out as text."""
    written.log.error("bad", client="192.0.2.7", server="a", request="GET /\r\n2026/01/01 [emerg] \x1b[2J HTTP/1.1")
    (line,) = written.lines
    assert r"GET /\x0d\x0a2026/01/01 [emerg] \x1b[2J HTTP/1.1" in line


def test_a_file_name_of_any_bytes_can_be_told(written: Written) -> None:
    """A name that is not UTF-8 is logged with its own bytes."""
    written.log.error("{reason}", reason=os.fsdecode(b"/srv/\xff.mp4"))
    assert b"/srv/\xff.mp4" in written.path.read_bytes()


def test_an_endless_line_is_cut(written: Written) -> None:
    """One request cannot fill the disk with one line."""
    written.log.error("{reason}", reason="x" * 100_000)
    data = written.path.read_bytes()
    assert len(data) == LONGEST
    assert data.endswith(b"x\n")


def test_a_broken_film_is_one_line_with_its_place(written: Written) -> None:
    """File, box path, offset and reason, without a Python traceback."""
    try:
        raise MalformedMedia("mp4 stsz atom too small", box="moov/trak[0]/mdia/minf/stbl/stsz", offset=4711)
    except MalformedMedia:
        written.log.failure("while reading {path}", path="/srv/a.mp4")
    (line,) = written.lines
    assert line.endswith(
        "while reading /srv/a.mp4: mp4 stsz atom too small in moov/trak[0]/mdia/minf/stbl/stsz at 4711"
    )


def test_a_bug_is_one_line_that_says_where(written: Written) -> None:
    """An unforeseen failure names its type and the code it came through."""

    def deeper() -> None:
        raise KeyError("missing")

    try:
        deeper()
    except KeyError:
        written.log.failure("while answering {uri}", uri="/a")
    (line,) = written.lines
    assert "[crit]" in line
    assert re.search(r"while answering /a: KeyError: 'missing' \(.*test_errorlog\.py:\d+ deeper\)$", line)


def test_the_same_failure_at_start_is_told_once(written: Written) -> None:
    """A broken plugin is met each time plugins are looked for, and reported once."""
    failure = Failure(ImportError("no such module"))
    for _ in range(3):
        written.log.failure("plugins", failure)
    assert len(written.lines) == 1


def test_failures_of_requests_are_all_told(written: Written) -> None:
    """Nothing that a client met is folded away."""
    failure = Failure(ValueError("x"))
    for _ in range(3):
        written.log.failure("request", failure, client="192.0.2.7")
    assert len(written.lines) == 3


def test_a_location_can_have_a_log_of_its_own(written: Written, tmp_path: Path) -> None:
    """`error_log` in a location takes that location's lines, and only them."""
    own = tmp_path / "own.log"
    written.log.error("ours", target=(ErrorTarget(str(own)),))
    written.log.error("theirs", target=None)
    assert [line.rpartition(": ")[2] for line in written.lines] == ["theirs"]
    assert "ours" in own.read_text()


def test_a_line_is_written_once_to_each_file(tmp_path: Path) -> None:
    """Two error_log lines that name one file do not double its lines."""
    path = str(tmp_path / "error.log")
    observer = ErrorLog(LogFiles(), (ErrorTarget(path), ErrorTarget(path, LEVELS.index("debug"))))
    Logger(observer=LogPublisher(observer)).error("x")
    assert len(Path(path).read_text().splitlines()) == 1


def test_rotated_logs_go_on_in_a_new_file(written: Written, tmp_path: Path) -> None:
    """After a rename and a reopen the old file rests."""
    written.log.error("before")
    written.path.rename(tmp_path / "error.log.1")
    assert written.files.reopen() == []
    written.log.error("after")
    assert "before" in (tmp_path / "error.log.1").read_text()
    assert [line.rpartition(": ")[2] for line in written.lines] == ["after"]


def test_a_failed_reopen_keeps_the_old_file(written: Written, tmp_path: Path) -> None:
    """A daemon that may not open its log any more goes on in the one it has."""
    written.log.error("before")
    written.path.rename(tmp_path / "error.log.1")
    written.path.mkdir()
    (failed,) = written.files.reopen()
    assert isinstance(failed, IsADirectoryError)
    written.log.error("after")
    assert len((tmp_path / "error.log.1").read_text().splitlines()) == 2


def test_closing_gives_every_file_up(written: Written) -> None:
    """A stopped daemon holds no log open."""
    written.log.error("x")
    before = len(os.listdir("/proc/self/fd"))
    written.files.close()
    assert len(os.listdir("/proc/self/fd")) == before - 1


def test_why_the_daemon_does_not_start_is_on_the_terminal_and_in_the_log(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Every line of the reason is marked as nginx marks it."""
    log = tmp_path / "e.log"
    emergency("a.conf:1: one\na.conf:2: two", str(log))
    assert capsys.readouterr().err == "mp4stream: [emerg] a.conf:1: one\nmp4stream: [emerg] a.conf:2: two\n"
    assert [line.split("#0: ")[1] for line in log.read_text().splitlines()] == ["a.conf:1: one", "a.conf:2: two"]
    emergency("no place to write", str(tmp_path / "missing" / "e.log"))
    assert "no place to write" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("args", "expected"),
    [
        (["/var/log/e.log"], ErrorTarget("/var/log/e.log", LEVELS.index("error"))),
        (["/var/log/e.log", "debug"], ErrorTarget("/var/log/e.log", LEVELS.index("debug"))),
        (["stderr", "warn"], ErrorTarget("", LEVELS.index("warn"))),
    ],
)
def test_error_log_directive(args: list[str], expected: ErrorTarget) -> None:
    """File or stderr, and nginx's default level."""
    assert read_error_log(args) == expected


@pytest.mark.parametrize(
    ("args", "reason"),
    [
        ([], "invalid number"),
        (["a", "error", "x"], "invalid number"),
        (["a", "loud"], 'invalid log level "loud"'),
        (["syslog:facility=daemon"], "no syslog server specified"),
        (["memory:32m"], '"memory:" is not supported'),
    ],
)
def test_error_log_directive_refuses(args: list[str], reason: str) -> None:
    """What is not understood is named."""
    with pytest.raises(ValueError, match=re.escape(reason)):
        read_error_log(args)


def test_only_files_are_paths() -> None:
    """stderr is not looked for under the prefix."""
    cases: list[tuple[list[str], Any]] = [(["a"], (0,)), (["stderr"], ()), (["syslog:x"], ()), ([], ())]
    for args, expected in cases:
        assert error_log_paths(args) == expected


def test_a_syslog_server(tmp_path: Path) -> None:
    """Lines can go to syslog, each under its own severity, and a rotation of files does not mind them."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as server:
        server.bind(str(tmp_path / "log"))
        target = read_error_log([f"syslog:server=unix:{tmp_path / 'log'},facility=daemon,nohostname", "warn"])
        files = LogFiles()
        files.open([target])
        observer = ErrorLog(files, (target,))
        observer({"log_format": "too quiet", "log_level": LogLevel.info, "log_time": 0})
        observer({"log_format": "worse", "log_level": LogLevel.critical, "log_time": 0})
        assert files.reopen() == []
        got = server.recv(1000)
        files.close()
    assert re.fullmatch(rb"<26>\w{3} [ \d]\d [\d:]{8} mp4stream: .* \[crit\] \d+#0: worse", got)
