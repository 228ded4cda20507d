"""The command mp4frag."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from xml.etree import ElementTree

import pytest

from hls_mp4.containers.mp4frag.index import Index, read_index
from hls_mp4.media.drive import index_bytes
from hls_mp4.tools import main as mp4stream
from hls_mp4.tools.mp4frag import main
from tests.films import Library
from tests.flvs import FlvLibrary
from tests.packagers.hds.played import tags_of
from tests.packagers.mp4frag.bodies import prescribed


@pytest.fixture
def folder(tmp_path: Path, films: Library, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with two films, in which the command is run."""
    (tmp_path / "a.mp4").write_bytes(films.data("h264"))
    (tmp_path / "b.mp4").write_bytes(films.data("moov-last"))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def names_in(path: Path) -> list[str]:
    """Return the names of all files in an index."""
    data = path.read_bytes()
    index = index_bytes(read_index(len(data)), data)
    assert isinstance(index, Index)
    return [os.fsdecode(film.name) for film in index.films]


@pytest.mark.parametrize("word", ["--index", "--template"])
def test_an_index_and_a_manifest_are_written(folder: Path, word: str) -> None:
    """By the name of the first version or the last; nothing else, and readable for a server of another user."""
    assert main(["--src", "a.mp4", "--src", "b.mp4", word, "--video_id", "film"]) == 0
    assert sorted(os.listdir(folder)) == ["a.mp4", "b.mp4", "index", "manifest.f4m"]
    assert names_in(folder / "index") == ["a.mp4", "b.mp4"]
    root = ElementTree.parse(folder / "manifest.f4m").getroot()
    assert root[0].text == "film"
    for name in ("index", "manifest.f4m"):
        assert stat.S_IMODE((folder / name).stat().st_mode) & 0o444 == 0o444 & ~_umask()


def _umask() -> int:
    mask = os.umask(0o022)
    os.umask(mask)
    return mask


def test_films_are_named_as_they_lie_from_the_index(folder: Path) -> None:
    """Wherever the command is run: relative names stay relative, absolute ones absolute."""
    (folder / "out" / "deep").mkdir(parents=True)
    words = ["--src", "a.mp4", "--src", str(folder / "b.mp4"), "--index", "--manifest", "out/deep/manifest.f4m"]
    assert main(words) == 0
    assert names_in(folder / "out" / "deep" / "index") == ["../../a.mp4", str(folder / "b.mp4")]


def test_fragments_are_files_with_the_bodies_of_the_index(folder: Path) -> None:
    """One for each, from 1, in a folder for each quality, from 0."""
    assert main(["--src", "a.mp4", "--src", "b.mp4", "--fragmentduration", "2000"]) == 0
    assert sorted(os.listdir(folder / "1")) == [f"Seg1-Frag{number}" for number in range(1, 7)]
    assert main(["--src", "a.mp4", "--src", "b.mp4", "--fragmentduration", "2000", "--index"]) == 0
    index = (folder / "index").read_bytes()
    for quality in (0, 1):
        for number in range(1, 7):
            body = (folder / str(quality) / f"Seg1-Frag{number}").read_bytes()
            assert body == prescribed(index, lambda name: (folder / name).read_bytes(), quality, number)


def test_the_manifest_alone_can_be_written(folder: Path) -> None:
    """Nothing but that."""
    assert main(["--src", "a.mp4", "--nofragments", "--manifest", "x.f4m"]) == 0
    assert sorted(os.listdir(folder)) == ["a.mp4", "b.mp4", "x.f4m"]


@pytest.mark.parametrize(
    "name", ["fragmented", "late-audio", "negative-offsets", "co64", "video-only", "audio-only", "texts"]
)
def test_all_kinds_of_films_are_taken(folder: Path, films: Library, name: str) -> None:
    """Fragmented ones, boxes of today's FFmpeg, edit lists, one track."""
    assert main(["--src", str(films.path(name))]) == 0
    bodies = [path.read_bytes() for path in (folder / "0").iterdir()]
    assert len(bodies) >= 3
    assert all(tags_of(body) for body in bodies)


def test_flash_video_is_taken(folder: Path, flvs: FlvLibrary) -> None:
    """An FLV file is a film too."""
    assert main(["--src", str(flvs.path("h264")), "--index"]) == 0


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--src", "missing.mp4"], "missing.mp4: No such file"),
        (["--src", "."], "is a directory"),
        (["--src", "text"], "no known media format"),
        (["--src", "a.mp4", "--src", "short"], "short: "),
        (["--src", "a.mp4", "--manifest", "nowhere/manifest.f4m", "--index"], "nowhere/index: No such file"),
        (["--src", "a.mp4", "--manifest", "nowhere/manifest.f4m", "--nofragments"], "nowhere/manifest.f4m: No such"),
    ],
)
def test_whatever_goes_wrong_is_told_and_has_a_status(
    folder: Path, capsys: pytest.CaptureFixture[str], words: list[str], told: str
) -> None:
    """One line on standard error, status 1, nothing half written: a script notices."""
    (folder / "text").write_bytes(b"no film at all")
    (folder / "short").write_bytes((folder / "a.mp4").read_bytes()[:3000])
    before = sorted(os.listdir(folder))
    assert main(words) == 1
    said = capsys.readouterr().err
    assert told in said
    assert said.count("\n") == 1
    assert sorted(os.listdir(folder)) == before


@pytest.mark.parametrize("words", [[], ["--src"], ["--src", "a.mp4", "--fragmentduration", "0"], ["--srcs", "a.mp4"]])
def test_a_wrong_command_line_is_explained(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """Status 2, and how it is meant."""
    with pytest.raises(SystemExit) as ended:
        main(words)
    assert ended.value.code == 2
    assert "usage: mp4frag" in capsys.readouterr().err


def test_films_that_differ_a_little_are_told_of(
    folder: Path, films: Library, capsys: pytest.CaptureFixture[str]
) -> None:
    """They are written all the same."""
    assert main(["--src", "a.mp4", "--src", str(films.path("no-b-frames")), "--nofragments"]) == 0
    assert "80 ms apart" in capsys.readouterr().err


def test_it_is_a_command_of_mp4stream_too(folder: Path) -> None:
    """For those who have only that in their path."""
    assert mp4stream.main(["mp4frag", "--src", "a.mp4", "--nofragments"]) == 0
    assert (folder / "manifest.f4m").exists()


def test_a_film_that_becomes_shorter_meanwhile_is_an_error(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """No fragment of half its samples is left behind."""
    from hls_mp4.tools import mp4frag

    def cut_short(path: str) -> object:
        index = mp4frag_indexed(path)
        os.truncate(path, 5000)
        return index

    mp4frag_indexed = mp4frag.indexed_file
    monkeypatch.setattr(mp4frag, "indexed_file", cut_short)
    assert main(["--src", "a.mp4"]) == 1
    assert "a.mp4 became shorter" in capsys.readouterr().err
    assert os.listdir(folder / "0") == []
