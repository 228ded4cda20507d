"""mp4stream dump."""

from __future__ import annotations

from pathlib import Path

import pytest

from hls_mp4.tools.main import main

CONF = """
http {
    limit_rate 100k;
    server {
        listen 127.0.0.1:8080;
        root media;
        location /films/ { mp4; }
    }
}
"""


def lines(text: str) -> list[str]:
    """Return lines without the blanks that align them."""
    return [" ".join(line.split()) for line in text.splitlines()]


def test_what_was_understood_is_printed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Settings of each block with what they inherit, and where it was said."""
    path = tmp_path / "x.conf"
    path.write_text(CONF)
    assert main(["dump", "--config", str(path)]) == 0
    shown = lines(capsys.readouterr().out)
    films = shown[shown.index(f"location /films/ {{ # {path}:7") :]
    assert f"limit_rate 100k; # from http, {path}:3" in films
    assert f"root {tmp_path}/media; # from server, {path}:6" in films
    assert f"mp4; # {path}:7" in films
    assert not any("default" in line for line in shown)


def test_defaults_are_printed_when_asked_for(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What nobody has set is marked."""
    (tmp_path / "x.conf").write_text(CONF)
    assert main(["dump", "--all", "--config", str(tmp_path / "x.conf")]) == 0
    assert "mp4_buffer_size 512k; # default" in lines(capsys.readouterr().out)


def test_what_is_printed_can_be_used(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A dump is a configuration, and its own dump says the same."""
    (tmp_path / "x.conf").write_text(CONF)
    main(["dump", "--all", "--config", str(tmp_path / "x.conf")])
    first = capsys.readouterr().out
    (tmp_path / "y.conf").write_text(first)
    assert main(["dump", "--config", str(tmp_path / "y.conf")]) == 0
    second = capsys.readouterr().out
    without_origin = [[line.partition("#")[0].split() for line in text.splitlines()] for text in (first, second)]
    assert [line for line in without_origin[0] if line] == [line for line in without_origin[1] if line]


def test_nothing_is_printed_of_a_wrong_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What is not right is not understood; the errors are those of check."""
    (tmp_path / "x.conf").write_text("http {")
    assert main(["dump", "--config", str(tmp_path / "x.conf")]) == 1
    said = capsys.readouterr()
    assert said.out == "" and 'expecting "}"' in said.err
