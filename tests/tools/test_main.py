"""The mp4stream command."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from hls_mp4.tools.main import COMMANDS, main


def test_help_names_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    """A person who knows nothing learns what there is."""
    with pytest.raises(SystemExit) as stopped:
        main(["--help"])
    assert stopped.value.code == 0
    text = capsys.readouterr().out
    assert all(name in text for name in COMMANDS)


def test_the_version_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    """A report of a bug can say of which version."""
    with pytest.raises(SystemExit) as stopped:
        main(["--version"])
    assert stopped.value.code == 0
    assert capsys.readouterr().out.startswith("mp4stream ")


@pytest.mark.parametrize("args", [[], ["nonsense"], ["check"], ["dump"]])
def test_a_wrong_command_line_is_explained(args: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """The status tells a script apart what is a wrong call and what a wrong file."""
    with pytest.raises(SystemExit) as stopped:
        main(args)
    assert stopped.value.code == 2
    assert "usage: mp4stream" in capsys.readouterr().err


def test_a_reader_that_has_seen_enough_is_no_error(tmp_path: Path) -> None:
    """`mp4stream dump ... | head` ends without a traceback."""
    (tmp_path / "x.conf").write_text("http { }")
    command = [sys.executable, "-m", "hls_mp4.tools.main", "dump", "--config", str(tmp_path / "x.conf")]
    reader, writer = os.pipe()
    os.close(reader)
    try:
        done = subprocess.run(command, stdout=writer, stderr=subprocess.PIPE, text=True, check=False)
    finally:
        os.close(writer)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr and "BrokenPipe" not in done.stderr


def test_the_status_of_a_command_is_that_of_the_program(tmp_path: Path) -> None:
    """A script can rely on it."""
    (tmp_path / "a.conf").write_text("http { }")
    (tmp_path / "b.conf").write_text("http {")
    assert main(["check", "--config", str(tmp_path / "a.conf")]) == 0
    assert main(["check", "--config", str(tmp_path / "b.conf")]) == 1
