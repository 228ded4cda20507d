"""The `mp4stream` command, as a person or a script runs it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.acceptance.daemon import ROOT, environment
from tests.films import Library

NGINX_DOCUMENTATION = """
http {
server {
location /video/ {
    mp4;
    mp4_buffer_size       1m;
    mp4_max_buffer_size   5m;
    mp4_limit_rate        on;
    mp4_limit_rate_after  30s;
}
}
}
"""
"""The example of the documentation of nginx's mp4 module, in the blocks it belongs in."""


def mp4stream(*words: object, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    """Run the command to its end."""
    return subprocess.run(
        [sys.executable, "-m", "hls_mp4.tools.main", *map(str, words)],
        cwd=cwd or ROOT,
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
    )


def test_check_is_quiet_about_a_good_configuration(tmp_path: Path) -> None:
    """nginx's own example is understood as it stands; a script sees status 0."""
    config = tmp_path / "a.conf"
    config.write_text(NGINX_DOCUMENTATION, encoding="utf-8")
    done = mp4stream("check", "--config", config)
    assert (done.returncode, done.stderr) == (0, "")
    assert "syntax is ok" in done.stdout


def test_check_tells_every_mistake_at_once(tmp_path: Path) -> None:
    """Each with its file and line, a slip of the pen with what was probably meant; status 1."""
    config = tmp_path / "a.conf"
    config.write_text(
        "http {\n  server {\n    listn 80;\n    location / {\n      mp4_bufer_size 1m;\n      sendfile maybe;\n"
        "      limit_rate 1x;\n    }\n  }\n  include more.conf;\n}\nmp4;\n",
        encoding="utf-8",
    )
    (tmp_path / "more.conf").write_text("server {\n  listen 99999;\n}\n", encoding="utf-8")
    done = mp4stream("check", "--config", config)
    assert done.returncode == 1
    told = [line for line in done.stderr.splitlines() if ": warning: " not in line]
    for place, words in (
        (f"{config}:3:", 'unknown directive "listn", did you mean "listen"?'),
        (f"{config}:5:", '"mp4_bufer_size", did you mean "mp4_buffer_size"?'),
        (f"{config}:6:", "maybe"),
        (f"{config}:7:", "1x"),
        (f"{tmp_path / 'more.conf'}:2:", "99999"),
        (f"{config}:12:", '"mp4" directive is not allowed here'),
    ):
        assert any(line.startswith(place) and words in line for line in told), (place, words, told)
    assert len(told) == 6


def test_dump_is_a_configuration_again(tmp_path: Path) -> None:
    """What was understood can be read back, and says the same."""
    config = tmp_path / "a.conf"
    config.write_text(NGINX_DOCUMENTATION, encoding="utf-8")
    first = mp4stream("dump", "--config", config)
    assert first.returncode == 0
    again = tmp_path / "again.conf"
    again.write_text(first.stdout, encoding="utf-8")
    second = mp4stream("dump", "--config", again)
    said, said_again = (
        [line.partition("# ")[0].rstrip() for line in done.stdout.splitlines()] for done in (first, second)
    )
    assert said == said_again
    assert "mp4_limit_rate on;" in first.stdout


@pytest.mark.parametrize(
    ("name", "faststart"), [("h264", True), ("moov-last", False), ("fragmented", None), ("vp9-opus", True)]
)
def test_inspect_tells_what_a_film_is(films: Library, name: str, faststart: bool | None) -> None:
    """Tracks, duration, key frames, and whether it starts fast; for people and for programs."""
    path = films.path(name)
    human = mp4stream("inspect", path)
    assert human.returncode == 0, human.stderr
    assert "vide" in human.stdout or "video" in human.stdout
    done = mp4stream("inspect", path, "--json")
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert len(told["tracks"]) == 2
    if faststart is not None:
        assert told["faststart"] is faststart


def test_inspect_says_what_is_wrong(tmp_path: Path, films: Library) -> None:
    """A broken film is one line with the place, and status 1."""
    broken = tmp_path / "broken.mp4"
    broken.write_bytes(films.data("h264")[:2000])
    done = mp4stream("inspect", broken)
    assert done.returncode == 1
    assert str(broken) in done.stderr
    assert "Traceback" not in done.stderr
    missing = mp4stream("inspect", tmp_path / "missing.mp4")
    assert missing.returncode == 1
    assert "No such file" in missing.stderr
