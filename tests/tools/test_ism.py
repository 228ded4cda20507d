"""mp4stream ism."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from hls_mp4.containers.smil.manifest import Entry, parse_manifest
from hls_mp4.tools.main import main
from tests.films import Library


@pytest.fixture
def shelf(tmp_path: Path, films: Library, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with films, as the current one."""
    (tmp_path / "sub").mkdir()
    (tmp_path / "a.mp4").write_bytes(films.data("h264"))
    (tmp_path / "sub" / "b.mp4").write_bytes(films.data("two-audios"))
    (tmp_path / "c.en.vtt").write_bytes(b"WEBVTT\n")
    (tmp_path / "broken.mp4").write_bytes(b"no film")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def written(path: Path) -> list[Entry]:
    """Return what a manifest offers."""
    return list(parse_manifest(path.read_bytes()).entries)


def test_all_tracks_of_all_films(shelf: Path) -> None:
    """Each with its bit rate, what it is called, and what others want to know of it."""
    assert main(["ism", "-o", "film.ism", "a.mp4", "sub/b.mp4"]) == 0
    entries = written(shelf / "film.ism")
    assert [(entry.kind, entry.source, entry.track) for entry in entries] == [
        ("video", "a.mp4", 1),
        ("audio", "a.mp4", 2),
        ("video", "sub/b.mp4", 1),
        *(("audio", "sub/b.mp4", number) for number in (2, 3, 4)),
    ]
    assert all(entry.bitrate > 1000 and entry.name == entry.kind for entry in entries)
    text = (shelf / "film.ism").read_text()
    assert 'content="film.ismc"' in text
    assert '<param name="MaxWidth" value="160" valuetype="data" />' in text
    assert '<param name="SamplingRate" value="48000" valuetype="data" />' in text
    mask = os.umask(0)
    os.umask(mask)
    assert stat.S_IMODE((shelf / "film.ism").stat().st_mode) == 0o666 & ~mask
    assert sorted(path.name for path in shelf.iterdir()) == ["a.mp4", "broken.mp4", "c.en.vtt", "film.ism", "sub"]


@pytest.mark.parametrize(
    ("name", "language"), [("c.en.vtt", "en"), ("a.film.de.forced.vtt", "de"), ("c.vtt", ""), ("c.sdh.vtt", "")]
)
def test_names_of_subtitle_files_tell_their_language(shelf: Path, name: str, language: str) -> None:
    """As those beside a film: whoever named them so need not say it again."""
    (shelf / name).write_bytes(b"WEBVTT\n")
    assert main(["ism", "-o", "film.ism", "a.mp4", name]) == 0
    words = written(shelf / "film.ism")[-1]
    assert (words.source, words.language) == (name, language)


def test_options_are_of_the_film_before_them(shelf: Path) -> None:
    """As mp4split has it; subtitle files are tracks too, and films are named from the manifest's folder."""
    words = ["a.mp4", "--track_type=video", "sub/b.mp4", "--track_id", "3", "--track_language=deu"]
    words += ["--track_label=Kommentar", "c.en.vtt", "--track_language=eng", "-o", "sub/film.ism"]
    assert main(["ism", *words]) == 0
    picture, sound, words_ = written(shelf / "sub" / "film.ism")
    assert (picture.kind, picture.source, picture.name) == ("video", "../a.mp4", "video")
    assert (sound.track, sound.language, sound.name, sound.label) == (3, "deu", "audio_deu", "Kommentar")
    assert words_ == Entry("text", "../c.en.vtt", language="eng", name="textstream_eng")


@pytest.mark.parametrize(
    ("words", "status", "reason"),
    [
        (["a.mp4"], 2, "-o says"),
        (["-o", "x.ism"], 2, "no film"),
        (["-o", "x.isml", "a.mp4"], 2, "live"),
        (["-o", "x.ism", "a.mp4", "--track_type=smell"], 2, "track_type"),
        (["-o", "x.ism", "a.mp4", "--track_id=0"], 2, "track_id"),
        (["-o", "x.ism", "a.mp4", "--track_id"], 2, "needs a value"),
        (["-o", "x.ism", "a.mp4", "--colour=red"], 2, "unknown option"),
        (["a.mp4", "-o"], 2, "needs a file"),
        (["-o", "x.ism", "a.mp4", "--track_id=9"], 1, "a.mp4: has no such track"),
        (["-o", "x.ism", "broken.mp4"], 1, "broken.mp4: no known media format"),
        (["-o", "x.ism", "missing.mp4"], 1, "missing.mp4: open()"),
        (["-o", "x.ism", "missing.vtt"], 1, "missing.vtt: open()"),
        (["-o", "nowhere/x.ism", "a.mp4"], 1, "nowhere/x.ism: open()"),
    ],
)
def test_mistakes_are_told_in_a_line(
    shelf: Path, words: list[str], status: int, reason: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """And nothing is written; what was there before stays."""
    (shelf / "x.ism").write_text("before")
    assert main(["ism", *words]) == status
    (line,) = capsys.readouterr().err.splitlines()
    assert reason in line
    assert (shelf / "x.ism").read_text() == "before"


def test_an_option_belongs_to_a_film(shelf: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """One that stands before all of them is of none."""
    assert main(["ism", "-o", "x.ism", "--", "--track_id=1", "a.mp4"]) == 2
    assert "follows the film" in capsys.readouterr().err
