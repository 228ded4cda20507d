"""Every request leaves its line, in nginx's formats, whatever the client sent and whatever the disk does."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hls_mp4.config import ConfigErrors, load_from_text
from hls_mp4.web.accesslog import AccessLogs, LogFile, LogFormat, LogSettings, LogTarget, read_format
from tests.web.facts import MadeUpFacts


class Desk:
    """Access logs, and what they complained of."""

    def __init__(self) -> None:
        self.complaints: list[str] = []
        self.logs = AccessLogs(self.complaints.append)


@pytest.fixture
def desk() -> Iterator[Desk]:
    made = Desk()
    yield made
    made.logs.close()


def settings(text: str, prefix: str = "/srv") -> LogSettings:
    config = load_from_text(f"http {{ {text} server {{ location / {{ }} }} }}", (LogSettings,), prefix=prefix)
    return config.servers[0].locations[0].scope[LogSettings]


def line(form: LogFormat, **facts: object) -> str:
    return form.compiled()(MadeUpFacts(**facts))  # type: ignore[arg-type]


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


@given(raw=st.binary())
def test_a_client_cannot_forge_a_line(raw: bytes) -> None:
    """Whatever bytes a header has, its value stays within its quotes and on its line."""
    form = read_format(["x", '"$http_user_agent" end'])
    text = line(form, request_headers={"user-agent": raw.decode("latin-1")})
    assert re.fullmatch(r'"(?:[ !#-\[\]-~]|\\x[0-9A-F]{2})*" end', text)
    inside = re.sub(rb"\\x(..)", lambda found: bytes.fromhex(found[1].decode()), text[1:-5].encode())
    assert inside == raw


@given(raw=st.binary())
def test_json_lines_are_json(raw: bytes) -> None:
    """With escape=json any value of a header, of whatever bytes, is a JSON string that reads back as it was."""
    form = read_format(["x", "escape=json", '{"agent":"$http_user_agent","status":$status}'])
    text = line(form, request_headers={"user-agent": raw.decode("latin-1")})
    assert json.loads(text.encode("latin-1").decode("utf-8", "surrogateescape")) == {
        "agent": raw.decode("utf-8", "surrogateescape"),
        "status": 200,
    }


@pytest.mark.parametrize(
    ("escape", "expected"), [("default", r"[-|-|a\x22b|]"), ("json", r"[||a\"b|]"), ("none", '[||a"b|]')]
)
def test_what_is_absent_and_what_is_empty(escape: str, expected: str) -> None:
    """A header that was not sent is a dash by default, one that was sent empty is empty, as in nginx."""
    form = read_format(["x", f"escape={escape}", "[$http_a|$remote_user|$http_b|", "$http_c]"])
    assert line(form, request_headers={"b": 'a"b', "c": ""}) == expected


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


def test_a_full_disk() -> None:
    """A disk that is full costs lines and one complaint, no exception."""
    complaints: list[str] = []
    file = LogFile("/dev/full", complaints.append)
    file.write(b"one\n")
    file.write(b"two\n")
    file.close()
    assert complaints == ['write() to "/dev/full" failed (28: No space left on device), lines are lost']


def test_recovery(tmp_path: Path) -> None:
    """When lines can be written again that is said too, and a later failure anew; a full pipe stops nobody."""
    complaints: list[str] = []
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    file = LogFile(str(pipe), complaints.append)
    while not complaints:
        file.write(b"x" * 4096)
    file.write(b"x" * 4096)
    while len(os.read(reader, 1 << 20)) == 1 << 20:
        pass
    file.write(b"line\n")
    os.close(reader)
    file.write(b"line\n")
    file.close()
    assert [complaint.rpartition('" ')[2] for complaint in complaints] == [
        "failed (11: Resource temporarily unavailable), lines are lost",
        "works again",
        "failed (32: Broken pipe), lines are lost",
    ]


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
        ("access_log a combined buffer=32k;", 'parameter "buffer=32k" is not supported'),
        ("access_log a combined gzip;", 'parameter "gzip" is not supported'),
        ("access_log a combined if=$x;", 'parameter "if=$x" is not supported'),
        ("access_log syslog:server=unix:/dev/log;", '"syslog:" is not supported, name a file or /dev/stdout'),
        ("access_log a-$host.log;", 'variables in the path "/srv/a-$host.log" are not supported'),
        ("access_log a none;", 'unknown log format "none"'),
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
