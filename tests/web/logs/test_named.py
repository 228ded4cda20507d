"""Logs whose names clients have a part in stay within their folder, their number and their time."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from twisted.internet.task import Clock

from hls_mp4.web.logs.named import NamedFiles, OpenFiles, read_open_files, write_named
from hls_mp4.web.variables import compile_template
from tests.web.facts import MadeUpFacts


class Desk:
    """Files of one cache, and what they complained of."""

    def __init__(self, folder: Path, cache: OpenFiles | None) -> None:
        self.folder = folder
        self.clock = Clock()
        self.complaints: list[str] = []
        self.files = NamedFiles(cache, self.complaints.append, self.clock.seconds)
        self._write = write_named(self.files, compile_template(f"{folder}/$host.log"))

    def write(self, host: str, root: str = "") -> None:
        self._write(MadeUpFacts(host=host, document_root=root or str(self.folder)), b"line\n")

    def lines(self, host: str) -> int:
        path = self.folder / f"{host}.log"
        return path.read_bytes().count(b"line\n") if path.exists() else 0


def descriptors() -> int:
    return len(os.listdir("/proc/self/fd"))


def test_without_a_cache_nothing_stays_open(tmp_path: Path) -> None:
    """Each line opens its file and closes it."""
    desk = Desk(tmp_path, None)
    before = descriptors()
    for host in ("a", "b", "a"):
        desk.write(host)
    assert (desk.lines("a"), desk.lines("b")) == (2, 1)
    assert (len(desk.files), descriptors()) == (0, before)


def test_as_many_files_as_allowed_stay_open(tmp_path: Path) -> None:
    """However many names clients think of, only so many files are open; the least recently used go first."""
    desk = Desk(tmp_path, OpenFiles(2))
    before = descriptors()
    for number in range(20):
        desk.write(f"host{number}")
        desk.write("often")
    assert (len(desk.files), descriptors()) == (2, before + 2)
    assert desk.lines("often") == 20
    assert desk.complaints == []
    desk.files.close()
    assert descriptors() == before


def test_a_file_that_is_not_used_is_closed(tmp_path: Path) -> None:
    """A file that got no line for the time of `inactive` is closed when the next line comes, whosever it is."""
    desk = Desk(tmp_path, OpenFiles(10, inactive_ms=5000))
    desk.write("a")
    desk.clock.advance(5)
    desk.write("b")
    assert len(desk.files) == 2
    desk.clock.advance(1)
    desk.write("b")
    assert len(desk.files) == 1
    desk.files.close()


def test_a_file_that_is_seldom_used_is_not_kept(tmp_path: Path) -> None:
    """Only from `min_uses` lines on a file stays open; no line is lost before."""
    desk = Desk(tmp_path, OpenFiles(10, least_uses=3))
    kept = []
    for _ in range(4):
        desk.write("a")
        kept.append(len(desk.files))
    assert kept == [0, 0, 1, 1]
    assert desk.lines("a") == 4
    desk.files.close()


def test_a_file_that_was_renamed_is_left(tmp_path: Path) -> None:
    """When the time of `valid` has passed it is seen that the path leads elsewhere, without any signal."""
    desk = Desk(tmp_path, OpenFiles(10, inactive_ms=100_000, valid_ms=2000))
    desk.write("a")
    (tmp_path / "a.log").rename(tmp_path / "old")
    desk.clock.advance(2)
    desk.write("a")
    assert desk.lines("a") == 0
    desk.clock.advance(1)
    desk.write("a")
    assert desk.lines("a") == 1
    assert (tmp_path / "old").read_bytes() == b"line\nline\n"
    desk.files.close()


def test_no_root_no_line(tmp_path: Path) -> None:
    """Whoever asks for a host that has no folder makes no file."""
    desk = Desk(tmp_path, None)
    desk.write("a", root=str(tmp_path / "none"))
    assert list(tmp_path.iterdir()) == []
    assert desk.complaints == []


@pytest.mark.parametrize("host", ["../escaped", "x/../../escaped", "a\0b"])
def test_a_value_cannot_lead_elsewhere(tmp_path: Path, host: str) -> None:
    """A client cannot climb out of the folder, and is not complained of again and again."""
    folder = tmp_path / "logs"
    folder.mkdir()
    desk = Desk(folder, None)
    for _ in range(3):
        desk.write(host)
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["logs"]
    assert len(desk.complaints) == 1
    desk.clock.advance(61)
    desk.write(host)
    assert len(desk.complaints) == 2


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    """A path into a folder that nobody made costs the line, and says why."""
    desk = Desk(tmp_path, OpenFiles(1))
    desk.write("no/where")
    assert desk.complaints == [f'a line for "{tmp_path}/no/where.log" is lost (2: No such file or directory)']


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("off", None),
        ("max=5", OpenFiles(5)),
        ("max=1000 inactive=20s valid=1m min_uses=2", OpenFiles(1000, 20_000, 2, 60_000)),
    ],
)
def test_the_cache_is_written_as_in_nginx(words: str, expected: OpenFiles | None) -> None:
    """open_log_file_cache takes nginx's parameters."""
    assert read_open_files(words.split()) == expected


@pytest.mark.parametrize("words", ["", "max=0", "inactive=5s", "max=x", "max=5 inactive=x", "max=5 foo", "5"])
def test_wrong_caches(words: str) -> None:
    """What is no such parameter is a mistake."""
    with pytest.raises(ValueError):
        read_open_files(words.split())
