"""The pid file."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from hls_mp4.service.pidfile import PidFile


def test_holds_this_process_and_nothing_else_remains(tmp_path: Path) -> None:
    """A supervisor reads a whole number from it; no helper file is left beside it."""
    path = tmp_path / "mp4stream.pid"
    PidFile(str(path)).write()
    assert path.read_text() == f"{os.getpid()}\n"
    assert list(tmp_path.iterdir()) == [path]


def test_replaces_a_stale_one(tmp_path: Path) -> None:
    """A file left by a daemon that was killed is no obstacle."""
    path = tmp_path / "mp4stream.pid"
    path.write_text("999999999\n")
    PidFile(str(path)).write()
    assert path.read_text() == f"{os.getpid()}\n"


def test_is_removed_at_stop(tmp_path: Path) -> None:
    """After a clean stop nobody signals a number that may be another process's."""
    path = tmp_path / "mp4stream.pid"
    pid_file = PidFile(str(path))
    pid_file.write()
    pid_file.remove()
    assert not path.exists()
    pid_file.remove()


@pytest.mark.parametrize("holder", ["1\n", "", "\xff\x00", f"{os.getpid()}0"])
def test_a_successors_file_is_left_alone(tmp_path: Path, holder: str) -> None:
    """A daemon that stops late does not take away the file of the one started after it."""
    path = tmp_path / "mp4stream.pid"
    path.write_text(holder)
    PidFile(str(path)).remove()
    assert path.read_text() == holder


def test_without_a_path_nothing_happens(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No `pid` directive, no file."""
    monkeypatch.chdir(tmp_path)
    pid_file = PidFile(None)
    pid_file.check()
    pid_file.write()
    pid_file.remove()
    assert list(tmp_path.iterdir()) == []


def test_a_missing_folder_is_found_before_the_daemon_leaves(tmp_path: Path) -> None:
    """What cannot be written later is said while a person still looks."""
    with pytest.raises(FileNotFoundError):
        PidFile(str(tmp_path / "missing" / "a.pid")).check()
