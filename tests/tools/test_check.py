"""mp4stream check."""

from __future__ import annotations

from pathlib import Path

import pytest

from hls_mp4.tools.main import main

READ = "what is not in memory is read in threads, all else is sent from the page cache"


def test_all_errors_and_warnings_are_printed_in_order(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """One run shows everything, each with its line, on standard error; the status is 1."""
    path = tmp_path / "x.conf"
    path.write_text("aio on;\nhttp {\n serve { }\n root;\n include nothing;\n}\n")
    assert main(["check", "--config", str(path)]) == 1
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.splitlines() == [
        f'{path}:1: warning: "aio" directive is not supported and is ignored: {READ}',
        f'{path}:3: unknown directive "serve", did you mean "server"?',
        f'{path}:4: invalid number of arguments in "root" directive',
        f'{path}:5: open() "{tmp_path}/nothing" failed (2: No such file or directory)',
    ]


def test_a_right_file_is_said_to_be_right(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """In nginx's words, with its warnings, and the status is 0."""
    path = tmp_path / "x.conf"
    path.write_text("http { server { listen 8080;\n aio on; } }")
    assert main(["check", "--config", str(path)]) == 0
    said = capsys.readouterr()
    assert said.out == f"{path}: syntax is ok\n"
    assert said.err == f'{path}:2: warning: "aio" directive is not supported and is ignored: {READ}\n'


def test_the_prefix_can_be_another_folder(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Includes are looked for where the daemon would look for them."""
    (tmp_path / "x.conf").write_text("http { include inner; }")
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "inner").write_text("server { listen 8080; }")
    assert main(["check", "--config", str(tmp_path / "x.conf")]) == 1
    assert main(["check", "--config", str(tmp_path / "x.conf"), "--prefix", str(tmp_path / "other")]) == 0
    assert capsys.readouterr().out == f"{tmp_path}/x.conf: syntax is ok\n"


def test_a_missing_file_is_an_error_like_others(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Nobody sees a traceback for a wrong name."""
    assert main(["check", "--config", str(tmp_path / "none")]) == 1
    assert capsys.readouterr().err == (
        f'{tmp_path}/none: open() "{tmp_path}/none" failed (2: No such file or directory)\n'
    )
