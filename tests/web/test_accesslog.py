"""Every request leaves its line, in nginx's formats, whatever the client sent and whatever the disk does."""

from __future__ import annotations

import os
import re
import socket
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from twisted.internet.task import Clock

from hls_mp4.config import ConfigErrors, load_from_text
from hls_mp4.web.accesslog import AccessLogs, LogSettings, LogTarget
from hls_mp4.web.logs.files import Buffering
from tests.web.facts import MadeUpFacts


class Desk:
    """Access logs, and what they complained of."""

    def __init__(self) -> None:
        self.complaints: list[str] = []
        self.clock = Clock()
        self.logs = AccessLogs(self.complaints.append, self.clock, lambda: 1_795_217_866.0)


@pytest.fixture
def desk() -> Iterator[Desk]:
    made = Desk()
    yield made
    made.logs.close()


def settings(text: str, prefix: str = "/srv") -> LogSettings:
    config = load_from_text(f"http {{ {text} server {{ location / {{ }} }} }}", (LogSettings,), prefix=prefix)
    return config.servers[0].locations[0].scope[LogSettings]


def test_combined(desk: Desk, tmp_path: Path) -> None:
    """Without a format a line is nginx's combined one, as every analyser of logs reads it."""
    (log,) = desk.logs.of(settings("access_log access.log;", str(tmp_path)))
    log.write(MadeUpFacts(request_headers={"user-agent": 'mpv "0.40"', "referer": "https://a.example/x?y"}))
    log.write(MadeUpFacts(remote_user="ann", status=404, body_bytes_sent=0))
    first, second = (tmp_path / "access.log").read_text().splitlines()
    assert re.fullmatch(
        r'198\.51\.100\.7 - - \[28/Jul/2025:\d\d:\d\d:01 [+-]\d{4}\] "GET /films/dune\.mp4\?start=10&end=20 HTTP/1\.1" '
        r'200 1048576 "https://a\.example/x\?y" "mpv \\x220\.40\\x22"',
        first,
    )
    assert second.startswith("198.51.100.7 - ann [")
    assert second.endswith(' 404 0 "-" "-"')


def test_bytes_of_paths_and_targets(desk: Desk, tmp_path: Path) -> None:
    """A path in UTF-8, a raw target and text of the format go to the file as the bytes they are."""
    text = "log_format f escape=none '\N{LATIN SMALL LETTER U WITH DIAERESIS} $uri $request_uri'; access_log a.log f;"
    (log,) = desk.logs.of(settings(text, str(tmp_path)))
    log.write(MadeUpFacts(uri="/caf\N{LATIN SMALL LETTER E WITH ACUTE}\udcff", request_uri="/\xe9"))
    assert (tmp_path / "a.log").read_bytes() == b"\xc3\xbc /caf\xc3\xa9\xff /\xe9\n"


def test_several_logs_and_one_file_for_each_path(desk: Desk, tmp_path: Path) -> None:
    """A request goes to every log of its block; blocks that name the same path share the file."""
    text = "log_format short '$status'; access_log a.log short; access_log b.log short; access_log a.log short;"
    logs = desk.logs.of(settings(text, str(tmp_path)))
    before = len(os.listdir("/proc/self/fd"))
    assert desk.logs.of(settings(text, str(tmp_path)))
    assert len(os.listdir("/proc/self/fd")) == before
    for log in logs:
        log.write(MadeUpFacts())
    assert (tmp_path / "a.log").read_text() == "200\n200\n"
    assert (tmp_path / "b.log").read_text() == "200\n"


def test_off(desk: Desk) -> None:
    """Without access_log, and with off, nothing is logged and no file is made."""
    assert desk.logs.of(settings("")) == ()
    assert desk.logs.of(settings("access_log off;")) == ()


def test_rotation(desk: Desk, tmp_path: Path) -> None:
    """After a rename lines go on to the renamed file, and after reopen to a new one of the old name."""
    path = tmp_path / "a.log"
    (log,) = desk.logs.of(settings("log_format short '$status'; access_log a.log short;", str(tmp_path)))
    log.write(MadeUpFacts(status=200))
    path.rename(tmp_path / "a.log.1")
    log.write(MadeUpFacts(status=206))
    assert desk.logs.reopen() == []
    log.write(MadeUpFacts(status=404))
    assert (tmp_path / "a.log.1").read_text() == "200\n206\n"
    assert path.read_text() == "404\n"


