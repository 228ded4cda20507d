"""mp4stream inspect."""

from __future__ import annotations

import json
import os
import struct
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hls_mp4.errors import StreamingError
from hls_mp4.tools.inspect import inspected
from hls_mp4.tools.main import main
from tests.films import Library


def shown(path: Path, capsys: pytest.CaptureFixture[str]) -> Any:
    """Return what the command prints as JSON."""
    assert main(["inspect", str(path), "--json"]) == 0
    said = capsys.readouterr()
    assert said.err == ""
    return json.loads(said.out)


def refused(path: Path, capsys: pytest.CaptureFixture[str]) -> str:
    """Return the one line that the command says of a file it cannot inspect, without the file's name."""
    assert main(["inspect", str(path)]) == 1
    said = capsys.readouterr()
    assert said.out == ""
    (line,) = said.err.splitlines()
    assert line.startswith(f"{path}: ")
    return line.removeprefix(f"{path}: ")


def test_a_film_is_shown(films: Library, capsys: pytest.CaptureFixture[str]) -> None:
    """A person sees at a glance what a film is, and that it can start at once."""
    assert main(["inspect", str(films.path("h264"))]) == 0
    text = capsys.readouterr().out
    assert text.startswith(f"{films.path('h264')}\n  format      mp4, moov first (starts at once)\n")
    assert "\ntrack 1: video, avc1.4D400B\n  picture     160 x 120, 25.000 frames/s\n" in text
    assert "\n  key frames  6, every 2.000 s: 0.000 2.000 4.000 6.000 8.000 10.000\n" in text


def test_json_has_the_keys_that_the_help_names(films: Library, capsys: pytest.CaptureFixture[str]) -> None:
    """A script that was written from the help text works, and nothing is shown that the help keeps quiet about."""
    film = shown(films.path("h264"), capsys)
    with pytest.raises(SystemExit):
        main(["inspect", "--help"])
    documented = set(capsys.readouterr().out.replace(",", " ").replace("[]", " ").replace(":", " ").split())

    def keys(value: Any) -> set[str]:
        if isinstance(value, dict):
            return set(value).union(*map(keys, value.values()))
        return set().union(*map(keys, value)) if isinstance(value, list) else set()

    assert keys(film) - documented == set()
    assert {"file", "tracks", "key_frames", "times", "boxes", "index", "edits", "codec"} <= keys(film)


def test_a_fragmented_film_is_told_apart(films: Library, capsys: pytest.CaptureFixture[str]) -> None:
    """What lies in fragments has the same tracks, samples and key frames."""
    plain, fragmented = shown(films.path("h264"), capsys), shown(films.path("fragmented"), capsys)
    assert (plain["fragmented"], fragmented["fragmented"]) == (False, True)
    for one, other in zip(plain["tracks"], fragmented["tracks"], strict=True):
        assert one["samples"] == other["samples"]
        assert one["bytes"] == other["bytes"]
        assert one["codec"] == other["codec"]
        assert one["key_frames"]["count"] == other["key_frames"]["count"]


def test_a_huge_film_is_hopped_through(films: Library, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Media data is not read: a film of six gigabytes costs as much as its metadata."""
    data = films.data("moov-last")
    moov = data.index(b"moov") - 4
    path = tmp_path / "huge.mp4"
    hole = 6 << 30
    with path.open("wb") as file:
        file.write(data[:moov] + struct.pack(">I4sQ", 1, b"mdat", hole))
        file.seek(moov + hole)
        file.write(data[moov:])
    film = shown(path, capsys)
    assert film["size"] == len(data) + hole
    assert film["faststart"] is False
    assert film["index"]["bytes_read"] < 2 << 20
    assert [box["type"] for box in film["boxes"]] == ["ftyp", "free", "mdat", "mdat", "moov"]


def test_a_missing_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Nobody sees a traceback for a wrong name."""
    path = tmp_path / "none.mp4"
    assert refused(path, capsys) == f'open() "{path}" failed (2: No such file or directory)'


def test_what_is_no_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A folder is called one, and a pipe that nobody writes to does not hold up the command."""
    assert refused(tmp_path, capsys) == "is a directory"
    os.mkfifo(tmp_path / "pipe")
    assert refused(tmp_path / "pipe", capsys) == "is not a regular file"


def test_what_is_no_film(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Empty files and texts are named as what they are."""
    path = tmp_path / "x.mp4"
    path.write_bytes(b"")
    assert refused(path, capsys) == "is empty"
    path.write_bytes(b"This is a text that calls itself a film.")
    assert refused(path, capsys) == "no known media format at 0"


def test_a_broken_film_is_said_to_be_broken_where(
    films: Library, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The one line has the box and its offset, so that one can look at the bytes."""
    data = bytearray(films.data("h264"))
    stss = data.index(b"stss") - 4
    data[stss + 16 : stss + 20] = bytes(4)
    path = tmp_path / "broken.mp4"
    path.write_bytes(data)
    assert refused(path, capsys) == f"zero sync sample in stss atom in moov/trak[0]/mdia/minf/stbl/stss at {stss}"


def test_a_file_name_that_is_no_text(films: Library, tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    """Names of files are bytes; every one of them can be inspected."""
    path = os.fsencode(tmp_path) + b"/\xff.mp4"
    with open(path, "wb") as file:
        file.write(films.data("h264"))
    assert inspected(os.fsdecode(path)).tracks


@settings(max_examples=60)
@given(st.data())
def test_mutations_are_shown_or_refused(films: Library, tmp_path_factory: pytest.TempPathFactory, data: Any) -> None:
    """Whatever a disk did to a film's metadata, the command says so in words."""
    film = bytearray(films.data(data.draw(st.sampled_from(["h264", "pcm-mov", "compact-sizes"]))))
    moov = film.index(b"moov") - 4
    size = int.from_bytes(film[moov : moov + 4], "big")
    for _ in range(data.draw(st.integers(1, 4))):
        at = moov + data.draw(st.integers(0, size - 1))
        film[at] = data.draw(st.integers(0, 255))
    path = tmp_path_factory.getbasetemp() / "mutated.mp4"
    path.write_bytes(film)
    try:
        assert inspected(str(path)).size == len(film)
    except StreamingError as e:
        assert str(e)