def test_a_rotation_that_fails(desk: Desk, tmp_path: Path) -> None:
    """When the new file cannot be opened the reason is returned, and lines go on to the old one."""
    folder = tmp_path / "logs"
    folder.mkdir()
    (log,) = desk.logs.of(settings("log_format short '$status'; access_log logs/a.log short;", str(tmp_path)))
    folder.rename(tmp_path / "old")
    (failed,) = desk.logs.reopen()
    assert isinstance(failed, FileNotFoundError)
    assert failed.filename == str(folder / "a.log")
    log.write(MadeUpFacts())
    assert (tmp_path / "old" / "a.log").read_text() == "200\n"


@pytest.mark.parametrize(("path", "stream"), [("/dev/stdout", "out"), ("/dev/stderr", "err"), ("stderr", "err")])
def test_standard_streams(desk: Desk, capfd: pytest.CaptureFixture[str], path: str, stream: str) -> None:
    """/dev/stdout and stderr are this process's own, also where they are no files."""
    (log,) = desk.logs.of(settings(f"log_format short '$status'; access_log {path} short;"))
    log.write(MadeUpFacts())
    assert desk.logs.reopen() == []
    log.write(MadeUpFacts())
    assert getattr(capfd.readouterr(), stream) == "200\n200\n"


def test_a_file_that_cannot_be_opened(desk: Desk, tmp_path: Path) -> None:
    """A log in a folder that does not exist is an error at start, with the file's name."""
    with pytest.raises(FileNotFoundError) as raised:
        desk.logs.of(settings("access_log none/a.log;", str(tmp_path)))
    assert raised.value.filename == str(tmp_path / "none/a.log")


def test_inheritance() -> None:
    """A location without access_log has the server's, one with its own has only that; formats are everywhere."""
    text = """http { log_format short '$status'; access_log a; server {
        location /a { } location /b { access_log off; } location /c { access_log c short; } } }"""
    a, b, c = (block.scope[LogSettings].targets for block in load_from_text(text, (LogSettings,)).servers[0].locations)
    assert a == (LogTarget("/a"),)
    assert b == (LogTarget(""),)
    assert c == (LogTarget("/c", "short"),)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("access_log;", "invalid number of arguments"),
        ("access_log off combined;", 'invalid parameter "combined"'),
        ("access_log a combined b;", 'invalid parameter "b"'),
        ("access_log a combined buffer=0;", 'invalid buffer size "0"'),
        ("access_log a combined buffer=x;", 'invalid buffer size "x"'),
        ("access_log a combined buffer=4k flush=0;", 'invalid flush time "0"'),
        ("access_log a combined flush=5s;", 'no buffer is defined for access_log "/srv/a"'),
        ("access_log a combined gzip=0;", 'invalid compression level "0"'),
        ("access_log a combined gzip=10;", 'invalid compression level "10"'),
        ("access_log a combined gzipped;", 'invalid parameter "gzipped"'),
        ("access_log a combined if=$nonesuch;", 'unknown "nonesuch" variable'),
        ("access_log a-$nonesuch.log;", 'unknown "nonesuch" variable'),
        ("access_log a-$host.log combined buffer=4k;", "buffered logs cannot have variables in name"),
        ("access_log $host.log;", "begins with a variable, put a folder before it"),
        ("access_log syslog:server=127.0.0.1 combined gzip;", "logs to syslog cannot be buffered"),
        ("access_log syslog:facility=local0;", "no syslog server specified"),
        ("access_log a none;", 'unknown log format "none"'),
        ("access_log a if=$uri;", 'unknown log format "if=$uri"'),
        ("open_log_file_cache inactive=5s;", 'must have "max" parameter'),
        ("log_format a;", "invalid number of arguments"),
        ("log_format a escape=json;", "invalid number of arguments"),
        ("log_format a escape=xml '';", 'unknown log format escaping "xml"'),
        ("log_format a $nonesuch;", 'unknown "nonesuch" variable'),
        ("log_format a 1; log_format a 2;", 'duplicate "log_format" name "a"'),
        ("log_format combined 1;", 'duplicate "log_format" name "combined"'),
    ],
)
def test_mistakes_are_named(text: str, reason: str) -> None:
    """What is wrong or not supported is an error with its reason, not a log that looks otherwise than asked for."""
    with pytest.raises(ConfigErrors, match=re.escape(reason)):
        settings(text)


def test_a_wrong_format_is_the_only_mistake() -> None:
    """A line of log_format that is wrong does not make the logs wrong that name it."""
    with pytest.raises(ConfigErrors) as raised:
        settings("log_format short $nonesuch;\naccess_log a short;")
    assert [problem.message for problem in raised.value.problems] == [
        '"log_format" directive: unknown "nonesuch" variable'
    ]


def test_parameters() -> None:
    """What follows the format says how lines are kept back, and which."""
    (plain, zipped, hard) = settings(
        "access_log a combined buffer=32k flush=1m; access_log b combined gzip if=$arg_x; access_log c combined gzip=9"
        " buffer=4k;"
    ).targets
    assert plain.buffering == Buffering(32 << 10, 60_000, 0)
    assert zipped.buffering == Buffering(64 << 10, 0, 1)
    assert zipped.condition is not None and zipped.condition.text == "$arg_x"
    assert hard.buffering == Buffering(4 << 10, 0, 9)


@pytest.mark.parametrize(("query", "logged"), [(b"", 0), (b"log=", 0), (b"log=0", 0), (b"log=00", 1), (b"log=1", 1)])
def test_a_condition(desk: Desk, tmp_path: Path, query: bytes, logged: int) -> None:
    """A request leaves a line unless the condition is empty or 0."""
    text = "log_format short '$status'; access_log a.log short if=$arg_log;"
    (log,) = desk.logs.of(settings(text, str(tmp_path)))
    log.write(MadeUpFacts(query=query))
    assert (tmp_path / "a.log").read_text() == "200\n" * logged


def test_a_buffer_is_the_files(desk: Desk, tmp_path: Path) -> None:
    """Every block that names a buffered file writes into its one buffer, so lines keep their order."""
    path = tmp_path / "a.log"
    form = "log_format short '$status';"
    (one,) = desk.logs.of(settings(f"{form} access_log a.log short;", str(tmp_path)))
    (other,) = desk.logs.of(settings(f"{form} access_log a.log short buffer=1k flush=5s;", str(tmp_path)))
    other.write(MadeUpFacts(status=1))
    one.write(MadeUpFacts(status=2))
    assert path.read_text() == ""
    desk.clock.advance(5)
    assert path.read_text() == "001\n002\n"


def test_a_daemon_that_stops_loses_no_line(desk: Desk, tmp_path: Path) -> None:
    """What is kept back is written when the daemon stops, and lines that come still later at once."""
    path = tmp_path / "a.gz"
    text = "log_format short '$status'; access_log a.gz short gzip;"
    (log,) = desk.logs.of(settings(text, str(tmp_path)))
    log.write(MadeUpFacts(status=1))
    assert path.read_bytes() == b""
    desk.logs.settle()
    log.write(MadeUpFacts(status=2))
    data, texts = path.read_bytes(), []
    while data:
        member = zlib.decompressobj(31)
        texts.append(member.decompress(data))
        data = member.unused_data
    assert texts == [b"001\n", b"002\n"]


def test_a_file_for_each_host(desk: Desk, tmp_path: Path) -> None:
    """Variables in the path lead each line to a file of its own, kept open by the cache and left at a rotation."""
    text = "log_format short '$host'; open_log_file_cache max=2; access_log $DIR/$host.log short;"
    (log,) = desk.logs.of(settings(text.replace("$DIR", str(tmp_path))))
    for host in ("a", "b", "a"):
        log.write(MadeUpFacts(host=host, document_root=str(tmp_path)))
    (tmp_path / "a.log").rename(tmp_path / "a.1")
    assert desk.logs.reopen() == []
    log.write(MadeUpFacts(host="a", document_root=str(tmp_path)))
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {
        "a.1": "a\na\n",
        "a.log": "a\n",
        "b.log": "b\n",
    }


def test_syslog(desk: Desk, tmp_path: Path) -> None:
    """A line can go to a syslog server, with nginx's facility, severity and a tag."""
    path = tmp_path / "log"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as server:
        server.bind(str(path))
        text = f"log_format short '$status'; access_log syslog:server=unix:{path},nohostname,tag=films short;"
        (log,) = desk.logs.of(settings(text))
        log.write(MadeUpFacts())
        assert re.fullmatch(rb"<190>Nov 20 \d\d:\d\d:46 films: 200", server.recv(1000))
